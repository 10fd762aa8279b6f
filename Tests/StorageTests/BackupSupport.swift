// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors

import GRDB
import Security
import Storage
import Testing

// What the tests of backups share.

extension BackupKey {
    static func random() throws -> BackupKey { try BackupKey(parsing: try #require(BackupKey.generate().revealedText())) }
}

extension TestDatabase {
    /// A few rows in tables of every kind: texts that JSON must escape, NULLs, and rows that refer to each other.
    func fill() async throws {
        let odd = "quote\" backslash\\ tab\t line\n \u{1F4B6} e\u{301} \u{7F}"
        try await write { tx in
            try tx.execute(
                "INSERT INTO users (tenant_id, id, email, name, password_hash, password_changed_at, status, epoch, active_since, created_at, updated_at) VALUES ($1, $2, $3, $4, $5, 2, 'active', 1, 2, 2, 3)",
                [tx.tenant, "u1", "a@acme.example", .text(odd), "hash"])
            for number in 1...300 {
                try tx.execute(
                    "INSERT INTO sessions (tenant_id, id, user_id, methods, created_at, expires_at, revoked_at) VALUES ($1, $2, 'u1', $3, $4, $5, $6)",
                    [
                        tx.tenant, .text("s\(number)"), number.isMultiple(of: 2) ? "[]" : .text(odd), .int(.max), .int(.min),
                        .int(orNull: number.isMultiple(of: 3) ? 7 : nil),
                    ])
            }
        }
        for number in 1...20 { try await write { tx in try tx.append(event("test.n\(number)")) } }
    }

    /// A backup of everything, in a file of the test's directory.
    @discardableResult
    func backUp(to name: String = "a.backup", key: BackupKey) async throws -> BackupCreation.Report {
        let path = directory.file(name)
        return try await database.platformRead(platform) { tx in
            try BackupFile.write(to: path) { try BackupCreation(reading: tx).write(key: key, at: Self.now, to: $0) }
        }
    }

    /// Every row of every table, as the database itself writes them.
    func dump() async throws -> [String: [[SQLValue]]] { try await database.contents(platform) }
}

extension Storage.Database {
    func contents(_ scope: PlatformScope) async throws -> [String: [[SQLValue]]] {
        try await platformRead(scope) { try allRows(on: $0) }
    }
}

/// Every row of every table, in an order that is the same on every engine.
func allRows(on connection: any SQLConnection) throws -> [String: [[SQLValue]]] {
    var rows: [String: [[SQLValue]]] = [:]
    for table in try TableCatalogue(connection).tables {
        rows[table.name] = try connection.query("SELECT * FROM \(table.name)", []).map { row in
            row.columns.indices.sorted { row.columns[$0] < row.columns[$1] }.map { row.values[$0] }
        }.sorted { "\($0)" < "\($1)" }
    }
    return rows
}

/// Reads a backup from memory to its end.
@discardableResult
func verify(_ bytes: [UInt8], key: BackupKey) throws -> BackupReader.Summary {
    var at = 0
    return try BackupReader(key: key) { most in
        defer { at = min(bytes.count, at + most) }
        return Array(bytes[at..<min(bytes.count, at + most)])
    }.records { _ in }
}

/// The code of what the closure throws.
func backupCode(of body: () throws -> some Any) -> BackupError.Code? {
    do {
        _ = try body()
        return nil
    } catch {
        return (error as? BackupError)?.code
    }
}
