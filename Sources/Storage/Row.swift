// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors

/// One result row: columns are read by name and must have the type that the caller names.
package struct Row: Sendable {
    /// Shared by all rows of one result.
    package let columns: [String]
    package let values: [SQLValue]

    package init(columns: [String], values: [SQLValue]) {
        self.columns = columns
        self.values = values
    }

    /// The column as the type that the context asks for; throws when it is absent or of another type.
    ///
    ///     let name: String = try row["name"]
    ///     let revokedAt: Int64? = try row["revoked_at"]
    package subscript<T: SQLDecodable>(_ column: String) -> T {
        get throws {
            let value = try self.value(column)
            guard let decoded = T(sql: value) else {
                throw StorageError(.unexpectedValue, "column \(column) holds \(value.typeName), expected \(T.sqlName)")
            }
            return decoded
        }
    }

    /// The column as it came from the database.
    package func value(_ column: String) throws -> SQLValue {
        guard let index = columns.firstIndex(of: column) else {
            throw StorageError(.unexpectedValue, "the result has no column \(column)")
        }
        return values[index]
    }

    /// The column as text.
    package func text(_ column: String) throws -> String { try self[column] }

    /// The column as an integer.
    package func int(_ column: String) throws -> Int64 { try self[column] }
}
