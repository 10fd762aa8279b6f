// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors

package import Security
import Values

extension UserRepository {
    /// Whom a new password would be for, by the rules of the tenant as they stand.
    package func passwordOwner(_ id: UserID) throws -> PasswordOwner {
        guard
            let row = try tx.query(
                """
                SELECT u.email, u.name, u.password_hash, t.slug, t.name AS tenant_name FROM users u JOIN tenants t ON t.id = u.tenant_id
                WHERE u.tenant_id = $1 AND u.id = $2
                """, [tx.tenant, .text(id.description)]
            ).first
        else { throw StorageError(.notFound, "this tenant has no such user") }
        let old = try tx.query(
            "SELECT hash FROM password_history WHERE tenant_id = $1 AND user_id = $2 ORDER BY changed_at DESC",
            [tx.tenant, .text(id.description)]
        ).map { try $0.text("hash") }
        let current = try row.text("password_hash")
        return PasswordOwner(
            profile: try AccountPolicyRepository(tx).current().profile, hasFactor: try hasFactor(id),
            context: try ["email", "name", "slug", "tenant_name"].map { try row.text($0) },
            history: (current.isEmpty ? [] : [current]) + old)
    }

    /// Whether a user has a second factor that counts.
    package func hasFactor(_ id: UserID) throws -> Bool {
        try !tx.query(
            "SELECT factor FROM user_factors WHERE tenant_id = $1 AND user_id = $2 AND status = 'active' LIMIT 1",
            [tx.tenant, .text(id.description)]
        ).isEmpty
    }

    /// Replaces the password, and ends what was signed in or begun with the old one.
    ///
    /// - Parameters:
    ///   - standsAlone: whether it may be the only factor, as one may that was taken without any.
    ///   - kept: the session that goes on, with a new access token.
    ///   - history: how many of the last passwords are kept as hashes, the new one among them.
    ///   - epoch: when given, the epoch that must still be in force: otherwise something has changed meanwhile, and this is a `.conflict`.
    package func setPassword(
        _ hash: String, standsAlone: Bool = true, of id: UserID, keeping kept: SessionID? = nil, history: Int = 0,
        expecting epoch: Int64? = nil, at now: Int64
    ) throws {
        try remember(id, most: history)
        let count = try tx.execute(
            """
            UPDATE users SET password_hash = $3, password_changed_at = $4, password_alone = $6, epoch = epoch + 1, updated_at = $4
            WHERE tenant_id = $1 AND id = $2 AND status <> 'deleted'
                AND ($5 < 0 OR epoch + (SELECT t.epoch FROM tenants t WHERE t.id = $1) = $5)
            """, [tx.tenant, .text(id.description), .text(hash), .int(now), .int(epoch ?? -1), .int(standsAlone ? 1 : 0)])
        if count == 0, epoch != nil, try find(id) != nil { throw StorageError(.conflict, "the account changed meanwhile") }
        try changed(count)
        try endSessions(of: id, but: kept, at: now)
        try OneTimeTokenRepository(tx).withdraw(of: id, now: now)
        try SignInLanes(tx, user: id).clear(places: false)
    }

    /// Makes an invited user an active one.
    package func accept(_ id: UserID, name: String?, passwordHash: String, at now: Int64) throws {
        let count = try tx.execute(
            """
            UPDATE users SET status = 'active', status_reason = NULL, name = COALESCE($3, name), password_hash = $4, password_changed_at = $5,
                password_alone = 1, active_since = $5, epoch = epoch + 1, updated_at = $5
            WHERE tenant_id = $1 AND id = $2 AND status = 'invited'
            """, [tx.tenant, .text(id.description), .text(orNull: name), .text(passwordHash), .int(now)])
        guard count == 1 else { throw StorageError(.conflict, "the user is not invited any more") }
        try OneTimeTokenRepository(tx).withdraw(of: id, now: now)
    }

    /// Stores a token for a user in the place of those of the same purpose; false when the user is not in a state to use it.
    package func store(_ token: OneTimeTokenRecord, for id: UserID, at now: Int64) throws -> Bool {
        let wanted: UserRecord.Status = token.purpose == .invitation ? .invited : .active
        guard try find(id)?.status == wanted, try token.purpose != .passwordReset || !isGuest(id) else { return false }
        if token.purpose == .device { return try storeConfirmation(token, for: id, at: now) }
        try OneTimeTokenRepository(tx).withdraw(of: id, token.purpose, now: now)
        try OneTimeTokenRepository(tx).insert(token)
        return true
    }

    /// Stores a token for the one sign-in that it confirms, as long as that waits, in the place of those before it; other sign-ins of the
    /// same user keep theirs.
    private func storeConfirmation(_ token: OneTimeTokenRecord, for id: UserID, at now: Int64) throws -> Bool {
        let tokens = OneTimeTokenRepository(tx)
        guard let confirms = token.confirms, let signIn = try tokens.find(confirms, .signIn, now: now), signIn.user == id,
            signIn.awaitsDevice
        else { return false }
        for earlier in try tokens.all(of: id, .device, now: now) where earlier.confirms == confirms {
            _ = try tokens.use(earlier.hash, .device, now: now)
        }
        var token = token
        token.expiresAt = min(token.expiresAt, signIn.expiresAt)
        try tokens.insert(token)
        return true
    }

    /// Whether a user signs in with the password of an account elsewhere, and so has none to reset here.
    package func isGuest(_ id: UserID) throws -> Bool {
        try !tx.query(
            "SELECT id FROM users WHERE tenant_id = $1 AND id = $2 AND home_user IS NOT NULL", [tx.tenant, .text(id.description)]
        ).isEmpty
    }

    /// Keeps the hash of the password that goes, and as many older ones as may not come again.
    private func remember(_ id: UserID, most: Int) throws {
        let user = SQLValue.text(id.description)
        if most > 1 {
            try tx.execute(
                """
                INSERT INTO password_history (tenant_id, user_id, changed_at, hash)
                SELECT tenant_id, id, password_changed_at, password_hash FROM users
                WHERE tenant_id = $1 AND id = $2 AND password_hash <> ''
                ON CONFLICT (tenant_id, user_id, changed_at) DO NOTHING
                """, [tx.tenant, user])
        }
        try tx.execute(
            """
            DELETE FROM password_history WHERE tenant_id = $1 AND user_id = $2 AND changed_at NOT IN (
                SELECT changed_at FROM password_history WHERE tenant_id = $1 AND user_id = $2 ORDER BY changed_at DESC LIMIT $3)
            """, [tx.tenant, user, .int(Int64(max(0, most - 1)))])
    }
}
