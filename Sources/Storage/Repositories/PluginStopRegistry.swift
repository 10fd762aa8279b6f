// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors

package import Security

/// Every program that may not run here, for operators and for the hosts that enforce it.
package struct PluginStopRegistry {
    private let tx: PlatformTransaction

    package init(_ tx: PlatformTransaction) { self.tx = tx }

    /// Goes up with every change: while it stands still, nothing has to be read again.
    package func revision() throws -> Int64 {
        guard let row = try tx.query("SELECT revision FROM plugin_stop_revision WHERE id = 1", []).first else {
            throw StorageError(.unexpectedValue, "the revision of the plugin stops is gone")
        }
        return try row.int("revision")
    }

    /// All of them, oldest first, and the tenants that are closed as a whole.
    package func all() throws -> [PluginStop] {
        try tx.query(
            """
            SELECT \(PluginStop.killed) FROM plugin_kills
            UNION ALL SELECT \(PluginStop.quarantined) FROM plugin_quarantines
            UNION ALL SELECT \(PluginStop.closed) FROM tenants WHERE status <> 'active'
            ORDER BY since, program, tenant_id
            """, []
        ).map(PluginStop.init(row:))
    }

    /// Stops a program for every tenant; false when it was stopped before, whose reason then stays.
    @discardableResult
    package func kill(_ program: String, reason: String, by actor: String, at now: Int64) throws -> Bool {
        let changed = try tx.execute(
            """
            INSERT INTO plugin_kills (program, reason, since, stopped_by) VALUES ($1, $2, $3, $4) ON CONFLICT (program) DO NOTHING
            """, [.text(program), .text(reason), .int(now), .text(actor)])
        if changed > 0 { try PluginStopRevision.advance(on: tx) }
        return changed > 0
    }

    /// Lets a program run again; answers the stop that was lifted, nil when there was none.
    @discardableResult
    package func revive(_ program: String) throws -> PluginStop? {
        let rows = try tx.query(
            "DELETE FROM plugin_kills WHERE program = $1 RETURNING \(PluginStop.killed)", [.text(program)])
        guard let row = rows.first else { return nil }
        try PluginStopRevision.advance(on: tx)
        return try PluginStop(row: row)
    }

    /// The tenants that have the program, each with the plugin's name there.
    package func tenants(with program: String) throws -> [(tenant: TenantID, plugin: PluginID)] {
        try tx.query("SELECT tenant_id, plugin_id FROM tenant_plugins WHERE hash = $1 ORDER BY tenant_id, plugin_id", [.text(program)])
            .map { (try $0.id("tenant_id"), try $0.plugin("plugin_id")) }
    }
}

/// What stops the programs of one tenant.
package struct PluginStopRepository {
    private let tx: TenantTransaction

    package init(_ tx: TenantTransaction) { self.tx = tx }

    /// What keeps the tenant from running a program: that it is closed as a whole, then a kill, then a quarantine.
    package func find(_ program: String) throws -> PluginStop? {
        try tx.query(
            """
            SELECT \(PluginStop.killed), 0 AS rank FROM plugin_kills WHERE program = $2
            UNION ALL SELECT \(PluginStop.quarantined), 1 AS rank FROM plugin_quarantines WHERE tenant_id = $1 AND program = $2
            UNION ALL SELECT \(PluginStop.closed), -1 AS rank FROM tenants WHERE id = $1 AND status <> 'active'
            ORDER BY rank
            """, [tx.tenant, .text(program)]
        ).first.map(PluginStop.init(row:))
    }

    /// Keeps the tenant from running a program; false when it is quarantined already.
    @discardableResult
    package func quarantine(_ program: String, reason: String, by actor: String, at now: Int64) throws -> Bool {
        let changed = try tx.execute(
            """
            INSERT INTO plugin_quarantines (tenant_id, program, reason, since, stopped_by) VALUES ($1, $2, $3, $4, $5)
            ON CONFLICT (tenant_id, program) DO NOTHING
            """, [tx.tenant, .text(program), .text(reason), .int(now), .text(actor)])
        if changed > 0 { try PluginStopRevision.advance(on: tx) }
        return changed > 0
    }

    /// Lifts the tenant's quarantine of a program; answers what was lifted, nil when there was none.
    @discardableResult
    package func release(_ program: String) throws -> PluginStop? {
        let rows = try tx.query(
            "DELETE FROM plugin_quarantines WHERE tenant_id = $1 AND program = $2 RETURNING \(PluginStop.quarantined)",
            [tx.tenant, .text(program)])
        guard let row = rows.first else { return nil }
        try PluginStopRevision.advance(on: tx)
        return try PluginStop(row: row)
    }
}

enum PluginStopRevision {
    /// In the same transaction as the change: who sees the new revision sees the change.
    static func advance(on connection: any SQLConnection) throws {
        try connection.execute("UPDATE plugin_stop_revision SET revision = revision + 1 WHERE id = 1", [])
        try connection.notify(PluginStop.channel, "changed")
    }
}
