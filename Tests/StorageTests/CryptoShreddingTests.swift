// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors

import Foundation
import Security
import Storage
import Testing
import Values

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
