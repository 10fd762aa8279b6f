// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors

package import Security
import Values

/// What becomes of a user. Every step raises the epoch, so that what was signed in before is refused from the next request on.
extension UserRepository {
    /// Replaces the name or the address; what is nil stays.
    package func update(_ id: UserID, email: String?, name: String?, at now: Int64) throws {
        let email = email.map(Self.normalized)
        guard email != "" else { throw StorageError(.constraint, "a user needs an e-mail address") }
        do {
            // Whoever has another address now proves again who they are: a reset that went to the old one is void.
            try changed(
                tx.execute(
                    """
                    UPDATE users SET email = COALESCE($3, email), name = COALESCE($4, name), updated_at = $5
                    WHERE tenant_id = $1 AND id = $2 AND status <> 'deleted'
                    """, [tx.tenant, .text(id.description), .text(orNull: email), .text(orNull: name), .int(now)]))
        } catch let error as StorageError where error.code == .duplicate {
            throw StorageError(.duplicate, "a user with this e-mail address exists already")
        }
        if email != nil {
            try OneTimeTokenRepository(tx).withdraw(of: id, now: now)
            try EmailChangeRepository(tx).end(of: id)
        }
    }

    /// Suspends or reactivates a user; who never had a password is invited again. Throws `.conflict` for a deleted one.
    package func setStatus(_ status: UserRecord.Status, reason: String? = nil, of id: UserID, at now: Int64) throws {
        guard try find(id) != nil else { throw Self.unknown }
        let count = try tx.execute(
            """
            UPDATE users SET status = CASE WHEN $3 = 'active' AND password_hash = '' THEN 'invited' ELSE $3 END, status_reason = $4,
                epoch = epoch + 1, active_since = $5, updated_at = $5
            WHERE tenant_id = $1 AND id = $2 AND status <> 'deleted'
            """,
            [tx.tenant, .text(id.description), .text(status.rawValue), .text(orNull: reason), .int(now)])
        guard count == 1 else { throw StorageError(.conflict, "the user is deleted") }
        try endSessions(of: id, at: now)
        if status != .active { try OneTimeTokenRepository(tx).withdraw(of: id, now: now) }
    }

    /// Leaves nothing of a user but the id: no address, no name, no password, no way in, no right, no key. The address is free again.
    package func erase(_ id: UserID, at now: Int64) throws {
        try PolicyRepository(tx).beginChange()
        try changed(
            tx.execute(
                """
                UPDATE users SET email = $3, name = '', password_hash = '', status = 'deleted', status_reason = NULL, epoch = epoch + 1,
                    home_tenant = NULL, home_user = NULL, last_signed_in_at = NULL, updated_at = $4
                WHERE tenant_id = $1 AND id = $2 AND status <> 'deleted'
                """, [tx.tenant, .text(id.description), .text("deleted:\(id)"), .int(now)]))
        try endSessions(of: id, at: now)
        try dropRights(of: id)
        for table in ["one_time_tokens", "password_history", "user_factors", "backup_codes", "email_changes"] {
            try tx.execute("DELETE FROM \(table) WHERE tenant_id = $1 AND user_id = $2", [tx.tenant, .text(id.description)])
        }
        try SignInLanes(tx, user: id).clear(places: true)
        // A session names its device, so the row stays without the person's name for it.
        try tx.execute(
            "UPDATE devices SET name = '', trusted_until = NULL, revoked_at = COALESCE(revoked_at, $3) WHERE tenant_id = $1 AND user_id = $2",
            [tx.tenant, .text(id.description), .int(now)])
        try tx.execute(
            "UPDATE api_keys SET revoked_at = $3 WHERE tenant_id = $1 AND issued_by = $2 AND revoked_at IS NULL",
            [tx.tenant, .text("user:\(id)"), .int(now)])
    }

    /// Takes every role and every rule of their own from a user, behind `PolicyRepository.beginChange()`.
    func dropRights(of id: UserID) throws {
        for table in ["user_roles", "policy_rules"] {
            try tx.execute("DELETE FROM \(table) WHERE tenant_id = $1 AND user_id = $2", [tx.tenant, .text(id.description)])
        }
    }

    /// Active users who were last there before a moment: by a sign-in, by a request, or by having been activated. To prolong a session is no use.
    package func dormant(since moment: Int64, only id: UserID? = nil) throws -> [UserRecord] {
        try tx.query(
            """
            SELECT \(Self.columns) FROM users
            WHERE tenant_id = $1 AND status = 'active' AND active_since <= $2 AND COALESCE(last_signed_in_at, 0) <= $2
                AND ($3 = '' OR id = $3)
                AND NOT EXISTS (SELECT 1 FROM sessions s
                    WHERE s.tenant_id = users.tenant_id AND s.user_id = users.id AND s.last_seen_at > $2)
            ORDER BY email
            """, [tx.tenant, .int(moment), .text(id?.description ?? "")]
        ).map(record(of:))
    }

    /// Users who were not there for as long as the tenant says, or for so many days.
    package func dormant(days: Int64? = nil, only id: UserID? = nil, at now: Int64) throws -> [UserRecord] {
        let days = try days ?? AccountPolicyRepository(tx).current().dormantDays
        return days > 0 ? try dormant(since: now - days * 86_400_000, only: id) : []
    }

    /// Suspends them, but never the last administrator; answers whom.
    package func suspendDormant(days: Int64? = nil, only id: UserID? = nil, at now: Int64) throws -> [UserRecord] {
        // Who looks at the same time looks afterwards, and finds nobody.
        try PolicyRepository(tx).beginChange()
        return try dormant(days: days, only: id, at: now).filter { user in
            if user.isAdministrator, try !hasAdministrator(besides: user.id, at: now) { return false }
            try setStatus(.suspended, reason: "dormant", of: user.id, at: now)
            return true
        }
    }

    /// Whether anybody can still run the tenant but these: an active user with its administrators' role, for good or for a while.
    ///
    /// Call it in the transaction of the change, after `PolicyRepository.beginChange()`: two who suspend each other wait for each other.
    package func hasAdministrator(besides id: UserID, at now: Int64) throws -> Bool {
        try !tx.query(
            """
            SELECT u.id FROM users u JOIN user_roles r ON r.tenant_id = u.tenant_id AND r.user_id = u.id
            WHERE u.tenant_id = $1 AND u.id <> $2 AND u.status = 'active' AND r.role IN ('ADMIN', 'SUPER_ADMIN')
                AND (r.expires_at IS NULL OR r.expires_at > $3)
            LIMIT 1
            """, [tx.tenant, .text(id.description), .int(now)]
        ).isEmpty
    }

    /// Access tokens end by the epoch; a refresh token would fetch the new one.
    func endSessions(of id: UserID, but kept: SessionID? = nil, at now: Int64) throws {
        try tx.execute(
            "UPDATE sessions SET revoked_at = $3 WHERE tenant_id = $1 AND user_id = $2 AND revoked_at IS NULL AND id <> $4",
            [tx.tenant, .text(id.description), .int(now), .text(kept?.description ?? "")])
    }

    func changed(_ rows: Int) throws {
        guard rows == 1 else { throw Self.unknown }
    }

    private static let unknown = StorageError(.notFound, "this tenant has no such user")
}
