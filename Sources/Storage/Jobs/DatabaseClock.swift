// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors

/// The clock of the machine that keeps the rows: the one clock that all hosts of an installation can agree on.
package enum DatabaseClock {
    /// Milliseconds since 1970 at this moment, not at the transaction's beginning.
    package static func now(_ connection: any SQLConnection) throws -> Int64 {
        let expression =
            switch connection.dialect {
            case .sqlite: "CAST(ROUND((julianday('now') - 2440587.5) * 86400000) AS INTEGER)"
            case .postgresql: "(EXTRACT(EPOCH FROM clock_timestamp()) * 1000)::BIGINT"
            }
        guard let row = try connection.query("SELECT \(expression) AS now", []).first else {
            throw StorageError(.unexpectedValue, "the database does not say what time it is")
        }
        return try row.int("now")
    }
}
