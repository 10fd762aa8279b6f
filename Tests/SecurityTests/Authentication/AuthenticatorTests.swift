// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors

import Security
import Synchronization
import Testing
import Values

@Suite("Authenticator")
struct AuthenticatorTests {
    // MARK: Sign-in

    @Test("a password opens a session, and its token is who signed in")
    func signsIn() async throws {
        let house = try await House()
        let pair = try await house.signIn("Ada@ACME.test")
        let principal = try await house.authenticator.principal(bearer: pair.accessToken)

        #expect(principal.kind == .user(house.ada) && principal.tenant == Fixture.acme && principal.slug.description == "acme")
        #expect(principal.session == pair.session && principal.permissions.covers(.pluginEnable))
        #expect(principal.actor == "user:\(house.ada)" && pair.expiresIn == 600)
        #expect(house.audit.last?.outcome == .success && house.audit.last?.action == "session.sign_in")
    }

    @Test(
        "everything else gives one answer, and is in the trail",
        arguments: [
            ("acme", "ada@acme.test", "wrong staple battery 42", "wrong_credential"),
            ("acme", "nobody@acme.test", House.password, "unknown_account"),
            ("globex", "ada@acme.test", House.password, "unknown_account"),
            ("nowhere", "ada@acme.test", House.password, "unknown_account"),
            ("../acme", "ada@acme.test", House.password, "unknown_account"),
            ("acme", "ada@acme.test", "", "wrong_credential"),
            ("acme", "ada@acme.test", String(repeating: "x", count: 100_000), "wrong_credential"),
            ("acme", String(repeating: "x", count: 100_000), House.password, "unknown_account"),
            ("", "", "", "unknown_account"),
        ])
    func refused(slug: String, email: String, password: String, reason: String) async throws {
        let house = try await House()

        await #expect(throws: AuthenticationError.refused) { try await house.signIn(email, tenant: slug, password: password) }
        let event = house.audit.last
        #expect(event?.outcome == .denied && event?.detail["reason"] == .string(reason))
        #expect(event?.tenant == (slug == "acme" ? Fixture.acme : slug == "globex" ? Fixture.globex : Fixture.platform))
        #expect(house.store.state.withLock { $0.sessions.isEmpty })
    }

    @Test("an attempt that nobody had time to judge is no failure")
    func overloaded() async throws {
        let house = try await House()
        let busy = Authenticator(
            store: house.store, keys: Fixture.ring,
            hasher: PasswordHasher(
                keys: HostKeys(derivedFrom: Fixture.ring), cost: Fixture.cheapCost,
                pool: WorkerPool(threads: 1, capacity: 0, deadline: .seconds(1))),
            policy: house.policy, clock: house.clock.wall)
        for _ in 0..<20 {
            await #expect(throws: AuthenticationError.overloaded) {
                try await busy.signIn(slug: "acme", email: "ada@acme.test", password: Secret(House.password))
            }
        }
        #expect(house.store.state.withLock { $0.users[house.ada]?.lanes.values.allSatisfy { $0.failures == 0 } } == true)
        _ = try await house.signIn()
    }

    @Test("somebody's sessions are theirs to see and to end, whoever else knows their ids")
    func ownSessions() async throws {
        let house = try await House()
        let (first, second) = (try await house.signIn(), try await house.signIn())
        let ada = try await house.authenticator.principal(bearer: second.accessToken)
        let stranger = MemoryIdentityStore.User(
            id: .make(), tenant: Fixture.acme, email: "eve@acme.test",
            passwordHash: try #require(house.store.state.withLock { $0.users[house.ada]?.passwordHash }))
        house.store.state.withLock { $0.users[stranger.id] = stranger }
        let eve = try await house.authenticator.principal(bearer: house.signIn("eve@acme.test").accessToken)

        #expect(Set(try await house.authenticator.sessions(of: ada).map(\.id)) == [first.session, second.session])
        #expect(try await house.authenticator.endSessions(of: eve, .only(first.session)).isEmpty)
        #expect(try await house.authenticator.endSessions(of: eve, .allBut(try #require(eve.session))).isEmpty)
        #expect(house.audit.last?.action == "session.sign_in", "nothing happened, nothing is in the trail")
        #expect(try await house.authenticator.endSessions(of: ada, .allBut(second.session)) == [first.session])
        await #expect(throws: AuthenticationError.refused) { try await house.authenticator.principal(bearer: first.accessToken) }
        await #expect(throws: AuthenticationError.refused) { try await house.authenticator.refresh(first.refreshToken) }
        #expect(try await house.authenticator.sessions(of: ada).map(\.id) == [second.session])
    }

    @Test("an inactive user or tenant does not get in, and is out at once")
    func inactive() async throws {
        let house = try await House()
        let pair = try await house.signIn()
        house.store.state.withLock { $0.users[house.ada]?.isActive = false }
        await #expect(throws: AuthenticationError.refused) { try await house.signIn() }
        #expect(house.audit.last?.detail["reason"] == "inactive")
        await #expect(throws: AuthenticationError.refused) { try await house.authenticator.principal(bearer: pair.accessToken) }
        await #expect(throws: AuthenticationError.refused) { try await house.authenticator.refresh(pair.refreshToken) }

        house.store.state.withLock { state in
            state.users[house.ada]?.isActive = true
            state.tenants[Fixture.acme]?.isActive = false
        }
        await #expect(throws: AuthenticationError.refused) { try await house.authenticator.principal(bearer: pair.accessToken) }
    }

    @Test("after a few failures each attempt has to wait, the right password as well")
    func backOff() async throws {
        let house = try await House()
        for _ in 0..<4 { await #expect(throws: AuthenticationError.refused) { try await house.signIn(password: "wrong") } }

        await #expect(throws: AuthenticationError.refused) { try await house.signIn() }
        #expect(house.audit.last?.detail["reason"] == "too_early")
        house.clock.advance(1000)
        _ = try await house.signIn()
        #expect(house.store.state.withLock { $0.users[house.ada]?.lanes.isEmpty } == true)
        // Nobody else waits for it.
        _ = try await house.signIn("bob@globex.test", tenant: "globex")
    }

    @Test(
        "the wait doubles up to its end",
        arguments: [(0, 0), (3, 0), (4, 1000), (5, 2000), (6, 4000), (13, 512_000), (14, 900_000), (1000, 900_000), (Int64.max, 900_000)]
            as [(Int64, Int64)])
    func delays(failures: Int64, expected: Int64) throws {
        #expect(try AuthenticationPolicy(issuer: "i", audience: "a", environment: "test").delay(afterFailures: failures) == expected)
    }

    @Test("parallel guesses are counted one by one")
    func parallelGuesses() async throws {
        let house = try await House()
        await withTaskGroup(of: Void.self) { group in
            for _ in 0..<12 { group.addTask { _ = try? await house.signIn(password: "wrong") } }
        }

        let reasons = house.audit.compactMap { $0.detail["reason"]?.stringValue }
        #expect(reasons.filter { $0 == "wrong_credential" }.count == 4)
        #expect(reasons.filter { $0 == "too_early" }.count == 8)
    }

    @Test("an older hash is replaced at sign-in")
    func rehash() async throws {
        let house = try await House()
        let old = try KEKRing(parsing: "k1:\(Fixture.key(1))")
        let stored = try await Fixture.hasher(old).hash(Secret(House.password))
        house.store.state.withLock { $0.users[house.ada]?.passwordHash = stored }

        _ = try await house.signIn()

        let now = house.store.state.withLock { $0.users[house.ada]?.passwordHash }
        #expect(now != stored)
        #expect(try await house.hasher.verify(Secret(House.password), against: now) == .init(isCorrect: true, needsRehash: false))
    }

    @Test("a store that fails refuses everybody and says so")
    func broken() async throws {
        let house = try await House()
        let pair = try await house.signIn()
        house.store.state.withLock { $0.isBroken = true }

        for attempt in [
            { _ = try await house.signIn() }, { _ = try await house.authenticator.principal(bearer: pair.accessToken) },
            { _ = try await house.authenticator.refresh(pair.refreshToken) },
        ] as [@Sendable () async throws -> Void] {
            let error = await #expect(throws: AuthenticationError.self) { try await attempt() }
            guard case .unavailable? = error else { Issue.record("\(String(describing: error))"); continue }
        }
    }

    // MARK: Sessions

    @Test("a change of rights or of the epoch works at the next request")
    func rights() async throws {
        let house = try await House()
        let pair = try await house.signIn()
        house.store.state.withLock { $0.users[house.ada]?.patterns = ["plugin.read"] }
        let principal = try await house.authenticator.principal(bearer: pair.accessToken)
        #expect(principal.permissions.covers(.pluginRead) && !principal.permissions.covers(.pluginEnable))

        house.store.state.withLock { $0.users[house.ada]?.epoch += 1 }
        await #expect(throws: AuthenticationError.refused) { try await house.authenticator.principal(bearer: pair.accessToken) }
        let next = try await house.authenticator.refresh(pair.refreshToken)
        _ = try await house.authenticator.principal(bearer: next.accessToken)
    }

    @Test("signing out ends access and refresh, of this session only")
    func signOut() async throws {
        let house = try await House()
        let (first, second) = (try await house.signIn(), try await house.signIn())
        let principal = try await house.authenticator.principal(bearer: first.accessToken)
        try await house.authenticator.signOut(principal)
        try await house.authenticator.signOut(principal)

        await #expect(throws: AuthenticationError.refused) { try await house.authenticator.principal(bearer: first.accessToken) }
        await #expect(throws: AuthenticationError.refused) { try await house.authenticator.refresh(first.refreshToken) }
        _ = try await house.authenticator.principal(bearer: second.accessToken)
        #expect(house.audit.filter { $0.action == "session.sign_out" }.count == 1)
        #expect(house.audit.filter { $0.action == "session.refresh_reused" }.isEmpty)
    }

    @Test("an access token ends, and so does a session")
    func ends() async throws {
        let house = try await House()
        var pair = try await house.signIn("bob@globex.test", tenant: "globex")
        house.clock.advance(600_000)
        await #expect(throws: AuthenticationError.refused) { try await house.authenticator.principal(bearer: pair.accessToken) }

        for _ in 0..<2 {
            house.clock.advance(13 * 86_400_000)
            pair = try await house.authenticator.refresh(pair.refreshToken)
            _ = try await house.authenticator.principal(bearer: pair.accessToken)
            await house.authenticator.settleUses()
        }
        house.clock.advance(5 * 86_400_000)
        await #expect(throws: AuthenticationError.refused) { try await house.authenticator.refresh(pair.refreshToken) }
    }

    @Test("a refresh token that lay idle is refused, and the session is not blamed")
    func idle() async throws {
        let house = try await House()
        let pair = try await house.signIn()
        house.clock.advance(14 * 86_400_000)

        await #expect(throws: AuthenticationError.refused) { try await house.authenticator.refresh(pair.refreshToken) }
        #expect(house.audit.last?.action == "session.sign_in")
    }

    @Test("64 parallel refreshes give one child to all of them")
    func parallelRefresh() async throws {
        let house = try await House()
        let pair = try await house.signIn()
        let children = try await withThrowingTaskGroup(of: String.self) { group in
            for _ in 0..<64 { group.addTask { try await house.authenticator.refresh(pair.refreshToken).refreshToken } }
            return try await group.reduce(into: Set<String>()) { $0.insert($1) }
        }

        #expect(children.count == 1)
        let tokens = house.store.state.withLock { Array($0.refresh.values) }
        #expect(tokens.count == 2 && tokens.filter { $0.state == .active }.count == 1)
        #expect(house.audit.filter { $0.action == "session.refresh" }.count == 1)
    }

    @Test("the immediate parent may come again for ten seconds, and not later")
    func grace() async throws {
        let house = try await House()
        let first = try await house.signIn()
        let second = try await house.authenticator.refresh(first.refreshToken)
        house.clock.advance(10_000)
        #expect(try await house.authenticator.refresh(first.refreshToken).refreshToken == second.refreshToken)

        house.clock.advance(1)
        await #expect(throws: AuthenticationError.refused) { try await house.authenticator.refresh(first.refreshToken) }
        #expect(house.audit.last?.action == "session.refresh_reused")
        for token in [first, second] {
            await #expect(throws: AuthenticationError.refused) { try await house.authenticator.refresh(token.refreshToken) }
            await #expect(throws: AuthenticationError.refused) { try await house.authenticator.principal(bearer: token.accessToken) }
        }
    }

    @Test("a grandparent ends the family even within the grace")
    func grandparent() async throws {
        let house = try await House()
        let first = try await house.signIn()
        let second = try await house.authenticator.refresh(first.refreshToken)
        let third = try await house.authenticator.refresh(second.refreshToken)

        await #expect(throws: AuthenticationError.refused) { try await house.authenticator.refresh(first.refreshToken) }
        await #expect(throws: AuthenticationError.refused) { try await house.authenticator.refresh(third.refreshToken) }
        #expect(house.audit.last?.action == "session.refresh_reused")
        _ = try await house.signIn()
    }

    @Test("another spelling of a refresh token is another token")
    func refreshSpelling() async throws {
        let house = try await House()
        let token = try await house.signIn().refreshToken
        for text in [
            "", "phr_", token + "=", token + "A", String(token.dropLast()), token.uppercased(), " " + token, String(token.dropFirst(4)),
            "phr_" + String(repeating: "A", count: 43), "phr_" + String(repeating: "-", count: 43),
        ] {
            await #expect(throws: AuthenticationError.refused) { try await house.authenticator.refresh(text) }
        }
        let alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
        for last in alphabet where last != token.last {
            await #expect(throws: AuthenticationError.refused) { try await house.authenticator.refresh(token.dropLast() + String(last)) }
        }
        #expect(house.audit.filter { $0.action == "session.refresh_reused" }.isEmpty)
        _ = try await house.authenticator.refresh(token)
        #expect(!house.store.state.withLock { state in state.refresh.keys.contains(Array(token.utf8)) })
    }

    @Test("a token of one installation is nothing in another")
    func otherInstallation() async throws {
        let house = try await House()
        let other = try await House(ring: KEKRing(parsing: "k2:\(Fixture.key(5))"))
        let pair = try await other.signIn()

        await #expect(throws: AuthenticationError.refused) { try await house.authenticator.principal(bearer: pair.accessToken) }
        await #expect(throws: AuthenticationError.refused) { try await house.authenticator.refresh(pair.refreshToken) }
    }

    // MARK: API keys

    @Test("an API key is who it says, until it ends or is withdrawn")
    func apiKeys() async throws {
        let house = try await House()
        let admin = try await house.authenticator.principal(bearer: try await house.signIn().accessToken)
        let permit = try Authorizer().authorize(admin, to: .userManage)
        let (record, secret) = try await house.authenticator.issueAPIKey(
            permit, name: "panel", permissions: ["plugin.invoke"], expiresAt: house.clock.now + 1000)
        let text = try #require(secret.revealedText())

        let principal = try await house.authenticator.principal(bearer: text)
        #expect(principal.kind == .apiKey(record.id) && principal.tenant == Fixture.acme && principal.session == nil)
        #expect(principal.permissions.covers(.invokePayment) && !principal.permissions.covers(.pluginRead))
        #expect(text.hasPrefix("ph_test_") && text.utf8.count == 8 + 32 + 1 + 48 + 8)
        #expect(house.audit.last?.actor == "user:\(house.ada)" && house.audit.last?.detailText.contains(text) == false)

        let globex = Fixture.permit(.userManage, in: Fixture.globex)
        #expect(try await house.authenticator.revokeAPIKey(globex, id: record.id) == false)
        _ = try await house.authenticator.principal(bearer: text)
        house.store.state.withLock { $0.tenants[Fixture.acme]?.isActive = false }
        await #expect(throws: AuthenticationError.refused) { try await house.authenticator.principal(bearer: text) }
        house.store.state.withLock { $0.tenants[Fixture.acme]?.isActive = true }
        #expect(try await house.authenticator.revokeAPIKey(permit, id: record.id))
        #expect(try await house.authenticator.revokeAPIKey(permit, id: record.id) == false)
        await #expect(throws: AuthenticationError.refused) { try await house.authenticator.principal(bearer: text) }

        let (_, next) = try await house.authenticator.issueAPIKey(
            permit, name: "panel", permissions: ["plugin.invoke"], expiresAt: house.clock.now + 1000)
        house.clock.advance(1000)
        await #expect(throws: AuthenticationError.refused) { try await house.authenticator.principal(bearer: next.revealedText()!) }
    }

    @Test("no changed, cut, padded or re-spelled key is accepted")
    func malleability() async throws {
        let house = try await House()
        let key = try await house.authenticator.issueAPIKey(
            Fixture.permit(.userManage), name: "k", permissions: ["plugin.read"], expiresAt: house.clock.now + 60_000)
        let text = Array(try #require(key.text.revealedText()).utf8)

        for index in text.indices {
            for byte in ["a", "b", "2", "_", "A"].map({ UInt8(ascii: $0) }) where text[index] != byte {
                var changed = text
                changed[index] = byte
                await #expect(throws: AuthenticationError.refused) {
                    try await house.authenticator.principal(bearer: String(decoding: changed, as: UTF8.self))
                }
            }
        }
        let good = String(decoding: text, as: UTF8.self)
        for other in [
            good + " ", " " + good, good + "0", String(good.dropLast()), good.uppercased(), good.replacing("_test_", with: "_live_"), "ph_",
            "ph___",
        ] {
            await #expect(throws: AuthenticationError.refused) { try await house.authenticator.principal(bearer: other) }
        }
        _ = try await house.authenticator.principal(bearer: good)
    }

    @Test("a key with a right check sum but another secret is refused by its hash")
    func forgedCheckSum() async throws {
        let house = try await House()
        let (record, _) = try await house.authenticator.issueAPIKey(
            Fixture.permit(.userManage), name: "k", permissions: ["plugin.read"], expiresAt: house.clock.now + 60_000)
        let other = APIKeyFormat.make(environment: "test")
        house.store.state.withLock { state in
            var moved = record
            moved.id = other.stored.id
            state.keys[moved.id] = moved
        }

        await #expect(throws: AuthenticationError.refused) { try await house.authenticator.principal(bearer: other.text.revealedText()!) }
    }

    @Test(
        "one issues only what one holds, for a time, with the right to",
        arguments: [
            (["plugin.manage"], 1000, "more than"), (["tenant.manage"], 1000, "more than"), ([], 1000, "at least one"),
            (["not a pattern"], 1000, "resource.action"),
            (["plugin.read"], 0, "expires_at"), (["plugin.read"], -1, "expires_at"),
            (["plugin.read"], Int64(400) * 86_400_000, "expires_at"),
        ] as [([String], Int64, String)])
    func limits(permissions: [String], lifetime: Int64, expected: String) async throws {
        let house = try await House()
        let admin = try await house.authenticator.principal(bearer: try await house.signIn().accessToken)
        let permit = try Authorizer().authorize(admin, to: .userManage)

        let error = await #expect(throws: AuthenticationError.self) {
            try await house.authenticator.issueAPIKey(permit, name: "k", permissions: permissions, expiresAt: house.clock.now + lifetime)
        }
        #expect(error?.description.contains(expected) == true)
        let reader = try Authorizer().authorize(admin, to: .pluginRead)
        await #expect(throws: AuthenticationError.denied(.missingPermission(.userManage))) {
            try await house.authenticator.issueAPIKey(reader, name: "k", permissions: ["plugin.read"], expiresAt: house.clock.now + 1000)
        }
    }
}
