// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors

import Security
import Synchronization
import Testing
import Values

/// A clock that stands still until a test moves it.
final class TestClock: Sendable {
    private let milliseconds: Mutex<Int64>

    init(_ start: Int64 = 1_795_000_000_000) {
        milliseconds = Mutex(start)
    }

    var now: Int64 { milliseconds.withLock { $0 } }
    var wall: WallClock { WallClock { self.now } }

    func advance(_ by: Int64) {
        milliseconds.withLock { $0 += by }
    }
}

enum Fixture {
    // swift-format-ignore: NeverUseForceTry
    static let ring = try! KEKRing(parsing: "k2:\(key(2)) k1:\(key(1))")
    static let authority = SystemAuthority()
    static let acme = TenantID.make()
    static let globex = TenantID.make()
    static let platform = TenantID.make()

    /// 64 hex digits that differ by their seed.
    static func key(_ seed: UInt8) -> String {
        Hex.encode(Hash.sha256([seed]))
    }

    /// As cheap as argon2 gets: what passwords cost is not what these tests are about.
    // swift-format-ignore: NeverForceUnwrap
    static let cheapCost = PHCString("$argon2id$v=19$m=64,t=1,p=1$c2FsdHNhbHQ$AAAAAAAAAAAAAAAAAAAAAA")!.cost

    static func hasher(_ ring: KEKRing = ring, cost: PasswordCost = cheapCost) -> PasswordHasher {
        PasswordHasher(keys: HostKeys(derivedFrom: ring), cost: cost, pool: WorkerPool(threads: 1, capacity: 1000, deadline: .seconds(600)))
    }

    static func permit(_ action: Action, in tenant: TenantID = acme) -> Permit {
        authority.permit(action, in: tenant, as: "test")
    }
}

/// A house with two customers and the platform, over memory.
struct House {
    static let password = "correct staple battery 42"

    let store = MemoryIdentityStore()
    let clock = TestClock()
    let hasher: PasswordHasher
    let authenticator: Authenticator
    let policy: AuthenticationPolicy
    let ada: UserID
    let bob: UserID

    init(ring: KEKRing = Fixture.ring) async throws {
        hasher = Fixture.hasher(ring)
        policy = try AuthenticationPolicy(issuer: "https://panelhost.test", audience: "panelhost", environment: "test")
        authenticator = Authenticator(store: store, keys: ring, hasher: hasher, policy: policy, clock: clock.wall)
        let hash = try await hasher.hash(Secret(Self.password))
        let (ada, bob) = (UserID.make(), UserID.make())
        let (acme, globex) = (try #require(TenantSlug("acme")), try #require(TenantSlug("globex")))
        store.state.withLock { state in
            for (id, slug) in [(Fixture.acme, acme), (Fixture.globex, globex), (Fixture.platform, .platform)] {
                state.tenants[id] = .init(id: id, slug: slug)
            }
            state.users[ada] = .init(
                id: ada, tenant: Fixture.acme, email: "ada@acme.test", passwordHash: hash, patterns: BuiltInRole.admin.permissions)
            state.users[bob] = .init(
                id: bob, tenant: Fixture.globex, email: "bob@globex.test", passwordHash: hash, patterns: BuiltInRole.readOnly.permissions)
        }
        self.ada = ada
        self.bob = bob
    }

    func signIn(_ email: String = "ada@acme.test", tenant: String = "acme", password: String = password) async throws -> TokenPair {
        try #require(try await authenticator.signIn(slug: tenant, email: email, password: Secret(password)).session)
    }

    /// A principal with the given rights, by way of an API key.
    func principal(_ patterns: [String], in tenant: TenantID = Fixture.acme) async throws -> Principal {
        let key = try await authenticator.issueAPIKey(
            Fixture.permit(.userManage, in: tenant), name: "test", permissions: patterns, expiresAt: clock.now + 60_000)
        return try await authenticator.principal(bearer: try #require(key.text.revealedText()))
    }

    var audit: [AuditEvent] { store.state.withLock { $0.audit } }
}
