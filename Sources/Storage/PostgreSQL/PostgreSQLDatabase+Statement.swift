// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors

extension PostgreSQLDatabase {
    /// Runs one statement outside of any transaction, such as CREATE DATABASE; waits for it on the calling thread.
    package static func execute(_ sql: String, url: String, options: PostgreSQLOptions = PostgreSQLOptions()) throws {
        let connection = try PostgresConnection(PostgresAddress(url: url, options: options), options: options)
        try connection.send(sql, [], .ignored)
        try connection.sync()
        var failure: PostgresFailure?
        try connection.receive { _, outcome in
            if case .failure(let found) = outcome { failure = failure ?? found }
        }
        if let failure { throw PostgresErrors.translate(failure) }
    }
}
