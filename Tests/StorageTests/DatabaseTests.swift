// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors

import Security
import Storage
import Testing
import Values

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

    @Test("keeps the audit trails whole under 64 writers on two tenants")
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

        try await test.sequence()
        let report = try await test.verifyAll()
        #expect(report.trails.map(\.verified) == [161, 161])
        #expect(report.isWhole)
    }

    @Test("appends events that wait at the same time in one transaction; one that cannot be stored fails alone")
    func groupedAppends() async throws {
        let test = try await TestDatabase()
        let scope = test.scope(test.acme)
        func event(_ number: Int) -> AuditEvent {
            // Whatever a text may hold comes back as it was, or its hash would not fit.
            let resource = number % 20 == 0 ? "a\0b" : ["x:\(number)", "\"\\\u{1}\n", "ü😀\u{7f}", ""][number % 4]
            return AuditEvent(
                tenant: number % 20 == 10 ? test.globex.id : test.acme.id, actor: "user:1", action: "a.b", resource: resource,
                outcome: .success, detail: ["text": .string("\u{8}\"\(number)")], correlation: ["c", "", "192.0.2.1"][number % 3])
        }

        let codes = await withTaskGroup(of: (Int, StorageError.Code?).self) { group in
            for number in 0..<200 {
                group.addTask { (number, await StorageError.code { try await test.database.append(scope, event(number)) }) }
            }
            return await group.reduce(into: [Int: StorageError.Code]()) { $0[$1.0] = $1.1 }
        }

        #expect(codes.keys.sorted() == (0..<200).filter { $0 % 10 == 0 })
        #expect(codes.allSatisfy { $0.value == ($0.key % 20 == 0 ? .constraint : .failed) })
        try await test.sequence()
        let report = try await test.verifyAll()
        #expect(report.trails.map(\.verified).sorted() == [1, 181])
        #expect(report.isWhole)
    }

    @Test("fetches with one statement, of one tenant, and never writes")
    func fetch() async throws {
        let test = try await TestDatabase()
        let scope = test.scope(test.acme)

        let rows = try await test.database.fetch(scope, "SELECT slug FROM tenants WHERE id = $1", [.text(test.acme.id.description)])

        #expect(rows.map(\.values) == [["acme"]])
        #expect(
            await StorageError.code { try await test.database.fetch(scope, "UPDATE users SET name = 'x' RETURNING id", []) } == .readOnly)
        #expect(await StorageError.code { try await test.database.fetch(scope, "SELECT $1 AS a", []) } == .failed)
    }

    @Test("keeps the failure of one fetch from those around it")
    func fetchFailures() async throws {
        let test = try await TestDatabase()
        let scope = test.scope(test.acme)

        let answers = await withTaskGroup(of: Bool.self) { group in
            for number in 0..<300 {
                group.addTask {
                    let isBad = number % 7 == 0
                    let sql = isBad ? "SELECT nothing FROM nowhere WHERE a = $1" : "SELECT $1 AS n"
                    let rows = try? await test.database.fetch(scope, sql, [.int(Int64(number))])
                    return rows?.first?.values == (isBad ? nil : [.int(Int64(number))])
                }
            }
            return await group.reduce(into: 0) { $0 += $1 ? 1 : 0 }
        }

        #expect(answers == 300)
    }

    @Test("fetches that share a connection see their own tenant's rows, the platform's all of them, also around failures")
    func mixedFetches() async throws {
        let test = try await TestDatabase()
        try await test.write(test.acme) { try $0.append(test.event(tenant: test.acme)) }
        // As a host connects: in a role that a tenant's read need not take on.
        let database: any Database
        if let url = test.url {
            database = try await PostgreSQLDatabase(url: url.replacing("postgres@", with: "panelhost_app@"), migrations: nil)
        } else {
            database = test.database
        }
        let (acme, globex) = (test.acme.id.description, test.globex.id.description)

        let wrong = try await withThrowingTaskGroup(of: Int?.self) { group in
            for number in 0..<400 {
                group.addTask {
                    // The condition is left to the wall behind it, where there is one.
                    let sql = "SELECT DISTINCT tenant_id FROM audit_events WHERE tenant_id <> $1 ORDER BY tenant_id"
                    let isAlone = Engine.current == .postgresql
                    let (found, expected): ([Row], [String])
                    switch number % 4 {
                    case 0:
                        found = try await database.fetch(test.scope(test.acme), sql, ["x"])
                        expected = isAlone ? [acme] : [acme, globex].sorted()
                    case 1:
                        found = try await database.fetch(test.scope(test.globex), sql, ["x"])
                        expected = isAlone ? [globex] : [acme, globex].sorted()
                    case 2:
                        found = try await database.fetch(test.platform, "SELECT id AS tenant_id FROM tenants ORDER BY id", [])
                        expected = [acme, globex].sorted()
                    default:
                        let scope = number % 8 == 3 ? test.scope(test.acme) : test.scope(test.globex)
                        found = (try? await test.database.fetch(scope, "SELECT nothing FROM nowhere", [])) ?? []
                        expected = []
                    }
                    return try found.map { try $0.text("tenant_id") } == expected ? nil : number
                }
            }
            return try await group.reduce(into: [Int]()) { if let number = $1 { $0.append(number) } }
        }

        #expect(wrong == [])
    }

    @Test("a read of one statement answers like one of many, whatever its body asks")
    func singleReads() async throws {
        let test = try await TestDatabase()
        try await test.createTable("numbers (n BIGINT)")
        _ = try await test.write { try $0.execute("INSERT INTO numbers (n) VALUES (1), (2)", []) }
        let (database, scope) = (test.database, test.scope(test.acme))
        @Sendable func count(_ connection: any SQLConnection, over least: Int64 = 0) throws -> Int64 {
            try connection.query("SELECT COUNT(*) AS n FROM numbers WHERE n > $1", [.int(least)])[0].int("n")
        }

        #expect(try await database.readOne(scope) { try count($0) } == 2)
        #expect(try await database.readOne(scope) { _ in 7 } == 7)
        #expect(try await database.readOne(scope) { try count($0) * 10 + count($0, over: 1) } == 21)
        #expect(try await database.readOne(scope) { try count($0) + count($0) } == 4)
        #expect(try await database.readOne(scope) { ((try? count($0)) ?? 0) * 10 + ((try? count($0, over: 1)) ?? 0) } == 21)
        #expect(try await database.platformReadOne(test.platform) { try $0.query("SELECT id FROM tenants", []).count } == 2)
        #expect(
            await StorageError.code { try await database.readOne(scope) { try $0.execute("DELETE FROM numbers", []) } } == .readOnly)
        #expect(
            await StorageError.code {
                try await database.readOne(scope) { tx in
                    _ = try count(tx)
                    throw StorageError(.conflict, "of the body's own")
                }
            } == .conflict)
    }

    @Test("a platform fetch never writes")
    func platformFetch() async throws {
        let test = try await TestDatabase()

        #expect(
            await StorageError.code { try await test.database.fetch(test.platform, "UPDATE tenants SET name = 'x' RETURNING id", []) }
                == .readOnly)
    }

    @Test("hands out rows one by one, however many")
    func stream() async throws {
        let test = try await TestDatabase()
        try await test.createTable("numbers (n BIGINT)")
        try await test.write { tx in
            for number in 0..<2_500 { try tx.enqueue("INSERT INTO numbers (n) VALUES ($1)", [.int(Int64(number))]) }
        }

        let sum = try await test.read { tx in
            var sum: Int64 = 0
            try tx.rows("SELECT n FROM numbers WHERE n >= $1 ORDER BY n", [1]) { sum += try $0.int("n") }
            return sum
        }

        #expect(sum == 2_499 * 2_500 / 2)
    }

    @Test("reports what was only enqueued at the commit at the latest, and undoes it")
    func enqueued() async throws {
        let test = try await TestDatabase()
        try await test.createTable("once (n BIGINT PRIMARY KEY)")
        _ = try await test.write { try $0.execute("INSERT INTO once (n) VALUES (1)", []) }

        let code = await StorageError.code {
            try await test.write { tx in
                try tx.enqueue("INSERT INTO once (n) VALUES (2)", [])
                try tx.enqueue("INSERT INTO once (n) VALUES (1)", [])
            }
        }

        #expect(code == .duplicate)
        #expect(try await test.read { try $0.query("SELECT n FROM once", []).count } == 1)
    }

    @Test("tells listeners what was committed, and nothing that was undone")
    func notifications() async throws {
        struct Stop: Error {}
        let test = try await TestDatabase()
        var heard = test.database.notifications("changes").makeAsyncIterator()
        #expect(await heard.next() == "")

        try? await test.write { tx in
            try tx.notify("changes", "undone")
            throw Stop()
        }
        try await test.write { try $0.notify("elsewhere", "other") }
        try await test.write { tx in
            try tx.notify("changes", "one")
            try tx.notify("changes", "two")
        }

        #expect(await heard.next() == "one")
        #expect(await heard.next() == "two")
    }
}

private struct Token: ~Copyable, Sendable {
    let number: Int
}
