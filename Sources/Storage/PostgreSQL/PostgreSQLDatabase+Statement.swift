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

extension PostgreSQLDatabase {
    /// The role that this program connects as, when row-level security does not bind it or it may lift that; nil for a plain one.
    package func privilegedRole() async throws -> String? {
        let rows = try await unscopedRead { connection in
            try connection.query(
                """
                SELECT session_user AS name FROM pg_roles
                WHERE rolname = session_user AND (rolsuper OR rolbypassrls OR EXISTS (
                    SELECT FROM pg_class WHERE relnamespace = to_regnamespace('panelhost') AND pg_has_role(session_user, relowner, 'MEMBER')))
                """, [])
        }
        return try rows.first?["name"]
    }
}
