// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors

import Security
import Storage
import Testing

@Suite("AuditRepository")
struct AuditRepositoryTests {
    @Test("finds by time, action, actor and outcome, in its own tenant only")
    func search() async throws {
        let test = try await TestDatabase()
        try await test.write { tx in
            for number in 0..<10 {
                try tx.append(
                    test.event(
                        number % 2 == 0 ? "a.even" : "a.odd", actor: "user:\(number % 3)", outcome: number < 5 ? .success : .denied,
                        at: TestDatabase.now + Int64(number)))
            }
        }
        try await test.write(test.globex) { try $0.append(test.event("a.even", tenant: test.globex)) }
        func count(_ query: AuditQuery) async throws -> Int { try await test.read { try AuditRepository($0).search(query).count } }

        #expect(try await count(AuditQuery()) == 11)
        #expect(try await count(AuditQuery(action: "a.even")) == 5)
        #expect(try await count(AuditQuery(actor: "user:0")) == 4)
        #expect(try await count(AuditQuery(outcome: .denied)) == 5)
        #expect(try await count(AuditQuery(from: TestDatabase.now + 3, until: TestDatabase.now + 6)) == 3)
        #expect(try await count(AuditQuery(action: "a.odd", actor: "user:0", resource: "thing:1", correlation: "c", outcome: .denied)) == 1)
        #expect(try await count(AuditQuery(address: "192.0.2.1")) == 0)
        #expect(try await count(AuditQuery(action: "' OR 1=1 --")) == 0)
        #expect(
            try await test.read(test.globex) { try AuditRepository($0).search(AuditQuery()).map(\.action) } == ["a.even", "tenant.manage"])
    }

    @Test("pages from the newest event to the oldest without a gap")
    func pages() async throws {
        let test = try await TestDatabase()
        try await test.write { tx in for _ in 0..<24 { try tx.append(test.event()) } }

        var seen: [Int64] = []
        while true {
            let before = seen.last
            let page = try await test.read { try AuditRepository($0).search(AuditQuery(before: before, limit: 10)) }
            if page.isEmpty { break }
            seen += page.map(\.sequence)
            // What happens meanwhile does not shift the pages.
            try await test.write { try $0.append(test.event()) }
        }

        #expect(seen == Array((1...25).reversed()))
    }

    @Test("refuses an event that names another tenant")
    func foreign() async throws {
        let test = try await TestDatabase()

        #expect(await StorageError.code { try await test.write { try $0.append(test.event(tenant: test.globex)) } } == .failed)
    }

    @Test(
        "cannot be changed, removed or replaced through the program's own connection",
        arguments: [
            "UPDATE audit_events SET actor = 'user:0'",
            "UPDATE audit_events SET sequence = sequence + 1",
            "DELETE FROM audit_events",
            "DELETE FROM audit_heads",
            "UPDATE audit_heads SET sequence = 0",
            "INSERT OR REPLACE INTO audit_events SELECT tenant_id, sequence, id, occurred_at, 'user:0', action, resource, outcome, detail, correlation, address, hash FROM audit_events",
        ])
    func appendOnly(statement: String) async throws {
        let test = try await TestDatabase()

        #expect(await StorageError.code { try await test.write { try $0.execute(statement, []) } } == .appendOnly)
        #expect(try await test.read { try AuditRepository($0).verify().fault } == nil)
    }

    @Test("verifies more events than one batch holds")
    func batches() async throws {
        let test = try await TestDatabase()
        try await test.write { tx in for _ in 0..<1200 { try tx.append(test.event()) } }

        #expect(try await test.read { try AuditRepository($0).verify() } == AuditReport(tenant: test.acme.id, verified: 1201, fault: nil))
    }
}

/// What somebody with a shell and the database file can do, and what the check says then.
@Suite("Audit trail under attack")
struct AuditTamperTests {
    struct Attack: Sendable, CustomTestStringConvertible {
        var testDescription: String
        var statements: [String]
        var fault: AuditFault
    }

    private static let columns = ["id", "actor", "action", "resource", "outcome", "detail", "correlation", "hash"]

    private static func flips(at sequence: Int64) -> [Attack] {
        columns.map { column in
            Attack(
                testDescription: "a letter of \(column)",
                statements: [
                    """
                    UPDATE audit_events SET \(column) = substr(\(column), 1, 1) || CASE substr(\(column), 2, 1) WHEN 'a' THEN 'b' ELSE 'a' END
                        || substr(\(column), 3) WHERE tenant_id = :acme AND sequence = \(sequence)
                    """
                ], fault: AuditFault(sequence: sequence, kind: .altered))
        }
    }

    static let attacks: [Attack] =
        flips(at: 7)
        + [
            Attack(
                testDescription: "a millisecond",
                statements: ["UPDATE audit_events SET occurred_at = occurred_at + 1 WHERE tenant_id = :acme AND sequence = 1"],
                fault: AuditFault(sequence: 1, kind: .altered)),
            Attack(
                testDescription: "an address where there was none",
                statements: ["UPDATE audit_events SET address = '' WHERE tenant_id = :acme AND sequence = 7"],
                fault: AuditFault(sequence: 7, kind: .altered)),
            Attack(
                testDescription: "a column of another type",
                statements: ["UPDATE audit_events SET actor = x'00ff' WHERE tenant_id = :acme AND sequence = 7"],
                fault: AuditFault(sequence: 7, kind: .altered)),
            Attack(
                testDescription: "a sequence number of another type",
                statements: ["UPDATE audit_events SET sequence = 'seven' WHERE tenant_id = :acme AND sequence = 20"],
                fault: AuditFault(sequence: 20, kind: .altered)),
            Attack(
                testDescription: "a removed event", statements: ["DELETE FROM audit_events WHERE tenant_id = :acme AND sequence = 7"],
                fault: AuditFault(sequence: 7, kind: .missing)),
            Attack(
                testDescription: "a removed first event", statements: ["DELETE FROM audit_events WHERE tenant_id = :acme AND sequence = 1"],
                fault: AuditFault(sequence: 1, kind: .missing)),
            Attack(
                testDescription: "a removed event, the later ones moved up",
                statements: [
                    "DELETE FROM audit_events WHERE tenant_id = :acme AND sequence = 7",
                    "UPDATE audit_events SET sequence = -(sequence - 1) WHERE tenant_id = :acme AND sequence > 7",
                    "UPDATE audit_events SET sequence = -sequence WHERE sequence < 0",
                ], fault: AuditFault(sequence: 7, kind: .altered)),
            Attack(
                testDescription: "two events exchanged",
                statements: [
                    "UPDATE audit_events SET sequence = -7 WHERE tenant_id = :acme AND sequence = 7",
                    "UPDATE audit_events SET sequence = 7 WHERE tenant_id = :acme AND sequence = 9",
                    "UPDATE audit_events SET sequence = 9 WHERE tenant_id = :acme AND sequence = -7",
                ], fault: AuditFault(sequence: 7, kind: .reordered)),
            Attack(
                testDescription: "a cut tail", statements: ["DELETE FROM audit_events WHERE tenant_id = :acme AND sequence > 15"],
                fault: AuditFault(sequence: 16, kind: .truncated)),
            Attack(
                testDescription: "a cut tail with its head",
                statements: [
                    "DELETE FROM audit_events WHERE tenant_id = :acme AND sequence > 15",
                    "UPDATE audit_heads SET sequence = 15 WHERE tenant_id = :acme",
                ], fault: AuditFault(sequence: 15, kind: .headMismatch)),
            Attack(
                testDescription: "everything gone", statements: ["DELETE FROM audit_events WHERE tenant_id = :acme"],
                fault: AuditFault(sequence: 1, kind: .truncated)),
            Attack(
                testDescription: "the head gone", statements: ["DELETE FROM audit_heads WHERE tenant_id = :acme"],
                fault: AuditFault(sequence: 20, kind: .headMismatch)),
            Attack(
                testDescription: "an event added behind the head",
                statements: [
                    """
                    INSERT INTO audit_events SELECT tenant_id, 21, id || 'x', occurred_at, actor, action, resource, outcome, detail,
                        correlation, address, hash FROM audit_events WHERE tenant_id = :acme AND sequence = 20
                    """
                ], fault: AuditFault(sequence: 21, kind: .altered)),
            Attack(
                testDescription: "an event of the other tenant in this one's place",
                statements: [
                    "DELETE FROM audit_events WHERE tenant_id = :acme AND sequence = 7",
                    "UPDATE audit_events SET tenant_id = :acme WHERE tenant_id = :globex AND sequence = 7",
                ], fault: AuditFault(sequence: 7, kind: .altered)),
            Attack(
                testDescription: "both tenants' trails exchanged",
                statements: [
                    "UPDATE audit_events SET tenant_id = 'x' WHERE tenant_id = :acme",
                    "UPDATE audit_events SET tenant_id = :acme WHERE tenant_id = :globex",
                    "UPDATE audit_events SET tenant_id = :globex WHERE tenant_id = 'x'",
                ], fault: AuditFault(sequence: 1, kind: .altered)),
        ]

    @Test("is found and named", arguments: attacks)
    func attack(_ attack: Attack) async throws {
        let test = try await TestDatabase()
        for tenant in [test.acme, test.globex] {
            try await test.write(tenant) { tx in for _ in 0..<19 { try tx.append(test.event(tenant: tenant)) } }
        }
        let drops = ["audit_events_never_change", "audit_events_never_go", "audit_heads_only_advance", "audit_heads_never_go"]
        let statements = attack.statements.map {
            $0.replacing(":acme", with: "'\(test.acme.id)'").replacing(":globex", with: "'\(test.globex.id)'")
        }

        try test.tamper(drops.map { "DROP TRIGGER \($0)" } + statements)

        let report = try await test.read { try AuditRepository($0).verify() }
        #expect(report.fault == attack.fault)
        #expect(report.tenant == test.acme.id)
        let all = try await test.database.platformRead(test.platform) { try AuditVerification.verifyAll($0) }
        #expect(all.contains(report))
        // The neighbour's trail is not blamed for it, unless it was touched as well.
        if !attack.statements.contains(where: { $0.contains(":globex") }) {
            #expect(all.contains(AuditReport(tenant: test.globex.id, verified: 20, fault: nil)))
        }
    }

    @Test("still names a tenant whose own row was removed")
    func removedTenant() async throws {
        let test = try await TestDatabase()

        try test.tamper(["DELETE FROM roles", "DELETE FROM tenants WHERE slug = 'acme'"])

        let all = try await test.database.platformRead(test.platform) { try AuditVerification.verifyAll($0) }
        #expect(Set(all.map(\.tenant)) == [test.acme.id, test.globex.id])
    }
}
