// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors

import Foundation
import Security
import Storage
import Testing
import Values

extension StateTests {
    /// `panelhost migrate` as processes, and programs of two releases on one schema.
    @Suite("Migrations at the command line", .serialized)
    struct MigrateCommandTests {
        /// What the release after this one adds: a column with a default, and a table.
        private static let next = Migration(
            number: 900, name: "next", compatibleFrom: Migration.all.last?.number,
            sql: [
                "ALTER TABLE payments ADD COLUMN next_note TEXT NOT NULL DEFAULT ''",
                "CREATE TABLE next (tenant_id TEXT NOT NULL, id TEXT NOT NULL, PRIMARY KEY (tenant_id, id))",
            ])
        /// What the release after that one takes away.
        private static let later = Migration(
            number: 901, name: "later", compatibleFrom: 900, sql: ["ALTER TABLE payments DROP COLUMN next_note"])

        @Test("status and up say what is missing and what was done, and two at once get in nobody's way", arguments: Engine.here)
        func race(engine: Engine) async throws {
            let place = try await Place(engine)
            let before = try await place.run("migrate", "status")
            #expect(before.code == 1, "\(before.output)")

            let outcomes = try await withThrowingTaskGroup(of: (code: Int32, output: String).self) { group in
                for _ in 0..<2 { group.addTask { try await place.run("migrate", "up") } }
                return try await group.reduce(into: []) { $0.append($1) }
            }

            #expect(outcomes.allSatisfy { $0.code == 0 }, "\(outcomes)")
            let lines = outcomes.flatMap { $0.output.split(separator: "\n") }.map(String.init)
            for migration in Migration.all {
                #expect(lines.filter { $0 == "applied \(migration.number) \(migration.name)" }.count == 1, "\(lines)")
            }
            let after = try await place.run("migrate", "status")
            #expect(after.code == 0 && after.output.contains("can serve this database"), "\(after.output)")
            #expect(after.output.split(separator: "\n").filter { $0.contains("\tapplied") }.count == Migration.all.count)
            #expect(try await place.run("migrate", "up").output == "the schema is up to date\n")
        }

        @Test("a schema that is too new is refused by every command in one line, and left as it is", arguments: Engine.here)
        func newer(engine: Engine) async throws {
            let place = try await Place(engine)
            let made = try await place.run("tenant", "create", "acme")
            #expect(made.code == 0, "\(made.output)")
            try place.migrate(Migration.all + [Self.next, Self.later])

            for arguments in [
                ["migrate", "up"], ["migrate", "status"], ["tenant", "list"], ["run", "--listen", "127.0.0.1:0", "--development"],
            ] {
                let refused = try await place.run(arguments)
                let lines = refused.output.split(separator: "\n").filter { $0.hasPrefix("panelhost: ") }
                #expect(refused.code == 1 && lines.count == 1, "\(arguments): \(refused)")
                #expect(
                    lines.first?.contains("migration 901 (later)") == true && lines.first?.contains("install the newer panelhost") == true)
            }
            #expect(try place.status().steps.last?.number == 901)
        }

        @Test(
            "the program of the release before goes on serving on the schema of the next, running and after a restart",
            arguments: Engine.here)
        func oneVersionBack(engine: Engine) async throws {
            let house = try await House.shared(engine)
            let before = try await house.signIn()
            if let postgres = house.postgres {
                try PostgreSQLSchema.migrate(url: postgres.url, migrations: Migration.all + [Self.next])
            } else {
                try SQLiteDatabase(path: house.world.data + "/panelhost.sqlite", migrations: Migration.all + [Self.next]).close()
            }

            for (turn, isFresh) in [false, true].enumerated() {
                if isFresh {
                    await house.end(with: SIGTERM)
                    try await house.start()
                }
                let admin = isFresh ? try await house.signIn() : house.api.signedIn(before.token ?? "")
                let reference = "one-back-\(turn)"
                let paid = try await admin.post(House.payments, Load.charge(reference), key: reference)
                #expect(paid.json["status"] == "succeeded", "\(paid)")
                #expect(try await house.configure(by: admin).status == 200)
                let trail = try await admin.get("/v1/tenants/acme/audit?action=plugin.configure&limit=1")
                #expect(trail.status == 200)
            }

            let status = try await house.run(["migrate", "status"])
            #expect(status.code == 0 && status.output.contains("900\tnext\tnewer"), "\(status.output)")
            #expect(try await house.must("audit", "verify").contains("whole"))
        }
    }
}

/// A database with nothing in it.
private final class Place: Sendable {
    private let world: World
    private let postgres: PostgresServer?

    init(_ engine: Engine) async throws {
        world = try World()
        postgres = engine == .postgresql ? try await PostgresServer() : nil
        try FileManager.default.createDirectory(atPath: world.data, withIntermediateDirectories: true)
    }

    private var file: String { world.data + "/panelhost.sqlite" }

    func run(_ arguments: String...) async throws -> (code: Int32, output: String) { try await run(arguments) }

    func run(_ arguments: [String]) async throws -> (code: Int32, output: String) {
        let process = try ChildProcess(
            [World.panelhost] + arguments + ["--data", world.data],
            environment: postgres.map { ["PANELHOST_DATABASE_URL": $0.url] } ?? [:])
        let code = await process.exitCode()
        _ = try? await process.line(containing: "\u{0}never printed")
        return (code, process.output)
    }

    func migrate(_ migrations: [Migration]) throws {
        if let postgres {
            try PostgreSQLSchema.migrate(url: postgres.url, migrations: migrations)
        } else {
            try SQLiteDatabase(path: file, migrations: migrations).close()
        }
    }

    func status() throws -> SchemaStatus {
        if let postgres { return try PostgreSQLSchema.status(url: postgres.url) }
        return try SQLiteDatabase.schemaStatus(path: file)
    }
}
