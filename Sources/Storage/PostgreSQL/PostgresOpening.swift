// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors

import CPostgres

/// Opens connections: everything about libpq's start and a session's settings.
enum PostgresOpening {
    static func connect(_ address: PostgresAddress, options: PostgreSQLOptions) throws(StorageError) -> OpaquePointer {
        guard let handle = open(address) else { throw StorageError(.unavailable, "no memory for a database connection") }
        guard PQstatus(handle) == CONNECTION_OK else {
            defer { PQfinish(handle) }
            throw StorageError(.unavailable, "cannot connect to the database: \(message(handle))")
        }
        // Notices would go to standard error.
        PQsetNoticeProcessor(handle, { _, _ in }, nil)
        do throws(StorageError) {
            try prepare(handle, options: options)
        } catch {
            PQfinish(handle)
            throw error
        }
        return handle
    }

    static func open(_ address: PostgresAddress) -> OpaquePointer? {
        let keywords = address.keywords.sorted { $0.key < $1.key }
        // Copies that stay put for the length of the call.
        let copies = keywords.map { (duplicate($0.key), duplicate($0.value)) }
        defer {
            for (keyword, value) in copies {
                keyword.deallocate()
                value.deallocate()
            }
        }
        return PQconnectdbParams(
            copies.map { Optional(UnsafePointer($0.0)) } + [nil], copies.map { Optional(UnsafePointer($0.1)) } + [nil], 0)
    }

    private static func duplicate(_ text: String) -> UnsafeMutablePointer<CChar> {
        let bytes = Array(text.utf8CString)
        let copy = UnsafeMutablePointer<CChar>.allocate(capacity: bytes.count)
        copy.initialize(from: bytes, count: bytes.count)
        return copy
    }

    /// libpq's account of each host it tried, in one line; it names hosts and users, never a password.
    private static func message(_ handle: OpaquePointer) -> String {
        let text = PQerrorMessage(handle).map { String(cString: $0) } ?? "no reason was given"
        return text.split(whereSeparator: \.isNewline).map { $0.drop { $0 == "\t" || $0 == " " } }.joined(separator: "; ")
    }

    /// The session's settings: time-outs, and where names are looked up, so that a planted table elsewhere is never found.
    private static func prepare(_ handle: OpaquePointer, options: PostgreSQLOptions) throws(StorageError) {
        let settings = [
            ("search_path", "\(options.schema), pg_temp"),
            ("statement_timeout", "\(options.statementTimeout.milliseconds)"),
            ("lock_timeout", "\(options.lockTimeout.milliseconds)"),
            ("idle_in_transaction_session_timeout", "\(options.idleTimeout.milliseconds)"),
            ("bytea_output", "hex"), ("extra_float_digits", "1"), ("standard_conforming_strings", "on"),
        ]
        // A commit is durable whatever the server's default is; more than that is the operator's choice.
        let durable =
            "set_config('synchronous_commit', CASE current_setting('synchronous_commit') WHEN 'off' THEN 'on' WHEN 'local' THEN 'on' "
            + "ELSE current_setting('synchronous_commit') END, false)"
        let calls = (settings.map { "set_config('\($0.0)', '\($0.1)', false)" } + [durable]).joined(separator: ", ")
        let result = PQexec(handle, "SELECT \(calls)")
        defer { PQclear(result) }
        guard PQresultStatus(result) == PGRES_TUPLES_OK else {
            throw StorageError(.unavailable, "the database does not accept the session's settings: PostgreSQL 14 or newer is needed")
        }
    }
}

/// Asks the server to give up what a connection is doing; the one thing about it that any thread may do.
final class PostgresCancellation: @unchecked Sendable {
    // Unchecked: a PGcancel is never written after it was made, and libpq documents PQcancel as safe from other threads.
    private let handle: OpaquePointer

    init(_ connection: OpaquePointer) throws(StorageError) {
        guard let handle = PQgetCancel(connection) else { throw StorageError(.unavailable, "the database connection is not whole") }
        self.handle = handle
    }

    deinit { PQfreeCancel(handle) }

    /// Blocks for a round trip on a connection of its own.
    func send() {
        var message = [CChar](repeating: 0, count: 256)
        _ = PQcancel(handle, &message, Int32(message.count))
    }
}
