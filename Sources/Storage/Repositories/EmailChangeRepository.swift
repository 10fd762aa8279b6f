// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors

package import Security

/// A new address of a user's own, until they have shown that it is theirs.
package struct EmailChange: Sendable, Hashable {
    package let id: String
    package let user: UserID
    /// The epoch in which the password was shown for it; any other voids it.
    package let epoch: Int64
    package let address: Sealed
    package let createdAt: Int64
    package let expiresAt: Int64

    package init(id: String, user: UserID, epoch: Int64, address: Sealed, createdAt: Int64, expiresAt: Int64) {
        (self.id, self.user, self.epoch, self.address) = (id, user, epoch, address)
        (self.createdAt, self.expiresAt) = (createdAt, expiresAt)
    }

    /// Where the address is sealed.
    package static func place(_ id: String) -> PersonalPlace { PersonalPlace(field: "email_changes.address", record: id) }
}

/// The addresses of one tenant's users that wait.
package struct EmailChangeRepository {
    private let tx: TenantTransaction

    package init(_ tx: TenantTransaction) { self.tx = tx }

    /// Begins a change in the place of one that was begun before, whose token is void.
    package func begin(_ change: EmailChange) throws {
        try tx.execute(
            """
            INSERT INTO email_changes (tenant_id, user_id, id, epoch, address, key_id, key_version, created_at, expires_at)
            VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)
            ON CONFLICT (tenant_id, user_id) DO UPDATE SET id = excluded.id, epoch = excluded.epoch, address = excluded.address,
                key_id = excluded.key_id, key_version = excluded.key_version, created_at = excluded.created_at,
                expires_at = excluded.expires_at
            """,
            [
                tx.tenant, .text(change.user.description), .text(change.id), .int(change.epoch), .text(change.address.text),
                .text(change.address.keyID), .int(Int64(change.address.keyVersion)), .int(change.createdAt), .int(change.expiresAt),
            ])
        try OneTimeTokenRepository(tx).withdraw(of: change.user, .emailVerification, now: change.createdAt)
    }

    /// The change that a user has begun, while it may be confirmed: they are active, and their account is as it was.
    package func find(of user: UserID, at now: Int64) throws -> EmailChange? {
        try tx.query(
            """
            SELECT c.id, c.epoch, c.address, c.key_id, c.key_version, c.created_at, c.expires_at
            FROM email_changes c JOIN users u ON u.tenant_id = c.tenant_id AND u.id = c.user_id JOIN tenants t ON t.id = c.tenant_id
            WHERE c.tenant_id = $1 AND c.user_id = $2 AND c.expires_at > $3 AND u.status = 'active' AND t.status = 'active'
                AND u.epoch + t.epoch = c.epoch
            """, [tx.tenant, .text(user.description), .int(now)]
        ).first.map { row in
            EmailChange(
                id: try row["id"], user: user, epoch: try row["epoch"],
                address: Sealed(text: try row["address"], keyID: try row["key_id"], keyVersion: try row["key_version"]),
                createdAt: try row["created_at"], expiresAt: try row["expires_at"])
        }
    }

    /// Ends what a user has begun.
    package func end(of user: UserID) throws {
        try tx.execute("DELETE FROM email_changes WHERE tenant_id = $1 AND user_id = $2", [tx.tenant, .text(user.description)])
    }
}
