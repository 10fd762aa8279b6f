// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors

/// One parameter or one column of SQL, in the types that every supported database has.
package enum SQLValue: Sendable, Hashable {
    case null
    case int(Int64)
    case double(Double)
    case text(String)
    case blob([UInt8])

    /// SQL NULL for `nil`, the text otherwise.
    package static func text(orNull text: String?) -> SQLValue { text.map(SQLValue.text) ?? .null }

    /// SQL NULL for `nil`, the integer otherwise.
    package static func int(orNull int: Int64?) -> SQLValue { int.map(SQLValue.int) ?? .null }

    /// Booleans are stored as 0 and 1: SQLite has no boolean type.
    package static func bool(_ bool: Bool) -> SQLValue { .int(bool ? 1 : 0) }

    /// The name of the type, for error messages: never the value.
    var typeName: String {
        switch self {
        case .null: "NULL"
        case .int: "an integer"
        case .double: "a double"
        case .text: "text"
        case .blob: "a blob"
        }
    }
}

extension SQLValue: ExpressibleByStringLiteral, ExpressibleByIntegerLiteral, ExpressibleByNilLiteral {
    package init(stringLiteral value: String) { self = .text(value) }
    package init(integerLiteral value: Int64) { self = .int(value) }
    package init(nilLiteral: ()) { self = .null }
}

/// A Swift type that one column can be read as.
package protocol SQLDecodable {
    /// What the type is called in an error message.
    static var sqlName: String { get }

    /// `nil` when the column holds another type: nothing is converted silently.
    init?(sql: SQLValue)
}

extension String: SQLDecodable {
    package static var sqlName: String { "text" }
    package init?(sql: SQLValue) {
        guard case .text(let text) = sql else { return nil }
        self = text
    }
}

extension Int64: SQLDecodable {
    package static var sqlName: String { "an integer" }
    package init?(sql: SQLValue) {
        guard case .int(let int) = sql else { return nil }
        self = int
    }
}

extension Int: SQLDecodable {
    package static var sqlName: String { "an integer" }
    package init?(sql: SQLValue) {
        guard case .int(let int) = sql, let exact = Int(exactly: int) else { return nil }
        self = exact
    }
}

extension Bool: SQLDecodable {
    package static var sqlName: String { "0 or 1" }
    package init?(sql: SQLValue) {
        switch sql {
        case .int(0): self = false
        case .int(1): self = true
        default: return nil
        }
    }
}

extension Double: SQLDecodable {
    package static var sqlName: String { "a double" }
    package init?(sql: SQLValue) {
        guard case .double(let double) = sql else { return nil }
        self = double
    }
}

extension [UInt8]: SQLDecodable {
    package static var sqlName: String { "a blob" }
    package init?(sql: SQLValue) {
        guard case .blob(let bytes) = sql else { return nil }
        self = bytes
    }
}

extension Optional: SQLDecodable where Wrapped: SQLDecodable {
    package static var sqlName: String { "\(Wrapped.sqlName) or NULL" }
    package init?(sql: SQLValue) {
        if case .null = sql {
            self = .none
        } else if let wrapped = Wrapped(sql: sql) {
            self = .some(wrapped)
        } else {
            return nil
        }
    }
}
