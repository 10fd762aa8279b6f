// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors

import FoundationEssentials

/// Brings a database to the schema that this program knows, or refuses with one clear line.
struct Migrator {
    let dialect: Dialect
    let migrations: [Migration]

    /// - Parameter transaction: runs its argument in one transaction that no other migrator shares; each migration gets its own.
    /// - Returns: the migrations that were applied.
    @discardableResult
    func run(on connection: any SQLConnection, transaction: (() throws -> Void) throws -> Void) throws -> [Migration] {
        try transaction { try createRecord(on: connection) }
        let status = try SchemaStatus(migrations, dialect: dialect, on: connection)
        if let refusal = status.refusal { throw refusal }
        var applied: [Migration] = []
        for migration in status.pending {
            try transaction {
                // Another host may have come first between the look above and this lock.
                guard try !SchemaStatus(migrations, dialect: dialect, on: connection).isApplied(migration) else { return }
                try apply(migration, on: connection)
                applied.append(migration)
            }
        }
        return applied
    }

    private func createRecord(on connection: any SQLConnection) throws {
        guard try !SchemaStatus.hasRecord(dialect, on: connection) else { return }
        try connection.execute(
            """
            CREATE TABLE schema_migrations (
                number BIGINT NOT NULL PRIMARY KEY, name TEXT NOT NULL, checksum TEXT NOT NULL, compatible_from BIGINT NOT NULL,
                applied_at BIGINT NOT NULL
            )
            """, [])
    }

    private func apply(_ migration: Migration, on connection: any SQLConnection) throws {
        for statement in migration.statements(for: dialect) {
            try connection.execute(statement, [])
        }
        try connection.execute(
            "INSERT INTO schema_migrations (number, name, checksum, compatible_from, applied_at) VALUES ($1, $2, $3, $4, $5)",
            [
                .int(Int64(migration.number)), .text(migration.name), .text(migration.checksum(for: dialect)),
                .int(Int64(migration.compatibleFrom)), .int(Int64(Date().timeIntervalSince1970 * 1000)),
            ])
        // Before anybody sees the new tables.
        if dialect == .postgresql { try RowSecurity.apply(on: connection) }
    }
}
