// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors

import CPostgres

/// How a transaction sees the rows: what is sent right behind BEGIN.
struct PostgresScope: Sendable {
    let sql: String
    let parameters: [SQLValue]

    /// One statement for role and tenant; both end with the transaction.
    static func tenant(_ tenant: String, isolation: RowIsolation) -> PostgresScope? {
        switch isolation {
        case .off: nil
        case .on(let changesRole):
            PostgresScope(
                sql: changesRole
                    ? "SELECT set_config('role', 'panelhost_app', true), set_config('app.tenant', $1, true)"
                    : "SELECT set_config('app.tenant', $1, true)",
                parameters: [.text(tenant)])
        }
    }

    static func platform(isolation: RowIsolation) -> PostgresScope? {
        switch isolation {
        case .off: nil
        case .on: PostgresScope(sql: "SELECT set_config('role', 'panelhost_platform', true)", parameters: [])
        }
    }
}

/// Whether the database itself keeps tenants apart, and what a session has to do for it.
enum RowIsolation: Sendable, Hashable {
    /// Not asked yet.
    case off
    /// The session either is the application's role, or has to become it for each transaction.
    case on(changesRole: Bool)

    /// Asks the database that a connection leads to.
    static func detect(on connection: PostgresConnection) throws -> RowIsolation {
        let transaction = PostgresTransaction(connection, isReadOnly: true)
        try transaction.begin(nil)
        let rows = try transaction.query(
            "SELECT to_regprocedure('app.current_tenant()') IS NOT NULL AS isolated, current_user = 'panelhost_app' AS is_app", [])
        try transaction.end()
        guard let row = rows.first, try row["isolated"] else {
            throw StorageError(
                .forbidden, "the database does not keep tenants apart: run 'panelhost migrate up', then 'panelhost doctor db'")
        }
        return .on(changesRole: !(try row["is_app"]))
    }
}

/// The statements of one transaction on one connection.
///
/// BEGIN, the scope and the first statement leave together; what is only enqueued leaves with the next one.
final class PostgresTransaction: SQLConnection {
    private let connection: PostgresConnection
    private let isReadOnly: Bool
    /// What made the transaction impossible to commit, if anything did.
    private(set) var failure: PostgresFailure?
    /// Whether COMMIT has left, so that nobody can know its outcome until the answer is here.
    private(set) var isCommitting = false
    private var answer: Result<PostgresAnswer, any Error>?
    /// Whether an enqueued statement may still fail.
    private var hasEnqueued = false
    private var cursors = 0

    init(_ connection: PostgresConnection, isReadOnly: Bool) {
        self.connection = connection
        self.isReadOnly = isReadOnly
    }

    var dialect: Dialect { .postgresql }

    func begin(_ scope: PostgresScope?) throws {
        try guarded {
            try connection.send(isReadOnly ? "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY" : "BEGIN", [], .ignored)
            if let scope { try connection.send(scope.sql, scope.parameters, .ignored) }
        }
    }

    func query(_ sql: String, _ parameters: [SQLValue]) throws -> [Row] { try run(sql, parameters).rows }

    func execute(_ sql: String, _ parameters: [SQLValue]) throws -> Int { try run(sql, parameters).changed }

    func enqueue(_ sql: String, _ parameters: [SQLValue]) throws {
        try refuseAfterFailure()
        hasEnqueued = true
        try guarded { try connection.send(sql, parameters, .ignored) }
    }

    func notify(_ channel: String, _ payload: String) throws {
        try enqueue("SELECT pg_notify($1, $2)", [.text(channel), .text(payload)])
    }

    /// Through a cursor, so that no result is ever whole in memory.
    func rows(_ sql: String, _ parameters: [SQLValue], _ receive: (Row) throws -> Void) throws {
        cursors += 1
        let cursor = "c\(cursors)"
        try enqueue("DECLARE \(cursor) NO SCROLL CURSOR FOR \(sql)", parameters)
        while true {
            let page = try query("FETCH 1000 FROM \(cursor)", [])
            try page.forEach(receive)
            if page.count < 1000 { break }
        }
        try enqueue("CLOSE \(cursor)", [])
    }

    /// Commits. A reader does not wait for the answer: there is nothing to lose.
    func end() throws {
        try refuseAfterFailure()
        let waits = !isReadOnly || hasEnqueued
        try guarded {
            isCommitting = !isReadOnly
            try connection.send("COMMIT", [], isReadOnly ? .ignored : .commit)
            try connection.sync()
            if waits { try receive() } else { try connection.flush() }
        }
        guard waits else { return }
        try refuseAfterFailure()
        isCommitting = false
    }

    /// Undoes everything; on a connection that is of no use there is nothing to undo.
    func rollback() throws {
        guard !connection.isBroken else { return }
        isCommitting = false
        try guarded {
            // An enqueued statement that fails now takes the first ROLLBACK of its group with it.
            for _ in 0..<2 where !connection.isBroken {
                try connection.send("ROLLBACK", [], .ignored)
                try connection.sync()
                try receive()
                if connection.isIdle { return }
            }
        }
    }

    private func run(_ sql: String, _ parameters: [SQLValue]) throws -> PostgresAnswer {
        try refuseAfterFailure()
        answer = nil
        try guarded {
            try connection.send(sql, parameters, .result)
            try connection.sync()
            hasEnqueued = false
            try receive()
        }
        try refuseAfterFailure()
        guard let answer else { throw StorageError(.failed, "a statement had no answer") }
        return try answer.get()
    }

    private func receive() throws {
        try connection.receive { expectation, outcome in
            switch (expectation, outcome) {
            case (_, .failure(let failure)): note(failure)
            case (.result, .success(let result)):
                answer = Result { PostgresAnswer(rows: try PostgresRows.read(result), changed: PostgresRows.changed(result)) }
            case (.commit, .success(let result)):
                // A transaction that failed answers COMMIT with ROLLBACK.
                if PQcmdStatus(result).map({ String(cString: $0) }) != "COMMIT" { note(.undone) }
            default: break
            }
        }
    }

    private func note(_ new: PostgresFailure) {
        if failure == nil || new.isLost && failure?.isLost == false { failure = new }
    }

    private func refuseAfterFailure() throws {
        if let failure { throw isReadOnly || !failure.isReadOnlyServer ? PostgresErrors.translate(failure) : Self.demoted }
    }

    static let demoted = StorageError(.unavailable, "the database server is read-only at the moment")

    /// Remembers the end of the connection, which the driver reacts to, and tells the body in the words of the storage.
    private func guarded(_ body: () throws -> Void) throws {
        do {
            try body()
        } catch let lost as PostgresFailure {
            note(lost)
            throw PostgresErrors.translate(lost)
        }
    }
}

struct PostgresAnswer {
    let rows: [Row]
    let changed: Int
}

extension PostgresFailure {
    static let undone = PostgresFailure(sqlState: "25P02", message: "the transaction was undone", isLost: false)
}
