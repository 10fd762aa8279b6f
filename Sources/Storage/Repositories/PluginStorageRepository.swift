// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors

package import Security
package import Values

/// The key-value store of one tenant's plugin: what `ctx.storage` sees.
package struct PluginStorageRepository {
    private let tx: TenantTransaction
    private let plugin: SQLValue

    package init(_ tx: TenantTransaction, plugin: PluginID) {
        self.tx = tx
        self.plugin = .text(plugin.description)
    }

    /// The value under a name.
    package func get(_ name: String) throws -> Value? {
        try tx.query(
            "SELECT value FROM plugin_storage WHERE tenant_id = $1 AND plugin_id = $2 AND name = $3", [tx.tenant, plugin, .text(name)]
        ).first.map { try $0.json("value") }
    }

    /// Stores a value; throws `.quotaExceeded`, and changes nothing, when names and values would take more than `quota` bytes.
    package func set(_ name: String, to value: Value, quota: Int, at now: Int64) throws {
        let text = JSON.text(value)
        let bytes = Int64(name.utf8.count + text.utf8.count)
        try lockUsage()
        let counted = try tx.execute(
            """
            UPDATE plugin_storage_usage SET bytes = bytes + $4 - COALESCE((
                SELECT s.bytes FROM plugin_storage s WHERE s.tenant_id = $1 AND s.plugin_id = $2 AND s.name = $3), 0)
            WHERE tenant_id = $1 AND plugin_id = $2 AND bytes + $4 - COALESCE((
                SELECT s.bytes FROM plugin_storage s WHERE s.tenant_id = $1 AND s.plugin_id = $2 AND s.name = $3), 0) <= $5
            """, [tx.tenant, plugin, .text(name), .int(bytes), .int(Int64(quota))])
        guard counted == 1 else { throw StorageError(.quotaExceeded, "the plugin's storage is full: its quota is \(quota) bytes") }
        try tx.execute(
            """
            INSERT INTO plugin_storage (tenant_id, plugin_id, name, value, bytes, updated_at) VALUES ($1, $2, $3, $4, $5, $6)
            ON CONFLICT (tenant_id, plugin_id, name) DO UPDATE SET
                value = excluded.value, bytes = excluded.bytes, updated_at = excluded.updated_at
            """, [tx.tenant, plugin, .text(name), .text(text), .int(bytes), .int(now)])
    }

    /// Removes a value; answers whether there was one.
    @discardableResult
    package func delete(_ name: String) throws -> Bool {
        try lockUsage()
        let removed = try tx.query(
            "DELETE FROM plugin_storage WHERE tenant_id = $1 AND plugin_id = $2 AND name = $3 RETURNING bytes",
            [tx.tenant, plugin, .text(name)])
        guard let bytes = try removed.first?.int("bytes") else { return false }
        try tx.execute(
            "UPDATE plugin_storage_usage SET bytes = bytes - $3 WHERE tenant_id = $1 AND plugin_id = $2", [tx.tenant, plugin, .int(bytes)])
        return true
    }

    /// The names that start with `prefix`, in byte order, after `after`.
    package func list(prefix: String = "", after: String = "", limit: Int = 1000) throws -> [String] {
        // A range on the primary key; LIKE would ignore case on one engine and the index on the other.
        try tx.query(
            """
            SELECT name FROM plugin_storage
            WHERE tenant_id = $1 AND plugin_id = $2 AND name >= $3 AND name > $4 AND SUBSTR(name, 1, CAST($5 AS INTEGER)) = $3
            ORDER BY name LIMIT $6
            """,
            [tx.tenant, plugin, .text(prefix), .text(after), .int(Int64(prefix.unicodeScalars.count)), .int(Int64(limit))]
        ).map { try $0["name"] }
    }

    /// How many bytes the plugin's names and values take.
    package func usage() throws -> Int64 {
        try tx.query("SELECT bytes FROM plugin_storage_usage WHERE tenant_id = $1 AND plugin_id = $2", [tx.tenant, plugin])
            .first?.int("bytes") ?? 0
    }

    /// Makes the counter exist and takes its row lock, so that two writers of the same name see each other's size.
    private func lockUsage() throws {
        try tx.execute(
            """
            INSERT INTO plugin_storage_usage (tenant_id, plugin_id, bytes) VALUES ($1, $2, 0)
            ON CONFLICT (tenant_id, plugin_id) DO UPDATE SET bytes = plugin_storage_usage.bytes
            """, [tx.tenant, plugin])
    }
}
