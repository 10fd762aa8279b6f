// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors

import CPostgres

/// One plain connection for work on the schema, apart from the pool: it waits where it stands, on one thread.
final class MaintenanceSession: SQLConnection {
    private let connection: OpaquePointer

    var dialect: Dialect { .postgresql }

    init(url: String, options: PostgreSQLOptions = PostgreSQLOptions()) throws {
        connection = try PostgresOpening.connect(PostgresAddress(url: url, options: options), options: options)
    }

    deinit { PQfinish(connection) }

    func query(_ sql: String, _ parameters: [SQLValue]) throws -> [Row] {
        let result = try run(sql, parameters)
        defer { PQclear(result) }
        let columns = (0..<PQnfields(result)).map { String(cString: PQfname(result, $0)) }
        return (0..<PQntuples(result)).map { row in
            Row(columns: columns, values: columns.indices.map { Self.value(result, row, Int32($0)) })
        }
    }

    @discardableResult
    func execute(_ sql: String, _ parameters: [SQLValue]) throws -> Int {
        let result = try run(sql, parameters)
        defer { PQclear(result) }
        return Int(String(cString: PQcmdTuples(result))) ?? 0
    }

    func notify(_ channel: String, _ payload: String) throws {
        _ = try query("SELECT pg_notify($1, $2) IS NULL AS told", [.text(channel), .text(payload)])
    }

    /// Runs `body` in one transaction.
    func transaction<T>(_ body: () throws -> T) throws -> T {
        try execute("BEGIN", [])
        do {
            let result = try body()
            try execute("COMMIT", [])
            return result
        } catch {
            _ = try? execute("ROLLBACK", [])
            throw error
        }
    }

    private func run(_ sql: String, _ parameters: [SQLValue]) throws -> OpaquePointer? {
        let texts = parameters.map(Self.text)
        let result = Self.withPointers(texts[...], []) { pointers in
            PQexecParams(connection, sql, Int32(pointers.count), nil, pointers, nil, nil, 0)
        }
        switch PQresultStatus(result) {
        case PGRES_COMMAND_OK, PGRES_TUPLES_OK: return result
        default:
            let state = PQresultErrorField(result, Int32(UInt8(ascii: "C"))).map { String(cString: $0) } ?? ""
            let message =
                PQresultErrorField(result, Int32(UInt8(ascii: "M"))).map { Self.line($0) } ?? Self.line(PQerrorMessage(connection))
            PQclear(result)
            throw Self.error(state, message)
        }
    }

    private static func error(_ state: String, _ message: String) -> StorageError {
        switch state {
        case "42501": StorageError(.forbidden, message)
        case "55P03": StorageError(.busy, "a lock could not be had in time: a long transaction holds a table, try again when it is over")
        default: StorageError(.failed, message)
        }
    }

    private static func text(_ value: SQLValue) -> String? {
        switch value {
        case .null: nil
        case .int(let int): String(int)
        case .double(let double): String(double)
        case .text(let text): text
        case .blob(let bytes): "\\x" + bytes.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
        }
    }

    private static func withPointers<T>(
        _ texts: ArraySlice<String?>, _ pointers: [UnsafePointer<CChar>?], _ body: ([UnsafePointer<CChar>?]) -> T
    ) -> T {
        guard let first = texts.first else { return body(pointers) }
        guard let text = first else { return withPointers(texts.dropFirst(), pointers + [nil], body) }
        return text.withCString { withPointers(texts.dropFirst(), pointers + [$0], body) }
    }

    private static func value(_ result: OpaquePointer?, _ row: Int32, _ column: Int32) -> SQLValue {
        guard PQgetisnull(result, row, column) == 0 else { return .null }
        let text = String(cString: PQgetvalue(result, row, column))
        return switch PQftype(result, column) {
        case 20, 21, 23, 26: Int64(text).map(SQLValue.int) ?? .text(text)
        case 16: .bool(text == "t")
        case 700, 701: Double(text).map(SQLValue.double) ?? .text(text)
        default: .text(text)
        }
    }

    /// libpq's messages end in a newline, and a refused connection has several.
    private static func line(_ text: UnsafePointer<CChar>?) -> String {
        guard let text else { return "unknown" }
        return String(cString: text).split(whereSeparator: \.isNewline).joined(separator: "; ")
    }
}
