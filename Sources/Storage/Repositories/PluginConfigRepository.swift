// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors

package import Security
import Values

/// The configuration of a tenant's plugin instances: plain values as JSON, secrets only sealed.
package struct PluginConfigRepository {
    private let tx: TenantTransaction

    package init(_ tx: TenantTransaction) { self.tx = tx }

    /// Every stored field of an instance, by name.
    package func fields(of instance: InstanceID) throws -> [PluginConfigField] {
        try tx.query(
            """
            SELECT field, plain, sealed, key_id, key_version, fingerprint, updated_at, updated_by FROM plugin_config
            WHERE tenant_id = $1 AND instance_id = $2 ORDER BY field
            """, [tx.tenant, .text(instance.description)]
        ).map(PluginConfigField.init(row:))
    }

    /// Sets one field, whatever it was before.
    package func set(_ field: PluginConfigField, of instance: InstanceID) throws {
        var plain = SQLValue.null
        var seal: [SQLValue] = [.null, .null, .null, .null]
        switch field.content {
        case .plain(let value):
            plain = .text(JSON.text(value))
        case .sealed(let sealed, let fingerprint):
            seal = [.text(sealed.text), .text(sealed.keyID), .int(Int64(sealed.keyVersion)), .text(fingerprint)]
        }
        try tx.execute(
            """
            INSERT INTO plugin_config
                (tenant_id, instance_id, field, plain, sealed, key_id, key_version, fingerprint, updated_at, updated_by)
            VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)
            ON CONFLICT (tenant_id, instance_id, field) DO UPDATE SET
                plain = excluded.plain, sealed = excluded.sealed, key_id = excluded.key_id, key_version = excluded.key_version,
                fingerprint = excluded.fingerprint, updated_at = excluded.updated_at, updated_by = excluded.updated_by
            """,
            [tx.tenant, .text(instance.description), .text(field.field), plain] + seal + [.int(field.updatedAt), .text(field.updatedBy)])
    }

    /// Removes one field; answers whether there was one.
    @discardableResult
    package func remove(_ field: String, of instance: InstanceID) throws -> Bool {
        try tx.execute(
            "DELETE FROM plugin_config WHERE tenant_id = $1 AND instance_id = $2 AND field = $3",
            [tx.tenant, .text(instance.description), .text(field)]) == 1
    }
}

extension PluginConfigField {
    init(row: Row) throws {
        let content: Content
        if let sealed: String = try row["sealed"] {
            let version: Int = try row["key_version"]
            content = .sealed(
                Sealed(text: sealed, keyID: try row["key_id"], keyVersion: version), fingerprint: try row["fingerprint"] ?? "")
        } else {
            content = .plain(try row.json("plain"))
        }
        self.init(field: try row["field"], content: content, updatedAt: try row["updated_at"], updatedBy: try row["updated_by"])
    }
}
