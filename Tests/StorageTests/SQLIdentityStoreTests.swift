// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors

import Security
import Storage
import Synchronization
import Testing

/// Plays sign-in against the real store, since only an authenticator can make sessions.
struct SignInFixture {
    let test: TestDatabase
    let time: Clock
    let authenticator: Authenticator
    /// The same on another host.
    let elsewhere: Authenticator
    let ann: UserRecord

    final class Clock: Sendable {
        private let value = Mutex(TestDatabase.now)
        var now: Int64 { value.withLock { $0 } }
        func advance(by milliseconds: Int64) { value.withLock { $0 += milliseconds } }
    }

    init() async throws {
        test = try await TestDatabase()
        let time = Clock()
        self.time = time
        let ring = try KEKRing(parsing: KEKRing.generate().revealedBytes())
        let hasher = PasswordHasher(ring: ring)
        let encryption = try EncryptionService(ring: ring, store: SQLKeyStore(test.database))
        let policy = try AuthenticationPolicy(issuer: "panelhost", audience: "panelhost", environment: "test")
        let store = SQLIdentityStore(SealingDatabase(test.database, encryption: encryption))
        let clock = WallClock { time.now }
        authenticator = Authenticator(store: store, keys: ring, hasher: hasher, policy: policy, clock: clock)
        elsewhere = Authenticator(store: store, keys: ring, hasher: hasher, policy: policy, clock: clock)
        let hash = try await hasher.hash(Secret("correct horse battery"))
        ann = try await test.write { tx in
            try UserRepository(tx).create(email: "ann@acme.test", name: "Ann", passwordHash: hash, roles: ["ADMIN"], at: TestDatabase.now)
        }
        // The neighbour's user of the same address has another password.
        let other = try await hasher.hash(Secret("another password entirely"))
        _ = try await test.write(test.globex) { tx in
            try UserRepository(tx).create(email: "ann@acme.test", name: "Ann", passwordHash: other, roles: [], at: TestDatabase.now)
        }
    }

    func signIn(_ password: String = "correct horse battery", slug: String = "acme") async throws -> TokenPair {
        try #require(try await authenticator.signIn(slug: slug, email: "Ann@acme.test", password: Secret(password)).session)
    }

    func actions(_ query: AuditQuery = AuditQuery()) async throws -> [String] {
        try await test.read { tx in
            // Keys are made on first need.
            try AuditRepository(tx).search(query).filter { $0.action != "key.create" }.map { "\($0.action) \($0.outcome)" }
        }
    }

    func count(_ sql: String) async throws -> Int64 {
        try await test.read { try $0.query(sql, [])[0].int("n") }
    }
}

@Suite("SQLIdentityStore", .everyEngine)
struct SQLIdentityStoreTests {
    @Test("signs in, reads the rights at every request and signs out, all of it audited")
    func session() async throws {
        let fixture = try await SignInFixture()

        let pair = try await fixture.signIn()
        let principal = try await fixture.authenticator.principal(bearer: pair.accessToken)

        #expect(principal.tenant == fixture.test.acme.id)
        #expect(principal.permissions.covers(.pluginEnable))
        try await fixture.test.write { tx in
            _ = try UserRepository(tx).revoke("ADMIN", from: fixture.ann.id)
        }
        #expect(try await !fixture.authenticator.principal(bearer: pair.accessToken).permissions.covers(.pluginEnable))
        try await fixture.authenticator.signOut(principal)
        await #expect(throws: AuthenticationError.refused) { try await fixture.authenticator.principal(bearer: pair.accessToken) }
        await #expect(throws: AuthenticationError.refused) { try await fixture.authenticator.refresh(pair.refreshToken) }
        #expect(
            try await fixture.actions() == [
                "session.sign_out success", "session.sign_in success", "session.new_device success", "tenant.manage success",
            ])
    }

    @Test("finds the user of the named tenant only")
    func tenants() async throws {
        let fixture = try await SignInFixture()

        await #expect(throws: AuthenticationError.refused) { try await fixture.signIn(slug: "globex") }
        await #expect(throws: AuthenticationError.refused) { try await fixture.signIn("another password entirely") }
        #expect(try await fixture.signIn("another password entirely", slug: "globex").tenant == fixture.test.globex.id)
    }

    @Test("refuses an address that the database cannot take like any other unknown one")
    func unstorableAddress() async throws {
        let fixture = try await SignInFixture()

        await #expect(throws: AuthenticationError.refused) {
            try await fixture.authenticator.signIn(slug: "acme", email: "ann@acme.test\u{0}", password: Secret("correct horse battery"))
        }
    }

    @Test("refuses what was signed in before an account changed", arguments: ["password", "user", "tenant"])
    func epoch(change: String) async throws {
        let fixture = try await SignInFixture()
        let pair = try await fixture.signIn()
        let (test, ann) = (fixture.test, fixture.ann.id)

        switch change {
        case "password":
            try await test.write { try UserRepository($0).setPassword("x", of: ann, at: 1) }
        case "user":
            for status in [UserRecord.Status.deactivated, .active] {
                try await test.write { try UserRepository($0).setStatus(status, of: ann, at: 1) }
            }
        default:
            try await test.database.platform(test.platform) { tx in
                let life = TenantLife(tx)
                _ = try life.suspend(life.lock(test.acme.slug), at: 1)
                _ = try life.resume(life.lock(test.acme.slug), at: 2)
            }
        }

        await #expect(throws: AuthenticationError.refused) { try await fixture.authenticator.principal(bearer: pair.accessToken) }
    }

    @Test("counts failures per user and makes him wait, in every path")
    func counter() async throws {
        let fixture = try await SignInFixture()

        for _ in 0..<4 { await #expect(throws: AuthenticationError.refused) { try await fixture.signIn("wrong") } }
        // The right password does not help during the wait.
        await #expect(throws: AuthenticationError.refused) { try await fixture.signIn() }
        #expect(try await fixture.count("SELECT failures AS n FROM login_counters") == 4)

        fixture.time.advance(by: 60_000)
        _ = try await fixture.signIn()
        #expect(try await fixture.count("SELECT failures AS n FROM login_counters") == 0)
        #expect(try await fixture.actions(AuditQuery(outcome: .denied)).count == 5)
    }

    @Test("lets 64 parallel uses of a refresh token have exactly one child")
    func refreshRace() async throws {
        let fixture = try await SignInFixture()
        let pair = try await fixture.signIn()

        let children = try await withThrowingTaskGroup(of: String.self) { group in
            for index in 0..<64 {
                let host = index.isMultiple(of: 2) ? fixture.authenticator : fixture.elsewhere
                group.addTask { try await host.refresh(pair.refreshToken).refreshToken }
            }
            return try await group.reduce(into: Set<String>()) { $0.insert($1) }
        }

        #expect(children.count == 1)
        #expect(try await fixture.count("SELECT COUNT(*) AS n FROM refresh_tokens") == 2)
        #expect(try await fixture.count("SELECT COUNT(*) AS n FROM refresh_tokens WHERE state = 'active'") == 1)
        #expect(try await fixture.actions(AuditQuery(action: "session.refresh")).count == 1)
    }

    @Test("revokes the whole family when an old refresh token comes again")
    func reuse() async throws {
        let fixture = try await SignInFixture()
        let first = try await fixture.signIn()
        let second = try await fixture.authenticator.refresh(first.refreshToken)
        fixture.time.advance(by: 10_001)

        await #expect(throws: AuthenticationError.refused) { try await fixture.authenticator.refresh(first.refreshToken) }

        await #expect(throws: AuthenticationError.refused) { try await fixture.authenticator.refresh(second.refreshToken) }
        await #expect(throws: AuthenticationError.refused) { try await fixture.authenticator.principal(bearer: second.accessToken) }
        #expect(try await fixture.count("SELECT COUNT(*) AS n FROM refresh_tokens WHERE state <> 'revoked'") == 0)
        #expect(try await fixture.actions(AuditQuery(action: "session.refresh_reused")) == ["session.refresh_reused denied"])
    }

    @Test("stores an API key as a hash, and a withdrawn one lets nobody in")
    func apiKey() async throws {
        let fixture = try await SignInFixture()
        let principal = try await fixture.authenticator.principal(bearer: fixture.signIn().accessToken)
        let permit = try Authorizer().authorize(principal, to: .userManage)

        let (record, text) = try await fixture.authenticator.issueAPIKey(
            permit, name: "panel", permissions: ["plugin.invoke"], expiresAt: fixture.time.now + 86_400_000)
        let bearer = try #require(text.revealedText())

        let caller = try await fixture.authenticator.principal(bearer: bearer)
        #expect(caller.kind == .apiKey(record.id))
        #expect(caller.tenant == fixture.test.acme.id)
        #expect(caller.permissions.covers(.invokePayment) && !caller.permissions.covers(.userManage))
        #expect(try await fixture.test.read { try APIKeyRepository($0).all().map(\.name) } == ["panel"])
        #expect(try await fixture.test.read(fixture.test.globex) { try APIKeyRepository($0).all().isEmpty })
        #expect(try await !fixture.test.write(fixture.test.globex) { try APIKeyRepository($0).revoke(record.id, at: 1) })
        #expect(try await fixture.count("SELECT COUNT(*) AS n FROM api_keys WHERE hash LIKE '%\(bearer.suffix(20))%'") == 0)
        #expect(try await fixture.authenticator.revokeAPIKey(permit, id: record.id))
        await #expect(throws: AuthenticationError.refused) { try await fixture.authenticator.principal(bearer: bearer) }
    }

    @Test("keeps sealed values openable in their own place after a restart, and nowhere else")
    func sealed() async throws {
        let test = try await TestDatabase()
        let ring = try KEKRing(parsing: KEKRing.generate().revealedBytes())
        let place = SealedLocation(tenant: test.acme.id, plugin: plugin("stripe"), field: "plugin_config.secret_key", record: "1")
        var foreign = place
        foreign = SealedLocation(tenant: test.globex.id, plugin: foreign.plugin, field: foreign.field, record: foreign.record)

        let sealed = try await EncryptionService(ring: ring, store: SQLKeyStore(test.database)).seal(Array("sk_live".utf8), as: place)
        let later = try EncryptionService(ring: ring, store: SQLKeyStore(test.database))

        #expect(try await later.open(sealed, at: place).revealedText() == "sk_live")
        await #expect(throws: EncryptionError.self) { try await later.open(sealed, at: foreign) }
        #expect(try await test.read { try $0.query("SELECT COUNT(*) AS n FROM keys WHERE tenant_id = $1", [$0.tenant])[0].int("n") } == 2)
    }
}
