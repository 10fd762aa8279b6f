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
        try tx.query("SELECT \(PluginStop.columns) FROM plugin_stops ORDER BY since, program, instance_id", []).map(PluginStop.init(row:))
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
            "DELETE FROM plugin_stops WHERE program = $1 AND instance_id = '' RETURNING \(PluginStop.columns)", [.text(program)])
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

    /// The stop that keeps an instance from running: a kill before a quarantine.
    package func find(_ program: String, instance: InstanceID) throws -> PluginStop? {
        try tx.query(
            """
            SELECT \(PluginStop.columns) FROM plugin_stops
            WHERE program = $1 AND instance_id IN ('', $2) AND (tenant_id IS NULL OR tenant_id = $3) ORDER BY instance_id LIMIT 1
            """, [.text(program), .text(instance.description), tx.tenant]
        ).first.map(PluginStop.init(row:))
    }

    /// The kill of a program, and the tenant's own quarantines of it.
    package func all(of program: String) throws -> [PluginStop] {
        try tx.query(
            """
            SELECT \(PluginStop.columns) FROM plugin_stops
            WHERE program = $1 AND (tenant_id IS NULL OR tenant_id = $2) ORDER BY instance_id
            """, [.text(program), tx.tenant]
        ).map(PluginStop.init(row:))
    }

    /// Keeps one instance of the tenant from running; false when it is quarantined already.
    @discardableResult
    package func quarantine(_ program: String, instance: InstanceID, reason: String, by actor: String, at now: Int64) throws -> Bool {
        let holder = PluginStop.Holder(tenant: tx.scope.tenant, instance: instance)
        return try PluginStopRows.insert(PluginStop(program: program, holder: holder, reason: reason, since: now, by: actor), on: tx)
    }

    /// Lifts the quarantines of an instance, whatever content it ran; answers those that were lifted.
    @discardableResult
    package func release(_ instance: InstanceID) throws -> [PluginStop] {
        let rows = try tx.query(
            "DELETE FROM plugin_stops WHERE tenant_id = $1 AND instance_id = $2 RETURNING \(PluginStop.columns)",
            [tx.tenant, .text(instance.description)])
        if !rows.isEmpty { try PluginStopRows.advance(on: tx) }
        return try rows.map(PluginStop.init(row:))
    }
}

/// The two statements that both sides share.
enum PluginStopRows {
    static func insert(_ stop: PluginStop, on connection: any SQLConnection) throws -> Bool {
        let changed = try connection.execute(
            """
            INSERT INTO plugin_stops (program, instance_id, tenant_id, kind, reason, since, stopped_by)
            VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT (program, instance_id) DO NOTHING
            """,
            [
                .text(stop.program), .text(stop.holder?.instance.description ?? ""), .text(orNull: stop.holder?.tenant.description),
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
