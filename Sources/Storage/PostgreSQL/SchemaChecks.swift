// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors

/// What one check found.
package struct SchemaFinding: Sendable, Hashable {
    /// A short name that stays the same, for scripts.
    package let check: String
    /// What has to hold, in one line.
    package let rule: String
    /// What does not; empty when it holds.
    package let problems: [String]

    package var isGood: Bool { problems.isEmpty }
}

/// Everything that must hold in a PostgreSQL database: `panelhost doctor db` and the tests ask this one list.
///
/// The checks read the catalogue only, so any role can run them; each is a name, a rule, and what breaks the rule.
package struct SchemaCheck: Sendable {
    let name: String
    let rule: String
    let problems: @Sendable (SchemaView) throws -> [String]
}

/// What the checks look at.
struct SchemaView {
    let connection: any SQLConnection
    let catalogue: SchemaCatalogue
    let migrations: [Migration]

    var tenantTables: [SchemaCatalogue.Table] { catalogue.tables.filter { $0.tenantColumn != nil } }

    /// The texts in the column `problem`.
    func problems(_ sql: String) throws -> [String] { try connection.query(sql, []).map { try $0["problem"] } }
}

package enum SchemaChecks {
    static let all: [SchemaCheck] = server + roles + tables + keys

    static func run(on connection: any SQLConnection, migrations: [Migration]) throws -> [SchemaFinding] {
        guard try SchemaStatus.hasRecord(.postgresql, on: connection) else {
            return [
                SchemaFinding(
                    check: "schema-version", rule: "the schema is the one that this program needs",
                    problems: ["the database has no schema of panelhost's: run 'panelhost migrate up'"])
            ]
        }
        let view = SchemaView(connection: connection, catalogue: try SchemaCatalogue(on: connection), migrations: migrations)
        return try all.map { check in
            // A check that cannot be carried out is not a check that was passed.
            do {
                return SchemaFinding(check: check.name, rule: check.rule, problems: try check.problems(view))
            } catch let error as StorageError {
                return SchemaFinding(check: check.name, rule: check.rule, problems: ["cannot be checked: \(error.message)"])
            }
        }
    }
}
