// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors

import Security
import Storage
import Testing

@Suite("Audit pruning", .everyEngine)
struct AuditPruningTests {
    private func filled() async throws -> TestDatabase {
        let test = try await TestDatabase()
        for time in 1...5 {
            try await test.write { tx in
                for _ in 0..<4 { try tx.append(test.event(at: TestDatabase.now + Int64(time))) }
            }
            try await test.sequence()
        }
        return test
    }

    private func prune(_ test: TestDatabase, olderThan time: Int64) async throws -> AuditPruning.Outcome {
        let tenant = test.acme.id
        return try await test.database.platform(test.platform) { tx in
            try AuditPruning.prune(tenant, olderThan: TestDatabase.now + time, by: "system:test", at: TestDatabase.now + 10, on: tx)
        }
    }

    @Test("takes out what is old, and what is left proves itself against the checkpoints from before")
    func prunes() async throws {
        let test = try await filled()
        let held = try await test.checkpoint(test.acme, size: 9)

        let (first, second) = (try await prune(test, olderThan: 3), try await prune(test, olderThan: 3))
        #expect(first.removed == 9 && first.beforeIndex == 9)
        #expect(second.removed == 0 && second.beforeIndex == 9)
        try await test.sequence()

        #expect(try await test.verify(held: [held]) == AuditReport(tenant: test.acme.id, verified: 22, pruned: 9, fault: nil))
        let rows = try await test.read { try AuditRepository($0).search(AuditQuery(limit: 500)) }
        #expect(rows.compactMap(\.index) == Array((9..<22).reversed()) && rows.first?.action == "audit.prune")
        let tenant = test.acme.id
        for row in rows {
            let event = try #require(EventID(row.id))
            let proof = try await test.read { try AuditProofs.proof(of: event, in: tenant, on: $0) }
            let verified = try ProofFile(parsing: proof.text).verify(with: [TestSigner.note.verifier])
            #expect(verified.index == row.index && verified.event == row.leafBytes() && verified.forest != nil)
        }
    }

    @Test("ends at the first event that is young, whatever times the ones behind it carry")
    func jumped() async throws {
        let test = try await filled()
        try await test.write { try $0.append(test.event(at: 0)) }
        try await test.sequence()

        #expect(try await prune(test, olderThan: 1).removed == 1)
        #expect(try await test.verify().fault == nil)
    }

    @Test("that nobody recorded in the trail is a removed event")
    func forged() async throws {
        let test = try await filled()
        _ = try await prune(test, olderThan: 1)
        try await test.sequence()
        try await test.tamper(unlocked: [
            "INSERT INTO audit_prunings SELECT tenant_id, 7, event_id, created_at FROM audit_prunings",
            "DELETE FROM audit_events WHERE id IN (SELECT event_id FROM audit_leaves WHERE tenant_id = :acme AND leaf_index < 7)",
        ])

        #expect(try await test.verify().fault == AuditFault(index: 1, kind: .missing))
    }
}
