// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors

import Security
import Testing
import Values

@Suite("AuditChain")
struct AuditChainTests {
    private static func event(_ number: Int, tenant: TenantID = Fixture.acme) -> AuditEvent {
        AuditEvent(
            occurredAt: Int64(number), tenant: tenant, actor: "user:\(number)", action: "plugin.enable", resource: "plugin:stripe",
            outcome: .success, detail: ["n": .int(Int64(number))], correlation: "c\(number)",
            address: number.isMultiple(of: 2) ? nil : "::1")
    }

    private static func trail(_ count: Int, tenant: TenantID = Fixture.acme) -> (rows: [AuditRow], head: AuditHead) {
        var head = AuditHead(emptyTrailOf: tenant)
        var rows: [AuditRow] = []
        for number in 0..<count {
            let next = head.appending(event(number + 1, tenant: tenant))
            rows.append(next.row)
            head = next.head
        }
        return (rows, head)
    }

    private static func verify(_ rows: [AuditRow], _ head: AuditHead?, tenant: TenantID = Fixture.acme) -> AuditFault? {
        var verifier = AuditVerifier(tenant: tenant)
        for row in rows where !verifier.consume(row) { break }
        return verifier.finish(head: head)
    }

    @Test("an untouched trail is good, an empty one too")
    func good() {
        let (rows, head) = Self.trail(10)

        #expect(Self.verify(rows, head) == nil)
        #expect(Self.verify([], AuditHead(emptyTrailOf: Fixture.acme)) == nil)
        #expect(Self.verify([], nil) == nil)
        #expect(rows.map(\.sequence) == Array(1...10))
        #expect(AuditChain.hash(previous: rows[3].hash, row: rows[4]) == rows[4].hash)
        let (genesis, event) = (AuditChain.genesis(Fixture.acme), Self.event(1))
        #expect(
            AuditChain.hash(previous: genesis, sequence: 1, event: event) != AuditChain.hash(previous: genesis, sequence: 2, event: event))
        #expect(AuditChain.hash(previous: AuditChain.genesis(Fixture.acme), sequence: 1, event: Self.event(1)) != rows[0].hash)
    }

    /// One way to tamper with a trail of ten, and what the verifier ought to say.
    struct Tampering: Sendable, CustomTestStringConvertible {
        typealias Change = @Sendable (inout [AuditRow], inout AuditHead?) -> Void

        let testDescription: String
        let expected: AuditFault
        let change: Change

        init(_ name: String, _ sequence: Int64, _ kind: AuditFault.Kind, _ change: @escaping Change) {
            testDescription = name
            expected = AuditFault(sequence: sequence, kind: kind)
            self.change = change
        }
    }

    static let tamperings: [Tampering] = [
        Tampering("actor", 5, .altered) { rows, _ in rows[4].actor = "user:evil" },
        Tampering("time", 5, .altered) { rows, _ in rows[4].occurredAt += 1 },
        Tampering("tenant", 5, .altered) { rows, _ in rows[4].tenant = Fixture.globex.description },
        Tampering("action", 5, .altered) { rows, _ in rows[4].action += "x" },
        Tampering("outcome", 5, .altered) { rows, _ in rows[4].outcome = "denied" },
        Tampering("detail, same meaning", 5, .altered) { rows, _ in rows[4].detail = "{\"n\": 5}" },
        Tampering("address taken out", 5, .altered) { rows, _ in rows[4].address = nil },
        Tampering("address emptied", 6, .altered) { rows, _ in rows[5].address = "" },
        Tampering("text moved over a border", 5, .altered) { rows, _ in
            rows[4].action += "p"; rows[4].resource.removeFirst()
        },
        Tampering("id", 5, .altered) { rows, _ in rows[4].id = EventID.make().description },
        Tampering("hash bit", 5, .altered) { rows, _ in rows[4].hash[0] ^= 1 },
        Tampering("hash cut", 5, .altered) { rows, _ in rows[4].hash.removeLast() },
        Tampering("rehashed alone", 6, .altered) { rows, _ in
            rows[4].actor = "user:evil"
            rows[4].hash = AuditChain.hash(previous: rows[3].hash, row: rows[4])
        },
        Tampering("first gone", 1, .missing) { rows, _ in rows.removeFirst() },
        Tampering("one gone", 5, .missing) { rows, _ in rows.remove(at: 4) },
        Tampering("several gone", 5, .missing) { rows, _ in rows.removeSubrange(4..<7) },
        Tampering("gone and renumbered", 5, .altered) { rows, _ in
            rows.remove(at: 4)
            for index in rows.indices { rows[index].sequence = Int64(index + 1) }
        },
        Tampering("swapped, numbers kept", 5, .reordered) { rows, _ in rows.swapAt(4, 7) },
        Tampering("swapped and renumbered", 5, .reordered) { rows, _ in
            rows.swapAt(4, 7)
            for index in rows.indices { rows[index].sequence = Int64(index + 1) }
        },
        Tampering("number raised", 10, .reordered) { rows, _ in rows[9].sequence = 12 },
        Tampering("same row twice", 5, .forked) { rows, _ in rows.insert(rows[4], at: 5) },
        Tampering("two rows for one place", 5, .forked) { rows, _ in
            var twin = rows[4]
            twin.actor = "user:evil"
            rows.insert(twin, at: 5)
        },
        Tampering("tail cut", 8, .truncated) { rows, _ in rows.removeLast(3) },
        Tampering("all gone", 1, .truncated) { rows, _ in rows.removeAll() },
        Tampering("head moved back", 7, .headMismatch) { rows, head in
            head?.sequence = 7; head?.hash = rows[6].hash
        },
        Tampering("head altered", 10, .headMismatch) { _, head in head?.hash[0] ^= 1 },
        Tampering("head gone", 10, .headMismatch) { _, head in head = nil },
        Tampering("head of another tenant", 10, .headMismatch) { _, head in head?.tenant = Fixture.globex },
    ]

    @Test("each way to tamper is found at its place", arguments: tamperings)
    func tampered(tampering: Tampering) {
        let trail = Self.trail(10)
        var rows = trail.rows
        var head: AuditHead? = trail.head

        tampering.change(&rows, &head)

        #expect(Self.verify(rows, head) == tampering.expected)
    }

    @Test("every flipped bit of every text of a row is found")
    func flips() {
        let (rows, head) = Self.trail(3)
        let fields: [WritableKeyPath<AuditRow, String>] = [\.id, \.actor, \.action, \.resource, \.outcome, \.detail, \.correlation]
        for field in fields {
            for index in rows[1][keyPath: field].utf8.indices.enumerated().map(\.offset) {
                var changed = rows
                var bytes = Array(changed[1][keyPath: field].utf8)
                bytes[index] ^= 1
                changed[1][keyPath: field] = String(decoding: bytes, as: UTF8.self)
                #expect(Self.verify(changed, head) == AuditFault(sequence: 2, kind: .altered))
            }
        }
    }

    @Test("a trail does not pass as another tenant's")
    func tenants() {
        let (rows, head) = Self.trail(3)
        var moved = rows
        for index in moved.indices { moved[index].tenant = Fixture.globex.description }

        #expect(Self.verify(rows, head, tenant: Fixture.globex)?.sequence == 1)
        #expect(Self.verify(moved, AuditHead(tenant: Fixture.globex, sequence: 3, hash: head.hash), tenant: Fixture.globex)?.sequence == 1)
    }

    @Test("an event survives being stored: its row hashes as the event did")
    func stored() {
        let event = AuditEvent(
            tenant: Fixture.acme, actor: "user:1", action: "a.b", resource: "ü", outcome: .failure,
            detail: ["d": 1.0, "e": 0.1, "n": .null, "b": .bytes([0xFF]), "u": "é\u{2028}\"\\"], correlation: "")
        let (row, _) = AuditHead(emptyTrailOf: Fixture.acme).appending(event)

        #expect(JSON.text(row.detailValue) == row.detail)
        #expect(AuditChain.hash(previous: AuditChain.genesis(Fixture.acme), sequence: 1, event: event) == row.hash)
    }

    @Test("an event is cut to size and holds no secret")
    func trimmed() {
        let event = AuditEvent(
            tenant: Fixture.acme, actor: String(repeating: "a", count: 1000), action: "a.b", resource: "r", outcome: .success,
            detail: [
                "password": "hunter2", "note": .string("Bearer abc.def " + String(repeating: "é", count: 600)),
                "deep": ["a": ["b": ["c": "d"]]], "list": .array((0..<100).map { .int($0) }),
            ], correlation: "c")

        #expect(event.actor.utf8.count == 160)
        #expect(event.detail["password"] == "[redacted]")
        #expect(event.detail["note"]?.stringValue?.hasPrefix("Bearer [redacted] é") == true)
        #expect(event.detailText.utf8.count < 1400)
        #expect(event.detail["deep"]?["a"]?["b"] == "[cut]")
        #expect(event.detail["list"]?.arrayValue?.count == 32)
    }
}
