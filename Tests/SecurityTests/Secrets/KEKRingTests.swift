// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors

import Security
import Testing
import Values

@Suite("KEKRing")
struct KEKRingTests {
    @Test("reads hex and base64, lines, commas and comments")
    func reads() throws {
        let base64 = Base64.encode(Hash.sha256("x".utf8))
        let ring = try KEKRing(parsing: "# head\nnew:\(Fixture.key(1)) # why\n\nold-1:\(base64),older:\(Fixture.key(3))\r\n")

        #expect(ring.ids == ["new", "old-1", "older"])
        #expect(ring.key(for: .wrap).id == "new")
        #expect(ring.key(for: .wrap, id: "older") != nil && ring.key(for: .wrap, id: "gone") == nil)
    }

    @Test("each purpose has a key of its own, and each root")
    func derivation() throws {
        let keys = KEKRing.Purpose.allCases.flatMap { purpose in Fixture.ring.keys(for: purpose).map { $0.key.revealedBytes() } }

        #expect(Set(keys).count == KEKRing.Purpose.allCases.count * 2)
        #expect(keys.allSatisfy { $0.count == 32 })
        #expect(try KEKRing(parsing: "other:\(Fixture.key(2))").key(for: .wrap).key == Fixture.ring.key(for: .wrap).key)
    }

    @Test("what it generates it reads")
    func generation() throws {
        let file = KEKRing.generate().revealedBytes()

        #expect(try KEKRing(parsing: file).ids.count == 1)
        #expect(file != KEKRing.generate().revealedBytes())
    }

    @Test(
        "says what is wrong with a key and never shows it",
        arguments: [
            ("", "there is no root key"),
            ("# only a comment", "there is no root key"),
            ("nokey", "root key 1: there is no `:`"),
            ("k1:abcd", "has 2 bytes and needs 32"),
            ("k1:\(Fixture.key(1))00", "has 33 bytes and needs 32"),
            ("k1:", "has 0 bytes"),
            ("k1:not+a+key!", "neither hex nor base64"),
            ("K1:\(Fixture.key(1))", "the id must be"),
            (":\(Fixture.key(1))", "the id must be"),
            ("k1:\(Fixture.key(1)) k1:\(Fixture.key(2))", "is there twice"),
            ("k1:\(Fixture.key(1)) k2:\(Fixture.key(1))", "same key"),
            ("k1:\(String(repeating: "00", count: 32))", "not random"),
        ])
    func errors(text: String, expected: String) {
        let error = #expect(throws: KEKRingError.self) { try KEKRing(parsing: text) }

        #expect(error?.description.contains(expected) == true, "\(error?.description ?? "")")
        #expect(error?.description.contains(Fixture.key(1)) == false)
    }
}
