// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors

import Security
import Values

/// Puts a backup into a place that holds nothing yet, inside one transaction of the caller's.
package struct BackupRestore {
    private let connection: any SQLConnection
    private let catalogue: TableCatalogue
    private let progress: (BackupProgress) -> Void

    /// - Parameter connection: an open write transaction on a schema with the migrations of the backup.
    package init(into connection: any SQLConnection, progress: @escaping (BackupProgress) -> Void = { _ in }) throws {
        self.connection = connection
        self.progress = progress
        catalogue = try TableCatalogue(connection)
    }

    /// Restores and checks; what it throws must undo the transaction.
    package func run(_ reader: BackupReader) throws -> BackupReader.Summary {
        try Self.requireEmpty(catalogue, on: connection)
        var inserting: Insertion?
        var digests: [String: String] = [:]
        let summary = try reader.records { record in
            switch record {
            case .contents(let contents): try requireSameTables(contents)
            case .table(let name, let columns): inserting = try begin(name, columns)
            case .row(let values):
                guard inserting != nil else { throw BackupError.damaged("a row stands outside of a table") }
                try inserting?.insert(values, on: connection)
                if let insertion = inserting, insertion.rows.isMultiple(of: BackupProgress.step) {
                    progress(BackupProgress(table: insertion.name, rows: insertion.rows, isDone: false))
                }
            case .end(let name, let rows, let digest):
                try inserting?.flush(on: connection)
                inserting = nil
                digests[name] = digest
                progress(BackupProgress(table: name, rows: rows, isDone: true))
            case .whole: break
            }
        }
        try compare(summary, digests)
        let faults = try BackupAudit.faults(summary.contents.audit, restoredOn: connection)
        guard faults.isEmpty else {
            throw BackupError(
                .notEqual,
                "nothing was restored, the audit log in the backup is not whole: \(faults.joined(separator: "; ")); "
                    + "keep this backup as evidence and restore an earlier one")
        }
        return summary
    }

    /// Rows on their way into one table: over a network several in one statement.
    private struct Insertion {
        private static let batch = 32

        let name: String
        let columns: [String]
        private(set) var rows: Int64 = 0
        private var waiting: [SQLValue] = []
        /// The statement for as many values as the last time.
        private var statement = (values: 0, sql: "")

        init(name: String, columns: [String]) {
            self.name = name
            self.columns = columns
        }

        mutating func insert(_ row: [SQLValue], on connection: any SQLConnection) throws {
            waiting += row
            rows += 1
            if connection.dialect == .sqlite || waiting.count >= columns.count * Self.batch { try flush(on: connection) }
        }

        mutating func flush(on connection: any SQLConnection) throws {
            guard !waiting.isEmpty else { return }
            if statement.values != waiting.count { statement = (waiting.count, sql(values: waiting.count)) }
            try connection.enqueue(statement.sql, waiting)
            waiting.removeAll(keepingCapacity: true)
        }

        private func sql(values: Int) -> String {
            let names = columns.map(TableCatalogue.Table.quoted).joined(separator: ", ")
            let rows = stride(from: 0, to: values, by: columns.count).map { start in
                "(" + columns.indices.map { "$\(start + $0 + 1)" }.joined(separator: ", ") + ")"
            }
            return "INSERT INTO \(TableCatalogue.Table.quoted(name)) (\(names)) VALUES \(rows.joined(separator: ", "))"
        }
    }

    private func begin(_ name: String, _ columns: [String]) throws -> Insertion {
        guard let table = catalogue[name], Set(table.columns.map(\.name)) == Set(columns) else {
            throw BackupError(.incompatible, "the table \(name) has other columns here: restore with the panelhost that made the backup")
        }
        // What a migration itself put there comes from the backup instead.
        if Self.filledByMigrations.contains(name) { try connection.execute("DELETE FROM \(TableCatalogue.Table.quoted(name))", []) }
        return Insertion(name: name, columns: columns)
    }

    private func requireSameTables(_ contents: BackupContents) throws {
        let known = Set(catalogue.tables.map(\.name))
        let other = known.symmetricDifference(contents.tables).sorted()
        guard other.isEmpty else {
            throw BackupError(
                .incompatible,
                "the backup and this schema do not have the same tables (\(other.joined(separator: ", "))): "
                    + "restore with the panelhost that made the backup")
        }
    }

    /// Only what migrations themselves write may be there.
    static func requireEmpty(_ catalogue: TableCatalogue, on connection: any SQLConnection) throws {
        for table in catalogue.tables where !filledByMigrations.contains(table.name) {
            let row = try connection.query("SELECT 1 AS one FROM \(TableCatalogue.Table.quoted(table.name)) LIMIT 1", []).first
            guard row == nil else {
                throw BackupError(
                    .notEmpty,
                    "the place to restore into holds data already (table \(table.name)): name an empty database or a new directory")
            }
        }
    }

    /// Reads everything back: what is there now must have the digest of what was there then.
    private func compare(_ summary: BackupReader.Summary, _ digests: [String: String]) throws {
        for table in catalogue.tables {
            let hash = RunningHash()
            var rows: Int64 = 0
            try connection.rows(table.selection(for: connection.dialect), []) { row in
                hash.update(BackupRecord.row(row.values).line)
                rows += 1
            }
            guard rows == summary.rows[table.name], Hex.encode(hash.finish()) == digests[table.name] else {
                throw BackupError(
                    .notEqual, "nothing was restored: the table \(table.name) reads back other than it was written; check the disk")
            }
        }
    }

    /// The tables into which a migration inserts.
    static let filledByMigrations: Set<String> = Set(
        Migration.all.flatMap(\.sql).compactMap { statement in
            let words = statement.sql.split(whereSeparator: \.isWhitespace).prefix(3).map(String.init)
            return words.count == 3 && words[0].uppercased() == "INSERT" ? words[2] : nil
        })
}
