// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors

/// How a database's schema and this program's compare.
package struct SchemaStatus: Sendable {
    /// One migration that the database or the program has.
    package struct Step: Sendable, Hashable {
        package enum State: String, Sendable, Hashable {
            case applied, pending
            /// Applied by a newer program, of which this one knows nothing.
            case newer
            /// Applied with other SQL than this program has.
            case changed
            /// Missing, although a later one was applied.
            case skipped
        }

        package let number: Int
        package let name: String
        package let state: State
        /// When, in milliseconds.
        package let appliedAt: Int64?
        package let compatibleFrom: Int
    }

    /// Every step, by number.
    package let steps: [Step]
    /// What this program would add.
    package let pending: [Migration]
    /// The newest migration that this program knows.
    package let known: Int

    /// Reads the record of a database; one without a record has nothing applied.
    package init(_ migrations: [Migration], dialect: Dialect, on connection: any SQLConnection) throws {
        var applied: [Int: (name: String, checksum: String, compatibleFrom: Int, at: Int64)] = [:]
        if try Self.hasRecord(dialect, on: connection) {
            let rows = try connection.query("SELECT number, name, checksum, compatible_from, applied_at FROM schema_migrations", [])
            for row in rows {
                applied[try row["number"]] = (
                    try row["name"], try row["checksum"], try row["compatible_from"], try row["applied_at"]
                )
            }
        }
        let newest = applied.keys.max() ?? 0
        var steps = migrations.map { migration in
            let known = applied[migration.number]
            let state: Step.State =
                switch known?.checksum {
                case nil: migration.number < newest ? .skipped : .pending
                case migration.checksum(for: dialect): .applied
                default: .changed
                }
            return Step(
                number: migration.number, name: migration.name, state: state, appliedAt: known?.at, compatibleFrom: migration.compatibleFrom
            )
        }
        let numbers = Set(migrations.map(\.number))
        for (number, row) in applied where !numbers.contains(number) {
            steps.append(Step(number: number, name: row.name, state: .newer, appliedAt: row.at, compatibleFrom: row.compatibleFrom))
        }
        self.steps = steps.sorted { $0.number < $1.number }
        pending = migrations.filter { applied[$0.number] == nil }
        known = numbers.max() ?? 0
    }

    func isApplied(_ migration: Migration) -> Bool { !pending.contains { $0.number == migration.number } }

    /// Why this program must leave the database alone; `nil` when it may work on it, after the pending migrations.
    package var refusal: StorageError? {
        if let step = steps.first(where: { $0.state == .changed }) {
            return StorageError(
                .migrationChanged,
                "migration \(step.number) (\(step.name)) was applied with other SQL than this program has: use the release that applied it")
        }
        if let step = steps.last(where: { $0.state == .newer && $0.compatibleFrom > known }) {
            return StorageError(
                .newerSchema,
                "the schema has migration \(step.number) (\(step.name)), which needs a program that knows migration \(step.compatibleFrom); "
                    + "this one knows \(known): install the newer panelhost that wrote it")
        }
        if let step = steps.first(where: { $0.state == .skipped }) {
            return StorageError(
                .newerSchema,
                "migration \(step.number) (\(step.name)) is missing although later ones were applied: "
                    + "the database was written by another line of releases, install the panelhost that wrote it")
        }
        return nil
    }

    /// Why a host that may not migrate cannot serve this database; `nil` when it can.
    package var hindrance: StorageError? {
        if let refusal { return refusal }
        guard let first = pending.first else { return nil }
        return StorageError(
            .olderSchema,
            "the schema lacks migration \(first.number) (\(first.name))\(pending.count > 1 ? " and \(pending.count - 1) more" : ""): "
                + "run 'panelhost migrate up' with the URL of the owner")
    }

    static func hasRecord(_ dialect: Dialect, on connection: any SQLConnection) throws -> Bool {
        let sql =
            switch dialect {
            case .sqlite: "SELECT 1 AS one FROM sqlite_master WHERE type = 'table' AND name = 'schema_migrations'"
            case .postgresql: "SELECT 1 AS one WHERE to_regclass('panelhost.schema_migrations') IS NOT NULL"
            }
        return try !connection.query(sql, []).isEmpty
    }
}
