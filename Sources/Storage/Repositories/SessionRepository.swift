// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors

package import Security
import Values

/// The sessions of one tenant and the refresh tokens that prolong them.
package struct SessionRepository {
    private let tx: TenantTransaction

    package init(_ tx: TenantTransaction) { self.tx = tx }

    /// Makes room for a session, and inserts it with its first token; throws `.conflict` when the user may not sign in any more, or when what
    /// the sign-in looked at, such as the password, has changed since.
    package func open(_ session: NewSession) throws -> SessionOpening {
        // Of all that sign the user in at once, one counts at a time.
        try tx.lock("sessions/\(session.user)")
        // Changes the row, so that a new password, a deactivation or whatever else ends sessions comes before this or sees the session.
        let isAsProved =
            try tx.execute(
                """
                UPDATE users SET last_signed_in_at = $4, password_hash = COALESCE($5, password_hash)
                WHERE tenant_id = $1 AND id = $2 AND status = 'active'
                    AND epoch + (SELECT t.epoch FROM tenants t WHERE t.id = $1 AND t.status = 'active') = $3
                """,
                [
                    tx.tenant, .text(session.user.description), .int(session.epoch), .int(session.openedAt),
                    .text(orNull: session.rehashedPassword),
                ]) == 1
        guard isAsProved else { throw StorageError(.conflict, "the account changed during the sign-in") }
        guard let ended = try makeRoom(for: session) else { return .full }
        try tx.execute(
            """
            INSERT INTO sessions (tenant_id, id, user_id, methods, created_at, last_seen_at, expires_at, device_id, home_epoch, factor_at, home_session)
            VALUES ($1, $2, $3, $4, $5, $8, $6, $7, $9, $10, $11)
            """,
            [
                tx.tenant, .text(session.id.description), .text(session.user.description), .text(StoredList.text(session.methods)),
                .int(session.createdAt), .int(session.expiresAt), .text(orNull: session.device?.id.description),
                .int(session.openedAt), .int(orNull: session.origin?.epoch), .int(orNull: session.factorAt),
                .text(orNull: session.origin?.session.description),
            ])
        if let use = session.device { try DeviceRepository(tx).use(use, by: session.user, epoch: session.epoch, at: session.openedAt) }
        try insert(session.refresh)
        return .opened(ended: ended)
    }

    /// Ends sessions of the user until one more may be; nil when it may not be.
    private func makeRoom(for session: NewSession) throws -> [SessionID]? {
        let now = session.openedAt
        let live = try open(of: session.user, at: now).filter { session.limits.covers($0.createdAt, $0.lastSeenAt, at: now) }
            .sorted { ($0.lastSeenAt, $0.createdAt, $0.id) < ($1.lastSeenAt, $1.createdAt, $1.id) }
        let surplus = live.count - Int(session.rules.concurrent) + 1
        guard surplus > 0 else { return [] }
        guard session.rules.whenFull == .endOldest else { return nil }
        return try live.prefix(surplus).map(\.id).filter { try end($0, at: now) }
    }

    /// Notes that a session was used; whoever noted it within the last minute has spared this one.
    @discardableResult
    package func noteUse(of id: SessionID, at now: Int64) throws -> Bool {
        try tx.execute(
            """
            UPDATE sessions SET last_seen_at = $3 WHERE tenant_id = $1 AND id = $2 AND revoked_at IS NULL AND last_seen_at <= $4
            """, [tx.tenant, .text(id.description), .int(now), .int(now - SessionRules.noting)]) == 1
    }

    /// A session, and which state of the tenant's policy is in force, in one statement: every request asks it.
    package func find(_ id: SessionID) throws -> SessionRecord? {
        let rows = try tx.query(
            """
            SELECT s.id, s.user_id, s.methods, s.created_at, s.last_seen_at, s.expires_at, s.revoked_at, s.device_id, u.name, u.status AS user_status,
                u.epoch + t.epoch AS epoch, t.slug, t.status AS tenant_status, p.revision, u.home_tenant, u.home_user, s.home_epoch, s.home_session,
                s.factor_at, f.policy AS factor_policy, \(SessionRulesRepository.columns),
                (SELECT count(*) FROM user_factors x WHERE x.tenant_id = s.tenant_id AND x.user_id = s.user_id AND x.status = 'active')
                    AS factors
            FROM sessions s JOIN users u ON u.tenant_id = s.tenant_id AND u.id = s.user_id JOIN tenants t ON t.id = s.tenant_id
                JOIN policies p ON p.tenant_id = s.tenant_id LEFT JOIN session_rules r ON r.tenant_id = s.tenant_id
                LEFT JOIN factor_policies f ON f.tenant_id = s.tenant_id
            WHERE s.tenant_id = $1 AND s.id = $2
            """, [tx.tenant, .text(id.description)])
        guard let row = rows.first else { return nil }
        let user: UserID = try row.id("user_id")
        return SessionRecord(
            id: id, tenant: tx.scope.tenant, slug: try row.slug("slug"), user: user, name: try row["name"],
            isActive: try row.text("user_status") == "active" && row.text("tenant_status") == "active",
            revokedAt: try row["revoked_at"], expiresAt: try row["expires_at"], createdAt: try row["created_at"],
            methods: try StoredList.read(row, "methods"), epoch: try row["epoch"],
            policy: try row["revision"], device: try row.optionalID("device_id"), lastSeenAt: try row["last_seen_at"],
            factorAt: try row["factor_at"], hasFactor: try row.int("factors") > 0, factorPolicy: try FactorPolicy(row: row),
            home: try HomeLink(row: row), origin: try SessionOrigin(row: row), rules: try SessionRules(row: row))
    }

    /// Ends a session and its tokens; answers whether it was still open.
    package func end(_ id: SessionID, at now: Int64) throws -> Bool {
        let ended = try tx.execute(
            "UPDATE sessions SET revoked_at = $3 WHERE tenant_id = $1 AND id = $2 AND revoked_at IS NULL",
            [tx.tenant, .text(id.description), .int(now)])
        guard ended == 1 else { return false }
        try tx.execute(
            "UPDATE refresh_tokens SET state = 'revoked' WHERE tenant_id = $1 AND session_id = $2 AND state <> 'revoked'",
            [tx.tenant, .text(id.description)])
        return true
    }

    /// A user's sessions that are neither ended nor over, the newest first.
    package func open(of user: UserID, at now: Int64) throws -> [SessionSummary] {
        try tx.query(
            """
            SELECT s.id, s.created_at, s.last_seen_at, s.expires_at, s.methods, s.device_id, (
                SELECT MAX(r.rotated_at) FROM refresh_tokens r WHERE r.tenant_id = s.tenant_id AND r.session_id = s.id) AS renewed_at
            FROM sessions s WHERE s.tenant_id = $1 AND s.user_id = $2 AND s.revoked_at IS NULL AND s.expires_at > $3
            ORDER BY s.created_at DESC, s.id DESC
            """, [tx.tenant, .text(user.description), .int(now)]
        ).map { row in
            let renewedAt: Int64? = try row["renewed_at"]
            return SessionSummary(
                id: try row.id("id"), createdAt: try row["created_at"], renewedAt: try renewedAt ?? row.int("created_at"),
                expiresAt: try row["expires_at"], methods: try StoredList.read(row, "methods"), device: try row.optionalID("device_id"),
                lastSeenAt: try row["last_seen_at"])
        }
    }

    /// Ends a user's sessions of a choice with their tokens; answers which ones were still open.
    package func end(_ which: SessionChoice, of user: UserID, at now: Int64) throws -> [SessionID] {
        try open(of: user, at: now).map(\.id).filter(which.contains).filter { try end($0, at: now) }
    }

    /// Ends the sessions of a device with their tokens; answers which ones were still open.
    package func end(device: DeviceID, of user: UserID, at now: Int64) throws -> [SessionID] {
        try open(of: user, at: now).filter { $0.device == device }.map(\.id).filter { try end($0, at: now) }
    }

    /// Carries out one use of a refresh token; see `RefreshRotation` for the steps.
    package func rotate(_ rotation: RefreshRotation) throws -> RefreshRotation.Outcome {
        // One conditional update decides the race: of all that hand in the same token, one changes the row.
        let claimed = try tx.query(
            """
            UPDATE refresh_tokens SET state = 'rotated', child = $3, rotated_at = $4
            WHERE tenant_id = $1 AND hash = $2 AND state = 'active' AND expires_at > $4 AND session_id IN (
                SELECT s.id FROM sessions s
                WHERE s.tenant_id = $1 AND s.id = refresh_tokens.session_id AND s.revoked_at IS NULL AND s.expires_at > $4)
            RETURNING session_id
            """,
            [tx.tenant, .text(Hex.encode(rotation.parent)), .text(Hex.encode(rotation.child.hash)), .int(rotation.now)])
        if let row = claimed.first {
            guard try row.id("session_id") == rotation.child.session else {
                throw StorageError(.conflict, "the new refresh token belongs to another session")
            }
            try insert(rotation.child)
            try tx.append(rotation.rotated)
            return .rotated
        }
        let parent = try token(rotation.parent)
        let child = try parent?.child.flatMap(token)
        let live = try parent.map { try isLive($0.session, at: rotation.now) } ?? false
        let outcome = rotation.judge(parent: parent, child: child, sessionIsLive: live)
        if outcome == .reused, let parent, try end(parent.session, at: rotation.now) {
            try tx.append(rotation.reused)
        }
        return outcome
    }

    /// Gives a session that goes on another token beside those that it has; false when it has ended.
    package func prolong(with token: RefreshRecord, at now: Int64) throws -> Bool {
        // Changes the row: whoever ends the session comes before this, or finds the token.
        let isOpen =
            try tx.execute(
                "UPDATE sessions SET last_seen_at = $3 WHERE tenant_id = $1 AND id = $2 AND revoked_at IS NULL AND expires_at > $3",
                [tx.tenant, .text(token.session.description), .int(now)]) == 1
        if isOpen { try insert(token) }
        return isOpen
    }

    private func token(_ hash: [UInt8]) throws -> RefreshRecord? {
        try tx.query(
            "SELECT \(RefreshRecord.columns) FROM refresh_tokens WHERE tenant_id = $1 AND hash = $2", [tx.tenant, .text(Hex.encode(hash))]
        ).first.map(RefreshRecord.init(row:))
    }

    private func isLive(_ session: SessionID, at now: Int64) throws -> Bool {
        try !tx.query(
            "SELECT id FROM sessions WHERE tenant_id = $1 AND id = $2 AND revoked_at IS NULL AND expires_at > $3",
            [tx.tenant, .text(session.description), .int(now)]
        ).isEmpty
    }

    private func insert(_ token: RefreshRecord) throws {
        guard token.tenant == tx.scope.tenant else { throw StorageError(.failed, "a refresh token names another tenant") }
        try tx.execute(
            """
            INSERT INTO refresh_tokens (tenant_id, hash, session_id, state, child, rotated_at, expires_at)
            VALUES ($1, $2, $3, $4, $5, $6, $7)
            """,
            [
                tx.tenant, .text(Hex.encode(token.hash)), .text(token.session.description), .text(token.state.rawValue),
                .text(orNull: token.child.map { Hex.encode($0) }), .int(orNull: token.rotatedAt), .int(token.expiresAt),
            ])
    }
}

extension HomeLink {
    /// Of the columns `home_tenant` and `home_user`; nil where the user is nobody's guest.
    init?(row: Row) throws {
        guard let tenant: TenantID = try row.optionalID("home_tenant"), let user: UserID = try row.optionalID("home_user") else {
            return nil
        }
        self.init(tenant: tenant, user: user)
    }
}

extension SessionOrigin {
    /// Of the columns `home_session` and `home_epoch`; nil where the session is nobody's guest's.
    init?(row: Row) throws {
        guard let session: SessionID = try row.optionalID("home_session"), let epoch: Int64 = try row["home_epoch"] else { return nil }
        self.init(session: session, epoch: epoch)
    }
}

extension RefreshRecord {
    static let columns = "tenant_id, hash, session_id, state, child, rotated_at, expires_at"

    init(row: Row) throws {
        let child: String? = try row["child"]
        self.init(
            hash: try row.hex("hash"), tenant: try row.id("tenant_id"), session: try row.id("session_id"), state: try row.choice("state"),
            child: child == nil ? nil : try row.hex("child"), rotatedAt: try row["rotated_at"], expiresAt: try row["expires_at"])
    }
}
