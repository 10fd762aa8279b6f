// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors

package import Security
import Values

/// Writes every row of one snapshot.
package struct BackupCreation {
    /// What was written.
    package struct Report: Sendable, Hashable {
        package var header: BackupHeader
        package var contents: BackupContents
        package var rows: Int64
        package var bytes: Int64
        package var digest: String
    }

    private let connection: any SQLConnection
    private let catalogue: TableCatalogue
    /// Told of each table at its end.
    private let progress: (BackupProgress) -> Void

    /// - Parameter connection: an open transaction whose reads all see the same moment.
    package init(reading connection: any SQLConnection, progress: @escaping (BackupProgress) -> Void = { _ in }) throws {
        self.connection = connection
        self.progress = progress
        catalogue = try TableCatalogue(connection)
    }

    package func write(key: BackupKey, at now: Int64, to sink: @escaping ([UInt8]) throws -> Void) throws -> Report {
        let header = BackupHeader(
            engine: connection.dialect.rawValue, schema: catalogue.migrations.map(\.number).max() ?? 0,
            installation: try Self.installation(on: connection),
            createdAt: now, key: key.id, salt: SecureRandom.bytes(BackupHeader.saltByteCount))
        let contents = BackupContents(
            migrations: catalogue.migrations, tables: catalogue.tables.map(\.name), audit: try BackupAudit.marks(on: connection))
        let writer = try BackupWriter(header, key: key, to: sink)
        try writer.begin(contents)
        for table in catalogue.tables {
            var rows: Int64 = 0
            try writer.begin(table: table.name, columns: table.columns.map(\.name))
            try connection.rows(table.selection(for: connection.dialect), []) { row in
                try writer.row(row.values)
                rows += 1
                if rows.isMultiple(of: BackupProgress.step) { progress(BackupProgress(table: table.name, rows: rows, isDone: false)) }
            }
            try writer.end(table: table.name)
            progress(BackupProgress(table: table.name, rows: rows, isDone: true))
        }
        let (rows, digest) = try writer.finish()
        return Report(header: header, contents: contents, rows: rows, bytes: writer.bytes, digest: digest)
    }

    /// The operators' own tenant names the installation: it is made once, at the first start.
    static func installation(on connection: any SQLConnection) throws -> String {
        try connection.query("SELECT id FROM tenants WHERE slug = $1", [.text(TenantSlug.platform.description)]).first?.text("id") ?? ""
    }
}

/// How far a long job is.
package struct BackupProgress: Sendable, Hashable {
    static let step: Int64 = 100_000

    package var table: String
    package var rows: Int64
    package var isDone: Bool
}
