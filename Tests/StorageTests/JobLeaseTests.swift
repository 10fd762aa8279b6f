// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors

import Security
import Storage
import Testing

@Suite("JobLeases", .everyEngine)
struct JobLeaseTests {
    private static let now = TestDatabase.now
    private static let minute: Int64 = 60_000

    private func acquire(_ db: TestDatabase, _ holder: String, at now: Int64 = now, tenant: TenantRecord? = nil) async throws -> JobLease? {
        try await db.write(tenant) { tx in try JobLeases(tx).acquire("sequence", holder: holder, milliseconds: Self.minute, at: now) }
    }

    @Test("belong to one holder until their time is over, and each holder has a greater fence")
    func oneHolder() async throws {
        let db = try await TestDatabase()

        let first = try #require(try await acquire(db, "a"))
        #expect(try await acquire(db, "b", at: Self.now + Self.minute - 1) == nil)
        let second = try #require(try await acquire(db, "b", at: Self.now + Self.minute))

        #expect(first.fence == 1)
        #expect(second.fence == 2)
        #expect(second.until == Self.now + 2 * Self.minute)
    }

    @Test("go to one of many hosts that ask at the same time")
    func race() async throws {
        let db = try await TestDatabase()

        let leases = try await withThrowingTaskGroup(of: JobLease?.self) { group in
            for host in 0..<16 { group.addTask { try await acquire(db, "host \(host)") } }
            return try await group.reduce(into: []) { all, lease in if let lease { all.append(lease) } }
        }

        #expect(leases.count == 1)
    }

    @Test("keep a holder that overslept from writing, and leave one alone that nobody has replaced")
    func fencing() async throws {
        let db = try await TestDatabase()
        let slow = try #require(try await acquire(db, "slow"))
        try await db.write { tx in try JobLeases(tx).require(slow) }

        let heir = try #require(try await acquire(db, "heir", at: Self.now + Self.minute))

        await #expect { try await db.write { tx in try JobLeases(tx).require(slow) } } throws: { ($0 as? StorageError)?.code == .leaseLost }
        try await db.write { tx in try JobLeases(tx).require(heir) }
        #expect(try await db.write { tx in try JobLeases(tx).renew(slow, milliseconds: Self.minute, at: Self.now) } == nil)
        // Nor can it give away what is not its own.
        try await db.write { tx in try JobLeases(tx).release(slow) }
        try await db.write { tx in try JobLeases(tx).require(heir) }
    }

    @Test("are prolonged by their holder, and given back early")
    func renewal() async throws {
        let db = try await TestDatabase()
        let lease = try #require(try await acquire(db, "a"))

        let longer = try #require(
            try await db.write { tx in try JobLeases(tx).renew(lease, milliseconds: Self.minute, at: Self.now + 30_000) })
        #expect(longer.fence == lease.fence)
        #expect(try await acquire(db, "b", at: Self.now + Self.minute) == nil)
        try await db.write { tx in try JobLeases(tx).release(longer) }

        #expect(try await acquire(db, "b")?.fence == 2)
    }

    @Test("of one holder that asks twice make the first answer worthless")
    func again() async throws {
        let db = try await TestDatabase()
        let lost = try #require(try await acquire(db, "a"))
        let found = try #require(try await acquire(db, "a"))

        #expect(found.fence == 2)
        await #expect(throws: StorageError.self) { try await db.write { tx in try JobLeases(tx).require(lost) } }
    }

    @Test("of a tenant are nobody else's, and the installation has its own")
    func tenants() async throws {
        let db = try await TestDatabase()
        let acme = try #require(try await acquire(db, "a"))
        let globex = try #require(try await acquire(db, "b", tenant: db.globex))
        let all = try await db.database.platform(db.platform) { tx in
            try JobLeases(tx).acquire("sequence", holder: "c", milliseconds: Self.minute, at: Self.now)
        }

        #expect(acme.fence == 1)
        #expect(globex.fence == 1)
        #expect(all?.tenant == nil)
        // A lease of one tenant is none in another's transaction.
        try await db.database.platform(db.platform) { tx in try JobLeases(tx, tenant: db.acme.id).require(acme) }
    }
}

@Suite("HostRegistry", .everyEngine)
struct HostRegistryTests {
    private static let now = TestDatabase.now

    private func platform<T: Sendable>(_ db: TestDatabase, _ body: @escaping @Sendable (HostRegistry) throws -> T) async throws -> T {
        try await db.database.platform(db.platform) { tx in try body(HostRegistry(tx)) }
    }

    @Test("takes a host for dead when it has not been heard of for as long as its lease, once")
    func buries() async throws {
        let db = try await TestDatabase()
        try await platform(db) { try $0.join("a", milliseconds: 1_000, at: Self.now) }
        try await platform(db) { try $0.join("b", milliseconds: 1_000, at: Self.now) }
        #expect(try await platform(db) { try $0.beat("b", milliseconds: 1_000, at: Self.now + 900) })

        #expect(try await platform(db) { try $0.buryOverdue(at: Self.now + 999) } == [])
        #expect(try await platform(db) { try $0.buryOverdue(at: Self.now + 1_000) } == ["a"])
        #expect(try await platform(db) { try $0.buryOverdue(at: Self.now + 1_000) } == [])

        #expect(try await platform(db) { try !$0.beat("a", milliseconds: 1_000, at: Self.now) })
        #expect(try await platform(db) { try $0.living().map(\.run) } == ["b"])
    }

    @Test("frees at once what a dead host held")
    func estate() async throws {
        let db = try await TestDatabase()
        try await platform(db) { try $0.join("a", milliseconds: 1_000, at: Self.now) }
        let lease = try await db.write { tx in try JobLeases(tx).acquire("sequence", holder: "a", milliseconds: 60_000, at: Self.now) }
        #expect(lease != nil)

        #expect(try await platform(db) { try $0.bury("a", at: Self.now) })
        #expect(try await platform(db) { try !$0.bury("a", at: Self.now) })

        let heir = try await db.write { tx in try JobLeases(tx).acquire("sequence", holder: "b", milliseconds: 60_000, at: Self.now) }
        #expect(heir?.fence == 2)
    }

    @Test("buries a run that never joined, so that its name cannot come to life")
    func stranger() async throws {
        let db = try await TestDatabase()
        #expect(try await platform(db) { try $0.bury("x", at: Self.now) })
        try await platform(db) { try $0.join("x", milliseconds: 1, at: Self.now) }
        #expect(try await platform(db) { try !$0.beat("x", milliseconds: 1, at: Self.now) })
        try await platform(db) { try $0.forget(endedBefore: Self.now + 1) }
        try await platform(db) { try $0.join("x", milliseconds: 1, at: Self.now) }
        #expect(try await platform(db) { try $0.beat("x", milliseconds: 1, at: Self.now) })
    }

    @Test("reads the time from the machine that keeps the rows")
    func clock() async throws {
        let db = try await TestDatabase()
        let before = WallClock.system.now()
        let now = try await db.database.platformRead(db.platform) { tx in try DatabaseClock.now(tx) }
        // Both are this machine's here; SQLite counts whole milliseconds in a double.
        #expect((before - 1...WallClock.system.now() + 1).contains(now))
    }
}
