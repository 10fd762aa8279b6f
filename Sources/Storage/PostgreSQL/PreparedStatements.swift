// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors

import CPostgres

/// The statements that one connection has prepared.
struct PreparedStatements {
    struct Key: Hashable {
        let sql: String
        /// Declared types are part of a prepared statement: a NULL is another one than an integer.
        let types: [Oid]
    }

    /// More than the program has; a leak of generated statements ends here.
    static let capacity = 1_000

    private var names: [Key: String] = [:]
    private var made = 0

    var isFull: Bool { names.count >= Self.capacity }

    func name(of key: Key) -> String? { names[key] }

    mutating func add(_ key: Key) -> String {
        made += 1
        let name = "p\(made)"
        names[key] = name
        return name
    }

    mutating func remove(_ key: Key) { names[key] = nil }

    /// Whether a statement can be prepared and is likely to come again; definitions are neither.
    static func isWorthwhile(_ sql: String) -> Bool {
        guard let first = sql.utf8.first(where: { $0 > 0x20 }) else { return false }
        // SELECT SET, INSERT, UPDATE, DELETE, WITH, BEGIN, ROLLBACK; CREATE, COMMENT and COMMIT share a letter, so C is out.
        return "SIUDWBR".utf8.contains(first) && !sql.hasPrefix("DROP") && !sql.hasPrefix("REVOKE") && !sql.hasPrefix("DO")
    }

    /// Each of $1 to $n must be somewhere in a statement that takes n parameters: another engine counts them.
    static func check(_ sql: String, count: Int) throws {
        let order = ParameterOrders.scan(sql)
        guard order.count == count, order.allSatisfy({ $0 <= count }) else {
            throw StorageError(.failed, "a statement takes \(order.max() ?? 0) parameters, \(count) were given")
        }
    }
}
