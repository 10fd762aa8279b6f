// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors

package import Security

/// What operators of the installation did in one tenant under which reason, as the tenant sees it.
package struct ActingRepository {
    /// One act.
    package struct Act: Sendable, Hashable {
        package let id: SessionID
        /// The operator's id; their name is the platform's own.
        package let user: UserID
        package let reason: String
        /// The event in the tenant's trail that the act began with.
        package let reasonEvent: EventID
        package let createdAt: Int64
        package let expiresAt: Int64
        package let endedAt: Int64?
    }

    private let tx: TenantTransaction

    package init(_ tx: TenantTransaction) { self.tx = tx }

    /// The tenant's own decision: the role that operators act with, nil where they may not.
    package func role() throws -> String? {
        guard let row = try tx.query("SELECT operator_role FROM tenants WHERE id = $1", [tx.tenant]).first else { return nil }
        return try row["operator_role"]
    }

    /// Sets the role; nil forbids it, and what runs finds that at its next request.
    package func setRole(_ role: String?) throws {
        try tx.execute("UPDATE tenants SET operator_role = $2 WHERE id = $1", [tx.tenant, .text(orNull: role)])
    }

    /// The newest acts first.
    package func latest(limit: Int) throws -> [Act] {
        try tx.query(
            """
            SELECT id, operator_id, reason, reason_event, created_at, expires_at, ended_at FROM acting_sessions
            WHERE tenant_id = $1 ORDER BY id DESC LIMIT $2
            """, [tx.tenant, .int(Int64(limit))]
        ).map { row in
            Act(
                id: try row.id("id"), user: try row.id("operator_id"), reason: try row["reason"], reasonEvent: try row.id("reason_event"),
                createdAt: try row["created_at"], expiresAt: try row["expires_at"], endedAt: try row["ended_at"])
        }
    }
}
