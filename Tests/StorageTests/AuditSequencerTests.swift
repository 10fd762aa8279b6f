// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors

import Security
import Storage
import Testing

@Suite("Audit sequencer", .everyEngine)
struct AuditSequencerTests {
    @Test("gives each event one place, in the order of their making, and signs what follows")
    func sequences() async throws {
        let test = try await TestDatabase()
        try await test.write { tx in for _ in 0..<40 { try tx.append(test.event()) } }
        #expect(try await test.verify() == AuditReport(tenant: test.acme.id, verified: 0, waiting: 41, fault: nil))

        let pass = try await test.sequence()

        #expect(pass.sequenced == 42 && pass.refused.isEmpty && !pass.isBehind)
        #expect(try await test.verify() == AuditReport(tenant: test.acme.id, verified: 41, fault: nil))
        let all = try await test.verifyAll()
        #expect(all.isWhole && all.forestSize == 2 && all.trails.map(\.verified).sorted() == [1, 41])
        let ids = try await test.read {
            try $0.query("SELECT event_id FROM audit_leaves WHERE tenant_id = $1 ORDER BY leaf_index", [$0.tenant]).map {
                try $0.text("event_id")
            }
        }
        #expect(ids == ids.sorted())
    }

    @Test("another sequencer goes on where the last one ended, whatever size the tree has")
    func continues() async throws {
        let test = try await TestDatabase()
        for count in [1, 15, 1, 14, 1, 225, 1, 1500] { try await test.fill(count) }

        let all = try await test.verifyAll()

        #expect(all.isWhole)
        #expect(all.trails.map(\.verified).sorted() == [1, 1759])
    }

    @Test("two at once place no event twice and leave none out")
    func concurrent() async throws {
        let test = try await TestDatabase()
        let sequencers = [test.sequencer(), test.sequencer(), test.sequencer()]
        try await withThrowingTaskGroup { group in
            for number in 0..<60 {
                group.addTask {
                    let tenant = number % 2 == 0 ? test.acme : test.globex
                    try await test.write(tenant) { tx in for _ in 0..<3 { try tx.append(test.event(tenant: tenant)) } }
                    _ = try await sequencers[number % 3].pass()
                }
            }
            try await group.waitForAll()
        }
        try await test.sequence()

        let all = try await test.verifyAll()
        #expect(all.isWhole)
        #expect(all.trails.map(\.verified) == [91, 91])
    }

    @Test("without a lock a second one fails on the primary key, and nothing of it stays")
    func fork() async throws {
        let test = try await TestDatabase()
        try await test.fill(3)

        for statement in [
            "INSERT INTO audit_leaves SELECT tenant_id, leaf_index, event_id || 'x', leaf_hash FROM audit_leaves",
            "INSERT INTO audit_leaves SELECT tenant_id, leaf_index + 100, event_id, leaf_hash FROM audit_leaves",
            "INSERT INTO audit_checkpoints SELECT tenant_id, tree_size, 'x', 0 FROM audit_checkpoints",
            "INSERT INTO forest_leaves SELECT leaf_index + 100, trail, tree_size, 'x' FROM forest_leaves",
        ] {
            #expect(
                await StorageError.code { try await test.database.platform(test.platform) { try $0.execute(statement, []) } } == .duplicate)
        }
        #expect(try await test.verifyAll().isWhole)
    }

    @Test("an event is placed although its clock was years ahead or behind")
    func clock() async throws {
        let test = try await TestDatabase()
        for time in [TestDatabase.now, 0, 4_000_000_000_000, 1, TestDatabase.now] {
            try await test.write { try $0.append(test.event(at: time)) }
            try await test.sequence()
        }

        #expect(try await test.verify() == AuditReport(tenant: test.acme.id, verified: 6, fault: nil))
    }

    @Test("nothing is signed on top of a tree that does not match its last checkpoint, and the others go on")
    func refuses() async throws {
        let test = try await TestDatabase()
        try await test.fill(5)
        try await test.tamper(unlocked: ["DELETE FROM audit_leaves WHERE tenant_id = :acme AND leaf_index = 5"])
        for tenant in [test.acme, test.globex] { try await test.write(tenant) { try $0.append(test.event(tenant: tenant)) } }

        let pass = try await test.sequence()

        #expect(Set(pass.refused.keys) == [test.acme.id])
        #expect(pass.sequenced == 1)
        #expect(try await test.verify().fault == AuditFault(index: 5, kind: .truncated))
    }
}
