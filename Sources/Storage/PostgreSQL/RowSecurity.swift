// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors

/// Row-level security, rights and triggers of every table: found by the catalogue, so that no table can be forgotten.
package enum RowSecurity {
    /// Brings everything into force that is not, and changes nothing that is: run as the owner after each migration.
    package static func apply(on connection: any SQLConnection) throws {
        for function in functions { try connection.execute(function, []) }
        for role in DatabaseRole.allCases {
            for schema in role.schemas { try connection.execute("GRANT USAGE ON SCHEMA \(schema) TO \(role.name)", []) }
        }
        for table in try SchemaCatalogue(on: connection).tables {
            for statement in statements(for: table) { try connection.execute(statement, []) }
        }
    }

    /// What brings one table from its state to the one that its rule asks for.
    static func statements(for table: SchemaCatalogue.Table) -> [String] {
        let rule = TableRule.of(table.name)
        var sql: [String] = []
        if table.tenantColumn != nil {
            if !table.hasRowSecurity { sql.append("ALTER TABLE \(table.name) ENABLE ROW LEVEL SECURITY") }
            if !table.isForced { sql.append("ALTER TABLE \(table.name) FORCE ROW LEVEL SECURITY") }
        }
        let expected = policies(of: table, rule)
        for policy in table.policies.subtracting(expected) { sql.append("DROP POLICY \(Roles.quoted(policy.name)) ON \(table.name)") }
        for policy in expected.subtracting(table.policies) { sql.append(create(policy, on: table.name)) }
        sql += grantStatements(table, rule)
        for (name, definition) in triggers(of: table.name, rule) where table.triggers[name] != "A \(definition)" {
            sql.append("DROP TRIGGER IF EXISTS \(name) ON \(table.name)")
            sql.append(definition)
            // Fires in a replica too: no setting of a session turns it off.
            sql.append("ALTER TABLE \(table.name) ENABLE ALWAYS TRIGGER \(name)")
        }
        return sql
    }

    // MARK: Policies

    static func policies(of table: SchemaCatalogue.Table, _ rule: TableRule) -> Set<SchemaCatalogue.Policy> {
        guard let column = table.tenantColumn else { return [] }
        // A sub-select: asked once in a statement and not once in a row.
        let own = "(\(column) = ( SELECT app.current_tenant() AS current_tenant))"
        var policies: Set<SchemaCatalogue.Policy> = [
            .init(name: "tenant_rows", command: "ALL", roles: DatabaseRole.app.name, using: own, check: own)
        ]
        if !rule.platform.isEmpty {
            // The condition holds even where somebody lets the host's role inherit the platform's.
            policies.insert(
                .init(
                    name: "platform_rows", command: "ALL", roles: DatabaseRole.platform.name,
                    using: "(CURRENT_USER = '\(DatabaseRole.platform.name)'::name)", check: ""))
        }
        if rule.isAudit {
            policies.insert(.init(name: "auditor_rows", command: "SELECT", roles: DatabaseRole.auditor.name, using: "true", check: ""))
        }
        return policies
    }

    private static func create(_ policy: SchemaCatalogue.Policy, on table: String) -> String {
        let check = policy.check.isEmpty ? "" : " WITH CHECK (\(policy.check))"
        return "CREATE POLICY \(policy.name) ON \(table) FOR \(policy.command) TO \(policy.roles) USING (\(policy.using))\(check)"
    }

    // MARK: Rights

    static func grants(on table: SchemaCatalogue.Table, _ rule: TableRule) -> Set<SchemaCatalogue.Grant> {
        var grants: Set<SchemaCatalogue.Grant> = []
        func add(_ role: DatabaseRole, _ rights: [TableRule.Right]) {
            for right in rights {
                guard let columns = right.columns else {
                    grants.insert(.init(role: role.name, privilege: right.privilege, column: nil))
                    continue
                }
                // A later migration may bring the others.
                for column in columns where table.columns.contains(column) {
                    grants.insert(.init(role: role.name, privilege: right.privilege, column: column))
                }
            }
        }
        add(.app, rule.app)
        // A purge removes a tenant's rows within row-level security, which lets it remove nobody else's.
        if table.tenantColumn == "tenant_id", TenantSweep.isRemoved(table.name) { add(.app, [.delete]) }
        add(.platform, rule.platform)
        add(.backup, [.select])
        if rule.isAudit { add(.auditor, [.select]) }
        return grants
    }

    private static func grantStatements(_ table: SchemaCatalogue.Table, _ rule: TableRule) -> [String] {
        let expected = grants(on: table, rule)
        let ours = Set(DatabaseRole.allCases.map(\.name) + ["PUBLIC"])
        // What an administrator gave to a role of his own is his to take back: `SchemaChecks` names it.
        let actual = table.grants.filter { ours.contains($0.role) }
        guard actual != expected else { return [] }
        let roles = Set(actual.map(\.role)).sorted()
        let revoke = roles.isEmpty ? [] : ["REVOKE ALL ON \(table.name) FROM \(roles.joined(separator: ", "))"]
        return revoke
            + expected.map { grant in
                "GRANT \(grant.privilege)\(grant.column.map { " (\($0))" } ?? "") ON \(table.name) TO \(grant.role)"
            }.sorted()
    }

    // MARK: Triggers

    /// By name, as PostgreSQL writes them back.
    static func triggers(of table: String, _ rule: TableRule) -> [String: String] {
        guard rule.isAppendOnly else { return [:] }
        let tail = "EXECUTE FUNCTION app.\(rule.isPrunable ? "refuse_unless_pruned" : "refuse_change")()"
        return [
            "rows_never_change":
                "CREATE TRIGGER rows_never_change BEFORE DELETE OR UPDATE ON panelhost.\(table) FOR EACH ROW \(tail)",
            "rows_never_go":
                "CREATE TRIGGER rows_never_go BEFORE TRUNCATE ON panelhost.\(table) FOR EACH STATEMENT \(tail)",
        ]
    }

    // MARK: Functions

    /// The error of a statement in a transaction without a tenant.
    static let noTenantState = "PH002"
    /// The error of a change to a row that may only be added.
    static let appendOnlyState = "PH001"

    static let currentTenantBody = """

        DECLARE tenant text := pg_catalog.current_setting('app.tenant', true);
        BEGIN
            -- After a transaction that set it the setting is empty, not NULL.
            IF tenant IS NULL OR tenant OPERATOR(pg_catalog.=) '' THEN
                RAISE EXCEPTION 'no tenant is set in this transaction' USING ERRCODE = '\(noTenantState)';
            END IF;
            RETURN tenant;
        END
        """

    private static let functions = [
        """
        CREATE OR REPLACE FUNCTION app.current_tenant() RETURNS text LANGUAGE plpgsql STABLE PARALLEL SAFE
        AS $function$\(currentTenantBody)$function$
        """,
        """
        CREATE OR REPLACE FUNCTION app.refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
            RAISE EXCEPTION '% is append-only', TG_TABLE_NAME USING ERRCODE = '\(appendOnlyState)';
        END $$
        """,
        // The one way out of the audit trail: an event may go once a pruning that covers its place is on record.
        """
        CREATE OR REPLACE FUNCTION app.refuse_unless_pruned() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
            IF TG_OP OPERATOR(pg_catalog.=) 'DELETE' THEN
                IF EXISTS (
                    SELECT FROM panelhost.audit_leaves AS leaf JOIN panelhost.audit_prunings AS pruning
                    ON pruning.tenant_id = leaf.tenant_id AND pruning.before_index > leaf.leaf_index
                    WHERE leaf.tenant_id = OLD.tenant_id AND leaf.event_id = OLD.id)
                THEN RETURN OLD; END IF;
            END IF;
            RAISE EXCEPTION '% is append-only', TG_TABLE_NAME USING ERRCODE = '\(appendOnlyState)';
        END $$
        """,
        "REVOKE ALL ON FUNCTION app.current_tenant(), app.refuse_change(), app.refuse_unless_pruned() FROM PUBLIC",
        "GRANT EXECUTE ON FUNCTION app.current_tenant() TO \(DatabaseRole.app.name)",
    ]
}
