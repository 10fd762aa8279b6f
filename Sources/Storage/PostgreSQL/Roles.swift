// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors

/// Makes the roles, and the schemas that the owner fills.
package enum Roles {
    /// What an administrator runs once in a database, and may run again: it adds what is missing and mends what differs.
    ///
    /// - Parameter database: its name.
    package static func sql(database: String) -> String {
        """
        -- Run in the database \(comment(database)), as a superuser. It may be run again at any time.
        \(statements(database: database).joined(separator: "\n"))
        -- Give the roles that sign in their passwords, for example with psql: \\password panelhost_app

        """
    }

    /// The same, one statement each.
    static func statements(database: String) -> [String] {
        let database = quoted(database)
        var sql = DatabaseRole.allCases.map(create)
        for role in DatabaseRole.allCases {
            for other in role.mayBecome { sql.append(grant(other, to: role)) }
        }
        sql += ["REVOKE ALL ON DATABASE \(database) FROM PUBLIC;", "REVOKE ALL ON SCHEMA public FROM PUBLIC;"]
        for role in DatabaseRole.allCases where role != .platform {
            sql.append("GRANT CONNECT ON DATABASE \(database) TO \(role.name);")
        }
        for schema in ["app", "panelhost"] {
            sql.append("CREATE SCHEMA IF NOT EXISTS \(schema) AUTHORIZATION \(DatabaseRole.owner.name);")
        }
        for role in DatabaseRole.allCases {
            for setting in role.settings {
                sql.append("ALTER ROLE \(role.name) IN DATABASE \(database) SET \(setting.name) = \(setting.value);")
            }
        }
        return sql
    }

    /// Roles belong to the server, and several databases may be set up at the same time: who comes second finds the role there.
    private static func create(_ role: DatabaseRole) -> String {
        """
        DO $$ BEGIN
            IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = '\(role.name)') THEN
                CREATE ROLE \(role.name) \(role.attributes);
            ELSIF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = '\(role.name)' AND \(asExpected(role))) THEN
                ALTER ROLE \(role.name) \(role.attributes);
            END IF;
        EXCEPTION WHEN duplicate_object OR unique_violation THEN NULL;
        END $$;
        """
    }

    /// The condition over `pg_roles` under which a role has its attributes.
    static func asExpected(_ role: DatabaseRole) -> String {
        """
        rolcanlogin = \(role != .platform) AND NOT rolsuper AND NOT rolcreatedb AND NOT rolcreaterole AND NOT rolreplication \
        AND NOT rolinherit AND rolbypassrls = \(role == .backup)
        """
    }

    private static func grant(_ role: DatabaseRole, to member: DatabaseRole) -> String {
        // From PostgreSQL 16 on a membership has its own inheritance; before, the member's NOINHERIT alone decides.
        """
        DO $$ BEGIN
            IF NOT pg_has_role('\(member.name)', '\(role.name)', 'MEMBER') OR pg_has_role('\(member.name)', '\(role.name)', 'USAGE') THEN
                EXECUTE 'GRANT \(role.name) TO \(member.name)'
                    || CASE WHEN current_setting('server_version_num')::int >= 160000 THEN ' WITH INHERIT FALSE, SET TRUE' ELSE '' END;
            END IF;
        EXCEPTION WHEN unique_violation THEN NULL;
        END $$;
        """
    }

    /// Makes the roles and schemas when this session may; throws what an administrator has to run when it may not.
    ///
    /// - Parameter mending: also bring back what was changed by hand.
    static func ensure(on connection: any SQLConnection, mending: Bool) throws {
        let mayCreate = try mayCreate(on: connection)
        guard try isMissing(on: connection) || mending && mayCreate else { return }
        let database = try connection.query("SELECT current_database()::text AS name", [])[0].text("name")
        guard mayCreate else {
            throw StorageError(
                .forbidden,
                "the database lacks panelhost's roles or schemas, and this role may not make them: "
                    + "run 'panelhost migrate roles' and have an administrator run what it prints in the database \(comment(database))")
        }
        for statement in statements(database: database) { try connection.execute(statement, []) }
    }

    private static func isMissing(on connection: any SQLConnection) throws -> Bool {
        let conditions = DatabaseRole.allCases.map { "EXISTS (SELECT FROM pg_roles WHERE rolname = '\($0.name)')" }
        let row = try connection.query(
            """
            SELECT CASE WHEN \(conditions.joined(separator: " AND "))
                AND to_regnamespace('panelhost') IS NOT NULL AND to_regnamespace('app') IS NOT NULL THEN 0 ELSE 1 END AS missing
            """, [])[0]
        return try row["missing"]
    }

    private static func mayCreate(on connection: any SQLConnection) throws -> Bool {
        try connection.query("SELECT CASE WHEN rolsuper THEN 1 ELSE 0 END AS super FROM pg_roles WHERE rolname = current_user", [])[0][
            "super"]
    }

    static func quoted(_ identifier: String) -> String { "\"" + identifier.replacing("\"", with: "\"\"") + "\"" }

    private static func comment(_ database: String) -> String {
        String(database.map { $0.isNewline ? " " : $0 })
    }
}
