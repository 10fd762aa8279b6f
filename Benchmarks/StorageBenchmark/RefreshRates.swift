// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors

import Security
import Storage
import Synchronization
import Values

/// Refreshes a second on both engines: each uses a token up, stores its child and writes an audit event, durably.
struct RefreshRates {
    private static let clients = [1, 8, 32]

    private let stage: Stage

    init(_ stage: Stage) { self.stage = stage }

    func run() async throws -> Value {
        ["postgresql": try await measure(stage.postgres, "PostgreSQL"), "sqlite": try await measure(stage.sqlite, "SQLite")]
    }

    private func measure(_ engine: any Database, _ name: String) async throws -> Value {
        let ring = try KEKRing(parsing: KEKRing.generate().revealedBytes())
        let database = SealingDatabase(engine, encryption: try EncryptionService(ring: ring, store: SQLKeyStore(engine)))
        let hasher = PasswordHasher(ring: ring)
        let authenticator = Authenticator(
            store: SQLIdentityStore(database), keys: ring, hasher: hasher,
            policy: try AuthenticationPolicy(issuer: "bench", audience: "bench", environment: "bench"))
        let hash = try await hasher.hash(Secret("a password for a benchmark"))
        guard let slug = TenantSlug("doors") else { throw Failed("a slug") }
        let tenant = try await database.platform(stage.authority.platform("bench")) { tx in
            try TenantRegistry(tx).create(slug: slug, name: "Doors", by: "system:bench", correlation: "c", at: 1)
        }
        try await database.transaction(stage.authority.permit(.userManage, in: tenant.id, as: "bench").scope) { tx in
            for client in 0..<(Self.clients.max() ?? 0) {
                _ = try UserRepository(tx).create(
                    email: "u\(client)@bench.example", name: "U", passwordHash: hash, roles: [], at: 1)
            }
        }
        var report: [String: Value] = [:]
        for clients in Self.clients {
            var tokens: [Token] = []
            // A person each: somebody has ten sessions at most.
            for client in 0..<clients {
                let outcome = try await authenticator.signIn(
                    slug: "doors", email: "u\(client)@bench.example", password: Secret("a password for a benchmark"))
                if let pair = outcome.session { tokens.append(Token(pair.refreshToken)) }
            }
            let (held, rounds) = (tokens, stage.rounds)
            var best = 0.0
            for _ in 0..<rounds {
                best = max(
                    best,
                    try await stage.rate(tasks: clients) { task in
                        held[task].text = try await authenticator.refresh(held[task].text).refreshToken
                    })
            }
            say("refresh, \(name), \(clients) in flight: \(Int(best))/s")
            report["\(clients)"] = .int(Int64(best))
        }
        return .map(report)
    }

    /// The token of one client, which only its own task changes.
    private final class Token: Sendable {
        private let value: Mutex<String>
        init(_ text: String) { value = Mutex(text) }
        var text: String {
            get { value.withLock { $0 } }
            set { value.withLock { $0 = newValue } }
        }
    }
}
