// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors

import FoundationEssentials
import Security
import Storage
import Testing

@Suite("Backups of PostgreSQL", .onPostgreSQL)
struct BackupPostgreSQLTests {
    private let key: BackupKey

    init() throws { key = try .random() }

    private func url(_ source: TestDatabase, as role: String = "postgres") throws -> String {
        try #require(source.url).replacing("postgres://postgres@", with: "postgres://\(role)@")
    }

    private func emptyDatabase() async throws -> String { try #require(await TestServer.shared()).emptyDatabase() }

    @discardableResult
    private func create(_ url: String, _ file: String, _ scope: PlatformScope) async throws -> BackupCreation.Report {
        let key = key
        return try await BackupPlace.postgresql(url: url).snapshot(scope) { connection in
            try BackupFile.write(to: file) { try BackupCreation(reading: connection).write(key: key, at: 1, to: $0) }
        }
    }

    private func contents(_ place: BackupPlace, _ scope: PlatformScope) async throws -> [String: [[SQLValue]]] {
        try await place.snapshot(scope) { try allRows(on: $0) }
    }

    @Test("a backup goes from PostgreSQL into SQLite and back, and every table is the same row by row")
    func roundTrip() async throws {
        let source = try await TestDatabase()
        try await source.fill()
        let original = BackupPlace.postgresql(url: try url(source))
        let before = try await contents(original, source.platform)
        #expect(before["sessions"]?.count == 300)

        let first = source.directory.file("first.backup")
        let report = try await create(try url(source, as: "panelhost_backup"), first, source.platform)
        let file = BackupPlace.file(source.directory.file("restored.sqlite"))
        _ = try await file.restore(first, key: key, scope: source.platform)
        #expect(try await contents(file, source.platform) == before)

        let second = source.directory.file("second.backup")
        let key = key
        let again = try await file.snapshot(source.platform) { connection in
            try BackupFile.write(to: second) { try BackupCreation(reading: connection).write(key: key, at: 1, to: $0) }
        }
        #expect(again.rows == report.rows && again.contents.tables == report.contents.tables)
        #expect(again.contents.audit == report.contents.audit)
        let server = BackupPlace.postgresql(url: try await emptyDatabase())
        _ = try await server.restore(second, key: key, scope: source.platform)
        #expect(try await contents(server, source.platform) == before)
        let divergence = try await original.snapshot(source.platform) { try BackupAudit.divergence(report.contents.audit, from: $0) }
        #expect(divergence.isEmpty)
    }

    @Test("row-level security is in force again after a restore")
    func security() async throws {
        let source = try await TestDatabase()
        let file = source.directory.file("a.backup")
        try await create(try url(source), file, source.platform)
        let fresh = try await emptyDatabase()
        _ = try await BackupPlace.postgresql(url: fresh).restore(file, key: key, scope: source.platform)
        let findings = try PostgreSQLSchema.check(url: fresh)
        #expect(!findings.contains { "\($0)".contains("FORCE") && "\($0)".contains("fail") }, "\(findings)")
        // The owner himself sees no row without saying whose.
        let owner = fresh.replacing("postgres://postgres@", with: "postgres://panelhost_owner@")
        await #expect { try await create(owner, source.directory.file("b.backup"), source.platform) } throws: {
            ($0 as? StorageError)?.code == .forbidden
        }
    }

    @Test("a role that does not see every row is refused, and the file is not made")
    func blind() async throws {
        let source = try await TestDatabase()
        for role in ["panelhost_app", "panelhost_owner", "panelhost_auditor"] {
            let file = source.directory.file("\(role).backup")
            await #expect { try await create(try url(source, as: role), file, source.platform) } throws: {
                ($0 as? StorageError)?.code == .forbidden && "\($0)".contains("panelhost_backup")
            }
            #expect(!FileManager.default.fileExists(atPath: file))
        }
    }

    @Test("a restore that fails leaves no row, and the next one into the same database succeeds")
    func failed() async throws {
        let source = try await TestDatabase()
        try await source.fill()
        // More than one part, so that the damage shows when rows have been written.
        try source.tamper(["UPDATE panelhost.users SET name = repeat('x', 200000)"])
        let file = source.directory.file("a.backup")
        try await create(try url(source), file, source.platform)
        var bytes = try Data(contentsOf: URL(filePath: file))
        bytes[bytes.count - 40] ^= 1
        let damaged = source.directory.file("damaged.backup")
        try bytes.write(to: URL(filePath: damaged))
        let fresh = BackupPlace.postgresql(url: try await emptyDatabase())
        await #expect { try await fresh.restore(damaged, key: key, scope: source.platform) } throws: {
            ($0 as? BackupError)?.code == .damaged
        }
        let left = try await contents(fresh, source.platform)
        #expect(left["tenants"] == [] && left["sessions"] == [])
        _ = try await fresh.restore(file, key: key, scope: source.platform)
        await #expect { try await fresh.restore(file, key: key, scope: source.platform) } throws: {
            ($0 as? BackupError)?.code == .notEmpty
        }
        try fresh.discard()
        _ = try await fresh.restore(file, key: key, scope: source.platform)
    }
}
