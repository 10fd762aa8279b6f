// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors

import Storage
import Testing

@Suite("Migrations on PostgreSQL", .onPostgreSQL)
struct PostgresMigrationTests {
    private let next = Migration(
        number: 900, name: "next", compatibleFrom: 0, sql: ["CREATE TABLE next (tenant_id TEXT NOT NULL PRIMARY KEY)"])

    private func server() async throws -> (url: String, app: String, owner: String) {
        let url = try #require(await TestServer.shared()).emptyDatabase()
        return (url, url.replacing("postgres@", with: "panelhost_app@"), url.replacing("postgres@", with: "panelhost_owner@"))
    }

    @Test("are applied once when many hosts start at the same time")
    func race() async throws {
        let url = try await server().url

        let applied = try await withThrowingTaskGroup(of: Int.self) { group in
            for _ in 0..<4 { group.addTask { try PostgreSQLSchema.prepare(url: url).count } }
            return try await group.reduce(0, +)
        }

        #expect(applied == Migration.all.count)
        #expect(try PostgreSQLSchema.status(url: url).pending.isEmpty)
    }

    @Test("need the owner: a host's role checks, and says what to do")
    func roles() async throws {
        let (url, app, owner) = try await server()
        let first = Array(Migration.all.dropLast())
        try PostgreSQLSchema.migrate(url: url, migrations: first)

        #expect(throws: StorageError.self) { try PostgreSQLSchema.migrate(url: app) }
        let behind = #expect(throws: StorageError.self) { try PostgreSQLSchema.prepare(url: app) }
        #expect(behind?.code == .olderSchema && behind?.message.contains("panelhost migrate up") == true)
        #expect(try PostgreSQLSchema.migrate(url: owner).count == 1)
        #expect(try PostgreSQLSchema.prepare(url: app).isEmpty)
    }

    @Test("without an administrator's rights print what he has to run, and go on after it")
    func administrator() async throws {
        // The roles belong to the server; the schemas to the database.
        let template = try await server()
        try PostgreSQLSchema.migrate(url: template.url)
        let (url, _, owner) = try await server()

        let refusal = #expect(throws: StorageError.self) { try PostgreSQLSchema.migrate(url: owner) }
        #expect(refusal?.code == .forbidden && refusal?.message.contains("panelhost migrate roles") == true)
        let sql = try PostgreSQLSchema.rolesSQL(url: url)
        for statement in Self.statements(sql) { try PostgreSQLDatabase.execute(statement, url: url) }

        #expect(try PostgreSQLSchema.migrate(url: owner).count == Migration.all.count)
        #expect(try PostgreSQLSchema.check(url: owner).filter { !["durability", "connection"].contains($0.check) }.allSatisfy(\.isGood))
    }

    @Test("of the release after this one leave this program running, and the one after that does not")
    func compatibility() async throws {
        let (url, app, _) = try await server()
        try PostgreSQLSchema.migrate(url: url, migrations: Migration.all + [next])

        #expect(try PostgreSQLSchema.prepare(url: app).isEmpty)
        #expect(try PostgreSQLSchema.migrate(url: url).isEmpty)
        let later = Migration(
            number: 901, name: "later", compatibleFrom: 900, sql: ["CREATE TABLE later (tenant_id TEXT NOT NULL PRIMARY KEY)"])
        try PostgreSQLSchema.migrate(url: url, migrations: Migration.all + [next, later])
        for connection in [app, url] {
            let refusal = #expect(throws: StorageError.self) { try PostgreSQLSchema.prepare(url: connection) }
            #expect(refusal?.code == .newerSchema && refusal?.message.contains("migration 901 (later)") == true)
        }
    }

    @Test("guard a new table in the transaction that makes it, though nobody has declared it")
    func newTable() async throws {
        let (url, _, _) = try await server()
        try PostgreSQLSchema.migrate(url: url, migrations: Migration.all + [next])

        let problems = try PostgreSQLSchema.check(url: url, migrations: Migration.all + [next]).flatMap(\.problems)

        #expect(problems.filter { $0.contains("next") } == ["next: no rule says who may do what with it"])
    }

    @Test("that fail leave nothing, and one that would see no rows for row-level security fails")
    func failing() async throws {
        let (url, _, _) = try await server()
        let blind = Migration(number: 900, name: "blind", sql: ["CREATE TABLE half (id TEXT PRIMARY KEY)", "UPDATE users SET name = ''"])

        #expect(throws: StorageError.self) { try PostgreSQLSchema.migrate(url: url, migrations: Migration.all + [blind]) }

        #expect(try PostgreSQLSchema.status(url: url).steps.last?.number == Migration.all.last?.number)
        #expect(throws: StorageError.self) { try PostgreSQLDatabase.execute("SELECT FROM panelhost.half", url: url) }
        let seeing = Migration(
            number: 900, name: "seeing",
            sql: ["ALTER TABLE users NO FORCE ROW LEVEL SECURITY", "UPDATE users SET name = ''"])
        #expect(try PostgreSQLSchema.migrate(url: url, migrations: Migration.all + [seeing]).map(\.number) == [900])
        #expect(
            try PostgreSQLSchema.check(url: url, migrations: Migration.all + [seeing]).first { $0.check == "row-security" }?.isGood == true)
    }

    /// One statement each, as psql would send them.
    private static func statements(_ sql: String) -> [String] {
        var statements: [String] = []
        var statement = ""
        for line in sql.split(separator: "\n") where !line.hasPrefix("--") {
            statement += line + "\n"
            if line.hasSuffix(";"), !statement.contains("DO $$") || line.hasPrefix("END $$") {
                statements.append(statement)
                statement = ""
            }
        }
        return statements
    }
}
