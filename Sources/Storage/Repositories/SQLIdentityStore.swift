// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors

package import Security
import Values

/// What authentication needs of the database.
package struct SQLIdentityStore: IdentityStore {
    let database: any Database

    package init(_ database: any Database) { self.database = database }

    package func account(_ scope: PlatformScope, slug: TenantSlug, email: String) async throws -> AccountLookup {
        try await database.platformRead(scope) { tx in
            let tenants = try tx.query(
                """
                SELECT t.id, t.slug, t.status, t.epoch, p.password_profile, p.dormant_days
                FROM tenants t LEFT JOIN account_policies p ON p.tenant_id = t.id WHERE t.slug = $1 OR t.slug = $2
                """,
                [.text(slug.description), .text(TenantSlug.platform.description)])
            let platform = try tenants.first { try $0.text("slug") == TenantSlug.platform.description }
            // Of a purged tenant nothing is left to sign in to, and nobody's attempts can be sealed there.
            guard let tenant = try tenants.first(where: { try $0.text("slug") == slug.description && $0.text("status") != "purged" }) else {
                return AccountLookup(tenant: nil, platform: try platform?.id("id"), account: nil)
            }
            let id: TenantID = try tenant.id("id")
            let user = try tx.query(
                """
                SELECT id, name, password_hash, \(AccountRecord.columns), status, epoch, home_tenant, home_user FROM users u
                WHERE tenant_id = $1 AND email = $2
                """,
                [.text(id.description), .text(UserRepository.normalized(email))]
            ).first
            let account = try user.map { user in
                var account = AccountRecord(
                    tenant: id, slug: slug, user: try user.id("id"), name: try user["name"], passwordHash: try user["password_hash"],
                    isActive: try user.text("status") == "active" && tenant.text("status") == "active",
                    epoch: try user.int("epoch") + tenant.int("epoch"), home: try HomeLink(row: user))
                try account.read(rules: tenant, user: user)
                return account
            }
            return AccountLookup(tenant: id, platform: try platform?.id("id"), account: account)
        }
    }

    package func claimSignIn(
        _ scope: TenantScope, user: UserID, from origin: SignInOrigin, now: Int64, delay: @escaping @Sendable (_ failures: Int64) -> Int64
    ) async throws -> Bool {
        try await database.transaction(scope) { tx in
            // Beside the hash: how long a refusal takes must not tell whether there is an account with a key to fetch.
            try tx.expectEvent(of: user)
            return try SignInLanes(tx, user: user).counter(for: origin, now: now).claim(now: now, delay: delay)
        }
    }

    package func releaseSignIn(_ scope: TenantScope, user: UserID, from origin: SignInOrigin, now: Int64) async throws {
        try await database.transaction(scope) { try SignInLanes($0, user: user).counter(for: origin, now: now).release(now: now) }
    }

    package func account(_ scope: TenantScope, user: UserID) async throws -> AccountRecord? {
        try await database.readOne(scope) { tx in
            try tx.query(
                """
                SELECT u.name, u.password_hash, \(AccountRecord.columns), u.status, u.epoch + t.epoch AS epoch, t.slug,
                    t.status AS tenant_status, u.home_tenant, u.home_user, p.password_profile, p.dormant_days
                FROM users u JOIN tenants t ON t.id = u.tenant_id LEFT JOIN account_policies p ON p.tenant_id = t.id
                WHERE u.tenant_id = $1 AND u.id = $2
                """, [tx.tenant, .text(user.description)]
            ).first.map { row in
                var account = AccountRecord(
                    tenant: tx.scope.tenant, slug: try row.slug("slug"), user: user, name: try row["name"],
                    passwordHash: try row["password_hash"],
                    isActive: try row.text("status") == "active" && row.text("tenant_status") == "active", epoch: try row["epoch"],
                    home: try HomeLink(row: row))
                try account.read(rules: row, user: row)
                return account
            }
        }
    }

    package func suspendDormant(_ scope: TenantScope, user: UserID, now: Int64, audit: [AuditEvent]) async throws -> Bool {
        try await database.transaction(scope) { tx in
            guard try !UserRepository(tx).suspendDormant(only: user, at: now).isEmpty else { return false }
            for event in audit { try tx.append(event) }
            return true
        }
    }

    package func resetSignIn(_ scope: TenantScope, user: UserID, from origin: SignInOrigin, now: Int64) async throws {
        try await database.transaction(scope) { try SignInLanes($0, user: user).counter(for: origin, now: now).reset() }
    }

    package func oneTimeToken(_ scope: PlatformScope, hash: [UInt8], purpose: OneTimeToken.Purpose) async throws -> OneTimeTokenRecord? {
        try await database.platformReadOne(scope) { tx in
            try tx.query(
                "SELECT \(OneTimeTokenRecord.columns) FROM one_time_tokens WHERE hash = $1 AND purpose = $2",
                [.text(Hex.encode(hash)), .text(purpose.rawValue)]
            ).first.map(OneTimeTokenRecord.init(row:))
        }
    }

    package func insertToken(_ scope: TenantScope, _ token: OneTimeTokenRecord, audit: AuditEvent?) async throws {
        try await database.transaction(scope) { tx in
            try OneTimeTokenRepository(tx).insert(token)
            if let audit { try tx.append(audit) }
        }
    }

    package func openSession(
        _ scope: TenantScope, _ session: NewSession, audit: @escaping @Sendable (_ ended: [SessionID]) -> [AuditEvent]
    ) async throws -> SessionOpening {
        try await database.transaction(scope) { tx in
            let opening: SessionOpening
            do {
                opening = try SessionRepository(tx).open(session)
            } catch let error as StorageError where error.code == .conflict {
                // The account changed between the proof and now: nobody's proof any more.
                throw AuthenticationError.refused
            }
            guard case .opened(let ended) = opening else { return opening }
            // No password was shown for what is carried over: it makes no place a known one and forgives no failure.
            if session.origin == nil {
                let lanes = SignInLanes(tx, user: session.user)
                try lanes.counter(for: session.place, now: session.openedAt).reset()
                try lanes.remember(session.place, now: session.openedAt)
            }
            for event in audit(ended) { try tx.append(event) }
            return opening
        }
    }

    package func prolong(_ scope: TenantScope, with token: RefreshRecord, now: Int64, audit: AuditEvent) async throws -> Bool {
        try await database.transaction(scope) { tx in
            guard try SessionRepository(tx).prolong(with: token, at: now) else { return false }
            try tx.append(audit)
            return true
        }
    }

    package func session(_ scope: TenantScope, id: SessionID) async throws -> SessionRecord? {
        try await database.readOne(scope) { try SessionRepository($0).find(id) }
    }

    package func policy(_ scope: TenantScope) async throws -> (policy: Policy, revision: String) {
        try await database.read(scope) { try PolicyRepository($0).load() }
    }

    package func edge(_ scope: TenantScope) async throws -> TenantEdge {
        try await database.read(scope) { try TenantEdgeRepository($0).load() }
    }

    package func endSession(_ scope: TenantScope, id: SessionID, now: Int64, audit: AuditEvent) async throws -> Bool {
        try await database.transaction(scope) { tx in
            guard try SessionRepository(tx).end(id, at: now) else { return false }
            try tx.append(audit)
            return true
        }
    }

    package func openSessions(_ scope: TenantScope, of user: UserID, now: Int64) async throws -> [SessionSummary] {
        try await database.readOne(scope) { try SessionRepository($0).open(of: user, at: now) }
    }

    package func endSessions(
        _ scope: TenantScope, of user: UserID, _ which: SessionChoice, now: Int64, audit: @escaping @Sendable ([SessionID]) -> AuditEvent
    ) async throws -> [SessionID] {
        try await database.transaction(scope) { tx in
            let ended = try SessionRepository(tx).end(which, of: user, at: now)
            if !ended.isEmpty { try tx.append(audit(ended)) }
            return ended
        }
    }

    package func refreshToken(_ scope: PlatformScope, hash: [UInt8]) async throws -> RefreshRecord? {
        try await database.platformReadOne(scope) { tx in
            try tx.query("SELECT \(RefreshRecord.columns) FROM refresh_tokens WHERE hash = $1", [.text(Hex.encode(hash))])
                .first.map(RefreshRecord.init(row:))
        }
    }

    package func rotate(_ scope: TenantScope, _ rotation: RefreshRotation) async throws -> RefreshRotation.Outcome {
        try await database.transaction(scope) { try SessionRepository($0).rotate(rotation) }
    }

    package func apiKey(_ scope: PlatformScope, id: APIKeyID) async throws -> APIKeyRecord? {
        try await database.platformReadOne(scope) { tx in
            try tx.query("\(APIKeyRepository.select) WHERE k.id = $1", [.text(id.description)]).first.map(APIKeyRecord.init(row:))
        }
    }

    package func insertAPIKey(
        _ scope: TenantScope, _ key: APIKeyRecord, by issuer: APIKeyIssuer, audit: AuditEvent
    ) async throws -> Bool {
        try await database.transaction(scope) { tx in
            guard try APIKeyRepository(tx).insert(key, by: issuer.session) else { return false }
            try tx.append(audit)
            return true
        }
    }

    package func revokeAPIKey(_ scope: TenantScope, id: APIKeyID, now: Int64, audit: AuditEvent) async throws -> Bool {
        try await database.transaction(scope) { tx in
            guard try APIKeyRepository(tx).revoke(id, at: now) else { return false }
            try tx.append(audit)
            return true
        }
    }

    package func record(_ scope: TenantScope, _ event: AuditEvent) async throws {
        try await database.append(scope, event)
    }
}

extension AccountRecord {
    static let columns = "u.password_changed_at, u.password_alone, u.active_since, u.last_signed_in_at"

    /// Reads what the tenant's rules and the user's row say, where it decides about a sign-in.
    mutating func read(rules: Row, user: Row) throws {
        // What this program does not know is taken for the strictest.
        let name: String? = try rules["password_profile"]
        profile = name.map { PasswordProfile(rawValue: $0) ?? .pci } ?? .nist
        dormantDays = try rules["dormant_days"] ?? AccountPolicy().dormantDays
        (passwordChangedAt, passwordStandsAlone) = (try user["password_changed_at"], try user.int("password_alone") == 1)
        let signedInAt: Int64? = try user["last_signed_in_at"]
        lastSignInAt = max(signedInAt ?? 0, try user.int("active_since"))
    }
}
