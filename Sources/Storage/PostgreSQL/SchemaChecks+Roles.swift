// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors

extension SchemaChecks {
    static let roles: [SchemaCheck] = [
        SchemaCheck(name: "role-attributes", rule: "each role exists, and can do what it must and nothing else") { view in
            try DatabaseRole.allCases.flatMap { role in
                try view.problems(
                    """
                    SELECT '\(role.name) does not exist' AS problem WHERE to_regrole('\(role.name)') IS NULL
                    UNION ALL SELECT '\(role.name) is not \(role.attributes)' FROM pg_roles
                    WHERE rolname = '\(role.name)' AND NOT (\(Roles.asExpected(role)))
                    """)
            }
        },
        SchemaCheck(
            name: "role-membership", rule: "a host has the platform's rights only in a transaction that asks for them, and no other role's"
        ) { view in
            let names = DatabaseRole.allCases.map { "'\($0.name)'" }.joined(separator: ", ")
            let allowed = DatabaseRole.allCases.flatMap { role in role.mayBecome.map { "('\(role.name)', '\($0.name)')" } }
            return try view.problems(
                """
                WITH allowed (member, role) AS (VALUES \(allowed.joined(separator: ", "))),
                actual AS (SELECT m.rolname::text AS member, r.rolname::text AS role FROM pg_auth_members a
                    JOIN pg_roles m ON m.oid = a.member JOIN pg_roles r ON r.oid = a.roleid)
                SELECT member || ' cannot become ' || role AS problem FROM (TABLE allowed EXCEPT TABLE actual) AS missing
                UNION ALL SELECT member || ' is a member of ' || role FROM actual
                WHERE member IN (\(names)) AND (member, role) NOT IN (TABLE allowed)
                UNION ALL SELECT member || ' is a member of ' || role || ': every tenant''s rows are open to it' FROM actual
                WHERE role IN ('\(DatabaseRole.platform.name)', '\(DatabaseRole.backup.name)') AND member NOT IN (\(names))
                UNION ALL SELECT member || ' inherits the rights of ' || role FROM allowed
                WHERE to_regrole(member) IS NOT NULL AND to_regrole(role) IS NOT NULL
                    AND pg_has_role(to_regrole(member)::oid, to_regrole(role)::oid, 'USAGE')
                """)
        },
        SchemaCheck(name: "ownership", rule: "everything belongs to \(DatabaseRole.owner.name), and nothing to a role that serves") {
            view in
            try view.problems(
                """
                WITH objects (kind, name, owner) AS (
                    SELECT 'schema', nspname::text, nspowner FROM pg_namespace WHERE nspname IN ('app', 'panelhost')
                    UNION ALL SELECT 'relation', relname::text, relowner FROM pg_class
                    WHERE relnamespace = 'panelhost'::regnamespace AND relkind IN ('r', 'p', 'v', 'm', 'S', 'f')
                    UNION ALL SELECT 'function', proname::text, proowner FROM pg_proc
                    WHERE pronamespace IN ('app'::regnamespace, 'panelhost'::regnamespace))
                SELECT kind || ' ' || name || ' belongs to ' || pg_get_userbyid(owner) AS problem FROM objects
                WHERE pg_get_userbyid(owner) <> '\(DatabaseRole.owner.name)' ORDER BY 1
                """)
        },
        SchemaCheck(name: "schema-rights", rule: "nobody but the owner can create objects, and PUBLIC has nothing") { view in
            let served = DatabaseRole.allCases.filter { $0 != .owner }.map { "'\($0.name)'" }.joined(separator: ", ")
            return try view.problems(
                """
                SELECT 'PUBLIC has ' || a.privilege_type || ' on the database' AS problem
                FROM pg_database d, aclexplode(coalesce(d.datacl, acldefault('d', d.datdba))) a
                WHERE d.datname = current_database() AND a.grantee = 0
                UNION ALL SELECT 'PUBLIC has ' || a.privilege_type || ' on the schema ' || n.nspname
                FROM pg_namespace n, aclexplode(coalesce(n.nspacl, acldefault('n', n.nspowner))) a
                WHERE n.nspname IN ('app', 'panelhost', 'public') AND a.grantee = 0
                UNION ALL SELECT 'PUBLIC may call app.' || p.proname
                FROM pg_proc p, aclexplode(coalesce(p.proacl, acldefault('f', p.proowner))) a
                WHERE p.pronamespace IN ('app'::regnamespace, 'panelhost'::regnamespace) AND a.grantee = 0
                UNION ALL SELECT r.rolname || ' can create objects in the schema ' || n.nspname
                FROM pg_namespace n, pg_roles r
                WHERE r.rolname IN (\(served)) AND n.nspname IN ('app', 'panelhost', 'public')
                    AND has_schema_privilege(r.oid, n.oid, 'CREATE')
                UNION ALL SELECT r.rolname || ' can create schemas or temporary tables'
                FROM pg_roles r WHERE r.rolname IN (\(served)) AND has_database_privilege(r.oid, current_database(), 'CREATE, TEMPORARY')
                """)
        },
        SchemaCheck(name: "definer-functions", rule: "no function runs with the rights of its owner, and no view either") { view in
            try view.problems(
                """
                SELECT 'function ' || oid::regprocedure || ' is SECURITY DEFINER' AS problem FROM pg_proc
                WHERE prosecdef AND pronamespace IN ('app'::regnamespace, 'panelhost'::regnamespace)
                UNION ALL SELECT 'view ' || relname || ' reads with the rights of its owner: create it WITH (security_invoker)' FROM pg_class
                WHERE relkind IN ('v', 'm') AND relnamespace = 'panelhost'::regnamespace
                    AND NOT coalesce(reloptions @> ARRAY['security_invoker=true'], false)
                """)
        },
    ]
}
