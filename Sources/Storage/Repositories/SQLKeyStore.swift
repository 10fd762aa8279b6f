// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors

package import Security

/// The wrapped keys of the tenants: useless without the root key, which the database never sees.
package struct SQLKeyStore: KeyStore {
    private let database: any Database

    package init(_ database: any Database) { self.database = database }

    package func newestKey(_ scope: TenantScope, slot: KeySlot) async throws -> WrappedKey? {
        try await database.read(scope) { tx in
            try tx.query(
                """
                SELECT \(WrappedKey.columns) FROM keys WHERE tenant_id = $1 AND kind = $2 AND plugin = $3 AND purpose = $4
                ORDER BY version DESC LIMIT 1
                """, [tx.tenant, .text(slot.kind.rawValue), .text(slot.plugin), .text(slot.purpose)]
            ).first.map(WrappedKey.init(row:))
        }
    }

    package func key(_ scope: TenantScope, id: KeyID) async throws -> WrappedKey? {
        try await database.read(scope) { tx in
            try tx.query("SELECT \(WrappedKey.columns) FROM keys WHERE tenant_id = $1 AND id = $2", [tx.tenant, .text(id.description)])
                .first.map(WrappedKey.init(row:))
        }
    }

    package func insertKey(_ scope: TenantScope, _ key: WrappedKey, audit: AuditEvent) async throws -> Bool {
        try await database.transaction(scope) { tx in
            let inserted = try tx.execute(
                """
                INSERT INTO keys (tenant_id, id, kind, plugin, purpose, version, wrapped_by, wrapped, uses, created_at)
                VALUES ($1, $2, $3, $4, $5, $6, $7, $8, 0, $9)
                ON CONFLICT (tenant_id, kind, plugin, purpose, version) DO NOTHING
                """,
                [
                    tx.tenant, .text(key.id.description), .text(key.slot.kind.rawValue), .text(key.slot.plugin), .text(key.slot.purpose),
                    .int(Int64(key.version)), .text(key.wrappedBy), .text(key.wrapped), .int(key.createdAt),
                ])
            guard inserted == 1 else { return false }
            try tx.append(audit)
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
}

extension WrappedKey {
    static let columns = "id, kind, plugin, purpose, version, wrapped_by, wrapped, created_at"

    init(row: Row) throws {
        self.init(
            id: try row.id("id"), slot: KeySlot(kind: try row.choice("kind"), plugin: try row["plugin"], purpose: try row["purpose"]),
            version: try row["version"], wrappedBy: try row["wrapped_by"], wrapped: try row["wrapped"], createdAt: try row["created_at"])
    }
}
