// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors

import Security
import Storage
import Synchronization
import Testing
import Values

/// A trail that tells of persons, with what may not be readable in any table.
struct PersonalHouse {
    static let address = "203.0.113.77"
    static let email = "canary.person@acme.example"

    let test: TestDatabase
    let ring = KEKRing.generate().revealedBytes()
    let encryption: EncryptionService
    let database: SealingDatabase

    init() async throws {
        test = try await TestDatabase()
        encryption = try EncryptionService(ring: KEKRing(parsing: ring), store: SQLKeyStore(test.database))
        database = SealingDatabase(test.database, encryption: encryption)
    }

    var scope: TenantScope { test.scope(test.acme) }

    /// Another process of the host: nothing in memory is shared, and keys are compared with the store at every use.
    func anotherHost() throws -> EncryptionService {
        try EncryptionService(ring: KEKRing(parsing: ring), store: SQLKeyStore(test.database), limits: KeyUseLimits(recheck: 0))
    }

    func event(
        _ actor: String, _ action: String = "session.sign_in", address: String? = Self.address, personal: [String: Value] = [:],
        about: PersonalSubject? = nil, at: Int64 = TestDatabase.now
    ) -> AuditEvent {
        AuditEvent(
            occurredAt: at, tenant: test.acme.id, actor: actor, action: action, resource: "thing:1", outcome: .success, correlation: "c",
            address: address, personal: personal, about: about)
    }

    func append(_ events: AuditEvent...) async throws {
        try await database.transaction(scope) { tx in for event in events { try tx.append(event) } }
    }

    func search(_ query: AuditQuery, by reader: EncryptionService? = nil) async throws -> [(row: AuditRow, personal: AuditPersonal)] {
        var query = query
        if let address = query.address { query.addressTag = try await encryption.addressTag(of: address, scope) }
        let rows = try await database.read(scope) { [query] tx in try AuditRepository(tx).search(query) }
        var opened: [(row: AuditRow, personal: AuditPersonal)] = []
        for row in rows { opened.append((row, try await (reader ?? encryption).opened(row))) }
        return opened
    }

    /// The tables in which a text stands somewhere.
    func tables(with text: String) async throws -> [String] {
        let place = test.url.map { BackupPlace.postgresql(url: $0) } ?? .file(test.path)
        return try await place.snapshot(test.platform) { try allRows(on: $0) }.filter { "\($0.value)".contains(text) }.keys.sorted()
    }

    func count(_ sql: String) async throws -> Int64 {
        try await test.read { try $0.query(sql, [$0.tenant]).first?.int("n") ?? -1 }
    }

    var addresses: Int64 {
        get async throws { try await count("SELECT count(*) AS n FROM audit_addresses WHERE tenant_id = $1") }
    }

    var subjects: Int64 {
        get async throws { try await count("SELECT count(*) AS n FROM keys WHERE tenant_id = $1 AND kind = 'subject'") }
    }

    func proof(of row: AuditRow) async throws -> ProofFile {
        let event = try #require(EventID(row.id))
        return try await database.read(scope) { try AuditProofs.proof(of: event, in: $0.scope.tenant, on: $0) }
    }
}

@Suite("Persons in the audit trail", .everyEngine)
struct AuditPersonalTests {
    private let adaID = UserID.make()
    private let bobID = UserID.make()
    private var ada: String { "user:\(adaID)" }
    private var bob: String { "user:\(bobID)" }

    @Test("no table holds an address or a name in clear; who may read the trail finds and sees both")
    func sealed() async throws {
        let house = try await PersonalHouse()
        try await house.append(
            house.event(ada, personal: ["email": .string(PersonalHouse.email)]), house.event(bob, address: "198.51.100.1"),
            house.event("system:test", address: nil))

        for canary in [PersonalHouse.address, PersonalHouse.email, "canary"] {
            #expect(try await house.tables(with: canary) == [])
        }
        let found = try await house.search(AuditQuery(address: PersonalHouse.address))
        #expect(found.map(\.row.actor) == [ada] && found[0].personal.address == PersonalHouse.address)
        #expect(found[0].personal.shown == ["email": .string(PersonalHouse.email)])
        let other = try await house.search(AuditQuery(actor: bob))
        #expect(other[0].personal == AuditPersonal(facts: ["address": "198.51.100.1"]) && other[0].personal.shown == nil)
        #expect(try await house.search(AuditQuery(actor: "system:test"))[0].row.personal == nil)
        #expect(try await house.search(AuditQuery(address: "203.0.113.7")).isEmpty)
    }

    @Test("erasing a person leaves the skeleton, every proof and a clean check, and nothing that tells of the person")
    func erased() async throws {
        let house = try await PersonalHouse()
        try await house.append(house.event(ada, personal: ["email": .string(PersonalHouse.email)]), house.event(bob))
        try await house.test.sequence()
        let before = try await house.search(AuditQuery(actor: ada))[0].row
        let handedOut = try await house.proof(of: before)

        #expect(try await house.encryption.eraseSubject(ada, house.scope, by: "system:cli"))
        try await house.append(house.event(ada, "session.sign_out"))
        try await house.test.sequence()

        let other = try house.anotherHost()
        for reader in [house.encryption, other] {
            let rows = try await house.search(AuditQuery(actor: ada), by: reader)
            #expect(rows.map(\.row.action) == ["session.sign_out", "session.sign_in"])
            #expect(rows[0].row.personal == nil && rows[0].personal == .none, "nothing new is kept about her")
            #expect(rows[1].personal == AuditPersonal(gap: .erased) && rows[1].personal.shown == "erased")
            #expect(rows[1].row == before, "the row is as it was")
        }
        #expect(try await house.search(AuditQuery(address: PersonalHouse.address)).map(\.row.actor) == [bob])
        #expect(try await house.addresses == 1)
        #expect(try await house.tables(with: "canary") == [])
        let clear = try await house.tables(with: PersonalHouse.address)
        #expect(clear == [], "Bob's address is sealed, too")
        #expect(try await house.test.verifyAll().trails.allSatisfy { $0.fault == nil })
        for proof in [handedOut, try await house.proof(of: before)] {
            let verified = try ProofFile(parsing: Array(proof.text.utf8)).verify(with: [TestSigner.note.verifier])
            #expect(verified.event == before.leafBytes())
            #expect(String(decoding: verified.event, as: UTF8.self).contains(try #require(before.personal)))
        }
        let erasure = try await house.search(AuditQuery(action: "subject.erase"))
        #expect(erasure.count == 1 && !erasure[0].row.resource.contains(ada))
    }

    @Test("strangers share one key a month, which goes as a whole")
    func visitors() async throws {
        let house = try await PersonalHouse()
        let (november, december): (Int64, Int64) = (1_796_000_000_000, 1_796_200_000_000)
        for index in 0..<20 {
            try await house.append(house.event("anonymous", "a.november", address: "203.0.113.\(index)", at: november))
            try await house.append(house.event("api_key:\(index)", "a.december", address: "203.0.113.\(index)", at: december))
        }
        #expect(try await house.subjects == 2)

        try await house.encryption.eraseSubject("visitors:2026-11", house.scope, by: "system:cli")

        #expect(try await house.search(AuditQuery(action: "a.november")).allSatisfy { $0.personal.gap == .erased })
        #expect(
            try await house.search(AuditQuery(action: "a.december")).allSatisfy { $0.personal.address != nil && $0.personal.gap == nil })
        #expect(try await house.addresses == 20)
    }

    @Test("each of two persons in one event is erased alone")
    func two() async throws {
        let house = try await PersonalHouse()
        let event = { house.event($0, "user.manage", personal: ["email": .string(PersonalHouse.email)], about: .user($1)) }
        try await house.append(event(ada, bobID), event(bob, adaID))

        try await house.encryption.eraseSubject(ada, house.scope, by: "system:cli")

        let (hers, his) = (try await house.search(AuditQuery(actor: ada))[0], try await house.search(AuditQuery(actor: bob))[0])
        #expect(hers.personal == AuditPersonal(facts: ["email": .string(PersonalHouse.email)], gap: .erased))
        #expect(his.personal == AuditPersonal(facts: ["address": .string(PersonalHouse.address)], gap: .erased))
        #expect(try await house.search(AuditQuery(address: PersonalHouse.address)).map(\.row.actor) == [bob])
    }

    @Test("a body runs again only for keys that are not in memory, however many, and its changes are made once")
    func again() async throws {
        let house = try await PersonalHouse()
        let runs = Mutex(0)
        let events = (0..<40).map { _ in house.event("user:\(UserID.make())") }
        func run() async throws -> Int {
            runs.withLock { $0 = 0 }
            try await house.database.platform(house.test.platform) { tx in
                runs.withLock { $0 += 1 }
                for event in events { try tx.append(house.event(event.actor)) }
            }
            return runs.withLock { $0 }
        }

        #expect(try await run() == 2, "all missing keys are found in one run")
        #expect(try await run() == 1)
        #expect(try await house.search(AuditQuery(address: PersonalHouse.address, limit: 500)).count == 80)
    }

    @Test("a key that is expected is there when the event comes")
    func expected() async throws {
        let house = try await PersonalHouse()
        let id = adaID
        let runs = Mutex(0)
        for _ in 0..<2 {
            try await house.database.transaction(house.scope) { tx in
                runs.withLock { $0 += 1 }
                try tx.expectEvent(of: id)
            }
        }
        #expect(runs.withLock { $0 } == 3, "the first one came back for the key")
        let event = house.event(ada)
        try await house.database.transaction(house.scope) { tx in
            runs.withLock { $0 += 1 }
            try tx.append(event)
        }
        #expect(runs.withLock { $0 } == 4)
    }

    @Test("events that share a transaction are sealed and found like others")
    func groups() async throws {
        let house = try await PersonalHouse()
        let events = (0..<30).map {
            house.event($0 == 0 ? "system:test" : "user:\(UserID.make())", address: $0 == 0 ? nil : PersonalHouse.address)
        }
        try await house.database.transaction(house.scope) { try $0.append(events) }
        try await withThrowingTaskGroup(of: Void.self) { group in
            for event in events.map({ house.event($0.actor) }) {
                group.addTask { try await house.database.append(house.scope, event) }
            }
            try await group.waitForAll()
        }

        #expect(try await house.search(AuditQuery(address: PersonalHouse.address, limit: 500)).count == 59)
        #expect(try await house.search(AuditQuery(actor: "system:test", limit: 500)).count == 3, "and the tenant's first event")
        #expect(try await house.tables(with: PersonalHouse.address) == [])
        try await house.test.sequence()
        #expect(try await house.test.verify().fault == nil)
    }

    @Test("without a key nothing is written, nor done")
    func failsClosed() async throws {
        let house = try await PersonalHouse()
        let broken = SealingDatabase(
            house.test.database,
            encryption: try EncryptionService(ring: KEKRing(parsing: house.ring), store: BrokenKeyStore()))
        let event = house.event(ada)

        let code = await StorageError.code {
            try await broken.transaction(house.scope) { tx in
                try tx.append(house.event("system:test", "a.done", address: nil))
                try tx.append(event)
            }
        }
        #expect(code == .unavailable)
        #expect(await StorageError.code { try await house.test.write { try $0.append(event) } } == .failed, "a database without keys")
        #expect(try await house.search(AuditQuery(action: "a.done")).isEmpty)
        #expect(try await house.search(AuditQuery(actor: ada)).isEmpty)
    }

    @Test("a body's own error stays its own, and leaves nothing behind")
    func ownError() async throws {
        struct Own: Error {}
        let house = try await PersonalHouse()

        await #expect(throws: Own.self) {
            try await house.database.transaction(house.scope) { tx in
                try tx.append(house.event(ada))
                throw Own()
            }
        }
        #expect(try await house.search(AuditQuery(actor: ada)).isEmpty)
        #expect(try await house.subjects == 0)
    }

    @Test("a host that still has the key of an erased person leaves nothing that opens, and no way to find it")
    func otherHost() async throws {
        let house = try await PersonalHouse()
        let other = SealingDatabase(house.test.database, encryption: try house.anotherHost())
        try await other.transaction(house.scope) { try $0.append(house.event(ada)) }
        #expect(try await house.addresses == 1)

        try await house.encryption.eraseSubject(ada, house.scope, by: "system:cli")
        try await other.transaction(house.scope) { try $0.append(house.event(ada)) }

        #expect(try await house.addresses == 0)
        #expect(try await house.search(AuditQuery(actor: ada)).allSatisfy { $0.personal.facts.isEmpty })
        #expect(try await house.tables(with: PersonalHouse.address) == [])
    }

    @Test("new tenant keys and a rewrap keep what is told of persons readable")
    func rotation() async throws {
        let house = try await PersonalHouse()
        try await house.append(house.event(ada), house.event("anonymous"))
        let newRing = KEKRing.generate().revealedBytes() + Array(house.ring)
        let ring = try KEKRing(parsing: newRing)
        let service = try EncryptionService(ring: ring, store: SQLKeyStore(house.test.database), limits: KeyUseLimits(recheck: 0))

        _ = try await TenantKeys(
            house.test.acme.id, database: house.test.database, encryption: service, authority: house.test.authority
        ).rotate()
        let jobs = KeyJobs(
            database: house.test.database, encryption: service, hostKeys: HostKeys(derivedFrom: ring), authority: house.test.authority)
        #expect(try await jobs.rewrap(for: "test").faults.isEmpty)
        #expect(try await jobs.reencrypt().faults.isEmpty)

        let rows = try await house.search(AuditQuery(address: PersonalHouse.address), by: service)
        #expect(rows.count == 2 && rows.allSatisfy { $0.personal.address == PersonalHouse.address })
    }

    @Test("retention takes the addresses' names with their events")
    func pruned() async throws {
        let house = try await PersonalHouse()
        try await house.append(house.event(ada, at: TestDatabase.now + 1000))
        try await house.append(house.event(ada, at: TestDatabase.now + 3000))
        try await house.test.sequence()
        let tenant = house.test.acme.id

        let outcome = try await house.database.platform(house.test.platform) {
            try AuditPruning.prune(tenant, olderThan: TestDatabase.now + 2000, by: "system:test", at: TestDatabase.now + 4000, on: $0)
        }

        #expect(outcome.removed == 4, "the tenant's first event, those of two keys, and hers")
        #expect(try await house.addresses == 1)
        #expect(try await house.search(AuditQuery(address: PersonalHouse.address)).count == 1)
    }

    @Test("what was altered is shown as unreadable, and the check names it")
    func altered() async throws {
        let house = try await PersonalHouse()
        try await house.append(house.event(ada))
        try await house.append(house.event(ada))
        try await house.test.sequence()
        let rows = try await house.search(AuditQuery(actor: ada)).map(\.row)
        let (first, second) = (try #require(rows.last), try #require(rows.first))

        try await house.test.tamper(unlocked: ["UPDATE audit_events SET personal = '\(second.personal ?? "")' WHERE id = '\(first.id)'"])

        #expect(try await house.search(AuditQuery(actor: ada)).map(\.personal.gap) == [nil, .unreadable])
        #expect(try await house.test.verify().fault?.kind == .altered)
    }
}

/// Keys that cannot be had.
private struct BrokenKeyStore: KeyStore {
    struct Gone: Error {}

    func newestKey(_ scope: TenantScope, slot: KeySlot) async throws -> WrappedKey? { throw Gone() }
    func key(_ scope: TenantScope, id: KeyID) async throws -> WrappedKey? { throw Gone() }
    func insertKey(_ scope: TenantScope, _ key: WrappedKey, uses: Int64, audit: AuditEvent?) async throws -> Bool { throw Gone() }
    func reserveKeyUses(_ scope: TenantScope, id: KeyID, count: Int64) async throws -> Int64 { throw Gone() }
    func eraseKeys(
        _ scope: TenantScope, slot: KeySlot, tombstone: KeyID, at now: Int64, audit: AuditEvent
    ) async throws -> Int { throw Gone() }
}
