// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors

/// What PostgreSQL's catalogue says about the tables in the schema `panelhost`.
struct SchemaCatalogue {
    struct Policy: Hashable {
        var name: String
        var isPermissive = true
        /// `ALL`, or the one command that it is for.
        var command: String
        var roles: String
        /// As PostgreSQL writes it back.
        var using: String
        var check: String
    }

    struct Grant: Hashable {
        let role: String
        let privilege: String
        /// `nil` for the whole table.
        let column: String?
    }

    struct Table {
        let name: String
        let owner: String
        let columns: [String]
        let hasRowSecurity: Bool
        let isForced: Bool
        var policies: Set<Policy> = []
        /// Without the owner's own.
        var grants: Set<Grant> = []
        /// Definitions by name, each preceded by when it fires: `A` always, `O` not in a replica.
        var triggers: [String: String] = [:]

        /// The column that says whose a row is; `nil` for a table of the platform's.
        var tenantColumn: String? {
            if name == "tenants" { return "id" }
            return columns.contains("tenant_id") ? "tenant_id" : nil
        }
    }

    private(set) var tables: [Table]

    init(on connection: any SQLConnection) throws {
        var tables: [String: Table] = [:]
        for row in try connection.query(Self.tablesSQL, []) {
            let table = Table(
                name: try row["name"], owner: try row["owner"], columns: try row.text("columns").split(separator: ",").map(String.init),
                hasRowSecurity: try row["secured"], isForced: try row["forced"])
            tables[table.name] = table
        }
        for row in try connection.query(Self.policiesSQL, []) {
            tables[try row["name"]]?.policies.insert(
                Policy(
                    name: try row["policy"], isPermissive: try row["permissive"], command: try row["command"], roles: try row["roles"],
                    using: try row["using"], check: try row["check"]))
        }
        for row in try connection.query(Self.grantsSQL, []) {
            tables[try row["name"]]?.grants.insert(
                Grant(role: try row["role"], privilege: try row["privilege"], column: try row["column_name"]))
        }
        for row in try connection.query(Self.triggersSQL, []) {
            tables[try row["name"]]?.triggers[try row["trigger"]] = try row["definition"]
        }
        self.tables = tables.values.sorted { $0.name < $1.name }
    }

    private static let tablesSQL = """
        SELECT c.relname::text AS name, pg_get_userbyid(c.relowner)::text AS owner,
            CASE WHEN c.relrowsecurity THEN 1 ELSE 0 END AS secured, CASE WHEN c.relforcerowsecurity THEN 1 ELSE 0 END AS forced,
            (SELECT string_agg(a.attname, ',' ORDER BY a.attnum) FROM pg_attribute a
                WHERE a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped) AS columns
        FROM pg_class c WHERE c.relnamespace = 'panelhost'::regnamespace AND c.relkind IN ('r', 'p')
        """

    private static let policiesSQL = """
        SELECT tablename::text AS name, policyname::text AS policy, CASE WHEN permissive = 'PERMISSIVE' THEN 1 ELSE 0 END AS permissive,
            cmd::text AS command, array_to_string(roles, ',') AS roles, coalesce(qual, '') AS using, coalesce(with_check, '') AS check
        FROM pg_policies WHERE schemaname = 'panelhost'
        """

    private static let grantsSQL = """
        SELECT c.relname::text AS name, CASE WHEN a.grantee = 0 THEN 'PUBLIC' ELSE pg_get_userbyid(a.grantee)::text END AS role,
            a.privilege_type AS privilege, NULL::text AS column_name
        FROM pg_class c CROSS JOIN aclexplode(c.relacl) a
        WHERE c.relnamespace = 'panelhost'::regnamespace AND c.relkind IN ('r', 'p', 'v', 'm', 'S', 'f') AND a.grantee <> c.relowner
        UNION ALL
        SELECT c.relname::text, CASE WHEN a.grantee = 0 THEN 'PUBLIC' ELSE pg_get_userbyid(a.grantee)::text END,
            a.privilege_type, t.attname::text
        FROM pg_class c JOIN pg_attribute t ON t.attrelid = c.oid CROSS JOIN aclexplode(t.attacl) a
        WHERE c.relnamespace = 'panelhost'::regnamespace AND a.grantee <> c.relowner
        """

    private static let triggersSQL = """
        SELECT c.relname::text AS name, g.tgname::text AS trigger, g.tgenabled::text || ' ' || pg_get_triggerdef(g.oid) AS definition
        FROM pg_trigger g JOIN pg_class c ON c.oid = g.tgrelid
        WHERE c.relnamespace = 'panelhost'::regnamespace AND NOT g.tgisinternal
        """
}
