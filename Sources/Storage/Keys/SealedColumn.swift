// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors

import Security

/// A column of sealed values, with what is needed to find their places again.
///
/// Every table with a `key_id` is here, or in ``untouchable`` with its reason.
struct SealedColumn: Sendable {
    let table: String
    let column: String
    /// The primary key after the tenant.
    let key: [String]
    /// The plugin that a row `t` belongs to, as SQL.
    let plugin: String
    /// The place's field, from the values of `key`.
    let field: @Sendable ([String]) -> String
    /// The place's record, from the values of `key`.
    let record: @Sendable ([String]) -> String

    static let all = [
        SealedColumn(
            table: "plugin_config", column: "sealed", key: ["instance_id", "field"], plugin: ofInstance,
            field: { "plugin_config.\($0[1])" }, record: { $0[0] }),
        SealedColumn(
            table: "webhook_events", column: "sealed", key: ["id"], plugin: ofInstance,
            field: { _ in "webhook_events.message" }, record: { $0[0] }),
        SealedColumn(
            table: "factor_enrollments", column: "destination", key: ["id"], plugin: "t.plugin_id",
            field: { _ in "factor_enrollments.destination" }, record: { $0[0] }),
        SealedColumn(
            table: "factor_challenges", column: "code", key: ["id"],
            plugin: "(SELECT e.plugin_id FROM factor_enrollments e WHERE e.tenant_id = t.tenant_id AND e.id = t.enrollment_id)",
            field: { _ in "factor_challenges.code" }, record: { $0[0] }),
        SealedColumn(
            table: "user_factors", column: "secret", key: ["user_id", "factor"], plugin: "'\(UserFactorRecord.owner)'",
            field: { _ in "user_factors.secret" }, record: { "\($0[0])/\($0[1])" }),
    ]

    /// Tables without a value to write again: ciphertext in audit events is covered by their proofs, an address's name is no ciphertext,
    /// and an address that waits is over within the hour.
    static let untouchable: Set<String> = ["audit_events", "audit_addresses", "email_changes"]

    private static let ofInstance =
        "(SELECT i.plugin_id FROM plugin_instances i WHERE i.tenant_id = t.tenant_id AND i.id = t.instance_id)"

    /// One stored value.
    struct Value: Sendable {
        let key: [String]
        let location: SealedLocation
        let sealed: Sealed
    }

    /// The next rows of the tenant after a key, in order.
    func page(after: [String]?, limit: Int, on tx: TenantTransaction) throws -> [Value] {
        let keyColumns = key.map { "t.\($0)" }.joined(separator: ", ")
        let start = after == nil ? "" : "AND (\(keyColumns)) > (\(key.indices.map { "$\($0 + 2)" }.joined(separator: ", ")))"
        let rows = try tx.query(
            """
            SELECT \(keyColumns), \(plugin) AS owner, t.\(column) AS content, t.key_id, t.key_version FROM \(table) t
            WHERE t.tenant_id = $1 AND t.\(column) IS NOT NULL \(start) ORDER BY \(keyColumns) LIMIT \(limit)
            """, [tx.tenant] + (after ?? []).map(SQLValue.text))
        return try rows.map { row in
            let values = try key.map { try row.text($0) }
            return Value(
                key: values,
                location: SealedLocation(
                    tenant: tx.scope.tenant, plugin: try row.plugin("owner"), field: field(values), record: record(values)),
                sealed: Sealed(text: try row["content"], keyID: try row["key_id"], keyVersion: try row["key_version"]))
        }
    }

    /// Puts a value in place of another, unless somebody has written the row since.
    func replace(_ old: Value, with new: Sealed, on tx: TenantTransaction) throws -> Bool {
        let keys = key.enumerated().map { "AND \($1) = $\($0 + 7)" }.joined(separator: " ")
        return try tx.execute(
            """
            UPDATE \(table) SET \(column) = $2, key_id = $3, key_version = $4
            WHERE tenant_id = $1 AND \(column) = $5 AND key_id = $6 \(keys)
            """,
            [
                tx.tenant, .text(new.text), .text(new.keyID), .int(Int64(new.keyVersion)), .text(old.sealed.text),
                .text(old.sealed.keyID),
            ] + old.key.map(SQLValue.text)) == 1
    }

    func count(on tx: TenantTransaction) throws -> Int64 {
        try tx.query("SELECT count(*) AS n FROM \(table) WHERE tenant_id = $1 AND \(column) IS NOT NULL", [tx.tenant]).first?.int("n") ?? 0
    }
}
