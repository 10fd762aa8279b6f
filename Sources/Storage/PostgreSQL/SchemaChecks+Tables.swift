// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors

extension SchemaChecks {
    static let tables: [SchemaCheck] = [
        SchemaCheck(name: "declared-tables", rule: "every table is one that this program knows, and none is missing") { view in
            let names = Set(view.catalogue.tables.map(\.name))
            return names.subtracting(TableRule.declared.keys).sorted().map { "\($0): no rule says who may do what with it" }
                + Set(TableRule.declared.keys).subtracting(names).sorted().map { "\($0): missing" }
        },
        SchemaCheck(name: "row-security", rule: "every table with tenants' rows has row-level security, forced on its owner too") { view in
            view.tenantTables.flatMap { table in
                (table.hasRowSecurity ? [] : ["\(table.name): row-level security is off"])
                    + (table.isForced ? [] : ["\(table.name): row-level security is not forced"])
            }
        },
        SchemaCheck(name: "policies", rule: "every such table shows a host the rows of its transaction's tenant, and no policy says more") {
            view in
            view.catalogue.tables.flatMap { table in
                let expected = RowSecurity.policies(of: table, TableRule.of(table.name))
                return expected.subtracting(table.policies).map { "\(table.name): the policy \($0.name) is missing or was changed" }
                    + table.policies.filter { policy in !expected.contains { $0.name == policy.name } }
                    .map { "\(table.name): the policy \($0.name) is not one of ours" }
            }.sorted()
        },
        SchemaCheck(name: "tenant-function", rule: "app.current_tenant() refuses a transaction without a tenant") { view in
            try view.problems(
                """
                SELECT 'app.current_tenant() is missing or was changed' AS problem WHERE NOT EXISTS (
                    SELECT FROM pg_proc WHERE oid = to_regprocedure('app.current_tenant()') AND provolatile = 's' AND NOT prosecdef
                        AND md5(regexp_replace(prosrc, '\\s+', ' ', 'g')) = md5(regexp_replace($source$\(RowSecurity.currentTenantBody)$source$, '\\s+', ' ', 'g')))
                UNION ALL SELECT '\(DatabaseRole.app.name) may not call app.current_tenant()'
                WHERE to_regprocedure('app.current_tenant()') IS NOT NULL
                    AND NOT has_function_privilege('\(DatabaseRole.app.name)', 'app.current_tenant()', 'EXECUTE')
                """)
        },
        SchemaCheck(name: "grants", rule: "each role has exactly its rights on each table, and PUBLIC has none") { view in
            view.catalogue.tables.flatMap { table in
                let expected = RowSecurity.grants(on: table, TableRule.of(table.name))
                return expected.subtracting(table.grants).map { "\(table.name): \($0.role) lacks \($0.words)" }
                    + table.grants.subtracting(expected).map { "\(table.name): \($0.role) has \($0.words)" }
            }.sorted()
        },
        SchemaCheck(name: "append-only", rule: "rows of the audit trail are never changed: neither right nor trigger allows it") { view in
            view.catalogue.tables.flatMap { table -> [String] in
                let rule = TableRule.of(table.name)
                guard rule.isAppendOnly else { return [] }
                let forbidden = ["UPDATE", "TRUNCATE"] + (rule.isPrunable ? [] : ["DELETE"])
                let changes = table.grants.filter { forbidden.contains($0.privilege) }
                return RowSecurity.triggers(of: table.name, rule).filter { table.triggers[$0.key] != "A \($0.value)" }
                    .map { "\(table.name): the trigger \($0.key) is missing, was changed or is off" }
                    + changes.map { "\(table.name): \($0.role) has \($0.words)" }
            }.sorted()
        },
    ]

    static let keys: [SchemaCheck] = [
        SchemaCheck(name: "primary-keys", rule: "every primary key of a tenant's table starts with the tenant") { view in
            try view.tenantTables.filter { $0.name != "tenants" }.flatMap { table in
                try view.problems(
                    """
                    SELECT '\(table.name): the primary key does not start with tenant_id' AS problem WHERE NOT EXISTS (
                        SELECT FROM pg_constraint k JOIN pg_attribute a ON a.attrelid = k.conrelid AND a.attnum = k.conkey[1]
                        WHERE k.conrelid = 'panelhost.\(table.name)'::regclass AND k.contype = 'p' AND a.attname = 'tenant_id')
                    """)
            }
        },
        SchemaCheck(name: "foreign-keys", rule: "every reference between tenants' tables starts with the tenant, and is checked") { view in
            try view.problems(
                """
                WITH keys AS (
                    SELECT k.conname, k.convalidated, k.condeferrable, c.relname AS source, t.relname AS target,
                        (SELECT attname FROM pg_attribute WHERE attrelid = k.conrelid AND attnum = k.conkey[1]) AS first_source,
                        (SELECT attname FROM pg_attribute WHERE attrelid = k.confrelid AND attnum = k.confkey[1]) AS first_target,
                        EXISTS (SELECT FROM pg_attribute WHERE attrelid = k.conrelid AND attname = 'tenant_id') AS source_has,
                        EXISTS (SELECT FROM pg_attribute WHERE attrelid = k.confrelid AND attname = 'tenant_id') AS target_has
                    FROM pg_constraint k JOIN pg_class c ON c.oid = k.conrelid JOIN pg_class t ON t.oid = k.confrelid
                    WHERE k.contype = 'f' AND c.relnamespace = 'panelhost'::regnamespace)
                SELECT source || '.' || conname || ' does not start with the tenant' AS problem FROM keys
                WHERE source_has AND (target_has OR target = 'tenants')
                    AND (first_source <> 'tenant_id' OR first_target <> CASE WHEN target = 'tenants' THEN 'id' ELSE 'tenant_id' END)
                UNION ALL SELECT source || '.' || conname || ' refers from the platform to a tenant' FROM keys WHERE NOT source_has AND target_has
                UNION ALL SELECT source || '.' || conname || ' was never validated' FROM keys WHERE NOT convalidated
                UNION ALL SELECT source || '.' || conname || ' is deferrable' FROM keys WHERE condeferrable
                ORDER BY 1
                """)
        },
        SchemaCheck(name: "policy-indexes", rule: "the column of each policy leads an index, so that no policy reads a whole table") {
            view in
            try view.tenantTables.flatMap { table in
                try view.problems(
                    """
                    SELECT '\(table.name): no valid index starts with \(table.tenantColumn ?? "")' AS problem WHERE NOT EXISTS (
                        SELECT FROM pg_index i JOIN pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = i.indkey[0]
                        WHERE i.indrelid = 'panelhost.\(table.name)'::regclass AND a.attname = '\(table.tenantColumn ?? "")'
                            AND i.indisvalid AND i.indpred IS NULL)
                    """)
            }
        },
        SchemaCheck(name: "tenant-columns", rule: "a tenant's row cannot be without its tenant") { view in
            try view.problems(
                """
                SELECT c.relname || ': tenant_id may be NULL' AS problem FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid
                WHERE c.relnamespace = 'panelhost'::regnamespace AND c.relkind IN ('r', 'p') AND a.attname = 'tenant_id' AND NOT a.attnotnull
                """)
        },
    ]
}

extension SchemaCatalogue.Grant {
    fileprivate var words: String { column.map { "\(privilege) on \($0)" } ?? privilege }
}
