// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors

import Security
import Testing
import Values

@Suite("Sealed cursors")
struct SealedCursorTests {
    private static let cursors = SealedCursor(Fixture.ring)
    private static let query = Array("action=plugin.enable&order=desc".utf8)
    private static let position = CursorPosition(1_234, id: "0198f0c0-0000-7000-8000-000000000001")

    private static func seal() throws -> String { try cursors.seal(position, tenant: Fixture.acme, query: query) }

    @Test("a cursor opens where it was made, and shows nothing")
    func opens() throws {
        for position in [Self.position, CursorPosition(.min), CursorPosition(.max, id: String(repeating: "é", count: 32))] {
            let text = try Self.cursors.seal(position, tenant: Fixture.acme, query: Self.query)
            #expect(try Self.cursors.open(text, tenant: Fixture.acme, query: Self.query) == position)
            #expect(text.utf8.allSatisfy { $0 < 0x80 && !"+/= ".utf8.contains($0) } && text.utf8.count <= 200)
        }
        #expect(try Self.seal() != Self.seal(), "two cursors for one place can be told apart by nobody")
        #expect(throws: CryptoError.self) {
            try Self.cursors.seal(CursorPosition(1, id: String(repeating: "x", count: 65)), tenant: Fixture.acme, query: Self.query)
        }
    }

    @Test("a cursor opens for no other tenant, no other query, and under no other key")
    func bound() throws {
        let text = try Self.seal()
        #expect(throws: InvalidCursor.self) { try Self.cursors.open(text, tenant: Fixture.globex, query: Self.query) }
        #expect(throws: InvalidCursor.self) { try Self.cursors.open(text, tenant: Fixture.acme, query: Self.query + [0]) }
        #expect(throws: InvalidCursor.self) { try Self.cursors.open(text, tenant: Fixture.acme, query: [UInt8]()) }
        let stranger = SealedCursor(try KEKRing(parsing: "k9:\(Fixture.key(9))"))
        #expect(throws: InvalidCursor.self) { try stranger.open(text, tenant: Fixture.acme, query: Self.query) }
        // The key that stands behind in the ring still opens.
        let older = SealedCursor(try KEKRing(parsing: "k3:\(Fixture.key(3)) k2:\(Fixture.key(2))"))
        #expect(try older.open(text, tenant: Fixture.acme, query: Self.query) == Self.position)
    }

    @Test("every changed bit, every shorter and every longer text is the same refusal")
    func tampering() throws {
        let text = try Self.seal()
        let bytes = try #require(Base64.decode(text, url: true))
        for bit in 0..<(bytes.count * 8) {
            var changed = bytes
            changed[bit / 8] ^= 1 << (bit % 8)
            #expect(Self.isRefused(Base64.encode(changed, url: true)), "bit \(bit)")
        }
        for count in 0..<text.count { #expect(Self.isRefused(String(text.prefix(count))), "\(count) characters") }
        for wrong in [
            text + "A", text + "=", text + "\n", " " + text, text + text, "' OR 1=1 --", "null", String(repeating: "A", count: 300),
        ] {
            #expect(Self.isRefused(wrong), "\(wrong)")
        }
        // The last character has spare bits: only one of its spellings is the cursor.
        let spellings = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_".filter { last in
            !Self.isRefused(text.dropLast() + String(last))
        }
        #expect(spellings.count == 1)
    }

    private static func isRefused(_ text: String) -> Bool {
        do throws(InvalidCursor) {
            _ = try cursors.open(text, tenant: Fixture.acme, query: query)
            return false
        } catch { return error == InvalidCursor.standard }
    }
}

extension InvalidCursor {
    /// What any nonsense is answered with.
    fileprivate static let standard: InvalidCursor? = {
        do throws(InvalidCursor) {
            _ = try SealedCursor(Fixture.ring).open("nonsense", tenant: Fixture.acme, query: [UInt8]())
            return nil
        } catch { return error }
    }()
}
