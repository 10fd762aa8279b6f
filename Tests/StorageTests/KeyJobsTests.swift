// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors

import Foundation
import Security
import Storage
import Synchronization
import Testing
import Values

/// An installation with sealed rows in every table that has some.
struct SealedHouse {
    struct Killed: Error {}

    static let ring = KEKRing.generate().revealedBytes()

    let test: TestDatabase

    init() async throws {
        test = try await TestDatabase()
        for tenant in [test.acme, test.globex] {
            try await test.database.platform(test.platform) { tx in
                _ = try tx.execute(
                    """
                    INSERT INTO plugins (id, version, hash, kind, name, manifest, signed, installed_at, installed_by)
                    VALUES ('stripe', '1.0.0', 'h', 'payment', 'Stripe', '{}', 1, 1, 'test') ON CONFLICT (id, version) DO NOTHING
                    """, [])
            }
            try await test.write(tenant) { tx in
                try tx.execute(
                    """
                    INSERT INTO tenant_plugins
                        (tenant_id, plugin_id, version, hash, status, approved, revision, created_at, updated_at, updated_by)
                    VALUES ($1, 'stripe', '1.0.0', 'h', 'enabled', '[]', 1, 1, 1, 'test')
                    """, [tx.tenant])
                try tx.execute(
                    "INSERT INTO plugin_instances (tenant_id, id, plugin_id, label, created_at) VALUES ($1, $2, 'stripe', 'a', 1)",
                    [tx.tenant, .text(tenant.id.description)])
            }
        }
    }

    /// One process of the host: nothing in memory is shared with another.
    func service(_ ring: [UInt8] = Self.ring) throws -> EncryptionService {
        try EncryptionService(ring: KEKRing(parsing: ring), store: SQLKeyStore(test.database), limits: KeyUseLimits(recheck: 0))
    }

    func jobs(_ ring: [UInt8] = Self.ring, pageSize: Int = 3) async throws -> KeyJobs {
        let keys = try await HostKeys.open(roots: KEKRing(parsing: ring), store: SQLHostKeyStore(test.database))
        return KeyJobs(
            database: test.database, encryption: try service(ring), hostKeys: keys, authority: test.authority, pageSize: pageSize)
    }

    func place(_ tenant: TenantRecord, _ index: Int) -> SealedLocation {
        // The instance of each tenant has its tenant's id, which is a good one.
        SealedLocation(tenant: tenant.id, plugin: plugin("stripe"), field: "plugin_config.f\(index)", record: tenant.id.description)
    }

    func write(_ text: String, _ tenant: TenantRecord, _ index: Int, by service: EncryptionService) async throws {
        let sealed = try await service.seal(Array(text.utf8), as: place(tenant, index))
        try await test.write(tenant) { tx in
            _ = try tx.execute(
                """
                INSERT INTO plugin_config (tenant_id, instance_id, field, sealed, key_id, key_version, fingerprint, updated_at, updated_by)
                VALUES ($1, $2, $3, $4, $5, $6, '', 1, 'test')
                ON CONFLICT (tenant_id, instance_id, field) DO UPDATE SET sealed = excluded.sealed, key_id = excluded.key_id,
                    key_version = excluded.key_version
                """,
                [
                    tx.tenant, .text(tenant.id.description), .text("f\(index)"), .text(sealed.text), .text(sealed.keyID),
                    .int(Int64(sealed.keyVersion)),
                ])
        }
    }

    func read(_ tenant: TenantRecord, _ index: Int, by service: EncryptionService) async throws -> (text: String?, version: Int) {
        let sealed = try await test.read(tenant) { tx in
            try tx.query(
                "SELECT sealed, key_id, key_version FROM plugin_config WHERE tenant_id = $1 AND field = $2",
                [tx.tenant, .text("f\(index)")]
            ).first.map { try Sealed(text: $0["sealed"], keyID: $0["key_id"], keyVersion: $0["key_version"]) }
        }
        guard let sealed else { return (nil, 0) }
        return (try await service.open(sealed, at: place(tenant, index)).revealedText(), sealed.keyVersion)
    }

    /// Rows of the other tables, two each.
    func fillOtherTables(by service: EncryptionService) async throws {
        let tenant = test.acme
        for index in 0..<2 {
            let (event, enrollment, challenge) = (
                EventID.make().description, EnrollmentID.make().description, ChallengeID.make().description
            )
            func seal(_ field: String, _ record: String) async throws -> Sealed {
                try await service.seal(
                    Array("other \(index)".utf8),
                    as: SealedLocation(tenant: tenant.id, plugin: plugin("stripe"), field: field, record: record))
            }
            let message = try await seal("webhook_events.message", event)
            let destination = try await seal("factor_enrollments.destination", enrollment)
            let code = try await seal("factor_challenges.code", challenge)
            try await test.write(tenant) { tx in
                func key(_ sealed: Sealed) -> [SQLValue] { [.text(sealed.text), .text(sealed.keyID), .int(Int64(sealed.keyVersion))] }
                let instance = SQLValue.text(tenant.id.description)
                try tx.execute(
                    """
                    INSERT INTO webhook_events (tenant_id, id, instance_id, event_id, state, sealed, key_id, key_version, tries, received_at)
                    VALUES ($1, $2, $3, $2, 'verified', $4, $5, $6, 0, 1)
                    """, [tx.tenant, .text(event), instance] + key(message))
                try tx.execute(
                    """
                    INSERT INTO factor_enrollments (tenant_id, id, instance_id, plugin_id, user_ref, hint, status, created_at, updated_at,
                        destination, key_id, key_version) VALUES ($1, $2, $3, 'stripe', 'u', 'h', 'active', 1, 1, $4, $5, $6)
                    """, [tx.tenant, .text(enrollment), instance] + key(destination))
                try tx.execute(
                    """
                    INSERT INTO factor_challenges (tenant_id, id, enrollment_id, purpose, nonce_hash, status, attempts, request_key, created_at,
                        expires_at, code, key_id, key_version) VALUES ($1, $2, $3, 'p', 'n', 'sent', 0, $2, 1, 9, $4, $5, $6)
                    """, [tx.tenant, .text(challenge), .text(enrollment)] + key(code))
            }
        }
    }
}

@Suite("Key jobs", .everyEngine)
struct KeyJobsTests {
    @Test("rewrap and reencrypt are killed after every single page and go on; everything opens, under the newest keys")
    func killedEverywhere() async throws {
        let house = try await SealedHouse()
        let (acme, globex) = (house.test.acme, house.test.globex)
        let first = try house.service()
        for index in 0..<10 {
            for tenant in [acme, globex] { try await house.write("secret \(index)", tenant, index, by: first) }
            _ = try await first.sealPersonal(
                [1], subject: "user:\(index)", at: PersonalPlace(field: "f", record: "r"), house.test.scope(acme))
        }
        try await house.fillOtherTables(by: first)
        // A new root key in front, and new tenant and data keys.
        let ring = Array(KEKRing.generate().revealedBytes()) + SealedHouse.ring
        for tenant in [acme, globex] {
            let keys = TenantKeys(
                tenant.id, database: house.test.database, encryption: try house.service(ring), authority: house.test.authority)
            #expect(try await keys.rotate().version == 2)
        }
        let target = try KEKRing(parsing: ring).ids[0]

        var kills = 0
        var finished: Set<KeyJob.Name> = []
        while finished.count < 2 {
            let isRewrap = !finished.contains(.rewrap)
            do {
                let jobs = try await house.jobs(ring)
                let outcome =
                    isRewrap
                    ? try await jobs.rewrap(for: target) { _ in throw SealedHouse.Killed() }
                    : try await jobs.reencrypt { _ in throw SealedHouse.Killed() }
                #expect(outcome.faults.isEmpty)
                #expect(outcome.job.done == outcome.job.total, "each page was dealt with once, in spite of \(kills) kills")
                finished.insert(outcome.job.name)
            } catch is SealedHouse.Killed { kills += 1 }
            try #require(kills < 200)
        }

        #expect(kills > 15)
        // The old root key is gone for good now.
        let later = try house.service(
            ring.prefix { _ in true }.split(separator: UInt8(ascii: "\n")).filter { $0.starts(with: "\(target):".utf8) }
                .flatMap { Array($0) })
        for index in 0..<10 {
            for tenant in [acme, globex] {
                let (text, version) = try await house.read(tenant, index, by: later)
                #expect(text == "secret \(index)" && version == 2)
            }
        }
        let status = try await KeyStatus(house.test.database, house.test.authority)
        #expect(Array(status.roots.keys) == [target])
        #expect(status.tenants.flatMap(\.groups).allSatisfy { $0.outdated == 0 })
        #expect(status.jobs.map(\.state) == [.done, .done])
        for table in ["plugin_config", "webhook_events", "factor_enrollments", "factor_challenges"] {
            let versions = try await house.test.read { tx in
                try tx.query("SELECT DISTINCT key_version FROM \(table) WHERE tenant_id = $1", [tx.tenant]).map {
                    try $0.int("key_version")
                }
            }
            #expect(versions == [2], "\(table)")
        }
    }

    @Test("readers and writers go on while keys are rotated, rewrapped and reencrypted, without one failure")
    func underLoad() async throws {
        let house = try await SealedHouse()
        let acme = house.test.acme
        let writer = try house.service()
        for index in 0..<12 { try await house.write("0", acme, index, by: writer) }
        let ring = Array(KEKRing.generate().revealedBytes()) + SealedHouse.ring
        let target = try KEKRing(parsing: ring).ids[0]
        // Hosts that have read the ring already.
        let hosts = [try house.service(ring), try house.service(ring)]
        let isOver = Flag()

        let calls = try await withThrowingTaskGroup(of: Int.self) { group in
            for worker in 0..<4 {
                group.addTask {
                    var round = 0
                    while !isOver.isSet || round < 20 {
                        round += 1
                        let index = worker * 3 + round % 3
                        try await house.write("\(worker) \(round)", acme, index, by: hosts[worker % 2])
                        // Its own rows: what was written last is what must be read, whoever has encrypted it anew in between.
                        let text = try await house.read(acme, index, by: hosts[(worker + 1) % 2]).text
                        guard text == "\(worker) \(round)" else { throw SealedHouse.Killed() }
                    }
                    return round
                }
            }
            for _ in 0..<4 {
                let keys = TenantKeys(
                    acme.id, database: house.test.database, encryption: try house.service(ring), authority: house.test.authority)
                _ = try await keys.rotate()
                #expect(try await house.jobs(ring).rewrap(for: target).faults.isEmpty)
                #expect(try await house.jobs(ring).reencrypt().faults.isEmpty)
            }
            isOver.set()
            return try await group.reduce(0, +)
        }

        #expect(calls >= 80)
        let again = try await house.jobs(ring).reencrypt()
        #expect(again.faults.isEmpty)
        for index in 0..<12 { #expect(try await house.read(acme, index, by: writer0(house, ring)).version == 5) }
    }

    private func writer0(_ house: SealedHouse, _ ring: [UInt8]) throws -> EncryptionService { try house.service(ring) }

    @Test("a row that does not open is named and left as it is; the others are done")
    func faults() async throws {
        let house = try await SealedHouse()
        let service = try house.service()
        for index in 0..<5 { try await house.write("s", house.test.acme, index, by: service) }
        try await house.test.write { tx in
            _ = try tx.execute(
                "UPDATE plugin_config SET sealed = (SELECT sealed FROM plugin_config WHERE tenant_id = $1 AND field = 'f0') WHERE tenant_id = $1 AND field = 'f3'",
                [tx.tenant])
        }
        _ = try await service.rotate(house.place(house.test.acme, 0))

        let (job, faults) = try await house.jobs().reencrypt()

        #expect(job.state == .done && job.changed == 4)
        #expect(faults.map(\.reason) == [.undecryptable])
        #expect(faults.first?.place == "plugin_config \(house.test.acme.id)/f3")
    }

    @Test("versions that no row needs are refused from then on, and the floor never hides a row that is in use")
    func retirement() async throws {
        let house = try await SealedHouse()
        let acme = house.test.acme
        let service = try house.service()
        try await house.write("a", acme, 1, by: service)
        let old = try await service.seal([7], as: house.place(acme, 2))
        let keys = TenantKeys(acme.id, database: house.test.database, encryption: service, authority: house.test.authority)
        _ = try await keys.rotate()

        #expect(try await keys.retireUnused(knownFor: 0) == 0, "a row is still under version 1")
        #expect(try await house.jobs().reencrypt().faults.isEmpty)
        #expect(try await keys.retireUnused() == 0, "other hosts may not know the new version yet")
        #expect(try await keys.retireUnused(knownFor: 0) == 1)

        #expect(try await house.read(acme, 1, by: service).text == "a")
        await #expect(throws: EncryptionError.retired) { try await service.open(old, at: house.place(acme, 2)) }
        await #expect(throws: EncryptionError.retired) { try await house.service().open(old, at: house.place(acme, 2)) }
    }

    @Test("every table with a key is encrypted anew, or is known not to be")
    func everyTable() async throws {
        let test = try await TestDatabase()
        let tables = try await test.database.platformRead(test.platform) { tx in
            try TableCatalogue(tx).tables.filter { table in table.columns.contains { $0.name == "key_id" } }.map(\.name)
        }
        #expect(Set(tables).isSubset(of: KeyJobs.knownTables), "\(tables)")
        #expect(tables.count >= 4)
    }

    @Test("an erased person stays erased through a rewrap")
    func erasedStaysErased() async throws {
        let house = try await SealedHouse()
        let (service, scope) = (try house.service(), house.test.scope(house.test.acme))
        let place = PersonalPlace(field: "audit_events.personal", record: "e1")
        let ada = try await service.sealPersonal([1], subject: "user:ada", at: place, scope)
        let bob = try await service.sealPersonal([2], subject: "user:bob", at: place, scope)
        try await service.eraseSubject("user:ada", scope, by: "system:test")
        let ring = Array(KEKRing.generate().revealedBytes()) + SealedHouse.ring

        #expect(try await house.jobs(ring).rewrap(for: "x").faults.isEmpty)

        await #expect(throws: EncryptionError.erased) { try await house.service(ring).openPersonal(ada, at: place, scope) }
        #expect(try await house.service(ring).openPersonal(bob, at: place, scope).revealedBytes() == [2])
        let events = try await house.test.read { try AuditRepository($0).search(AuditQuery(action: "subject.erase")) }
        #expect(events.count == 1)
    }

    @Test("no secret, root key, data key or person is in the files of the database, before and after an erasure")
    func canaries() async throws {
        let house = try await SealedHouse()
        let (service, scope) = (try house.service(), house.test.scope(house.test.acme))
        try await house.write("CANARY-secret-4242424242", house.test.acme, 1, by: service)
        let place = PersonalPlace(field: "f", record: "r")
        _ = try await service.sealPersonal(Array("CANARY-person-11".utf8), subject: "CANARY-subject-77", at: place, scope)
        let wrapped = try await house.test.read { tx in
            try tx.query("SELECT wrapped FROM keys WHERE tenant_id = $1 AND kind = 'subject'", [tx.tenant]).map { try $0.text("wrapped") }
        }
        _ = try await house.jobs().rewrap(for: "x")
        let root = String(decoding: SealedHouse.ring.suffix(65).dropLast(), as: UTF8.self)

        var canaries = ["CANARY", "CANARY".utf8.map { String($0, radix: 16) }.joined(), root]
        #expect(try house.finds(canaries).isEmpty)
        #expect(try !house.finds(wrapped).isEmpty, "the search finds what is there")

        try await service.eraseSubject("CANARY-subject-77", scope, by: "system:test")
        canaries += wrapped
        #expect(try house.finds(canaries).isEmpty, "the wrapped key of an erased person is overwritten, in the log as well")
    }
}

/// Set once.
final class Flag: Sendable {
    private let state = Mutex(false)
    var isSet: Bool { state.withLock { $0 } }
    func set() { state.withLock { $0 = true } }
}

extension SealedHouse {
    /// Which of the texts are anywhere in the database's files, or in a dump by the superuser.
    func finds(_ texts: [String]) throws -> [String] {
        var bytes: [UInt8] = []
        if let server = test.server {
            bytes = try Self.dump(server.url)
            #expect(bytes.count > 10_000)
        } else {
            for name in ["panelhost.sqlite", "panelhost.sqlite-wal"] {
                guard let data = FileManager.default.contents(atPath: test.directory.file(name)) else { continue }
                bytes += data + [0]
            }
        }
        let content = String(decoding: bytes, as: Unicode.ASCII.self)
        return texts.filter { content.contains($0) }
    }

    private static func dump(_ url: String) throws -> [UInt8] {
        let process = Process()
        process.executableURL = URL(filePath: "/usr/lib/postgresql/15/bin/pg_dump")
        process.arguments = [url]
        let output = Pipe()
        process.standardOutput = output
        try process.run()
        let bytes = try output.fileHandleForReading.readToEnd() ?? Data()
        process.waitUntilExit()
        return Array(bytes)
    }
}
