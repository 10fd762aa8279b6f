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

    @Test("binds parameters by their number, in any order and repeated")
    func parameters() async throws {
        let test = try await TestDatabase()

        let row = try await test.read { tx in
            try tx.query("SELECT $2 AS b, $1 AS a, $2 AS c, '$3' AS d WHERE $1 = 'one'", ["one", 2])[0]
        }

        #expect(row.values == [2, "one", 2, "$3"])
        for parameters: [SQLValue] in [[], ["one"], ["one", 2, 3]] {
            #expect(await StorageError.code { try await test.read { try $0.query("SELECT $2 AS b, $1 AS a", parameters) } } == .failed)
        }
    }

    @Test("gives back every type as it was stored")
    func types() async throws {
        let test = try await TestDatabase()
        let values: [SQLValue] = [.null, .int(.min), .double(0.5), .text("äb"), .blob([0, 255])]

        let row = try await test.read { tx in try tx.query("SELECT $1 AS a, $2 AS b, $3 AS c, $4 AS d, $5 AS e", values)[0] }

        #expect(row.values == values)
        let absent: String? = try row["a"]
        #expect(absent == nil)
        let present: Int64? = try row["b"]
        #expect(present == .min)
        #expect(throws: StorageError.self) { let _: String = try row["b"] }
        #expect(throws: StorageError.self) { let _: Int64 = try row["a"] }
        #expect(throws: StorageError.self) { let _: Int64 = try row["nothing"] }
    }

    @Test("refuses a text that SQLite would cut")
    func zeroByte() async throws {
        let test = try await TestDatabase()

        #expect(await StorageError.code { try await test.read { try $0.query("SELECT $1 AS a", ["a\u{0}b"]) } } == .constraint)
    }

    @Test("undoes a transaction that throws")
    func rollback() async throws {
        struct Stop: Error {}
        let test = try await TestDatabase()

        await #expect(throws: Stop.self) {
            try await test.write { tx in
                try tx.append(test.event())
                throw Stop()
            }
        }

        #expect(try await test.read { try AuditRepository($0).search(AuditQuery()).count } == 1)
    }

    @Test("refuses writes in a read transaction")
    func readOnly() async throws {
        let test = try await TestDatabase()

        #expect(await StorageError.code { try await test.read { try $0.execute("DELETE FROM tenants WHERE 1 = 0", []) } } == .readOnly)
    }

    @Test("returns values that cannot be copied")
    func nonCopyable() async throws {
        let test = try await TestDatabase()

        let token = try await test.database.transaction(test.scope(test.acme)) { _ in Token(number: 7) }

        #expect(token.number == 7)
    }

    @Test("groups waiting writers: one that fails does not hurt its neighbours")
    func group() async throws {
        struct Stop: Error {}
        let test = try await TestDatabase()
        _ = try await test.write { try $0.execute("CREATE TABLE counter (n BIGINT)", []) }

        let failures = await withTaskGroup(of: Bool.self) { group in
            for number in 0..<200 {
                group.addTask {
                    do {
                        try await test.write { tx in
                            try tx.execute("INSERT INTO counter (n) VALUES ($1)", [.int(Int64(number))])
                            if number % 3 == 0 { throw Stop() }
                        }
                        return false
                    } catch {
                        return error is Stop
                    }
                }
            }
            return await group.reduce(into: 0) { $0 += $1 ? 1 : 0 }
        }

        #expect(failures == 67)
        let rows = try await test.read { try $0.query("SELECT COUNT(*) AS n, SUM(n % 3 = 0) AS undone FROM counter", [])[0] }
        #expect(try rows.int("n") == 133)
        #expect(try rows.int("undone") == 0)
    }

    @Test("keeps the audit chain whole under 64 writers on two tenants")
    func concurrentAudit() async throws {
        let test = try await TestDatabase()

        try await withThrowingTaskGroup { group in
            for number in 0..<64 {
                group.addTask {
                    let tenant = number % 2 == 0 ? test.acme : test.globex
                    for _ in 0..<5 { try await test.write(tenant) { try $0.append(test.event(tenant: tenant)) } }
                }
            }
            try await group.waitForAll()
        }

        let reports = try await test.database.platformRead(test.platform) { try AuditVerification.verifyAll($0) }
        #expect(reports.map(\.verified) == [161, 161])
        #expect(reports.allSatisfy { $0.fault == nil })
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
        #expect(try await test.read { try AuditRepository($0).verify() } == AuditReport(tenant: test.acme.id, verified: 1, fault: nil))
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

private struct Token: ~Copyable, Sendable {
    let number: Int
}
