// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors

import Security
import Synchronization
import Testing
import Values

@Suite("Host keys")
struct HostKeysTests {
    private let store = MemoryHostKeyStore()
    private let clock = TestClock()

    private var rules: AccessTokenRules { AccessTokenRules(issuer: "a", audience: "b", maximumLifetime: 600) }

    private func open(_ ring: KEKRing = Fixture.ring) async throws -> HostKeys {
        try await HostKeys.open(roots: ring, store: store, clock: clock.wall)
    }

    private func token(_ keys: HostKeys) throws -> String {
        let now = clock.now / 1000
        return try AccessTokenSigner(keys: TokenKeyRing(keys), rules: rules).sign(
            AccessTokenClaims(
                subject: .make(), tenant: Fixture.acme, session: .make(), id: .make(), issuedAt: now, expiresAt: now + 600,
                authenticatedAt: now, methods: ["pwd"], epoch: 1))
    }

    private func verifies(_ token: String, _ keys: HostKeys) -> Bool {
        (try? AccessTokenVerifier(keys: TokenKeyRing(keys), rules: rules, clock: clock.wall).verify(token)) != nil
    }

    @Test("are made once, by whoever starts first, and open with the ring they were made under only")
    func opening() async throws {
        let (first, second) = (try await open(), try await open())

        #expect(store.state.withLock { $0.keys.count } == 5)
        #expect(try verifies(token(first), second))
        #expect(store.state.withLock { $0.keys.allSatisfy { $0.wrappedBy == "k2" && $0.wrapped.split(separator: ":").count == 3 } })
        await #expect(throws: KEKError.unknown("k2")) { try await open(KEKRing(parsing: "k1:\(Fixture.key(1))")) }
        await #expect(throws: KEKError.notAuthentic) { try await open(KEKRing(parsing: "k2:\(Fixture.key(1))")) }
    }

    @Test("a wrapped key in another kind's, version's or id's place does not open")
    func swaps() async throws {
        _ = try await open()
        let keys = store.state.withLock { $0.keys }
        for (index, thief) in keys.enumerated() {
            for (other, victim) in keys.enumerated() where index != other {
                store.state.withLock { state in
                    state.keys = keys
                    state.keys[other] = WrappedHostKey(
                        id: thief.id, kind: victim.kind, form: thief.form, version: victim.version, wrappedBy: thief.wrappedBy,
                        wrapped: thief.wrapped,
                        publicKey: thief.publicKey, notBefore: 0, retiredAt: nil, createdAt: 0)
                }
                await #expect(throws: KEKError.notAuthentic) { try await open() }
            }
        }
    }

    @Test("a new token key waits until every host knows it; old tokens live until they expire")
    func tokenRotation() async throws {
        let (here, there) = (try await open(), try await open())
        let before = try token(here)

        #expect(try await here.rotate(.accessToken, by: "system:test", lifetime: 600_000).version == 2)
        #expect(try token(here).prefix(60) == before.prefix(60), "the header names the old key still")

        clock.advance(15_000)
        let after = try token(here)
        #expect(!verifies(after, there), "not looked again yet")
        await there.refresh()
        #expect(verifies(after, there) && verifies(before, there) && verifies(before, here))

        clock.advance(600_000)
        #expect(!verifies(before, there) && !verifies(before, here))
        #expect(try verifies(token(here), there))
    }

    @Test("after a leak the old key is refused at once")
    func immediate() async throws {
        let keys = try await open()
        let before = try token(keys)

        _ = try await keys.rotate(.accessToken, by: "system:test", isImmediate: true)

        #expect(!verifies(before, keys))
        #expect(try verifies(token(keys), keys))
    }

    @Test("a token under an unknown key makes the host look, once a second at most")
    func unknownKey() async throws {
        let (here, there) = (try await open(), try await open())
        let authenticator = Authenticator(
            store: MemoryIdentityStore(), keys: there, hasher: Fixture.hasher(),
            policy: try AuthenticationPolicy(issuer: "a", audience: "b", environment: "test"), clock: clock.wall)
        _ = try await here.rotate(.accessToken, by: "system:test", isImmediate: true)
        let token = try token(here)
        let reads = store.state.withLock { $0.reads }

        // The token is good then, and the session behind it does not exist.
        for _ in 0..<50 { await #expect(throws: AuthenticationError.refused) { try await authenticator.principal(bearer: token) } }

        #expect(verifies(token, there))
        #expect(store.state.withLock { $0.reads } == reads + 1)
        for _ in 0..<50 {
            _ = try await here.rotate(.accessToken, by: "system:test", isImmediate: true)
            let token = try self.token(here)
            let readsBefore = store.state.withLock { $0.reads }
            await #expect(throws: AuthenticationError.refused) { try await authenticator.principal(bearer: token) }
            #expect(store.state.withLock { $0.reads } == readsBefore, "the second has not passed")
        }
    }

    @Test("a store that cannot be read leaves the keys that are known")
    func brokenStore() async throws {
        let keys = try await open()
        let token = try token(keys)
        store.state.withLock { $0.isBroken = true }
        clock.advance(60_000)
        await keys.refresh()

        #expect(verifies(token, keys))
        await #expect(throws: MemoryHostKeyStore.Broken.self) { try await keys.reload() }
    }

    @Test("a new pepper hashes from now on; old hashes fit and ask for a new one, on every host")
    func pepperRotation() async throws {
        let (here, there) = (try await open(), try await open())
        func hasher(_ keys: HostKeys) -> PasswordHasher {
            PasswordHasher(
                keys: keys, cost: Fixture.cheapCost, pool: WorkerPool(threads: 1, capacity: 100, deadline: .seconds(600)))
        }
        let old = try await hasher(here).hash(Secret("pw"))

        #expect(try await here.rotate(.pepper, by: "system:test").version == 2)

        let new = try await hasher(here).hash(Secret("pw"))
        #expect(try await hasher(here).verify(Secret("pw"), against: old) == .init(isCorrect: true, needsRehash: true))
        #expect(try await hasher(here).verify(Secret("pw"), against: new) == .init(isCorrect: true, needsRehash: false))
        // A host that has not looked yet meets the new pepper in a hash.
        #expect(try await hasher(there).verify(Secret("pw"), against: new) == .init(isCorrect: true, needsRehash: false))
        #expect(try await hasher(there).verify(Secret("no"), against: new).isCorrect == false)
    }

    @Test("the audit key signs, and after a rotation its public half alone is kept")
    func auditKeys() async throws {
        let host = try await open()
        let keys = AuditSigningKeys(host)
        let (first, signer) = try await keys.current()
        let signature = try signer.sign([1, 2, 3])

        _ = try await host.rotate(.audit, by: "system:test")

        let (second, _) = try await keys.current()
        let all = await keys.all()
        #expect(all.map(\.version) == [2, 1] && all.map(\.publicKey) == [second.publicKey, first.publicKey])
        #expect(all[1].retiredAt == clock.now && all[0].retiredAt == nil)
        #expect(Ed25519.isValid(signature, for: [1, 2, 3], publicKey: all[1].publicKey))
        let name = try #require(LogName("panelhost.test"))
        #expect(all[1].verifier(name) == NoteSigner(name: name, key: signer).verifier)
        #expect(store.state.withLock { $0.keys.filter { $0.kind == .audit }.map(\.wrapped.isEmpty) } == [true, false])
    }
}
