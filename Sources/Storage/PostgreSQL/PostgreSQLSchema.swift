// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors

/// The schema of a PostgreSQL database, seen from one connection of its own.
///
/// Every function waits where it stands: call them from a command, or from a thread that may wait.
package enum PostgreSQLSchema {
    /// Makes the database ready for a host: migrates when the connection's role may, and otherwise checks that it fits.
    ///
    /// A host connects as `panelhost_app`, which may not: the schema is migrated before, by `panelhost migrate up`.
    @discardableResult
    package static func prepare(
        url: String, options: PostgreSQLOptions = PostgreSQLOptions(), migrations: [Migration] = Migration.all
    ) throws -> [Migration] {
        let session = try MaintenanceSession(url: url, options: options)
        if try mayMigrate(session) { return try up(session, migrations, mending: false) }
        if let hindrance = try SchemaStatus(migrations, dialect: .postgresql, on: session).hindrance { throw hindrance }
        return []
    }

    /// Applies what is missing, with roles, row-level security and rights; answers what was applied.
    @discardableResult
    package static func migrate(url: String, migrations: [Migration] = Migration.all) throws -> [Migration] {
        let session = try MaintenanceSession(url: url)
        guard try mayMigrate(session) else {
            let role = try session.query("SELECT session_user::text AS name", [])[0].text("name")
            throw StorageError(.forbidden, "\(role) may not migrate: use the URL of \(DatabaseRole.owner.name), or of a superuser")
        }
        return try up(session, migrations, mending: true)
    }

    /// How the database and this program compare.
    package static func status(url: String, migrations: [Migration] = Migration.all) throws -> SchemaStatus {
        try SchemaStatus(migrations, dialect: .postgresql, on: MaintenanceSession(url: url))
    }

    /// What an administrator runs when `migrate up` may not make the roles.
    package static func rolesSQL(database: String) -> String { Roles.sql(database: database) }

    /// The same, for the database that the URL leads to.
    package static func rolesSQL(url: String) throws -> String {
        let session = try MaintenanceSession(url: url)
        return try rolesSQL(database: session.query("SELECT current_database()::text AS name", [])[0].text("name"))
    }

    /// Looks at everything that `panelhost doctor db` reports.
    package static func check(url: String, migrations: [Migration] = Migration.all) throws -> [SchemaFinding] {
        let session = try MaintenanceSession(url: url)
        return try SchemaChecks.run(on: session, migrations: migrations)
    }

    /// What the same would say after some statements; nothing of them stays.
    package static func check(url: String, after statements: [String]) throws -> [SchemaFinding] {
        let session = try MaintenanceSession(url: url)
        try session.execute("BEGIN", [])
        for statement in statements { try session.execute(statement, []) }
        // Never committed: the connection ends here.
        return try SchemaChecks.run(on: session, migrations: Migration.all)
    }

    // MARK: Migrating

    private static func up(_ session: MaintenanceSession, _ migrations: [Migration], mending: Bool) throws -> [Migration] {
        // A downgrade is refused before anything is touched.
        if let refusal = try SchemaStatus(migrations, dialect: .postgresql, on: session).refusal { throw refusal }
        try session.transaction {
            try lock(session)
            try Roles.ensure(on: session, mending: mending)
        }
        let applied = try Migrator(dialect: .postgresql, migrations: migrations).run(on: session) { body in
            try transaction(on: session, body)
        }
        // Mends what was changed by hand, also when there was nothing to migrate.
        try transaction(on: session) { try RowSecurity.apply(on: session) }
        return applied
    }

    private static func transaction(on session: MaintenanceSession, _ body: () throws -> Void) throws {
        try session.transaction {
            try lock(session)
            try session.execute("SET LOCAL ROLE \(DatabaseRole.owner.name)", [])
            try session.execute("SET LOCAL search_path = panelhost, pg_temp", [])
            // A statement that waits for a table holds up everybody behind it: better to give up and be tried again.
            try session.execute("SET LOCAL lock_timeout = '10s'", [])
            // A migration that reads rows without lifting FORCE first fails, instead of seeing none.
            try session.execute("SET LOCAL row_security = off", [])
            try body()
        }
    }

    /// One migrator at a time in a database: who comes second waits, and then finds nothing to do.
    private static func lock(_ session: MaintenanceSession) throws {
        try session.execute("SET LOCAL statement_timeout = 0", [])
        try session.execute("SET LOCAL lock_timeout = '5min'", [])
        _ = try session.query("SELECT pg_advisory_xact_lock(\(lockKey)) IS NULL AS locked", [])
    }

    /// `panelhos` as a number.
    static let lockKey: Int64 = 0x7061_6e65_6c68_6f73

    private static func mayMigrate(_ session: MaintenanceSession) throws -> Bool {
        try session.query(
            """
            SELECT CASE WHEN rolsuper OR (to_regrole('\(DatabaseRole.owner.name)') IS NOT NULL
                AND pg_has_role(oid, to_regrole('\(DatabaseRole.owner.name)')::oid, 'MEMBER')) THEN 1 ELSE 0 END AS may
            FROM pg_roles WHERE rolname = session_user
            """, [])[0]["may"]
    }
}
