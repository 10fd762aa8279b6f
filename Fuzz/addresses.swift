// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors

// Ranges of addresses, a tenant's rules made of them, and `X-Forwarded-For`: one spelling for what was read, and nobody is let in whom a rule keeps out.

/// The lines of an input, as text.
private func lines(_ bytes: [UInt8]) -> [String] {
    bytes.split(separator: 0x0A, maxSplits: 16, omittingEmptySubsequences: false).map { String(decoding: $0, as: UTF8.self) }
}

/// Whether an address shares a range's leading bits, asked bit by bit.
private func shares(_ range: NetworkPrefix, _ address: IPAddress) -> Bool {
    guard range.first.bytes.count == address.bytes.count else { return false }
    return (0..<range.length).allSatisfy { (range.first.bytes[$0 / 8] ^ address.bytes[$0 / 8]) & (0x80 >> UInt8($0 % 8)) == 0 }
}

private func check(_ range: NetworkPrefix) {
    require(NetworkPrefix(range.description) == range, "a range that is read as another one: \(range)")
    require(range.contains(range.first), "a range without its first address: \(range)")
    require(range.unmapped.unmapped == range.unmapped, "a range with two plain forms: \(range)")
    require(NetworkPrefix(around: range.first, length: range.length) == range, "a range around its own first address: \(range)")
}

/// Takes one input: lines that are ranges or addresses, the last one a header; the first byte says which rules deny.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzz(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    guard let input = FuzzInput(start, count) else { return 0 }
    let lines = lines(input.bytes)
    let ranges = lines.compactMap { NetworkPrefix($0) }
    ranges.forEach(check)
    let addresses = lines.compactMap { IPAddress($0) } + ranges.map(\.first)
    for address in addresses {
        require(IPAddress(address.description) == address, "an address that is read as another one: \(address)")
        require(address.unmapped.unmapped == address.unmapped, "an address with two plain forms: \(address)")
        for range in ranges { require(range.contains(address) == shares(range, address), "\(range) and \(address)") }
    }
    let rules = ranges.enumerated().map { ($1, input.choice >> UInt8($0 % 8) & 1 == 0 ? NetworkRules.Verdict.allow : .deny) }
    let judged = NetworkRules(rules)
    for address in addresses {
        let hits = rules.filter { shares($0.0.unmapped, address.unmapped) }
        let expected =
            !hits.contains { $0.1 == .deny } && (hits.contains { $0.1 == .allow } || !rules.contains { $0.1 == .allow })
        require(judged.admit(address) == expected, "\(rules) and \(address)")
    }
    // A client who is no proxy is believed nothing, and what a proxy says is an address that it names, or refused.
    let header = lines.last ?? ""
    let proxies = TrustedProxies(ranges)
    for peer in addresses.map(\.description) + ["203.0.113.7", header] {
        guard let client = try? proxies.client(peer: peer, forwardedFor: [header]) else { continue }
        let sender = IPAddress(String(peer.prefix { $0 != "%" }))?.unmapped
        require(sender.map { client == $0 || proxies.trusts($0) } ?? false, "a stranger's word: \(peer) says \(header)")
        require(client == client.unmapped, "a mapped address: \(client)")
    }
    return 0
}
