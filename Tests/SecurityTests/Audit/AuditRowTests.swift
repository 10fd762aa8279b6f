// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors

import Security
import Testing
import Values

@Suite("Audit row")
struct AuditRowTests {
    private static let event = AuditEvent(
        tenant: Fixture.acme, actor: "user:1", action: "a.b", resource: "ü", outcome: .failure,
        detail: ["d": 1.0, "e": 0.1, "n": .null, "b": .bytes([0xFF]), "u": "é\u{2028}\"\\"], correlation: "")

    @Test("what is hashed is one JSON object that an auditor can read")
    func readable() throws {
        let row = AuditRow(Self.event)

        let value = try JSON.parse(row.leafBytes())

        #expect(value["tenant"]?.stringValue == Fixture.acme.description && value["resource"] == "ü" && value["personal"] == .null)
        #expect(value["detail"] == row.detailValue && JSON.text(row.detailValue) == row.detail)
        #expect(row.leafHash == row.computedLeafHash() && row.leafHash == MerkleTree.leafHash(row.leafBytes()).bytes)
    }

    @Test("two events that say the same have different hashes, so that none can be guessed")
    func salted() {
        #expect(AuditRow(Self.event).leafHash != AuditRow(Self.event).leafHash)
        #expect(AuditRow(Self.event, salt: [1]).leafHash == AuditRow(Self.event, salt: [1]).leafHash)
    }

    @Test("every flipped bit of every text of a row changes its hash")
    func flips() {
        let row = AuditRow(Self.event)
        let fields: [WritableKeyPath<AuditRow, String>] = [
            \.id, \.tenant, \.actor, \.action, \.resource, \.outcome, \.detail, \.correlation, \.salt,
        ]
        for field in fields {
            for index in row[keyPath: field].utf8.indices.enumerated().map(\.offset) {
                var changed = row
                var bytes = Array(changed[keyPath: field].utf8)
                bytes[index] ^= 1
                changed[keyPath: field] = String(decoding: bytes, as: UTF8.self)
                #expect(changed.computedLeafHash() != row.leafHash)
            }
        }
        var sealed = row
        sealed.personal = ""
        #expect(sealed.computedLeafHash() != row.leafHash)
    }

    @Test("no text can be moved over a border between two columns")
    func borders() {
        let row = AuditRow(Self.event)
        var moved = row
        moved.action += "p"
        moved.resource = ""
        var quoted = row
        quoted.actor = "user:1\",\"action\":\"a.b"
        quoted.detail = "{},\"x\":{}"

        #expect(Set([row, moved, quoted].map { $0.computedLeafHash() }).count == 3)
    }

    @Test("an event is cut to size and holds no secret")
    func trimmed() {
        let event = AuditEvent(
            tenant: Fixture.acme, actor: String(repeating: "a", count: 1000), action: "a.b", resource: "r", outcome: .success,
            detail: [
                "password": "hunter2", "note": .string("Bearer abc.def " + String(repeating: "é", count: 600)),
                "deep": ["a": ["b": ["c": "d"]]], "list": .array((0..<100).map { .int($0) }),
            ], correlation: "c")

        #expect(event.actor.utf8.count == 192)
        #expect(event.detail["password"] == "[redacted]")
        #expect(event.detail["note"]?.stringValue?.hasPrefix("Bearer [redacted] é") == true)
        #expect(event.detailText.utf8.count < 1400)
        #expect(event.detail["deep"]?["a"]?["b"] == "[cut]")
        #expect(event.detail["list"]?.arrayValue?.count == 32)
    }
}
