// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors

package import Security
package import Values

/// The plugins of one tenant: what is enabled, what was approved, the instances.
package struct PluginRepository {
    private let tx: TenantTransaction

    package init(_ tx: TenantTransaction) { self.tx = tx }

    /// Every version that the host offers.
    package func catalogue() throws -> [InstalledPlugin] { try PluginCatalogue.all(in: tx) }

    /// One version that the host offers, or the one installed last.
    package func installed(_ id: PluginID, version: String? = nil) throws -> InstalledPlugin? {
        try PluginCatalogue.find(id, version: version, in: tx)
    }

    /// The files of an installed version, by path.
    package func files(of id: PluginID, version: String) throws -> [PluginFile] {
        try PluginCatalogue.files(of: id, version: version, in: tx)
    }

    /// What the tenant decided about a plugin; `nil` when it never had it.
    package func find(_ id: PluginID) throws -> TenantPlugin? {
        try tx.query(
            "SELECT \(Self.columns) FROM tenant_plugins WHERE tenant_id = $1 AND plugin_id = $2", [tx.tenant, .text(id.description)]
        ).first.map(TenantPlugin.init(row:))
    }

    /// All of the tenant's plugins, by name.
    package func all() throws -> [TenantPlugin] {
        try tx.query("SELECT \(Self.columns) FROM tenant_plugins WHERE tenant_id = $1 ORDER BY plugin_id", [tx.tenant])
            .map(TenantPlugin.init(row:))
    }

    /// Records a decision: version and content, status and approved capabilities together, so that none is stale.
    @discardableResult
    package func decide(
        _ id: PluginID, version: String, hash: String, status: TenantPlugin.Status, approved: Value, by actor: String, at now: Int64
    ) throws -> TenantPlugin {
        let row = try write(id, version, hash, status, approved, by: actor, where: "TRUE", [], at: now)
        guard let row else { throw StorageError(.failed, "a decision vanished in its own transaction") }
        return row
    }

    /// Records a decision that was taken while another one, or none, was in force; answers nil when that is no longer so.
    package func decide(
        _ id: PluginID, version: String, hash: String, status: TenantPlugin.Status, approved: Value, by actor: String,
        after current: TenantPlugin?, at now: Int64
    ) throws -> TenantPlugin? {
        // Whoever is second waits here for the first and sees its revision; where there was none, every one is another.
        try write(
            id, version, hash, status, approved, by: actor, where: "tenant_plugins.revision = $9", [.int(current?.revision ?? 0)], at: now)
    }

    private func write(
        _ id: PluginID, _ version: String, _ hash: String, _ status: TenantPlugin.Status, _ approved: Value, by actor: String,
        where condition: String, _ values: [SQLValue], at now: Int64
    ) throws -> TenantPlugin? {
        let rows = try tx.query(
            """
            INSERT INTO tenant_plugins
                (tenant_id, plugin_id, version, hash, status, approved, revision, created_at, updated_at, updated_by)
            VALUES ($1, $2, $3, $4, $5, $6, 1, $7, $7, $8)
            ON CONFLICT (tenant_id, plugin_id) DO UPDATE SET
                version = excluded.version, hash = excluded.hash, status = excluded.status, approved = excluded.approved,
                revision = tenant_plugins.revision + 1, updated_at = excluded.updated_at, updated_by = excluded.updated_by
            WHERE \(condition)
            RETURNING \(Self.columns)
            """,
            [
                tx.tenant, .text(id.description), .text(version), .text(hash), .text(status.rawValue), .text(JSON.text(approved)),
                .int(now), .text(actor),
            ] + values)
        return try rows.first.map(TenantPlugin.init(row:))
    }

    /// Changes the status alone; throws `.notFound` when the tenant never had the plugin.
    @discardableResult
    package func setStatus(_ status: TenantPlugin.Status, of id: PluginID, by actor: String, at now: Int64) throws -> TenantPlugin {
        let rows = try tx.query(
            """
            UPDATE tenant_plugins SET status = $3, revision = revision + 1, updated_at = $4, updated_by = $5
            WHERE tenant_id = $1 AND plugin_id = $2 RETURNING \(Self.columns)
            """, [tx.tenant, .text(id.description), .text(status.rawValue), .int(now), .text(actor)])
        guard let row = rows.first else { throw StorageError(.notFound, "the plugin is not enabled for this tenant") }
        return try TenantPlugin(row: row)
    }

    /// The instance under a label, created when it is new.
    ///
    /// The plugin must be one of the tenant's.
    package func instance(of id: PluginID, label: String = PluginInstance.defaultLabel, at now: Int64) throws -> PluginInstance {
        try tx.execute(
            """
            INSERT INTO plugin_instances (tenant_id, id, plugin_id, label, created_at) VALUES ($1, $2, $3, $4, $5)
            ON CONFLICT (tenant_id, plugin_id, label) DO NOTHING
            """, [tx.tenant, .text(InstanceID.make().description), .text(id.description), .text(label), .int(now)])
        guard let instance = try findInstance(of: id, label: label) else {
            throw StorageError(.failed, "the instance vanished in its own transaction")
        }
        return instance
    }

    /// The instance under a label.
    package func findInstance(of id: PluginID, label: String = PluginInstance.defaultLabel) throws -> PluginInstance? {
        try tx.query(
            "SELECT \(Self.instanceColumns) FROM plugin_instances WHERE tenant_id = $1 AND plugin_id = $2 AND label = $3",
            [tx.tenant, .text(id.description), .text(label)]
        ).first.map(PluginInstance.init(row:))
    }

    /// The instance with an id.
    package func instance(_ id: InstanceID) throws -> PluginInstance? {
        try tx.query(
            "SELECT \(Self.instanceColumns) FROM plugin_instances WHERE tenant_id = $1 AND id = $2", [tx.tenant, .text(id.description)]
        ).first.map(PluginInstance.init(row:))
    }

    /// All instances of the tenant, or of one plugin of it.
    package func instances(of id: PluginID? = nil) throws -> [PluginInstance] {
        let rows =
            if let id {
                try tx.query(
                    "SELECT \(Self.instanceColumns) FROM plugin_instances WHERE tenant_id = $1 AND plugin_id = $2 ORDER BY label",
                    [tx.tenant, .text(id.description)])
            } else {
                try tx.query(
                    "SELECT \(Self.instanceColumns) FROM plugin_instances WHERE tenant_id = $1 ORDER BY plugin_id, label", [tx.tenant])
            }
        return try rows.map(PluginInstance.init(row:))
    }

    private static let columns = "plugin_id, version, hash, status, approved, revision, created_at, updated_at, updated_by"
    private static let instanceColumns = "id, plugin_id, label, created_at"
}

extension TenantPlugin {
    init(row: Row) throws {
        self.init(
            plugin: try row.plugin("plugin_id"), version: try row["version"], hash: try row["hash"], status: try row.choice("status"),
            approved: try row.json("approved"), revision: try row["revision"], createdAt: try row["created_at"],
            updatedAt: try row["updated_at"], updatedBy: try row["updated_by"])
    }
}

extension PluginInstance {
    init(row: Row) throws {
        self.init(id: try row.id("id"), plugin: try row.plugin("plugin_id"), label: try row["label"], createdAt: try row["created_at"])
    }
}
