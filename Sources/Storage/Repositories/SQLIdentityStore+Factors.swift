// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors

package import Security
import Values

extension SQLIdentityStore {
    package func factors(_ scope: TenantScope, of user: UserID) async throws -> [FactorName] {
        try await database.read(scope) { tx in
            let factors = UserFactorRepository(tx)
            let active = try factors.all(of: user).filter { $0.status == .active }.map(\.factor)
            // Codes on paper stand in for a factor; alone they are none.
            return try active.isEmpty || factors.backupCodes(of: user) == 0 ? active : active + [.backupCode]
        }
    }

    package func factorPolicy(_ scope: TenantScope) async throws -> FactorPolicy {
        try await database.readOne(scope) { try UserFactorRepository($0).policy() ?? .standard }
    }

    package func claimFactor(
        _ scope: TenantScope, user: UserID, factor: FactorName, now: Int64, delay: @escaping @Sendable (_ failures: Int64) -> Int64
    ) async throws -> Bool {
        try await database.transaction(scope) { try LoginCounter($0, user: user, factor: factor.rawValue).claim(now: now, delay: delay) }
    }

    package func resetFactor(_ scope: TenantScope, user: UserID, factor: FactorName) async throws {
        try await database.transaction(scope) { try LoginCounter($0, user: user, factor: factor.rawValue).reset() }
    }

    package func countAnswer(_ scope: TenantScope, hash: [UInt8], limit: Int64, now: Int64) async throws -> Bool {
        try await database.transaction(scope) {
            try OneTimeTokenRepository($0).attempt(hash, .signIn, limit: limit, now: now) != nil
        }
    }

    package func usePendingSignIn(_ scope: TenantScope, hash: [UInt8], now: Int64) async throws -> Bool {
        try await database.transaction(scope) { try OneTimeTokenRepository($0).use(hash, .signIn, now: now) != nil }
    }

    package func storeRehash(_ scope: TenantScope, user: UserID, hash: String, epoch: Int64, now: Int64) async throws {
        _ = try await database.transaction(scope) { tx in
            try tx.execute(
                """
                UPDATE users SET password_hash = $3, updated_at = $5
                WHERE tenant_id = $1 AND id = $2 AND epoch + (SELECT t.epoch FROM tenants t WHERE t.id = $1) = $4
                """, [tx.tenant, .text(user.description), .text(hash), .int(epoch), .int(now)])
        }
    }

    package func noteFactor(
        _ scope: TenantScope, session: SessionID, user: UserID, methods: [String], now: Int64, audit: AuditEvent
    ) async throws -> Bool {
        try await database.transaction(scope) { tx in
            let noted = try tx.execute(
                """
                UPDATE sessions SET factor_at = $4, methods = $5
                WHERE tenant_id = $1 AND id = $2 AND user_id = $3 AND revoked_at IS NULL AND expires_at > $4
                """,
                [tx.tenant, .text(session.description), .text(user.description), .int(now), .text(StoredList.text(methods))])
            guard noted == 1 else { return false }
            try tx.append(audit)
            return true
        }
    }
}
