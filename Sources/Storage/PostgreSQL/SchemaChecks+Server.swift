// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors

extension SchemaChecks {
    static let server: [SchemaCheck] = [
        SchemaCheck(name: "schema-version", rule: "the schema is the one that this program needs") { view in
            let status =
                (try? SchemaStatus(view.migrations, dialect: .postgresql, on: view.connection)).map { $0.hindrance?.message }
                ?? "the role of this connection may not read the record of migrations"
            return status.map { [$0] } ?? []
        },
        SchemaCheck(name: "server-version", rule: "PostgreSQL is 15 or newer, and encodes text as UTF-8") { view in
            try view.problems(
                """
                SELECT 'the server is PostgreSQL ' || current_setting('server_version') || ': row-level security here needs 15' AS problem
                WHERE current_setting('server_version_num')::int < 150000
                UNION ALL SELECT 'the database encodes text as ' || current_setting('server_encoding')
                WHERE current_setting('server_encoding') <> 'UTF8'
                """)
        },
        SchemaCheck(name: "durability", rule: "what was committed survives a crash: fsync, full_page_writes and synchronous_commit are on")
        { view in
            try view.problems(
                """
                SELECT name || ' is off' AS problem FROM pg_settings
                WHERE name IN ('fsync', 'full_page_writes', 'synchronous_commit') AND setting = 'off' ORDER BY name
                """)
        },
        SchemaCheck(
            name: "connection", rule: "this connection is a host's: it signs in as \(DatabaseRole.app.name), and over TLS from elsewhere"
        ) { view in
            try view.problems(
                """
                SELECT 'signed in as ' || session_user || ': give the hosts the URL of \(DatabaseRole.app.name)' AS problem
                WHERE session_user <> '\(DatabaseRole.app.name)'
                UNION ALL SELECT 'not encrypted: add sslmode=verify-full to the URL' FROM pg_stat_ssl
                WHERE pid = pg_backend_pid() AND NOT ssl
                    AND inet_client_addr() IS NOT NULL AND NOT inet_client_addr() << '127.0.0.0/8' AND inet_client_addr() <> '::1'
                """)
        },
        SchemaCheck(name: "search-path", rule: "names mean the objects of the schema panelhost, in every session") { view in
            let roles = DatabaseRole.allCases.filter { $0.settings.contains { $0.name == "search_path" } }.map(\.name)
            return try roles.flatMap { role in
                try view.problems(
                    """
                    SELECT 'search_path of \(role) is not set for this database' AS problem WHERE NOT EXISTS (
                        SELECT FROM pg_db_role_setting s WHERE s.setrole = '\(role)'::regrole
                            AND s.setdatabase = (SELECT oid FROM pg_database WHERE datname = current_database())
                            AND 'search_path=panelhost, pg_temp' = ANY (s.setconfig))
                    """)
            }
        },
    ]
}
