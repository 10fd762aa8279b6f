// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors

import FoundationEssentials

/// Brings a database to the schema that this program knows, or refuses with one clear line.
struct Migrator {
    let dialect: Dialect
    let migrations: [Migration]

    /// - Parameter transaction: runs its argument in one transaction; each migration gets its own.
    func run(on connection: any SQLConnection, transaction: (() throws -> Void) throws -> Void) throws {
        try transaction { try createRecord(on: connection) }
        let applied = try self.applied(on: connection)
        try refuseNewer(applied)
        for migration in migrations {
            let checksum = migration.checksum(for: dialect)
            if let known = applied[migration.number] {
                try verify(migration, checksum: checksum, applied: known)
                continue
            }
            try transaction {
                // Another host may have come first between the look above and this lock.
                guard try self.applied(on: connection)[migration.number] == nil else { return }
                try apply(migration, checksum: checksum, on: connection)
            }
        }
    }

    private func refuseNewer(_ applied: [Int: String]) throws {
        let known = Set(migrations.map(\.number))
        guard let newer = applied.keys.filter({ !known.contains($0) }).max() else { return }
        throw StorageError(
            .newerSchema,
            "the schema has migration \(newer), this program knows \(known.max() ?? 0): install the newer panelhost that wrote it")
    }

    private func createRecord(on connection: any SQLConnection) throws {
        try connection.execute(
            """
            CREATE TABLE IF NOT EXISTS schema_migrations (
                number BIGINT NOT NULL PRIMARY KEY, name TEXT NOT NULL, checksum TEXT NOT NULL, applied_at BIGINT NOT NULL
            )
            """, [])
    }

    private func applied(on connection: any SQLConnection) throws -> [Int: String] {
        let rows = try connection.query("SELECT number, checksum FROM schema_migrations ORDER BY number", [])
        return try Dictionary(rows.map { row in (try row["number"], try row["checksum"]) }, uniquingKeysWith: { first, _ in first })
    }

    private func verify(_ migration: Migration, checksum: String, applied: String) throws {
        guard applied == checksum else {
            throw StorageError(
                .migrationChanged,
                "migration \(migration.number) (\(migration.name)) was applied with other SQL than this program has: use the release that applied it"
            )
        }
    }

    private func apply(_ migration: Migration, checksum: String, on connection: any SQLConnection) throws {
        for statement in migration.statements(for: dialect) {
            try connection.execute(statement, [])
        }
        try connection.execute(
            "INSERT INTO schema_migrations (number, name, checksum, applied_at) VALUES ($1, $2, $3, $4)",
            [.int(Int64(migration.number)), .text(migration.name), .text(checksum), .int(Int64(Date().timeIntervalSince1970 * 1000))])
    }
}
