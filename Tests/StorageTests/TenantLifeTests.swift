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

/// The keys of a purged tenant.
@Suite("Crypto-shredding", .everyEngine)
struct CryptoShreddingTests {
    private static let now = TestDatabase.now

    private func shred(_ test: TestDatabase) async throws -> Int {
        try await test.database.platform(test.platform) { tx in
            let life = TenantLife(tx)
            _ = try life.delete(life.lock(test.acme.slug), purgeAfter: Self.now, at: Self.now)
            return try life.shred(life.lock(test.acme.slug), abandoningMoney: true, at: Self.now)
        }
    }

    @Test("every version of every key goes, on every host, and no host makes another one")
    func everyKey() async throws {
        let house = try await SealedHouse()
        let (acme, globex) = (house.test.acme, house.test.globex)
        let (first, second) = (try house.service(), try house.service())
        for tenant in [acme, globex] { try await house.write("secret", tenant, 0, by: first) }
        let scope = house.test.scope(acme)
        let personal = try await first.sealPersonal([7], subject: "user:1", at: PersonalPlace(field: "f", record: "r"), scope)
        let keys = TenantKeys(acme.id, database: house.test.database, encryption: first, authority: house.test.authority)
        _ = try await keys.rotate()
        try await house.write("later", acme, 1, by: first)
        #expect(try await house.read(acme, 0, by: second).text == "secret")
        #expect(first.keysInMemory(of: acme.id) > 0 && second.keysInMemory(of: acme.id) > 0)

        let destroyed = try await shred(house.test)
        first.forget(acme.id)

        #expect(destroyed >= 6)
        #expect(first.keysInMemory(of: acme.id) == 0)
        #expect(
            try await house.test.read { tx in
                try tx.query(
                    "SELECT id FROM keys WHERE tenant_id = $1 AND (wrapped <> '' OR wrapped_by <> '' OR erased_at IS NULL)", [tx.tenant])
            }.isEmpty)
        // `second` was not told: its recheck asks the store.
        for service in [first, second, try house.service()] {
            await #expect(throws: EncryptionError.self) { try await house.read(acme, 0, by: service) }
            await #expect(throws: EncryptionError.self) { try await house.read(acme, 1, by: service) }
            await #expect(throws: EncryptionError.erased) {
                try await service.openPersonal(personal, at: PersonalPlace(field: "f", record: "r"), scope)
            }
            await #expect(throws: EncryptionError.self) { try await house.write("again", acme, 2, by: service) }
            await #expect(throws: EncryptionError.erased) { try await service.rotate(.tenant, scope) }
            service.forget(acme.id)
            await #expect(throws: EncryptionError.self) { try await house.read(acme, 0, by: service) }
            #expect(service.keysInMemory(of: acme.id) == 0)
            #expect(try await house.read(globex, 0, by: service).text == "secret")
        }
    }

    @Test("a purge while jobs seal leaves no key that opens anything, whoever was first")
    func race() async throws {
        let house = try await SealedHouse()
        let acme = house.test.acme
        let services = try (0..<4).map { _ in try house.service() }
        let places = (0..<40).map { index in
            SealedLocation(tenant: acme.id, plugin: plugin("p\(index)"), field: "plugin_config.f", record: acme.id.description)
        }

        let sealed = try await withThrowingTaskGroup(of: (SealedLocation, Sealed?).self) { group in
            for (index, place) in places.enumerated() {
                let service = services[index % services.count]
                group.addTask { (place, try? await service.seal([1], as: place)) }
            }
            group.addTask {
                _ = try await shred(house.test)
                return (places[0], nil)
            }
            return try await group.reduce(into: [(SealedLocation, Sealed)]()) { all, one in
                if let sealed = one.1 { all.append((one.0, sealed)) }
            }
        }
        for service in services { service.forget(acme.id) }

        let alive = try await house.test.read { tx in
            try tx.query("SELECT id FROM keys WHERE tenant_id = $1 AND (wrapped <> '' OR erased_at IS NULL)", [tx.tenant])
        }
        #expect(alive.isEmpty)
        for service in services + [try house.service()] {
            for (place, value) in sealed {
                await #expect(throws: EncryptionError.self) { try await service.open(value, at: place) }
            }
            await #expect(throws: EncryptionError.self) { try await service.seal([1], as: places[0]) }
        }
    }

    @Test("a tenant that never had a key gets none after its purge")
    func neverAny() async throws {
        let house = try await SealedHouse()
        _ = try await shred(house.test)

        await #expect(throws: EncryptionError.erased) { try await house.service().seal([1], as: house.place(house.test.acme, 0)) }
        #expect(try await house.test.read { try $0.query("SELECT id FROM keys WHERE tenant_id = $1", [$0.tenant]) }.isEmpty)
    }

    @Test("sealed rows that are still there break no job over keys: they are passed by, and the other tenant is dealt with")
    func jobsOverKeys() async throws {
        let house = try await SealedHouse()
        let (acme, globex) = (house.test.acme, house.test.globex)
        let first = try house.service()
        for tenant in [acme, globex] { try await house.write("secret", tenant, 0, by: first) }
        try await house.fillOtherTables(by: first)
        _ = try await shred(house.test)
        _ = try await TenantKeys(
            globex.id, database: house.test.database, encryption: try house.service(), authority: house.test.authority
        ).rotate()
        let ring = Array(KEKRing.generate().revealedBytes()) + SealedHouse.ring

        let jobs = try await house.jobs(ring)
        let rewrap = try await jobs.rewrap(for: "new")
        let reencrypt = try await jobs.reencrypt()

        #expect(rewrap.faults.isEmpty && rewrap.job.state == .done && rewrap.job.changed > 0)
        #expect(reencrypt.faults.isEmpty && reencrypt.job.state == .done && reencrypt.job.changed == 1)
        #expect(try await house.read(globex, 0, by: house.service(ring)).text == "secret")
        let status = try await KeyStatus(house.test.database, house.test.authority)
        #expect(status.tenants.first { $0.slug == acme.slug }?.groups.allSatisfy { $0.erased == $0.count } == true)
        #expect(status.roots.count == 1)
    }

    @Test("events of a purged tenant go on, without what they would tell of persons")
    func events() async throws {
        let house = try await SealedHouse()
        let service = try house.service()
        let database = SealingDatabase(house.test.database, encryption: service)
        let scope = house.test.scope(house.test.acme)
        @Sendable func event() -> AuditEvent {
            AuditEvent(
                tenant: house.test.acme.id, actor: "user:\(UserID.make())", action: "test.happened", resource: "thing:1", outcome: .success,
                correlation: "c", address: "192.0.2.1")
        }
        try await database.append(scope, event())
        _ = try await shred(house.test)

        for service in [service, try house.service()] {
            let database = SealingDatabase(house.test.database, encryption: service)
            try await database.append(scope, event())
            try await database.transaction(scope) { try $0.append(event()) }
        }

        let rows = try await house.test.read { try AuditRepository($0).search(AuditQuery(action: "test.happened")) }
        #expect(rows.count == 5)
        #expect(rows.filter { $0.personal != nil }.count == 1)
        for row in rows { #expect(try await service.opened(row).address == nil) }
    }

    @Test("a backup of an installation with a purged tenant is written, and verifies")
    func backup() async throws {
        // On a server a role of its own does this, which the tests of backups have.
        guard Engine.current == .sqlite else { return }
        let test = try await TestDatabase()
        try await test.fill()
        _ = try await shred(test)
        try await test.sequence()

        let report = try await test.backUp(key: .random())

        #expect(report.rows > 0)
    }
}
