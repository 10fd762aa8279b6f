// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors

import Security

/// Restores into a PostgreSQL database without tables of ours, in one transaction as the owner.
enum RestoredDatabase {
    static func restore(
        _ backup: String, key: BackupKey, to url: String, migrations known: [Migration], progress: @escaping (BackupProgress) -> Void
    ) throws -> BackupReader.Summary {
        let migrations = try BackupFile.migrations(of: backup, key: key, known: known)
        let session = try MaintenanceSession(url: url)
        // An earlier restore may have died between the schema and the rows: the rows decide what is fresh.
        if try SchemaStatus.hasRecord(.postgresql, on: session) {
            try session.transaction { try BackupRestore.requireEmpty(TableCatalogue(session), on: session) }
        }
        try PostgreSQLSchema.migrate(url: url, migrations: migrations)
        let summary = try session.transaction {
            try becomeOwner(session)
            let secured = try session.query(
                """
                SELECT c.relname::text AS name FROM pg_class c
                WHERE c.relnamespace = 'panelhost'::regnamespace AND c.relkind IN ('r', 'p') AND c.relforcerowsecurity
                """, []
            ).map { try $0.text("name") }
            // The owner is held to row-level security like everybody else; this transaction alone is not.
            for name in secured { try session.execute("ALTER TABLE \(Roles.quoted(name)) NO FORCE ROW LEVEL SECURITY", []) }
            let summary = try BackupFile.read(backup) { source in
                try BackupRestore(into: session, progress: progress).run(BackupReader(key: key, from: source))
            }
            for name in secured { try session.execute("ALTER TABLE \(Roles.quoted(name)) FORCE ROW LEVEL SECURITY", []) }
            return summary
        }
        if migrations.count < known.count { try PostgreSQLSchema.migrate(url: url, migrations: known) }
        return summary
    }

    /// Drops the schema with everything in it: for the database of a drill.
    static func discard(_ url: String) throws {
        let session = try MaintenanceSession(url: url)
        try session.transaction {
            try becomeOwner(session)
            let tables = try session.query(
                "SELECT c.relname::text AS name FROM pg_class c WHERE c.relnamespace = 'panelhost'::regnamespace AND c.relkind IN ('r', 'p')",
                []
            ).map { Roles.quoted(try $0.text("name")) }
            if !tables.isEmpty { try session.execute("DROP TABLE \(tables.joined(separator: ", ")) CASCADE", []) }
        }
    }

    private static func becomeOwner(_ session: MaintenanceSession) throws {
        try session.execute("SET LOCAL ROLE \(DatabaseRole.owner.name)", [])
        for setting in ["search_path = panelhost, pg_temp", "row_security = off", "statement_timeout = 0"] {
            try session.execute("SET LOCAL \(setting)", [])
        }
    }
}
