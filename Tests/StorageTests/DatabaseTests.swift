// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors

import Security
import Storage
import Testing

/// What every engine owes to the code above it.
@Suite("Database", .everyEngine)
struct DatabaseTests {
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
        try await test.createTable("counter (n BIGINT)")

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
        let rows = try await test.read {
            try $0.query("SELECT COUNT(*) AS n, SUM(CASE WHEN n % 3 = 0 THEN 1 ELSE 0 END) AS undone FROM counter", [])[0]
        }
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
}

private struct Token: ~Copyable, Sendable {
    let number: Int
}
