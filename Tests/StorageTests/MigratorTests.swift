// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors

import GRDB
import Security
import Storage
import Testing

@Suite("Migrations")
struct MigratorTests {
    private let first = Migration(number: 1, name: "first", sql: ["CREATE TABLE one (id TEXT)"])
    private let second = Migration(number: 2, name: "second", sql: ["CREATE TABLE two (id TEXT)", "INSERT INTO two (id) VALUES ('x')"])

    @Test("are numbered in order, none twice")
    func numbers() {
        #expect(Migration.all.map(\.number) == Set(Migration.all.map(\.number)).sorted())
    }

    @Test("run once, and the new ones of a later start")
    func rerun() throws {
        let directory = try TemporaryDirectory()
        let path = directory.file("db")

        try SQLiteDatabase(path: path, migrations: [first]).close()
        try SQLiteDatabase(path: path, migrations: [first, second]).close()
        try SQLiteDatabase(path: path, migrations: [first, second]).close()

        let recorded = try DatabaseQueue(path: path).read { database in
            try (
                Int.fetchAll(database, sql: "SELECT number FROM schema_migrations ORDER BY number"),
                Int.fetchOne(database, sql: "SELECT COUNT(*) FROM two")
            )
        }
        #expect(recorded.0 == [1, 2])
        #expect(recorded.1 == 1)
    }

    @Test("bring a fresh file to the whole schema")
    func fresh() async throws {
        let test = try await TestDatabase()

        let rows = try await test.read { try $0.query("SELECT number, checksum FROM schema_migrations ORDER BY number", []) }

        #expect(try rows.map { try $0.int("number") } == Migration.all.map { Int64($0.number) })
        #expect(try rows.map { try $0.text("checksum") } == Migration.all.map { $0.checksum(for: .sqlite) })
    }

    @Test("refuse a database whose applied SQL was another")
    func changed() throws {
        let directory = try TemporaryDirectory()
        try SQLiteDatabase(path: directory.file("db"), migrations: [first]).close()
        let other = Migration(number: 1, name: "first", sql: ["CREATE TABLE one (id TEXT, more TEXT)"])

        do {
            _ = try SQLiteDatabase(path: directory.file("db"), migrations: [other, second])
            Issue.record("opened")
        } catch {
            #expect(error.code == .migrationChanged)
            #expect(error.message.contains("migration 1 (first)"))
            #expect(!error.message.contains("\n"))
        }
    }

    @Test("take the same SQL in another layout for the same")
    func layout() {
        let other = Migration(number: 1, name: "first", sql: ["CREATE  TABLE\n   one (id TEXT)\n"])

        #expect(other.checksum(for: .sqlite) == first.checksum(for: .sqlite))
    }

    @Test("keep a checksum when a statement for another engine is added")
    func dialects() {
        let other = Migration(number: 1, name: "first", sql: ["CREATE TABLE one (id TEXT)", .only(.postgresql, "ALTER TABLE one FORCE")])

        #expect(other.checksum(for: .sqlite) == first.checksum(for: .sqlite))
        #expect(other.checksum(for: .postgresql) != first.checksum(for: .postgresql))
    }

    @Test("leave a schema that is one additive migration ahead as it is, and work on it")
    func oneAhead() throws {
        let directory = try TemporaryDirectory()
        try SQLiteDatabase(path: directory.file("db"), migrations: [first, second]).close()

        try SQLiteDatabase(path: directory.file("db"), migrations: [first]).close()

        let recorded = try DatabaseQueue(path: directory.file("db")).read {
            try Int.fetchAll($0, sql: "SELECT number FROM schema_migrations ORDER BY number")
        }
        #expect(recorded == [1, 2])
    }

    @Test("refuse a schema that is further ahead, or whose newest migration takes something away, and change nothing")
    func newer() throws {
        let third = Migration(number: 3, name: "third", sql: ["CREATE TABLE three (id TEXT)"])
        let breaking = Migration(number: 2, name: "breaking", compatibleFrom: 2, sql: ["DROP TABLE one"])
        for (written, known, named) in [
            ([first, second, third], [first], "migration 3 (third)"), ([first, breaking], [first], "migration 2"),
        ] {
            let directory = try TemporaryDirectory()
            try SQLiteDatabase(path: directory.file("db"), migrations: written).close()
            do {
                _ = try SQLiteDatabase(path: directory.file("db"), migrations: known)
                Issue.record("opened")
            } catch {
                #expect(error.code == .newerSchema)
                #expect(error.message.contains(named))
                #expect(!error.message.contains("\n"))
            }
        }
    }

    @Test("work on a schema two ahead when both came with the next release")
    func release() throws {
        let directory = try TemporaryDirectory()
        let third = Migration(number: 3, name: "third", compatibleFrom: 1, sql: ["CREATE TABLE three (id TEXT)"])
        try SQLiteDatabase(path: directory.file("db"), migrations: [first, second, third]).close()

        try SQLiteDatabase(path: directory.file("db"), migrations: [first]).close()
    }

    @Test("refuse to fill a gap below what was applied")
    func skipped() throws {
        let directory = try TemporaryDirectory()
        try SQLiteDatabase(path: directory.file("db"), migrations: [second]).close()

        do {
            _ = try SQLiteDatabase(path: directory.file("db"), migrations: [first, second])
            Issue.record("opened")
        } catch {
            #expect(error.code == .newerSchema)
            #expect(error.message.contains("migration 1 (first) is missing"))
        }
        let tables = try DatabaseQueue(path: directory.file("db")).read { try $0.tableExists("one") }
        #expect(!tables)
    }

    @Test("never ask for more than themselves, and never for less than an earlier one")
    func compatibility() {
        let rules = Migration.all.map(\.compatibleFrom)
        #expect(zip(Migration.all, rules).allSatisfy { $0.number >= $1 })
        #expect(rules == rules.sorted())
    }

    @Test("leave nothing of a migration that fails")
    func failing() throws {
        let directory = try TemporaryDirectory()
        let broken = Migration(number: 2, name: "broken", sql: ["CREATE TABLE two (id TEXT)", "CREATE TABLE two (id TEXT)"])

        #expect(throws: StorageError.self) { try SQLiteDatabase(path: directory.file("db"), migrations: [first, broken]) }

        let tables = try DatabaseQueue(path: directory.file("db")).read { try ($0.tableExists("one"), $0.tableExists("two")) }
        #expect(tables == (true, false))
    }
}
