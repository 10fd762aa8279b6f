// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors

import Security
import Values

/// The SQL engines that the schema is written for.
package enum Dialect: String, Sendable {
    case sqlite, postgresql

    /// Ends a SELECT that claims rows: it passes over those that another transaction is claiming. SQLite has one writer at a time.
    package var skipLocked: String { self == .postgresql ? " FOR UPDATE SKIP LOCKED" : "" }
}

/// One numbered step of the schema.
///
/// Once released it never changes: a new step does.
package struct Migration: Sendable {
    /// One statement, for all engines or for one.
    package struct Statement: Sendable, ExpressibleByStringLiteral {
        let sql: String
        let dialect: Dialect?

        package init(stringLiteral sql: String) {
            self.sql = sql
            self.dialect = nil
        }

        private init(sql: String, dialect: Dialect) {
            self.sql = sql
            self.dialect = dialect
        }

        /// For what has no portable form, such as triggers.
        package static func only(_ dialect: Dialect, _ sql: String) -> Statement {
            Statement(sql: sql, dialect: dialect)
        }
    }

    package let number: Int
    package let name: String
    /// The last migration that a program must know to work on a schema that has this one.
    ///
    /// A migration that only adds (tables, columns with a default, indexes) names the last migration of the release before, which is
    /// the one before it unless said otherwise: the program of that release carries on while hosts are replaced one after the other.
    /// One that takes something away, or gives it another meaning, names itself: every host stops first.
    package let compatibleFrom: Int
    package let sql: [Statement]

    package init(number: Int, name: String, compatibleFrom: Int? = nil, sql: [Statement]) {
        self.number = number
        self.name = name
        self.compatibleFrom = compatibleFrom ?? number - 1
        self.sql = sql
    }

    func statements(for dialect: Dialect) -> [String] {
        sql.filter { $0.dialect == nil || $0.dialect == dialect }.map(\.sql)
    }

    /// SHA-256 over the statements of one engine, without differences of white space.
    package func checksum(for dialect: Dialect) -> String {
        let normalised = statements(for: dialect).map { $0.split(whereSeparator: \.isWhitespace).joined(separator: " ") }
        return Hex.encode(Hash.sha256(Array(normalised.joined(separator: ";\n").utf8)))
    }
}
