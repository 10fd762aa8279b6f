// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors

import GRDB

extension SQLiteDatabase {
    /// How a database file and this program compare; changes nothing.
    package static func schemaStatus(path: String, migrations: [Migration] = Migration.all) throws(StorageError) -> SchemaStatus {
        try looking(at: path) { try SchemaStatus(migrations, dialect: .sqlite, on: $0) }
    }

    /// What `panelhost doctor db` reports of a database file: there are no roles in it, and no policies.
    package static func check(path: String, migrations: [Migration] = Migration.all) throws(StorageError) -> [SchemaFinding] {
        try looking(at: path) { connection in
            let pragmas: [(check: String, rule: String, sql: String)] = [
                (
                    "integrity", "the file is whole",
                    "SELECT quick_check AS problem FROM pragma_quick_check WHERE quick_check <> 'ok' LIMIT 20"
                ),
                (
                    "references", "every row points to rows that are there",
                    "SELECT DISTINCT \"table\" || ' points to missing rows of ' || parent AS problem FROM pragma_foreign_key_check"
                ),
                (
                    "journal", "readers and the writer do not wait for each other: the journal is a write-ahead log",
                    "SELECT 'the journal is ' || journal_mode AS problem FROM pragma_journal_mode WHERE journal_mode <> 'wal'"
                ),
                (
                    "primary-keys", "every primary key of a tenant's table starts with the tenant",
                    """
                    SELECT m.name || ': the primary key does not start with tenant_id' AS problem
                    FROM sqlite_master m JOIN pragma_table_info(m.name) c
                    WHERE m.type = 'table' AND c.name = 'tenant_id' AND c.pk <> 1
                    """
                ),
                (
                    "append-only", "triggers keep the audit events from being changed or removed",
                    """
                    SELECT 'audit_events: no trigger refuses ' || o.name AS problem
                    FROM (SELECT 'UPDATE' AS name UNION ALL SELECT 'DELETE') o WHERE NOT EXISTS (
                        SELECT 1 FROM sqlite_master t WHERE t.type = 'trigger' AND t.tbl_name = 'audit_events'
                            AND t.sql LIKE '%BEFORE ' || o.name || '%RAISE(ABORT%')
                    """
                ),
            ]
            let version = try SchemaStatus(migrations, dialect: .sqlite, on: connection).refusal
            return try [
                SchemaFinding(
                    check: "schema-version", rule: "the schema is one that this program can work on",
                    problems: version.map { [$0.message] } ?? [])
            ]
                + pragmas.map { check, rule, sql in
                    SchemaFinding(check: check, rule: rule, problems: try connection.query(sql, []).map { try $0["problem"] })
                }
        }
    }

    private static func looking<T>(at path: String, _ body: (any SQLConnection) throws -> T) throws(StorageError) -> T {
        var configuration = Configuration()
        configuration.readonly = true
        configuration.busyMode = .timeout(5)
        do {
            let queue = try DatabaseQueue(path: path, configuration: configuration)
            return try queue.read { try body(SQLiteConnection(database: $0, orders: ParameterOrders())) }
        } catch {
            throw DatabaseFile.describe(error, path: path)
        }
    }
}
