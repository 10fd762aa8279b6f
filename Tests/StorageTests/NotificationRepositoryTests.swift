// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors

import Security
import Storage
import Testing

@Suite("NotificationRepository", .everyEngine)
struct NotificationRepositoryTests {
    private static let now = TestDatabase.now
    private static let lease: Int64 = 120_000

    private static func record(
        _ instance: PluginInstance, key: String = "key", due: Int64? = now, drops: Bool = false
    ) -> NotificationRecord {
        NotificationRecord(
            id: .make(), instance: instance.id, plugin: instance.plugin, dedupeKey: key, eventType: "invoice.paid",
            message: #"{"title":"Paid"}"#,
            status: .queued, dropsUnknown: drops, attempts: 0, dueAt: due, createdAt: now)
    }

    private func database() async throws -> TestDatabase {
        let test = try await TestDatabase()
        _ = try await test.installStripe()
        return test
    }

    private func insert(_ test: TestDatabase, _ records: NotificationRecord..., tenant: TenantRecord? = nil) async throws {
        for record in records { #expect(try await test.write(tenant) { try NotificationRepository($0).insert(record) }) }
    }

    private func claim(
        _ test: TestDatabase, _ owner: String, at now: Int64 = now, limit: Int = 16, tenant: TenantRecord? = nil
    ) async throws -> [NotificationRecord] {
        try await test.write(tenant) {
            try NotificationRepository($0).claim(owner: owner, at: now, leaseUntil: now + Self.lease, limit: limit)
        }
    }

    private func start(
        _ test: TestDatabase, _ record: NotificationRecord, _ owner: String, at now: Int64 = now, tenant: TenantRecord? = nil
    ) async throws -> Bool {
        try await test.write(tenant) {
            try NotificationRepository($0).start(Self.held(record, $0), owner: owner, at: now, leaseUntil: now + Self.lease)
        }
    }

    private func settle(_ test: TestDatabase, _ record: NotificationRecord, _ owner: String, tenant: TenantRecord? = nil) async throws
        -> Bool
    {
        try await test.write(tenant) { try NotificationRepository($0).settle(Self.held(record, $0), owner: owner, at: Self.now) }
    }

    /// The record with the fence that its row has now.
    private static func held(_ record: NotificationRecord, _ tx: TenantTransaction) throws -> NotificationRecord {
        var held = record
        held.attempts = try NotificationRepository(tx).notification(record.id)?.attempts ?? record.attempts
        return held
    }

    @Test("has no ear for a claim that was made again, even under the same name")
    func fencing() async throws {
        let test = try await database()
        try await insert(test, Self.record(try await test.enableStripe()))
        let old = try #require(try await claim(test, "host").first)
        let new = try #require(try await claim(test, "host", at: Self.now + Self.lease).first)

        let until = Self.now + 2 * Self.lease
        #expect(try await test.write { try NotificationRepository($0).start(old, owner: "host", at: Self.now, leaseUntil: until) } == false)
        #expect(try await test.write { try NotificationRepository($0).settle(old, owner: "host", at: Self.now) } == false)
        #expect(try await test.write { try NotificationRepository($0).start(new, owner: "host", at: Self.now, leaseUntil: until) })
    }

    private func find(_ test: TestDatabase, _ record: NotificationRecord, _ tenant: TenantRecord? = nil) async throws -> NotificationRecord?
    {
        try await test.read(tenant) { try NotificationRepository($0).notification(record.id) }
    }

    @Test("gives back what was stored, to its tenant alone")
    func roundTrip() async throws {
        let test = try await database()
        let instance = try await test.enableStripe()
        let record = Self.record(instance, drops: true)
        try await insert(test, record)

        #expect(try await find(test, record) == record)
        #expect(try await test.read { try NotificationRepository($0).notification(of: instance.id, dedupeKey: "key") } == record)
        #expect(try await find(test, record, test.globex) == nil)
        #expect(try await test.read(test.globex) { try NotificationRepository($0).notification(of: instance.id, dedupeKey: "key") } == nil)
    }

    @Test("stores a message of a key once for an instance, and for each tenant on its own")
    func dedupe() async throws {
        let test = try await database()
        let (instance, other) = (try await test.enableStripe(), try await test.enableStripe(for: test.globex))
        let first = Self.record(instance)
        try await insert(test, first)
        try await insert(test, Self.record(other), tenant: test.globex)

        #expect(try await test.write { try NotificationRepository($0).insert(Self.record(instance)) } == false)
        #expect(try await test.read { try NotificationRepository($0).notification(of: instance.id, dedupeKey: "key") } == first)
    }

    @Test("does not store a message for another tenant's instance")
    func foreignInstance() async throws {
        let test = try await database()
        let instance = try await test.enableStripe()

        let code = await StorageError.code {
            try await test.write(test.globex) { try NotificationRepository($0).insert(Self.record(instance)) }
        }

        #expect(code != nil)
    }

    @Test("hands out what is due, oldest first, and no more than asked for")
    func order() async throws {
        let test = try await database()
        let instance = try await test.enableStripe()
        let records = [(-1, "b"), (0, "c"), (-5, "a"), (1, "later")].map { Self.record(instance, key: $0.1, due: Self.now + $0.0) }
        for record in records { try await insert(test, record) }
        try await insert(test, Self.record(instance, key: "over", due: nil))

        #expect(try await claim(test, "one", limit: 2).map(\.dedupeKey) == ["a", "b"])
        #expect(try await claim(test, "one").map(\.dedupeKey) == ["c"])
        #expect(try await claim(test, "one", at: Self.now + 1).map(\.dedupeKey) == ["later"])
    }

    @Test("hands a row to one owner until the lease ends")
    func lease() async throws {
        let test = try await database()
        try await insert(test, Self.record(try await test.enableStripe()))

        #expect(try await claim(test, "one").map(\.attempts) == [1])
        #expect(try await claim(test, "two", at: Self.now + Self.lease - 1).isEmpty)
        #expect(try await claim(test, "two", at: Self.now + Self.lease).map(\.attempts) == [2])
    }

    @Test("hands each row out once when many claim at the same time")
    func parallelClaims() async throws {
        let test = try await database()
        let instance = try await test.enableStripe()
        for index in 0..<50 { try await insert(test, Self.record(instance, key: "\(index)")) }

        let claimed = try await withThrowingTaskGroup(of: [NotificationRecord].self) { group in
            for index in 0..<16 { group.addTask { try await self.claim(test, "owner-\(index)", limit: 5) } }
            return try await group.reduce(into: []) { $0 += $1 }
        }

        #expect(claimed.count == 50)
        #expect(Set(claimed.map(\.id)).count == 50)
    }

    @Test("starts a row for whoever holds its lease, and renews the lease")
    func starting() async throws {
        let test = try await database()
        let record = Self.record(try await test.enableStripe())
        try await insert(test, record)

        #expect(try await start(test, record, "one") == false)
        _ = try await claim(test, "one")
        #expect(try await find(test, record)?.status == .queued)
        #expect(try await start(test, record, "two") == false)
        #expect(try await start(test, record, "one", at: Self.now + Self.lease) == false)
        #expect(try await start(test, record, "one", at: Self.now + 1000))
        #expect(try await find(test, record)?.status == .sending)
        #expect(try await claim(test, "two", at: Self.now + Self.lease).isEmpty)
        #expect(try await claim(test, "two", at: Self.now + Self.lease + 1000).count == 1)
    }

    @Test("writes what became of a row once, for whoever holds it")
    func settling() async throws {
        let test = try await database()
        try await insert(test, Self.record(try await test.enableStripe()))
        var outcome = try #require(try await claim(test, "one").first)
        (outcome.status, outcome.dueAt, outcome.failure, outcome.providerMessageIDs) = (.accepted, nil, nil, #"["m1"]"#)

        #expect(try await settle(test, outcome, "two") == false)
        #expect(try await settle(test, outcome, "one"))
        #expect(try await settle(test, outcome, "one") == false)
        #expect(try await find(test, outcome) == outcome)
        #expect(try await claim(test, "one", at: Self.now * 2).isEmpty)
    }

    @Test("takes over what a dead host was sending, unless it must not go out twice")
    func abandoned() async throws {
        let test = try await database()
        let instance = try await test.enableStripe()
        let (again, once, untouched) = (
            Self.record(instance, key: "1"), Self.record(instance, key: "2", drops: true), Self.record(instance, key: "3", drops: true)
        )
        try await insert(test, again, once, untouched)
        _ = try await claim(test, "dead")
        #expect(try await start(test, again, "dead"))
        #expect(try await start(test, once, "dead"))

        let given = { (now: Int64) in try await test.write { try NotificationRepository($0).giveUpAbandoned(at: now) } }
        #expect(try await given(Self.now + Self.lease - 1) == 0)
        #expect(try await given(Self.now + Self.lease) == 1)

        // The third one never left: its owner died before its turn came.
        #expect(try await claim(test, "heir", at: Self.now + Self.lease).map(\.dedupeKey) == ["1", "3"])
        let unknown = try #require(try await find(test, once))
        #expect(unknown.status == .unknown)
        #expect(unknown.dueAt == nil)
    }

    @Test("lets no tenant touch another one's messages")
    func foreignWrites() async throws {
        let test = try await database()
        let record = Self.record(try await test.enableStripe(), drops: true)
        try await insert(test, record)
        #expect(try await claim(test, "one", tenant: test.globex).isEmpty)
        _ = try await claim(test, "one")

        #expect(try await start(test, record, "one", tenant: test.globex) == false)
        #expect(try await settle(test, record, "one", tenant: test.globex) == false)
        #expect(try await start(test, record, "one"))
        #expect(try await test.write(test.globex) { try NotificationRepository($0).giveUpAbandoned(at: Self.now * 2) } == 0)
        #expect(try await find(test, record)?.status == .sending)
    }

    @Test("names the tenants that have something to send, the longest waiting first")
    func tenants() async throws {
        let test = try await database()
        let (acme, globex) = (try await test.enableStripe(), try await test.enableStripe(for: test.globex))
        try await insert(test, Self.record(acme, key: "1", due: Self.now - 1), Self.record(acme, key: "2", due: Self.now + 5))
        try await insert(test, Self.record(globex, due: Self.now - 2), tenant: test.globex)
        let due = { (now: Int64) in
            try await test.database.platformRead(test.platform) { try DueNotifications($0).tenants(at: now, limit: 8) }
        }

        #expect(try await due(Self.now) == [test.globex.id, test.acme.id])
        #expect(try await due(Self.now - 3) == [])
        _ = try await claim(test, "one", tenant: test.globex)
        #expect(try await due(Self.now) == [test.acme.id])
        #expect(try await due(Self.now + Self.lease) == [test.globex.id, test.acme.id])
    }
}
