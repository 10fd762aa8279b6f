// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors

/// Runs the body of a read for its one statement: it is asked what that is, and run again on the rows.
///
/// A body may be run more than once in any case. One that asks for more than it said gets a transaction after all.
struct SingleRead {
    /// The statement that a body waits for; what it is told meanwhile.
    struct Statement: Error {
        let sql: String
        let parameters: [SQLValue]
    }

    enum Outcome<T: ~Copyable>: ~Copyable {
        case value(T)
        case needsTransaction
    }

    private let dialect: Dialect

    init(_ dialect: Dialect) { self.dialect = dialect }

    func run<T: ~Copyable>(
        _ body: (any SQLConnection) throws -> T, fetch: (Statement) async throws -> [Row]
    ) async throws -> Outcome<T> {
        // What counts is what the connection was asked, not what the body made of the answer.
        let asking = Connection(dialect: dialect, known: nil)
        do {
            let value = try body(asking)
            if asking.asked == nil { return .value(value) }
        } catch {
            guard asking.asked != nil else { throw error }
        }
        guard let statement = asking.asked else { return .needsTransaction }
        let answering = Connection(dialect: dialect, known: (statement, try await fetch(statement)))
        do {
            let value = try body(answering)
            return answering.asked == nil ? .value(value) : .needsTransaction
        } catch {
            guard answering.asked == nil else { return .needsTransaction }
            throw error
        }
    }

    private final class Connection: SQLConnection {
        let dialect: Dialect
        /// The first statement that there was no answer to.
        private(set) var asked: Statement?
        private var known: (statement: Statement, rows: [Row])?

        init(dialect: Dialect, known: (statement: Statement, rows: [Row])?) {
            (self.dialect, self.known) = (dialect, known)
        }

        func query(_ sql: String, _ parameters: [SQLValue]) throws -> [Row] {
            guard let known, known.statement.sql == sql, known.statement.parameters == parameters else {
                let statement = Statement(sql: sql, parameters: parameters)
                asked = asked ?? statement
                throw statement
            }
            self.known = nil
            return known.rows
        }

        func execute(_ sql: String, _ parameters: [SQLValue]) throws -> Int { throw Self.readOnly }

        func notify(_ channel: String, _ payload: String) throws { throw Self.readOnly }

        private static let readOnly = StorageError(.readOnly, "a read transaction cannot write")
    }
}
