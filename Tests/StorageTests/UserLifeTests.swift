// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors

import Security
import Storage
import Testing
import Values

@Suite("The life of users", .everyEngine)
struct UserLifeTests {
    private let now = TestDatabase.now
    private let day: Int64 = 86_400_000

    private func user(_ test: TestDatabase, _ name: String = "ann", roles: [String] = ["ADMIN"]) async throws -> UserRecord {
        try await test.write { tx in
            try UserRepository(tx).create(email: "\(name)@acme.test", name: name, passwordHash: "$x", roles: roles, at: now)
        }
    }

    @Test("an invited user becomes active once, by a password")
    func invited() async throws {
        let test = try await TestDatabase()
        let id = UserID.make()
        let ann = try await test.write { try UserRepository($0).invite(id: id, email: "Ann@acme.test", name: "Ann", at: now) }
        #expect(ann.status == .invited && ann.roles.isEmpty)

        let accepted = try await test.write { tx in
            try UserRepository(tx).accept(id, name: nil, passwordHash: "$y", at: now + 1)
            return try UserRepository(tx).find(id)
        }

        #expect(accepted?.status == .active && accepted?.name == "Ann")
        #expect(
            await StorageError.code {
                try await test.write { try UserRepository($0).accept(id, name: "Eve", passwordHash: "$z", at: now + 2) }
            } == .conflict)
    }

    @Test("a suspended user comes back as what they were")
    func suspended() async throws {
        let test = try await TestDatabase()
        let ann = try await user(test)
        let bob = try await test.write { try UserRepository($0).invite(id: .make(), email: "bob@acme.test", name: "Bob", at: now) }
        func status(_ id: UserID, _ status: UserRecord.Status, reason: String? = nil) async throws -> UserRecord? {
            try await test.write { tx in
                try UserRepository(tx).setStatus(status, reason: reason, of: id, at: now)
                return try UserRepository(tx).find(id)
            }
        }

        let suspended = try await status(ann.id, .suspended, reason: "holidays")
        #expect(suspended?.status == .suspended && suspended?.reason == "holidays")
        let active = try await status(ann.id, .active)
        #expect(active?.status == .active && active?.reason == nil && active?.roles == ["ADMIN"])
        _ = try await status(bob.id, .suspended)
        // Without a password there is nothing to sign in with.
        #expect(try await status(bob.id, .active)?.status == .invited)
    }

    @Test("of a deleted user the id is left, and the address is free again")
    func erased() async throws {
        let test = try await TestDatabase()
        let ann = try await user(test)
        try await test.write { tx in
            let users = UserRepository(tx)
            try users.setPassword("$y", of: ann.id, history: 4, at: now + 1)
            try SignInLanes(tx, user: ann.id).remember(SignInOrigin(places: ["home"]), now: now)
            let token = OneTimeToken.random(for: .passwordReset)
            try OneTimeTokenRepository(tx).insert(token.record(in: test.acme.id, user: ann.id, at: now))
            try users.erase(ann.id, at: now + 2)
        }

        let found = try await test.read { tx in
            let users = UserRepository(tx)
            var left: [String: Int] = [:]
            for table in ["user_roles", "one_time_tokens", "password_history", "sign_in_places"] {
                left[table] = try tx.query("SELECT 1 AS n FROM \(table) WHERE tenant_id = $1", [tx.tenant]).count
            }
            let row = try tx.query("SELECT * FROM users WHERE tenant_id = $1", [tx.tenant])[0]
            return (
                try users.find(ann.id), try users.all(),
                try users.page(IsolationOperation.listing(tx, .userRead), behind: nil, limit: 10).rows, left, "\(row.values)"
            )
        }
        #expect(found.0?.status == .deleted && found.0?.name == "" && found.0?.roles == [])
        #expect(found.1.isEmpty && found.2.isEmpty)
        #expect(found.3.values.allSatisfy { $0 == 0 }, "\(found.3)")
        #expect(!found.4.contains("ann") && !found.4.contains("$y"))
        let again = try await user(test)
        #expect(again.id != ann.id)
        // Nothing brings a deleted one back.
        for body: @Sendable (UserRepository) throws -> Void in [
            { try $0.setStatus(.active, of: ann.id, at: now) }, { try $0.setPassword("$z", of: ann.id, at: now) },
            { try $0.update(ann.id, email: nil, name: "Ann", at: now) }, { try $0.erase(ann.id, at: now) },
        ] {
            let code = await StorageError.code { try await test.write { try body(UserRepository($0)) } }
            #expect(code == .conflict || code == .notFound)
        }
    }

    @Test("a new password ends what began with the old one, but for the session that asked")
    func password() async throws {
        let fixture = try await SignInFixture()
        let (kept, other) = (try await fixture.signIn(), try await fixture.signIn())
        let token = OneTimeToken.random(for: .passwordReset)
        let epoch = try await fixture.test.write { tx in
            try OneTimeTokenRepository(tx).insert(token.record(in: fixture.test.acme.id, user: fixture.ann.id, at: now))
            return try tx.query(
                "SELECT u.epoch + t.epoch AS n FROM users u JOIN tenants t ON t.id = u.tenant_id WHERE u.id = $1",
                [
                    .text(fixture.ann.id.description)
                ])[0].int("n")
        }

        try await fixture.test.write { tx in
            try UserRepository(tx).setPassword("$new", of: fixture.ann.id, keeping: kept.session, expecting: epoch, at: now)
        }

        for pair in [kept, other] {
            await #expect(throws: AuthenticationError.refused) { try await fixture.authenticator.principal(bearer: pair.accessToken) }
        }
        await #expect(throws: AuthenticationError.refused) { try await fixture.authenticator.refresh(other.refreshToken) }
        let next = try await fixture.authenticator.refresh(kept.refreshToken)
        #expect(try await fixture.authenticator.principal(bearer: next.accessToken).session == kept.session)
        #expect(try await fixture.test.read { try OneTimeTokenRepository($0).find(token.hash, .passwordReset, now: now) } == nil)
        // Whoever changed it meanwhile was faster.
        let late = await StorageError.code {
            try await fixture.test.write { try UserRepository($0).setPassword("$late", of: fixture.ann.id, expecting: epoch, at: now) }
        }
        #expect(late == .conflict)
    }

    @Test("as many old passwords are kept as the rules ask for, and none where they ask for none")
    func history() async throws {
        let test = try await TestDatabase()
        let ann = try await user(test)
        func set(_ number: Int64, history: Int) async throws -> [String] {
            try await test.write { tx in
                try UserRepository(tx).setPassword("$\(number)", of: ann.id, history: history, at: now + number)
                return try UserRepository(tx).passwordOwner(ann.id).history
            }
        }

        #expect(try await set(1, history: 4) == ["$1", "$x"])
        for number in 2...5 as ClosedRange<Int64> { _ = try await set(number, history: 4) }
        #expect(try await set(6, history: 4) == ["$6", "$5", "$4", "$3"])
        #expect(try await set(7, history: 0) == ["$7"])
    }

    @Test("who was not there for long is dormant: by sign-ins, requests, and when the account became active")
    func dormant() async throws {
        let fixture = try await SignInFixture()
        let idle = try await user(fixture.test, "idle", roles: [])
        // An administrator's session would not last so long.
        try await fixture.test.write { _ = try UserRepository($0).revoke("ADMIN", from: fixture.ann.id) }
        func dormant(since moment: Int64) async throws -> [String] {
            try await fixture.test.read { try UserRepository($0).dormant(since: moment).map(\.email) }
        }
        #expect(try await dormant(since: now - 1) == [])
        #expect(try await dormant(since: now) == ["ann@acme.test", "idle@acme.test"])

        fixture.time.advance(by: 10 * day)
        let pair = try await fixture.signIn()
        #expect(try await dormant(since: now + 9 * day) == ["idle@acme.test"])
        #expect(try await dormant(since: now + 11 * day) == ["ann@acme.test", "idle@acme.test"])
        fixture.time.advance(by: 10 * day)
        let next = try await fixture.authenticator.refresh(pair.refreshToken)
        #expect(try await dormant(since: now + 11 * day) == ["ann@acme.test", "idle@acme.test"])
        _ = try await fixture.authenticator.principal(bearer: next.accessToken)
        await fixture.authenticator.settleUses()
        #expect(try await dormant(since: now + 11 * day) == ["idle@acme.test"])
        try await fixture.test.write { tx in
            try UserRepository(tx).setStatus(.suspended, reason: "dormant", of: idle.id, at: now + 20 * day)
            try UserRepository(tx).setStatus(.active, of: idle.id, at: now + 20 * day)
        }
        // Whoever was let in again has time to come.
        #expect(try await dormant(since: now + 11 * day) == [])
    }

    @Test("an administrator is one who is active and has the role now")
    func administrators() async throws {
        let test = try await TestDatabase()
        let (ann, bob) = (try await user(test), try await user(test, "bob"))
        func others(besides id: UserID, at moment: Int64? = nil) async throws -> Bool {
            try await test.read { try UserRepository($0).hasAdministrator(besides: id, at: moment ?? now) }
        }

        #expect(try await others(besides: ann.id))
        try await test.write { try UserRepository($0).setStatus(.suspended, of: bob.id, at: now) }
        #expect(try await !others(besides: ann.id))
        #expect(try await others(besides: bob.id))
        try await test.write { tx in
            try UserRepository(tx).setStatus(.active, of: bob.id, at: now)
            try tx.execute("UPDATE user_roles SET expires_at = $2 WHERE tenant_id = $1", [tx.tenant, .int(now + 5)])
        }
        #expect(try await others(besides: ann.id, at: now + 4))
        #expect(try await !others(besides: ann.id, at: now + 5))
    }

    @Test("a place of the owner has a lane of its own, for ninety days")
    func places() async throws {
        let fixture = try await SignInFixture()
        let home = try #require(ClientAddress("192.0.2.7"))
        func signIn(_ password: String = "correct horse battery", from address: ClientAddress) async -> Bool {
            let pair = try? await fixture.authenticator.signIn(
                slug: "acme", email: "ann@acme.test", password: Secret(password), from: address)
            return pair != nil
        }
        func hammer() async throws {
            for number in 0..<8 {
                _ = await signIn("wrong", from: try #require(ClientAddress("198.51.100.\(number)")))
                fixture.time.advance(by: 2000)
            }
        }
        #expect(await signIn(from: home))
        try await hammer()
        #expect(await !signIn(from: try #require(ClientAddress("203.0.113.5"))))
        #expect(await signIn(from: home))
        let stored = try await fixture.test.read { tx in
            try tx.query("SELECT tag FROM sign_in_places WHERE tenant_id = $1", [tx.tenant]).map { try $0.text("tag") }
        }
        #expect(stored.count == 1 && stored.allSatisfy { $0.count == 32 && !$0.contains("192") })

        fixture.time.advance(by: 90 * day + 1)
        try await hammer()
        #expect(await !signIn(from: home))
    }

    @Test("of 64 guesses at once as many are looked at as the lane allows, and another lane counts by itself")
    func parallel() async throws {
        let test = try await TestDatabase()
        let ann = try await user(test)
        let home = SignInOrigin(places: ["home"])
        try await test.write { try SignInLanes($0, user: ann.id).remember(home, now: now) }
        func claims(_ origins: [SignInOrigin]) async throws -> Int {
            try await withThrowingTaskGroup(of: Bool.self) { group in
                for number in 0..<64 {
                    group.addTask {
                        try await test.write { tx in
                            try SignInLanes(tx, user: ann.id).counter(for: origins[number % origins.count], now: now)
                                .claim(now: now) { $0 > 3 ? 1000 : 0 }
                        }
                    }
                }
                return try await group.reduce(into: 0) { $0 += $1 ? 1 : 0 }
            }
        }

        #expect(try await claims([.stranger, SignInOrigin(places: ["a"]), SignInOrigin(places: ["b"])]) == 4)
        #expect(try await claims([home]) == 4)
        #expect(try await claims([SignInOrigin(device: .make())]) == 4)
        #expect(try await claims([.stranger, home]) == 0)
    }
}

@Suite("AccessReviewRepository", .everyEngine)
struct AccessReviewRepositoryTests {
    @Test("decisions are taken while a review is open, and one of many closes it")
    func life() async throws {
        let test = try await TestDatabase()
        let now = TestDatabase.now
        let stored = AccessReview(id: .make(), name: "2027-Q1", createdAt: now, createdBy: "system:test")
        let ann = try await test.write { tx in
            try UserRepository(tx).create(email: "ann@acme.test", name: "Ann", passwordHash: "x", roles: ["ADMIN"], at: now)
        }
        let (key, day) = (APIKeyID.make(), Int64(86_400_000))
        let lines = [
            AccessReview.Line(number: 1, user: ann.id, name: "ADMIN", expiresAt: 5, permissions: ["permit plugin.read"]),
            AccessReview.Line(
                number: 2, .apiKey, user: nil, name: "panel", key: key, issuedBy: "system:cli", lastUsedAt: now - 100 * day, isUnused: true,
                expiresAt: now, permissions: ["plugin.invoke"]),
        ]
        try await test.write { try AccessReviewRepository($0).insert(stored, lines) }
        let (found, first, rest, page) = try await test.read { tx in
            let reviews = AccessReviewRepository(tx)
            return (
                try reviews.find(stored.id), try reviews.lines(of: stored.id, limit: 1), try reviews.lines(of: stored.id, after: 1),
                try reviews.page(after: nil, limit: 5)
            )
        }
        #expect(found?.name == "2027-Q1" && found?.isOpen == true && found?.lineCount == 2 && found?.undecidedCount == 2)
        #expect(page == [found].compactMap(\.self))
        #expect(first.first?.email == "ann@acme.test" && first.first?.isGuest == false && first.first?.holder == "user:\(ann.id)")
        #expect(rest == [lines[1]] && rest.first?.holder == "api_key:\(key)")

        let decided = try await test.write { tx in
            let reviews = AccessReviewRepository(tx)
            return try [
                reviews.decide(stored.id, line: 1, .revoke, by: "user:x", at: now),
                reviews.decide(stored.id, line: 3, .keep, by: "user:x", at: now),
            ]
        }
        #expect(decided == [true, false])
        let closed = try await withThrowingTaskGroup(of: Bool.self) { group in
            for _ in 0..<8 { group.addTask { try await test.write { try AccessReviewRepository($0).close(stored.id, by: "x", at: now) } } }
            return try await group.reduce(into: 0) { $0 += $1 ? 1 : 0 }
        }
        #expect(closed == 1)
        #expect(try await !test.write { try AccessReviewRepository($0).decide(stored.id, line: 1, .keep, by: "user:x", at: now) })
        #expect(try await test.read { try AccessReviewRepository($0).lines(of: stored.id)[0].decision } == .revoke)
    }
}
