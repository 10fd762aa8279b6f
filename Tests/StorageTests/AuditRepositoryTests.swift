// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors

import Security
import Storage
import Testing

@Suite("AuditRepository")
struct AuditRepositoryTests {
    @Test("finds by time, action, actor and outcome, in its own tenant only", .everyEngine)
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
        await #expect(throws: StorageError.self, "an address is searched for by its tag") {
            try await count(AuditQuery(address: "192.0.2.1"))
        }
        #expect(try await count(AuditQuery(action: "' OR 1=1 --")) == 0)
        #expect(
            try await test.read(test.globex) { try AuditRepository($0).search(AuditQuery()).map(\.action) } == ["a.even", "tenant.manage"])
    }

    @Test("pages from the newest event to the oldest without a gap, and shows the place of what is sequenced", .everyEngine)
    func pages() async throws {
        let test = try await TestDatabase()
        try await test.fill(24)

        var seen: [AuditRow] = []
        while true {
            let before = seen.last?.id
            let page = try await test.read { try AuditRepository($0).search(AuditQuery(before: before, limit: 10)) }
            if page.isEmpty { break }
            seen += page
            // What happens meanwhile does not shift the pages.
            try await test.write { try $0.append(test.event()) }
        }

        #expect(seen.map(\.index) == Array((0..<25).reversed()))
        #expect(try await test.read { try AuditRepository($0).search(AuditQuery(limit: 1)) }.first?.index == nil)
    }

    @Test("refuses an event that names another tenant")
    func foreign() async throws {
        let test = try await TestDatabase()

        #expect(await StorageError.code { try await test.write { try $0.append(test.event(tenant: test.globex)) } } == .failed)
    }

    private static let tables = [
        "audit_events", "audit_leaves", "audit_nodes", "audit_checkpoints", "audit_prunings", "forest_leaves", "forest_nodes",
        "forest_checkpoints",
    ]

    @Test(
        "cannot be changed, removed or replaced through the program's own connection",
        arguments: tables.map { "DELETE FROM \($0)" } + [
            "UPDATE audit_events SET actor = 'user:0'",
            "UPDATE audit_leaves SET leaf_index = leaf_index + 1",
            "UPDATE audit_leaves SET leaf_hash = event_id",
            "UPDATE audit_nodes SET hash = 'x'",
            "UPDATE audit_checkpoints SET note = 'x'",
            "UPDATE audit_prunings SET before_index = 100",
            "UPDATE forest_leaves SET leaf_hash = 'x'",
            "UPDATE forest_nodes SET hash = 'x'",
            "UPDATE forest_checkpoints SET note = 'x'",
            "INSERT OR REPLACE INTO audit_leaves SELECT tenant_id, leaf_index, event_id, 'x' FROM audit_leaves",
        ])
    func appendOnly(statement: String) async throws {
        let test = try await TestDatabase()
        try await test.fill(16 * 17)
        try await test.write { tx in
            _ = try tx.execute(
                "INSERT INTO audit_prunings (tenant_id, before_index, event_id, created_at) VALUES ($1, 0, 'x', 0)", [tx.tenant])
        }
        for _ in 0..<16 { try await test.fill(1) }

        #expect(await StorageError.code { try await test.write { try $0.execute(statement, []) } } == .appendOnly)
        #expect(try await test.verifyAll().isWhole)
    }

    @Test("verifies more events than one page holds", .everyEngine)
    func pagesOfVerification() async throws {
        let test = try await TestDatabase()
        try await test.fill(2200)

        #expect(try await test.verify() == AuditReport(tenant: test.acme.id, verified: 2201, fault: nil))
    }
}
