// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors

import ArgumentParser
import FoundationEssentials
import Storage
import Values

struct MigrateCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "migrate", abstract: "Look at and bring up to date the schema of the database.",
        discussion: """
            A database file is brought up to date by 'panelhost run' itself. A PostgreSQL database is migrated first, with the owner's URL;
            hosts of the release before carry on meanwhile. docs/postgresql.md has the whole story.
            """,
        subcommands: [Status.self, Up.self, Roles.self], defaultSubcommand: Status.self)

    struct Status: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Show what was applied and what is missing.",
            discussion: "Exits with 1 when a host of this program could not serve the database as it is.")

        @OptionGroup var options: DataOptions
        @Flag(name: .long, help: "One JSON object instead of lines.")
        var json = false

        func run() async throws {
            let status = try options.location.schemaStatus()
            let hindrance = status.hindrance
            if json {
                let steps = status.steps.map { step in
                    Value.map([
                        "number": .int(Int64(step.number)), "name": .string(step.name), "state": .string(step.state.rawValue),
                        "compatible_from": .int(Int64(step.compatibleFrom)), "applied_at": step.appliedAt.map(Value.int) ?? .null,
                    ])
                }
                Console.line(
                    JSON.text([
                        "ok": .bool(hindrance == nil), "problem": hindrance.map { .string($0.message) } ?? .null,
                        "migrations": .array(steps),
                    ]))
            } else {
                for step in status.steps {
                    let at = step.appliedAt.map { " \(Date(timeIntervalSince1970: Double($0 / 1000)).formatted(.iso8601))" } ?? ""
                    Console.line("\(step.number)\t\(step.name)\t\(step.state.rawValue)\(at)")
                }
                if hindrance == nil { Console.line("a host of this program can serve this database") }
            }
            if let hindrance { throw Failure(hindrance.message) }
        }
    }

    struct Up: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Apply what is missing.",
            discussion: """
                On PostgreSQL also brings roles, row-level security and rights back to what they must be, whether anything was missing or not.
                Needs the URL of panelhost_owner, or of a superuser the first time.
                """)

        @OptionGroup var options: DataOptions

        func run() async throws {
            let applied = try options.location.migrate()
            for migration in applied { Console.line("applied \(migration.number) \(migration.name)") }
            if applied.isEmpty { Console.line("the schema is up to date") }
        }
    }

    struct Roles: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Print the SQL that makes PostgreSQL's roles.",
            discussion:
                "For an administrator to run, where 'panelhost migrate up' is not given a superuser's URL. It may be run again at any time."
        )

        @OptionGroup var options: DataOptions
        @Option(name: .long, help: ArgumentHelp("The database's name, when there is no URL to ask.", valueName: "name"))
        var name: String?

        func run() async throws {
            if let name { return Console.line(PostgreSQLSchema.rolesSQL(database: name)) }
            guard let url = options.location.databaseURL else {
                throw Failure("only PostgreSQL has roles: give its URL with --database, or the database's name with --name")
            }
            Console.line(try PostgreSQLSchema.rolesSQL(url: url))
        }
    }
}

extension InstallationLocation {
    func schemaStatus() throws -> SchemaStatus {
        if let databaseURL { return try PostgreSQLSchema.status(url: databaseURL) }
        return try SQLiteDatabase.schemaStatus(path: databaseFile)
    }

    func migrate() throws -> [Migration] {
        if let databaseURL { return try PostgreSQLSchema.migrate(url: databaseURL) }
        return try SQLiteDatabase.migrate(path: databaseFile)
    }

    func checkDatabase() throws -> [SchemaFinding] {
        if let databaseURL { return try PostgreSQLSchema.check(url: databaseURL) }
        return try SQLiteDatabase.check(path: databaseFile)
    }
}
