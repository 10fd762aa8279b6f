// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors

import Foundation
import Security
import Storage
import Testing
import Values

@Suite("Tenant life", .everyEngine)
struct TenantLifeTests {
    private static let now = TestDatabase.now

    private func life<T: Sendable>(_ test: TestDatabase, _ body: @escaping @Sendable (TenantLife, TenantRecord) throws -> T) async throws
        -> T
    {
        try await test.database.platform(test.platform) { tx in
            let life = TenantLife(tx)
            return try body(life, life.lock(test.acme.slug))
        }
    }

    private func refusal(_ body: () async throws -> some Any) async -> TenantRefusal? {
        do {
            _ = try await body()
            return nil
        } catch {
            return error as? TenantRefusal
        }
    }

    /// Deletes without grace and destroys the keys.
    private func shred(_ test: TestDatabase, abandoning: Bool = true) async throws -> Int {
        _ = try await life(test) { try $0.delete($1, purgeAfter: Self.now, at: Self.now) }
        return try await life(test) { try $0.shred($1, abandoningMoney: abandoning, at: Self.now) }
    }

    /// Removes the rows, as the purge does.
    private func sweep(_ test: TestDatabase) async throws -> Int {
        var rows = 0
        let tables = try await test.read { try TenantSweep.tables($0) }
        for table in tables {
            while true {
                let removed = try await test.write { try TenantSweep.remove(from: table, limit: 7, $0) }
                rows += removed
                if removed < 7 { break }
            }
        }
        try await test.write { try TenantSweep.scrub($0, at: Self.now) }
        return rows
    }

    @Test("goes from one state to the next only, and says which one is in the way")
    func states() async throws {
        let test = try await TestDatabase()

        #expect(try await life(test) { try $0.suspend($1, at: 1) })
        #expect(try await !life(test) { try $0.suspend($1, at: 2) })
        #expect(await refusal { try await life(test) { try $0.shred($1, abandoningMoney: true, at: 3) } } == .state(.suspended))
        #expect(try await life(test) { try $0.resume($1, at: 4) })
        #expect(try await !life(test) { try $0.resume($1, at: 5) })
        #expect(try await life(test) { try $0.delete($1, purgeAfter: 100, at: 6) })
        #expect(try await !life(test) { try $0.delete($1, purgeAfter: 7, at: 7) })
        #expect(await refusal { try await life(test) { try $0.suspend($1, at: 8) } } == .state(.deleted))
        #expect(await refusal { try await life(test) { try $0.shred($1, abandoningMoney: true, at: 99) } } == .tooEarly(100))
        let deleted = try await life(test) { $1 }
        #expect(deleted.status == .deleted && deleted.purgeAfter == 100 && deleted.changedAt == 6 && deleted.epoch == 4)
        _ = try await life(test) { try $0.shred($1, abandoningMoney: true, at: 100) }
        for verb in [{ try $0.suspend($1, at: 101) }, { try $0.resume($1, at: 101) }, { try $0.delete($1, purgeAfter: 101, at: 101) }]
            as [@Sendable (TenantLife, TenantRecord) throws -> Bool]
        {
            #expect(await refusal { try await life(test, verb) } == .state(.purged))
        }
        let purged = try await life(test) { $1 }
        #expect(purged.status == .purged && purged.name.isEmpty && purged.operatorRole == nil && purged.purgeAfter == nil)
        #expect(try await test.database.platformRead(test.platform) { try TenantRegistry($0).find(test.globex.id) } == test.globex)
    }

    @Test("the operators' own tenant can be neither suspended nor deleted, and a slug is never given again")
    func platformStays() async throws {
        let test = try await TestDatabase()
        _ = try await shred(test)

        let platform = try await test.database.platform(test.platform) { tx in
            try TenantRegistry(tx).create(slug: .platform, name: "P", by: "system:test", correlation: "c", at: 1)
        }
        for verb in [{ try $0.suspend(platform, at: 1) }, { try $0.delete(platform, purgeAfter: 1, at: 1) }]
            as [@Sendable (TenantLife) throws -> Bool]
        {
            #expect(await refusal { try await life(test) { life, _ in try verb(life) } } == .platform)
        }
        let code = await StorageError.code {
            try await test.database.platform(test.platform) { tx in
                try TenantRegistry(tx).create(slug: test.acme.slug, name: "Again", by: "system:test", correlation: "c", at: 1)
            }
        }
        #expect(code == .duplicate)
    }

    @Test("every change of state is seen by the hosts: the revision moves and the tenant is among the stops")
    func seen() async throws {
        let test = try await TestDatabase()
        func stops() async throws -> (Int64, [PluginStop]) {
            try await test.database.platformRead(test.platform) {
                (try PluginStopRegistry($0).revision(), try PluginStopRegistry($0).all())
            }
        }
        let before = try await stops()

        _ = try await life(test) { try $0.suspend($1, at: 9) }

        let after = try await stops()
        let stop = PluginStop(.tenant, program: "", tenant: test.acme.id, reason: "suspended", since: 9, by: "")
        #expect(before.1.isEmpty && after.1 == [stop] && after.0 > before.0)
        #expect(try await test.read { try PluginStopRepository($0).find("any") } == stop)
        #expect(try await test.read(test.globex) { try PluginStopRepository($0).find("any") } == nil)
    }

    @Test("a purge leaves ledger and audit skeleton of the tenant, and every row of the other one")
    func sweepEverything() async throws {
        let stage = try await IsolationTests.Stage()
        let (test, word) = (stage.test, stage.acme.word)
        let globex = try await test.read(test.globex) { try Self.rows(of: $0) }
        _ = try await shred(test)

        let rows = try await sweep(test)

        #expect(rows > 15)
        #expect(try await test.read { try TenantSweep.remains($0) } == [:])
        let left = try await test.read { try Self.rows(of: $0) }
        #expect(
            Set(left.keys.filter { !$0.hasPrefix("audit_") && $0 != "sequencer_queue" && $0 != "keys" })
                == ["tenants", "payments", "refunds", "payment_attempts"])
        let payment = try #require(try await test.read { try PaymentRepository($0).find(stage.acme.payment) })
        #expect(payment.amountMinor > 0 && payment.request == "{}" && payment.detail == "{}" && payment.reconcileAt == nil)
        for (table, rows) in left where ["payments", "refunds", "tenants"].contains(table) {
            for column in ["customer_ref", "note", "name", "request", "detail"] {
                #expect(!rows.contains { (try? $0.text(column))?.contains(word) ?? false }, "\(table).\(column) tells of somebody")
            }
        }
        #expect(
            try await test.read(test.globex) { try Self.rows(of: $0) }.mapValues { $0.map(\.values) }
                == globex.mapValues { $0.map(\.values) })
        // Again finds nothing to do.
        #expect(try await sweep(test) == 0)
        try await test.sequence()
        #expect(try await test.verifyAll().isWhole)
    }

    private static func rows(of tx: TenantTransaction) throws -> [String: [Row]] {
        var rows: [String: [Row]] = [:]
        for table in try TableCatalogue(tx).tables {
            let column = table.name == "tenants" ? "id" : "tenant_id"
            // What is shipped where is the operators' own, and no transaction of a tenant may look.
            guard table.columns.contains(where: { $0.name == column }), !table.name.hasPrefix("audit_sink") else { continue }
            let found = try tx.query("SELECT * FROM \(table.name) WHERE \(column) = $1", [tx.tenant])
            if !found.isEmpty { rows[table.name] = found }
        }
        return rows
    }

    @Test("money whose outcome is not known keeps a tenant from being purged, unless it is abandoned by name")
    func openMoney() async throws {
        let stage = try await IsolationTests.Stage()
        let test = stage.test
        _ = try await test.write { try $0.execute("UPDATE payments SET reconcile_at = 5 WHERE tenant_id = $1", [$0.tenant]) }

        let refused = await refusal { try await shred(test, abandoning: false) }

        guard case .openMoney(let money) = refused else {
            Issue.record("\(String(describing: refused))")
            return
        }
        #expect(money.payments >= 1)
        #expect(try await life(test) { $1.status } == .deleted)
        _ = try await life(test) { try $0.shred($1, abandoningMoney: true, at: Self.now) }
        #expect(try await life(test) { $1.status } == .purged)
    }

    @Test("jobs pass a suspended tenant by, count nothing, and find everything again when it is resumed")
    func jobs() async throws {
        let stage = try await IsolationTests.Stage()
        let (test, now) = (stage.test, Self.now)
        try await test.write { tx in
            try tx.execute("UPDATE payments SET reconcile_at = 5, claimed_until = NULL WHERE tenant_id = $1", [tx.tenant])
            try tx.execute("UPDATE refunds SET reconcile_at = 5, claimed_until = NULL WHERE tenant_id = $1", [tx.tenant])
            try tx.execute("UPDATE webhook_events SET due_at = 5, claimed_until = NULL WHERE tenant_id = $1", [tx.tenant])
            try tx.execute("UPDATE notifications SET due_at = 5, lease_until = NULL WHERE tenant_id = $1", [tx.tenant])
        }
        func due() async throws -> [Int] {
            try await test.database.platform(test.platform) { tx in
                let queue = PaymentQueue(tx)
                return [
                    try queue.claimPayments(by: "h", nowMs: now, until: now, limit: 9).count,
                    try queue.claimRefunds(by: "h", nowMs: now, until: now, limit: 9).count,
                    try queue.claimWebhooks(by: "h", nowMs: now, until: now, limit: 9).count,
                    try DueNotifications(tx).tenants(at: now, limit: 9).count,
                ]
            }
        }
        _ = try await life(test) { try $0.suspend($1, at: now) }
        let before = try await test.read { try PaymentRepository($0).find(stage.acme.payment)?.reconcileCount }

        #expect(try await due() == [0, 0, 0, 0])

        _ = try await life(test) { try $0.resume($1, at: now) }
        #expect(try await due().allSatisfy { $0 > 0 })
        #expect(try await test.read { try PaymentRepository($0).find(stage.acme.payment)?.reconcileCount } == before)
    }
}
