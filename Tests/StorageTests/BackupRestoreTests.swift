// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors

import FoundationEssentials
import GRDB
import Security
import Storage
import Testing

@Suite("Backup and restore")
struct BackupRestoreTests {
    private let key: BackupKey

    init() throws { key = try .random() }

    private func restore(_ source: TestDatabase, to path: String, migrations: [Migration] = Migration.all) async throws
        -> BackupReader.Summary
    {
        try await BackupPlace.file(path).restore(
            source.directory.file("a.backup"), key: key, scope: source.platform, migrations: migrations)
    }

    @Test("without a database every trail and the log over all of them are led to their checkpoints, and a changed one is not")
    func withoutDatabase() async throws {
        let source = try await TestDatabase()
        try await source.fill()
        try await source.sequence()
        try await source.backUp(key: key)
        let summary = try BackupFile.verify(source.directory.file("a.backup"), key: key)
        #expect(summary.contents.audit.count == 3)

        for (name, change) in [
            ("gone", "DELETE FROM audit_leaves WHERE leaf_index = 3"), ("all-gone", "DELETE FROM audit_leaves"),
            ("forest", "DELETE FROM forest_leaves"),
        ] {
            let table = change.split(separator: " ")[2]
            try source.tamper(["DROP TRIGGER IF EXISTS \(table)_never_go", change])
            try await source.backUp(to: name, key: key)
            let code = backupCode { try BackupFile.verify(source.directory.file(name), key: key) }
            #expect(code == .notEqual, "\(change)")
        }
    }

    @Test("every table of the catalogue is in the backup and comes back row by row")
    func roundTrip() async throws {
        let source = try await TestDatabase()
        try await source.fill()
        try await source.sequence()
        let before = try await source.dump()
        let report = try await source.backUp(key: key)
        let path = source.directory.file("restored.sqlite")
        let summary = try await restore(source, to: path)
        #expect(summary.digest == report.digest && summary.totalRows == report.rows)
        #expect(Int64(before.values.map(\.count).reduce(0, +)) == report.rows)
        // Asked of SQLite itself, not of the code under test.
        let queue = try DatabaseQueue(path: source.path)
        let names = try await queue.read { database in
            try String.fetchAll(database, sql: "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%'")
        }
        #expect(Set(names) == Set(report.contents.tables + ["schema_migrations"]))

        let restored = try SQLiteDatabase(path: path)
        #expect(try await restored.contents(source.platform) == before)
        let faults = try await restored.platformRead(source.platform) { try BackupAudit.faults(report.contents.audit, restoredOn: $0) }
        #expect(faults.isEmpty && report.contents.audit.count == 3)
        let divergence = try await source.database.platformRead(source.platform) {
            try BackupAudit.divergence(report.contents.audit, from: $0)
        }
        #expect(divergence.isEmpty)
    }

    @Test("a table comes after those that it refers to, and a circle is refused")
    func order() async throws {
        let source = try await TestDatabase()
        let tables = try await source.database.platformRead(source.platform) { try TableCatalogue($0).tables }
        var seen: Set<String> = []
        for table in tables {
            #expect(table.references.subtracting([table.name]).isSubset(of: seen), "\(table.name)")
            seen.insert(table.name)
        }
    }

    @Test("a backup that is taken while writers run is of one moment")
    func consistent() async throws {
        let source = try await TestDatabase()
        try await source.fill()
        try await source.sequence()
        try await withThrowingTaskGroup(of: Void.self) { group in
            for writer in 0..<4 {
                group.addTask {
                    for number in 0..<60 {
                        // A session and its token in one transaction: in a backup there are as many of one as of the other.
                        try await source.write { tx in
                            try tx.execute(
                                "INSERT INTO sessions (tenant_id, id, user_id, methods, created_at, expires_at) VALUES ($1, $2, 'u1', '[]', 1, 2)",
                                [tx.tenant, .text("w\(writer)-\(number)")])
                            try tx.execute(
                                "INSERT INTO refresh_tokens (tenant_id, hash, session_id, state, expires_at) VALUES ($1, $2, $2, 'active', 1)",
                                [tx.tenant, .text("w\(writer)-\(number)")])
                            try tx.append(source.event())
                        }
                    }
                }
            }
            for number in 0..<6 {
                try await source.backUp(to: "\(number).backup", key: key)
            }
            try await group.waitForAll()
        }
        for number in 0..<6 {
            let bytes = Array(try Data(contentsOf: URL(filePath: source.directory.file("\(number).backup"))))
            let summary = try verify(bytes, key: key)
            #expect(summary.rows["sessions"] == (summary.rows["refresh_tokens"] ?? 0) + 300)
            // Restoring verifies the audit log against the checkpoint inside.
            _ = try await BackupPlace.file(source.directory.file("\(number).sqlite")).restore(
                source.directory.file("\(number).backup"), key: key, scope: source.platform)
        }
    }

    @Test("no text of the database is in the file in clear")
    func canary() async throws {
        let source = try await TestDatabase()
        let canary = "canary-\(SecureRandom.digits(20))"
        try await source.fill()
        try await source.sequence()
        _ = try await source.write { tx in
            try tx.execute("UPDATE users SET name = $2, password_hash = $2 WHERE tenant_id = $1", [tx.tenant, .text(canary)])
        }
        try await source.backUp(key: key)
        let bytes = Array(try Data(contentsOf: URL(filePath: source.directory.file("a.backup"))))
        for text in [canary, "acme", "users"] { #expect(bytes.firstRange(of: Array(text.utf8)) == nil) }
        #expect(try FileManager.default.attributesOfItem(atPath: source.directory.file("a.backup"))[.posixPermissions] as? Int == 0o600)
    }

    @Test("nothing is overwritten: neither a database, nor a backup, nor what a database already holds")
    func fresh() async throws {
        let source = try await TestDatabase()
        try await source.backUp(key: key)
        await #expect(throws: BackupError.self) { try await source.backUp(key: key) }
        await #expect { try await restore(source, to: source.path) } throws: { ($0 as? BackupError)?.code == .notEmpty }
        let path = source.directory.file("a.backup")
        let other = try await TestDatabase()
        await #expect {
            try await other.database.platform(other.platform) { tx in
                try BackupFile.read(path) { try BackupRestore(into: tx).run(BackupReader(key: key, from: $0)) }
            }
        } throws: { ($0 as? BackupError)?.code == .notEmpty }
    }

    @Test("a damaged backup restores nothing and leaves nothing")
    func damaged() async throws {
        let source = try await TestDatabase()
        try await source.fill()
        try await source.sequence()
        try await source.backUp(key: key)
        var bytes = try Data(contentsOf: URL(filePath: source.directory.file("a.backup")))
        bytes[bytes.count - 30] ^= 1
        try bytes.write(to: URL(filePath: source.directory.file("a.backup")))
        let path = source.directory.file("restored.sqlite")
        await #expect { try await restore(source, to: path) } throws: { ($0 as? BackupError)?.code == .damaged }
        let left = try FileManager.default.contentsOfDirectory(atPath: source.directory.path).filter { $0.hasPrefix("restored") }
        #expect(left.isEmpty)
    }

    @Test("an audit log that was changed before the backup is found by the restore")
    func tampered() async throws {
        let source = try await TestDatabase()
        try await source.fill()
        try await source.sequence()
        try source.tamper([
            "DROP TRIGGER audit_events_never_change", "UPDATE audit_events SET action = 'forged' WHERE action = 'test.n7'",
        ])
        try await source.backUp(key: key)
        await #expect { try await restore(source, to: source.directory.file("restored.sqlite")) } throws: {
            ($0 as? BackupError)?.code == .notEqual && "\($0)".contains("audit")
        }
    }

    @Test("a source whose log does not continue the backup's is told from one that does")
    func divergence() async throws {
        let source = try await TestDatabase()
        try await source.fill()
        try await source.sequence()
        let report = try await source.backUp(key: key)
        try await source.write { tx in try tx.append(source.event("test.later")) }
        let faults = { () async throws -> [String] in
            try await source.database.platformRead(source.platform) { try BackupAudit.divergence(report.contents.audit, from: $0) }
        }
        #expect(try await faults().isEmpty)
        let other = try await TestDatabase()
        let strange = try await other.database.platformRead(other.platform) { try BackupAudit.divergence(report.contents.audit, from: $0) }
        #expect(strange.count == 3)
    }

    @Test("a newer schema is refused in one line, an older one is migrated after the restore")
    func schemas() async throws {
        let source = try await TestDatabase()
        try await source.fill()
        try await source.sequence()
        try await source.backUp(key: key)
        let older = Array(Migration.all.dropLast())
        await #expect { try await restore(source, to: source.directory.file("r.sqlite"), migrations: older) } throws: {
            ($0 as? BackupError)?.code == .newer && "\($0)".contains("restore with the newer panelhost")
        }
        let next = Migration(
            number: 999, name: "next", sql: ["CREATE TABLE next (id TEXT NOT NULL PRIMARY KEY)", "INSERT INTO next SELECT id FROM users"])
        let path = source.directory.file("next.sqlite")
        _ = try await restore(source, to: path, migrations: Migration.all + [next])
        let restored = try SQLiteDatabase(path: path, migrations: Migration.all + [next])
        let rows = try await restored.platformRead(source.platform) { try $0.query("SELECT id FROM next", []).count }
        #expect(rows == 1)
        let changed = Migration.all.map { Migration(number: $0.number, name: $0.name, sql: $0.sql + ["SELECT 1"]) }
        await #expect { try await restore(source, to: source.directory.file("c.sqlite"), migrations: changed) } throws: {
            ($0 as? BackupError)?.code == .incompatible
        }
    }

    @Test("a backup that fails leaves no file behind, and none under the backup's name while it is written")
    func unfinished() async throws {
        struct Full: Error {}
        let source = try await TestDatabase()
        try await source.fill()
        try await source.sequence()
        let path = source.directory.file("a.backup")
        await #expect(throws: Full.self) {
            try await source.database.platformRead(source.platform) { tx in
                try BackupFile.write(to: path) { sink in
                    try BackupCreation(reading: tx).write(key: key, at: 1) { bytes in
                        #expect(!FileManager.default.fileExists(atPath: path))
                        try sink(bytes)
                        if bytes.count > 2_000 { throw Full() }
                    }
                }
            }
        }
        let left = try FileManager.default.contentsOfDirectory(atPath: source.directory.path).filter { $0.hasPrefix("a.backup") }
        #expect(left.isEmpty)
    }
}
