// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors

import Security
import Testing

@Suite("The address lists of a tenant")
struct NetworkRulesTests {
    private func rules(_ texts: String...) throws -> NetworkRules {
        NetworkRules(
            try texts.map { text in
                (try #require(NetworkPrefix(String(text.dropFirst()))), text.first == "+" ? .allow : .deny)
            })
    }

    private func admits(_ rules: NetworkRules, _ address: String) -> Bool { rules.admit(IPAddress(address)) }

    @Test("without a list everybody is let in, and also who cannot be told")
    func empty() throws {
        #expect(admits(.none, "203.0.113.7") && NetworkRules.none.admit(nil))
    }

    @Test("with allowed ranges only these are let in")
    func allowed() throws {
        let rules = try rules("+10.0.0.0/8", "+2001:db8::/32")
        #expect(admits(rules, "10.1.2.3") && admits(rules, "2001:db8::1") && admits(rules, "::ffff:10.1.2.3"))
        #expect(!admits(rules, "11.0.0.1") && !admits(rules, "2001:db9::1") && !admits(rules, "::ffff:11.0.0.1"))
        #expect(!rules.admit(nil), "who cannot be told is not let in")
    }

    @Test("a denied range wins, be it wider or narrower")
    func denied() throws {
        let inside = try rules("+10.0.0.0/8", "-10.1.0.0/16")
        #expect(admits(inside, "10.2.0.1") && !admits(inside, "10.1.0.1"))
        let around = try rules("+10.1.0.0/16", "-10.0.0.0/8")
        #expect(!admits(around, "10.1.0.1") && !admits(around, "10.2.0.1"))
        let alone = try rules("-203.0.113.0/24")
        #expect(admits(alone, "203.0.114.1") && !admits(alone, "203.0.113.1") && !admits(alone, "::ffff:203.0.113.1"))
    }

    @Test("a range of IPv4-mapped addresses is the IPv4 range, however it is written")
    func mapped() throws {
        #expect(try #require(NetworkPrefix("::ffff:10.0.0.0/104")).unmapped == NetworkPrefix("10.0.0.0/8"))
        #expect(try #require(NetworkPrefix("::ffff:0:0/96")).unmapped == NetworkPrefix("0.0.0.0/0"))
        #expect(try #require(NetworkPrefix("::/0")).unmapped == NetworkPrefix("::/0"))
        let rules = try rules("-::ffff:10.0.0.0/104")
        #expect(!admits(rules, "10.9.9.9") && admits(rules, "11.0.0.1"))
    }

    @Test("random rules decide like the definition, bit by bit")
    func random() throws {
        let seed = UInt64.random(in: .min ... .max)
        var generator = SplitMix(state: seed)
        for _ in 0..<2000 {
            let ranges = (0..<Int.random(in: 0...4, using: &generator)).map { _ in
                let bytes = [10, UInt8.random(in: 0...1, using: &generator), UInt8.random(in: 0...255, using: &generator), 0]
                let prefix = NetworkPrefix(around: IPAddress(bytes: bytes)!, length: Int.random(in: 0...32, using: &generator))
                return (range: prefix, verdict: Bool.random(using: &generator) ? NetworkRules.Verdict.allow : .deny)
            }
            let bytes = [10, UInt8.random(in: 0...1, using: &generator), UInt8.random(in: 0...255, using: &generator), 7]
            let hits = ranges.filter { matches($0.range, bytes) }
            let expected =
                !hits.contains { $0.verdict == .deny }
                && (!ranges.contains { $0.verdict == .allow } || hits.contains { $0.verdict == .allow })
            for address in [bytes, Array(repeating: 0, count: 10) + [0xFF, 0xFF] + bytes] {
                #expect(NetworkRules(ranges).admit(IPAddress(bytes: address)) == expected, "seed \(seed): \(ranges), \(address)")
            }
        }
    }

    private func matches(_ range: NetworkPrefix, _ bytes: [UInt8]) -> Bool {
        (0..<range.length).allSatisfy { bit in
            (range.first.bytes[bit / 8] ^ bytes[bit / 8]) & (0x80 >> UInt8(bit % 8)) == 0
        }
    }
}

private struct SplitMix: RandomNumberGenerator {
    var state: UInt64
    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }
}
