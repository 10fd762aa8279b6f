// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors

import FoundationEssentials
import Security
import Storage
import Testing
import Values

/// Two walls keep tenants apart, the conditions in the statements and row-level security: each has to hold without the other.
@Suite("Isolation of tenants", .onPostgreSQL)
struct IsolationTests {
    @Test("row-level security alone keeps every operation from another tenant's rows")
    func rowSecurityAlone() async throws {
        let stage = try await Stage()

        let leaks = try await stage.leaks(in: stage.withoutConditions)

        #expect(leaks.isEmpty, "\(leaks)")
    }

    @Test("the statements alone keep every operation from another tenant's rows")
    func statementsAlone() async throws {
        let stage = try await Stage()
        try stage.disableRowSecurity()

        let leaks = try await stage.leaks(in: stage.test.database)

        #expect(leaks.isEmpty, "\(leaks)")
    }

    @Test("without both walls nearly every operation leaks: the matrix sees it")
    func neither() async throws {
        let stage = try await Stage()
        try stage.disableRowSecurity()

        let leaks = try await stage.leaks(in: stage.withoutConditions)

        #expect(leaks.count > 40, "\(leaks)")
    }

    @Test("every operation finds something in its own tenant")
    func control() async throws {
        let stage = try await Stage()

        for operation in IsolationOperation.all where !operation.isOwn {
            let own = try await stage.rehearse(operation, stage.acme)
            let none = try await stage.rehearse(operation, stage.imaginary)
            #expect(
                own.contains(stage.acme.word) || stage.acme.anonymous(own) != stage.imaginary.anonymous(none), "\(operation.name): \(own)")
        }
    }

    @Test("the matrix has every operation of every repository")
    func complete() throws {
        let known = Set(IsolationOperation.all.map(\.name)).union(IsolationOperation.exempt)

        #expect(try RepositorySources.operations().subtracting(known).sorted() == [])
    }
}

extension IsolationTests {
    /// `acme` has one of everything, `globex` tries to get at it.
    struct Stage {
        let test: TestDatabase
        let acme: IsolationTarget
        let imaginary = IsolationTarget(word: "imaginings")

        init() async throws {
            let test = try await TestDatabase()
            let acme = IsolationTarget(word: "acmecanary", tenant: test.acme.id)
            _ = try await test.installStripe()
            try await test.write { tx in
                try acme.furnish(tx)
                try tx.append(test.event(actor: acme.word))
            }
            (self.test, self.acme) = (test, acme)
        }

        /// Every condition on the tenant made true, so that nothing but row-level security is left.
        var withoutConditions: any Database {
            ObservedDatabase(test.database) { sql, _ in
                sql.replacing(/(\w+\.)?tenant_id = \$(\d+)/) { "$\($0.output.2)::text IS NOT NULL" }
            }
        }

        func disableRowSecurity() throws {
            let url = try #require(test.server).url
            try PostgreSQLDatabase.execute(
                """
                DO $$ DECLARE found record; BEGIN
                    FOR found IN SELECT oid::regclass AS name FROM pg_class WHERE relnamespace = 'panelhost'::regnamespace AND relrowsecurity
                    LOOP EXECUTE format('ALTER TABLE %s DISABLE ROW LEVEL SECURITY', found.name); END LOOP;
                END $$
                """, url: url)
        }

        /// What `globex` learns about, or does to, `acme`'s rows.
        func leaks(in database: any Database) async throws -> [String] {
            let before = try await contents()
            var leaks: [String] = []
            for operation in IsolationOperation.all {
                let real = try await outcome(operation, acme, database)
                let none = try await outcome(operation, imaginary, database)
                // What was found must not be acme's, and that acme has it must not show either.
                if real.contains(acme.word) && !none.contains(imaginary.word)
                    || acme.anonymous(real) != imaginary.anonymous(none)
                {
                    leaks.append("\(operation.name): \(real) instead of \(none)")
                }
            }
            let after = try await contents()
            for (table, rows) in before where after[table] != rows { leaks.append("\(table) was changed") }
            return leaks
        }

        private func outcome(_ operation: IsolationOperation, _ target: IsolationTarget, _ database: any Database) async throws -> String {
            do {
                return try await database.transaction(test.scope(test.globex)) { tx in
                    do {
                        return "\(try operation.run(tx, target))"
                    } catch {
                        // Undoes the transaction with its words, as a caller would have it.
                        throw Undone(outcome: operation.words(of: error))
                    }
                }
            } catch let undone as Undone {
                return undone.outcome
            }
        }

        /// As `acme`, and undone.
        func rehearse(_ operation: IsolationOperation, _ target: IsolationTarget) async throws -> String {
            do {
                try await test.write { tx in throw Undone(outcome: operation.outcome(tx, target)) }
                return ""
            } catch let undone as Undone {
                return undone.outcome
            }
        }

        private struct Undone: Error {
            let outcome: String
        }

        /// A digest of `acme`'s rows by table.
        private func contents() async throws -> [String: String] {
            try await test.read { tx in
                let tables = try tx.query(
                    "SELECT table_name::text AS name FROM information_schema.columns WHERE table_schema = 'panelhost' AND column_name = 'tenant_id'",
                    [])
                return try Dictionary(
                    uniqueKeysWithValues: tables.map { row in
                        let table = try row.text("name")
                        let digest = try tx.query(
                            "SELECT count(*) || coalesce(md5(string_agg(t::text, ',' ORDER BY t::text)), '') AS digest FROM \(table) t WHERE tenant_id = $1",
                            [tx.tenant])
                        return (table, try digest[0].text("digest"))
                    })
            }
        }
    }
}

/// What the sources of the repositories offer to a tenant's transaction.
enum RepositorySources {
    static func operations() throws -> Set<String> {
        let sources = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
            .appending(path: "Sources/Storage")
        var operations: Set<String> = []
        for folder in ["Repositories", "Jobs", "Audit"] {
            let path = sources.appending(path: folder).path
            for file in (try? FileManager.default.contentsOfDirectory(atPath: path)) ?? [] where file.hasSuffix(".swift") {
                let text = try String(contentsOf: URL(filePath: path + "/" + file), encoding: .utf8)
                for type in text.split(separator: "\npackage struct ").dropFirst() {
                    let body = type.split(separator: "\n}", maxSplits: 1).first ?? type
                    guard body.contains(/init\(_ \w+: TenantTransaction/) else { continue }
                    let name = body.prefix { $0.isLetter || $0.isNumber }
                    for function in body.matches(of: /\n    package (?:static )?func (\w+)/) {
                        operations.insert("\(name).\(function.output.1)")
                    }
                }
            }
        }
        return operations
    }
}
