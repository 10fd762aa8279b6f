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

    /// All of them, oldest first.
    package func all() throws -> [PluginStop] {
        try tx.query("SELECT \(PluginStop.columns) FROM plugin_stops ORDER BY since, program, holder", []).map(PluginStop.init(row:))
    }

    /// Stops a program for every tenant; false when it was stopped before, whose reason then stays.
    @discardableResult
    package func kill(_ program: String, reason: String, by actor: String, at now: Int64) throws -> Bool {
        try PluginStopRows.insert(PluginStop(program: program, reason: reason, since: now, by: actor), on: tx)
    }

    /// Lets a program run again; answers the stop that was lifted, nil when there was none.
    @discardableResult
    package func revive(_ program: String) throws -> PluginStop? {
        let rows = try tx.query(
            "DELETE FROM plugin_stops WHERE program = $1 AND holder = '' RETURNING \(PluginStop.columns)", [.text(program)])
        guard let row = rows.first else { return nil }
        try PluginStopRows.advance(on: tx)
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

    /// What keeps the tenant from running a program: a kill before a quarantine.
    package func find(_ program: String) throws -> PluginStop? {
        try tx.query(
            "SELECT \(PluginStop.columns) FROM plugin_stops WHERE program = $1 AND holder IN ('', $2) ORDER BY holder LIMIT 1",
            [.text(program), tx.tenant]
        ).first.map(PluginStop.init(row:))
    }

    /// Keeps the tenant from running a program; false when it is quarantined already.
    @discardableResult
    package func quarantine(_ program: String, reason: String, by actor: String, at now: Int64) throws -> Bool {
        try PluginStopRows.insert(PluginStop(program: program, tenant: tx.scope.tenant, reason: reason, since: now, by: actor), on: tx)
    }

    /// Lifts the tenant's quarantine of a program; answers what was lifted, nil when there was none.
    @discardableResult
    package func release(_ program: String) throws -> PluginStop? {
        let rows = try tx.query(
            "DELETE FROM plugin_stops WHERE program = $1 AND tenant_id = $2 RETURNING \(PluginStop.columns)", [.text(program), tx.tenant])
        guard let row = rows.first else { return nil }
        try PluginStopRows.advance(on: tx)
        return try PluginStop(row: row)
    }
}

/// The two statements that both sides share.
enum PluginStopRows {
    static func insert(_ stop: PluginStop, on connection: any SQLConnection) throws -> Bool {
        let changed = try connection.execute(
            """
            INSERT INTO plugin_stops (program, holder, tenant_id, kind, reason, since, stopped_by)
            VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT (program, holder) DO NOTHING
            """,
            [
                .text(stop.program), .text(stop.tenant?.description ?? ""), .text(orNull: stop.tenant?.description),
                .text(stop.kind.rawValue), .text(stop.reason), .int(stop.since), .text(stop.by),
            ])
        if changed > 0 { try advance(on: connection) }
        return changed > 0
    }

    /// In the same transaction as the change: who sees the new revision sees the change.
    static func advance(on connection: any SQLConnection) throws {
        try connection.execute("UPDATE plugin_stop_revision SET revision = revision + 1 WHERE id = 1", [])
    }
}
