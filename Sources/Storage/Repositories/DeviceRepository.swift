// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors

package import Security

/// The devices of one tenant's users.
package struct DeviceRepository {
    /// Devices per user; of more, those that were not used for the longest time are forgotten.
    package static let most = 50

    private let tx: TenantTransaction

    package init(_ tx: TenantTransaction) { self.tx = tx }

    /// A device, also a withdrawn one.
    package func find(_ id: DeviceID) throws -> DeviceRecord? {
        try tx.query("SELECT \(Self.columns) FROM devices WHERE tenant_id = $1 AND id = $2", [tx.tenant, .text(id.description)])
            .first.map(DeviceRecord.init(row:))
    }

    /// A user's devices that are not withdrawn, the last used first.
    package func all(of user: UserID) throws -> [DeviceRecord] {
        try tx.query(
            """
            SELECT \(Self.columns) FROM devices WHERE tenant_id = $1 AND user_id = $2 AND revoked_at IS NULL
            ORDER BY last_seen_at DESC, id DESC
            """, [tx.tenant, .text(user.description)]
        ).map(DeviceRecord.init(row:))
    }

    /// Takes note of a sign-in with a device; throws `.conflict` when a known one was withdrawn meanwhile.
    package func use(_ use: DeviceUse, by user: UserID, epoch: Int64, at now: Int64) throws {
        let ids: [SQLValue] = [tx.tenant, .text(use.id.description), .text(user.description), .int(now)]
        if let name = use.newName {
            try tx.execute(
                """
                INSERT INTO devices (tenant_id, id, user_id, name, created_at, last_seen_at) VALUES ($1, $2, $3, $5, $4, $4)
                """, ids + [.text(name)])
            try forgetOldest(of: user)
        } else {
            let known = try tx.execute(
                """
                UPDATE devices SET last_seen_at = $4 WHERE tenant_id = $1 AND id = $2 AND user_id = $3 AND revoked_at IS NULL
                """, ids)
            guard known == 1 else { throw StorageError(.conflict, "the device was withdrawn during the sign-in") }
        }
        guard let until = use.trustedUntil else { return }
        try tx.execute(
            "UPDATE devices SET trusted_until = $3, trusted_epoch = $4 WHERE tenant_id = $1 AND id = $2",
            [tx.tenant, .text(use.id.description), .int(until), .int(epoch)])
    }

    /// Names a device; answers whether the user has it.
    package func rename(_ id: DeviceID, of user: UserID, to name: String) throws -> Bool {
        try tx.execute(
            "UPDATE devices SET name = $4 WHERE tenant_id = $1 AND id = $2 AND user_id = $3 AND revoked_at IS NULL",
            [tx.tenant, .text(id.description), .text(user.description), .text(name)]) == 1
    }

    /// Withdraws a device with its trust and its sessions; answers which ones were still open, nil when the user has no such device.
    package func revoke(_ id: DeviceID, of user: UserID, at now: Int64) throws -> [SessionID]? {
        let revoked = try tx.execute(
            """
            UPDATE devices SET revoked_at = $4, trusted_until = NULL, trusted_epoch = NULL
            WHERE tenant_id = $1 AND id = $2 AND user_id = $3 AND revoked_at IS NULL
            """, [tx.tenant, .text(id.description), .text(user.description), .int(now)])
        return revoked == 1 ? try SessionRepository(tx).end(device: id, of: user, at: now) : nil
    }

    /// Lets none of a user's devices stand in for a second factor any more; for when a factor has changed.
    @discardableResult
    package func endTrust(of user: UserID) throws -> Int {
        try tx.execute(
            """
            UPDATE devices SET trusted_until = NULL, trusted_epoch = NULL
            WHERE tenant_id = $1 AND user_id = $2 AND trusted_until IS NOT NULL
            """, [tx.tenant, .text(user.description)])
    }

    /// Whoever can sign in can make devices without end. Withdrawn ones go first; sessions keep the id of one that is forgotten.
    private func forgetOldest(of user: UserID) throws {
        try tx.execute(
            """
            DELETE FROM devices WHERE tenant_id = $1 AND user_id = $2 AND id NOT IN (
                SELECT d.id FROM devices d WHERE d.tenant_id = $1 AND d.user_id = $2
                ORDER BY CASE WHEN d.revoked_at IS NULL THEN 0 ELSE 1 END, d.last_seen_at DESC, d.id DESC LIMIT \(Self.most))
            """, [tx.tenant, .text(user.description)])
    }

    private static let columns = "id, user_id, name, created_at, last_seen_at, trusted_until, trusted_epoch, revoked_at"
}

extension DeviceRecord {
    fileprivate init(row: Row) throws {
        self.init(
            id: try row.id("id"), user: try row.id("user_id"), name: try row["name"], createdAt: try row["created_at"],
            lastSeenAt: try row["last_seen_at"], trustedUntil: try row["trusted_until"], trustedEpoch: try row["trusted_epoch"],
            revokedAt: try row["revoked_at"])
    }
}
