// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors

import FoundationEssentials
import GRDB
import Synchronization

/// Runs portable SQL on one GRDB connection, for the length of one transaction.
struct SQLiteConnection: SQLConnection {
    let database: GRDB.Database
    let orders: ParameterOrders
    /// Where messages wait for the commit; nil in a transaction that cannot write.
    var outbox: NoticeOutbox?

    func notify(_ channel: String, _ payload: String) throws {
        guard let outbox else { throw StorageError(.readOnly, "a read transaction tells nobody anything") }
        outbox.add(channel, payload)
    }

    var dialect: Dialect { .sqlite }

    func query(_ sql: String, _ parameters: [SQLValue]) throws -> [Row] {
        var rows: [Row] = []
        try self.rows(sql, parameters) { rows.append($0) }
        return rows
    }

    func rows(_ sql: String, _ parameters: [SQLValue], _ receive: (Row) throws -> Void) throws {
        try SQLiteErrors.translated {
            let cursor = try GRDB.Row.fetchCursor(statement(sql, parameters))
            var columns: [String]?
            while let row = try cursor.next() {
                let names = columns ?? Array(row.columnNames)
                columns = names
                try receive(Row(columns: names, values: (0..<row.count).map { SQLValue(row[$0] as DatabaseValue) }))
            }
        }
    }

    func execute(_ sql: String, _ parameters: [SQLValue]) throws -> Int {
        try SQLiteErrors.translated {
            try statement(sql, parameters).execute()
            return database.changesCount
        }
    }

    private func statement(_ sql: String, _ parameters: [SQLValue]) throws -> Statement {
        let statement = try database.cachedStatement(sql: sql)
        let order = orders.order(of: sql)
        // Each of $1 to $n is somewhere in a statement that takes n parameters.
        guard order.count == parameters.count, order.allSatisfy({ $0 <= parameters.count }) else {
            throw StorageError(.failed, "a statement takes \(order.max() ?? 0) parameters, \(parameters.count) were given")
        }
        for case .text(let text) in parameters where text.utf8.contains(0) {
            // SQLite would cut the text there in silence, PostgreSQL refuses it.
            throw StorageError(.constraint, "a text with a zero byte cannot be stored")
        }
        try statement.setArguments(StatementArguments(order.map { parameters[$0 - 1].databaseValue }))
        return statement
    }
}

/// Which parameter each placeholder of a statement takes.
///
/// SQLite numbers `$n` placeholders by first appearance and ignores what `n` says, PostgreSQL goes by `n`.
/// A repository may repeat and reorder them, so the order is read from the text, once per statement.
final class ParameterOrders: Sendable {
    private let known = Mutex<[String: [Int]]>([:])

    func order(of sql: String) -> [Int] {
        if let order = known.withLock({ $0[sql] }) { return order }
        let order = Self.scan(sql)
        known.withLock { $0[sql] = order }
        return order
    }

    static func scan(_ sql: String) -> [Int] {
        var order: [Int] = []
        var quoted = false
        var digits: Int?
        for byte in sql.utf8 {
            if let number = digits {
                if byte >= 0x30, byte <= 0x39 {
                    digits = number * 10 + Int(byte - 0x30)
                    continue
                }
                if number > 0, !order.contains(number) { order.append(number) }
                digits = nil
            }
            if byte == UInt8(ascii: "'") { quoted.toggle() }
            if byte == UInt8(ascii: "$"), !quoted { digits = 0 }
        }
        if let number = digits, number > 0, !order.contains(number) { order.append(number) }
        return order
    }
}

extension SQLValue {
    init(_ value: DatabaseValue) {
        switch value.storage {
        case .null: self = .null
        case .int64(let int): self = .int(int)
        case .double(let double): self = .double(double)
        case .string(let text): self = .text(text)
        case .blob(let data): self = .blob(Array(data))
        }
    }

    var databaseValue: DatabaseValue {
        switch self {
        case .null: .null
        case .int(let int): int.databaseValue
        case .double(let double): double.databaseValue
        case .text(let text): text.databaseValue
        case .blob(let bytes): Data(bytes).databaseValue
        }
    }
}
