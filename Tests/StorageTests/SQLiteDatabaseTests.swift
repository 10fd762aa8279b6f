// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors

import FoundationEssentials
import GRDB
import Security
import Storage
import Testing

@Suite("SQLiteDatabase")
struct SQLiteDatabaseTests {
    @Test("synchronises every commit to the disk")
    func synchronous() async throws {
        let test = try await TestDatabase()

        #expect(try await (test.database as? SQLiteDatabase)?.synchronousLevel() == 2)
    }

    @Test("keeps its file, its log and its index to its owner")
    func mode() async throws {
        let test = try await TestDatabase()

        for suffix in ["", "-wal", "-shm"] {
            let attributes = try FileManager.default.attributesOfItem(atPath: test.path + suffix)
            #expect((attributes[.posixPermissions] as? Int) == 0o600, "\(suffix)")
        }
    }

    @Test("uses a write-ahead log, foreign keys and an untrusted schema")
    func pragmas() async throws {
        let test = try await TestDatabase()

        for (name, expected) in [
            ("journal_mode", SQLValue.text("wal")), ("foreign_keys", 1), ("trusted_schema", 0), ("recursive_triggers", 1),
        ] {
            let writing = try await test.write { tx in try tx.query("PRAGMA \(name)", [])[0].values }
            #expect(writing == [expected], "\(name)")
        }
    }

    @Test(
        "says in one line what is wrong with the file",
        arguments: [
            ("missing/panelhost.sqlite", StorageError.Code.unwritable),
            (".", .unwritable),
            ("garbage", .notADatabase),
        ])
    func openErrors(name: String, expected: StorageError.Code) throws {
        let directory = try TemporaryDirectory()
        try Data(repeating: 0x41, count: 8192).write(to: URL(filePath: directory.file("garbage")))
        let path = directory.file(name)

        do {
            _ = try SQLiteDatabase(path: path)
            Issue.record("opened")
        } catch {
            #expect(error.code == expected)
            #expect(error.message.hasPrefix(path + ": "))
            #expect(!error.message.contains("\n"))
        }
    }

    @Test("does not follow a symbolic link that was planted for its file")
    func link() throws {
        let directory = try TemporaryDirectory()
        try FileManager.default.createSymbolicLink(atPath: directory.file("link"), withDestinationPath: directory.file("elsewhere"))

        #expect(throws: StorageError.self) { try SQLiteDatabase(path: directory.file("link")) }
        #expect(!FileManager.default.fileExists(atPath: directory.file("elsewhere")))
    }

    @Test("reports a full disk as such, undoes the transaction and goes on")
    func full() async throws {
        let test = try await TestDatabase()
        let pages = try await test.write { try $0.query("PRAGMA page_count", [])[0].int("page_count") }
        _ = try await test.write { try $0.query("PRAGMA max_page_count = \(pages + 2)", []) }

        let code = await StorageError.code {
            try await test.write { tx in
                for _ in 0..<1000 { try tx.append(test.event()) }
            }
        }

        #expect(code == .diskFull)
        #expect(try await test.verify() == AuditReport(tenant: test.acme.id, verified: 0, waiting: 1, fault: nil))
        _ = try await test.write { try $0.query("PRAGMA max_page_count = 100000", []) }
        try await test.write { try $0.append(test.event()) }
    }

    @Test("finds everything again after it was closed")
    func reopen() async throws {
        let test = try await TestDatabase()
        try (test.database as? SQLiteDatabase)?.close()

        let again = try SQLiteDatabase(path: test.path)

        #expect(try await again.platformRead(test.platform) { try TenantRegistry($0).all() } == [test.acme, test.globex])
    }
}
