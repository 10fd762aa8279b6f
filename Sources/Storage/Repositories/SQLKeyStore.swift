// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors

package import Security

/// The wrapped keys of the tenants: useless without the root key, which the database never sees.
package struct SQLKeyStore: KeyStore {
    private let database: any Database

    package init(_ database: any Database) { self.database = database }

    package func newestKey(_ scope: TenantScope, slot: KeySlot) async throws -> WrappedKey? {
        try await database.readOne(scope) { tx in
            try tx.query(
                """
                SELECT \(WrappedKey.columns) FROM keys k
                WHERE k.tenant_id = $1 AND k.kind = $2 AND k.plugin = $3 AND k.purpose = $4
                ORDER BY k.version DESC LIMIT 1
                """, [tx.tenant] + slot.columns
            ).first.map(WrappedKey.init(row:))
        }
    }

    package func key(_ scope: TenantScope, id: KeyID) async throws -> WrappedKey? {
        try await database.readOne(scope) { tx in
            try tx.query(
                "SELECT \(WrappedKey.columns) FROM keys k WHERE k.tenant_id = $1 AND k.id = $2", [tx.tenant, .text(id.description)]
            )
            .first.map(WrappedKey.init(row:))
        }
    }

    package func insertKey(_ scope: TenantScope, _ key: WrappedKey, uses: Int64, audit: AuditEvent?) async throws -> Bool {
        try await database.transaction(scope) { tx in
            let inserted = try tx.execute(
                """
                INSERT INTO keys (tenant_id, kind, plugin, purpose, id, version, wrapped_by, wrapped, uses, created_at)
                VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)
                ON CONFLICT (tenant_id, kind, plugin, purpose, version) DO NOTHING
                """,
                [tx.tenant] + key.slot.columns + [
                    .text(key.id.description), .int(Int64(key.version)), .text(key.wrappedBy), .text(key.wrapped), .int(uses),
                    .int(key.createdAt),
                ])
            guard inserted == 1 else { return false }
            // After the insertion, whose foreign key waits for a purge that is under way: a tenant without keys gets none again.
            let tenant = try tx.query("SELECT status FROM tenants WHERE id = $1", [tx.tenant]).first
            guard try tenant?.text("status") != TenantRecord.Status.purged.rawValue else { throw EncryptionError.erased }
            if let audit { try tx.append(audit) }
            return true
        }
    }

    package func reserveKeyUses(_ scope: TenantScope, id: KeyID, count: Int64) async throws -> Int64 {
        try await database.transaction(scope) { tx in
            let rows = try tx.query(
                "UPDATE keys SET uses = uses + $3 WHERE tenant_id = $1 AND id = $2 RETURNING uses",
                [tx.tenant, .text(id.description), .int(count)])
            guard let row = rows.first else { throw StorageError(.notFound, "this tenant has no such key") }
            return try row.int("uses") - count
        }
    }

    package func eraseKeys(
        _ scope: TenantScope, slot: KeySlot, tombstone: KeyID, at now: Int64, audit: AuditEvent
    ) async throws -> Int {
        let destroyed = try await database.transaction(scope) { tx in
            // First, so that a key that is being made at this moment finds its place taken or is overwritten below.
            try tx.execute(
                """
                INSERT INTO keys (tenant_id, kind, plugin, purpose, id, version, wrapped_by, wrapped, uses, created_at, erased_at)
                VALUES ($1, $2, $3, $4, $5, 1, '', '', 0, $6, $6)
                ON CONFLICT (tenant_id, kind, plugin, purpose, version) DO NOTHING
                """, [tx.tenant] + slot.columns + [.text(tombstone.description), .int(now)])
            let destroyed = try tx.execute(
                """
                UPDATE keys SET wrapped = '', wrapped_by = '', erased_at = $5
                WHERE tenant_id = $1 AND kind = $2 AND plugin = $3 AND purpose = $4 AND erased_at IS NULL
                """, [tx.tenant] + slot.columns + [.int(now)])
            _ = try AuditAddresses.removeErased(tx)
            try tx.append(audit)
            return destroyed
        }
        await (database as? any ScrubbingDatabase)?.scrub()
        return destroyed
    }
}

/// A database that can remove from its files what was destroyed in its rows.
package protocol ScrubbingDatabase {
    /// Does so as far as it is possible now.
    func scrub() async
}

extension KeySlot {
    /// The columns kind, plugin and purpose.
    var columns: [SQLValue] { [.text(kind.rawValue), .text(plugin), .text(purpose)] }
}

extension WrappedKey {
    /// Of the table as `k`.
    static let columns = """
        k.id, k.kind, k.plugin, k.purpose, k.version, k.wrapped_by, k.wrapped, k.created_at, k.erased_at,
        (SELECT f.min_decrypt_version FROM key_floors f
            WHERE f.tenant_id = k.tenant_id AND f.kind = k.kind AND f.plugin = k.plugin AND f.purpose = k.purpose) AS floor
        """

    init(row: Row) throws {
        self.init(
            id: try row.id("id"), slot: KeySlot(kind: try row.choice("kind"), plugin: try row["plugin"], purpose: try row["purpose"]),
            version: try row["version"], wrappedBy: try row["wrapped_by"], wrapped: try row["wrapped"], createdAt: try row["created_at"],
            erasedAt: try row["erased_at"], minimumVersion: try row["floor"] ?? 0)
    }
}
