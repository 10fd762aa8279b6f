// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors

import Security

/// Takes the rows of a purged tenant away, all but the ledger and the audit skeleton.
///
/// Which tables there are is asked of the catalogue: one that nobody thought of is emptied, not kept.
package enum TenantSweep {
    /// Tables whose rows stay, with what is overwritten in them.
    ///
    /// Of payments the amounts, the states and the provider's names of them stay: the books must still add up.
    static let kept: [String: [(column: String, value: String)]] = [
        "tenants": [],
        // Overwritten already; they say which versions there were.
        "keys": [],
        "payments": [("customer_ref", "''"), ("request", "'{}'"), ("detail", "'{}'"), ("reconcile_at", "NULL"), ("created_by", "NULL")],
        "refunds": [("note", "NULL"), ("detail", "'{}'"), ("reconcile_at", "NULL")],
        "payment_attempts": [],
    ]

    /// Whether the rows of a table go with their tenant.
    static func isRemoved(_ table: String) -> Bool {
        // Addresses in the trail are found by these names, which are no evidence.
        if table == "audit_addresses" { return true }
        return kept[table] == nil && !["audit_", "forest_", "sequencer_"].contains(where: table.hasPrefix)
    }

    /// The tables to empty, each before those that it refers to.
    package static func tables(_ connection: any SQLConnection) throws -> [String] {
        try TableCatalogue(connection).tables.reversed().filter { table in
            isRemoved(table.name) && table.columns.contains { $0.name == "tenant_id" }
        }.map(\.name)
    }

    /// Removes up to so many rows of one table; answers how many went.
    package static func remove(from table: String, limit: Int, _ tx: TenantTransaction) throws -> Int {
        guard isRemoved(table) else { throw StorageError(.forbidden, "the rows of \(table) are kept") }
        // Engines differ in how they name a row; both do.
        let row = tx.dialect == .postgresql ? "ctid" : "rowid"
        return try tx.execute(
            "DELETE FROM \(table) WHERE tenant_id = $1 AND \(row) IN (SELECT \(row) FROM \(table) WHERE tenant_id = $1 LIMIT \(limit))",
            [tx.tenant])
    }

    /// Overwrites what tells of persons in the ledger, and whatever was sealed after the keys had gone.
    package static func scrub(_ tx: TenantTransaction, at now: Int64) throws {
        for (table, columns) in kept.sorted(by: { $0.key < $1.key }) where !columns.isEmpty {
            let assignments = columns.map { "\($0.column) = \($0.value)" }.joined(separator: ", ")
            try tx.execute("UPDATE \(table) SET \(assignments) WHERE tenant_id = $1", [tx.tenant])
        }
        try tx.execute(
            "UPDATE keys SET wrapped = '', wrapped_by = '', erased_at = $2 WHERE tenant_id = $1 AND erased_at IS NULL",
            [tx.tenant, .int(now)])
    }

    /// What is left of the tenant by table, for a proof that it is as it should be.
    package static func remains(_ tx: TenantTransaction) throws -> [String: Int64] {
        var remains: [String: Int64] = [:]
        for table in try tables(tx) {
            let count = try tx.query("SELECT count(*) AS n FROM \(table) WHERE tenant_id = $1", [tx.tenant]).first?.int("n") ?? 0
            if count > 0 { remains[table] = count }
        }
        return remains
    }
}
