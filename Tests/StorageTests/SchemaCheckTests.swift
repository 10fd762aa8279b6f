// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors

import Storage
import Testing

@Suite("Checks of the database", .onPostgreSQL)
struct SchemaCheckTests {
    /// What an administrator, or somebody who became one, could do; and the check that has to say so.
    private static let damages: [(check: String, statement: String)] = [
        ("schema-version", "DELETE FROM schema_migrations WHERE number = 6"),
        ("schema-version", "UPDATE schema_migrations SET checksum = 'x' WHERE number = 2"),
        ("schema-version", "INSERT INTO schema_migrations VALUES (999, 'future', 'x', 999, 0)"),
        ("durability", "SET LOCAL synchronous_commit = off"),
        ("search-path", "ALTER ROLE panelhost_app IN DATABASE \"$database\" RESET search_path"),
        ("search-path", "ALTER ROLE panelhost_owner IN DATABASE \"$database\" SET search_path = public, panelhost"),
        ("role-attributes", "ALTER ROLE panelhost_app BYPASSRLS"),
        ("role-attributes", "ALTER ROLE panelhost_app SUPERUSER"),
        ("role-attributes", "ALTER ROLE panelhost_platform LOGIN"),
        ("role-attributes", "ALTER ROLE panelhost_backup NOBYPASSRLS"),
        ("role-membership", "ALTER ROLE panelhost_app INHERIT"),
        ("role-membership", "GRANT panelhost_backup TO panelhost_app"),
        ("role-membership", "GRANT panelhost_owner TO panelhost_auditor"),
        ("role-membership", "REVOKE panelhost_platform FROM panelhost_app"),
        ("ownership", "ALTER TABLE payments OWNER TO panelhost_app"),
        ("ownership", "ALTER FUNCTION app.current_tenant() OWNER TO postgres"),
        ("schema-rights", "GRANT CREATE ON SCHEMA panelhost TO panelhost_app"),
        ("schema-rights", "GRANT TEMPORARY ON DATABASE \"$database\" TO panelhost_app"),
        ("schema-rights", "GRANT CONNECT ON DATABASE \"$database\" TO PUBLIC"),
        ("schema-rights", "GRANT USAGE ON SCHEMA app TO PUBLIC"),
        ("schema-rights", "GRANT EXECUTE ON FUNCTION app.current_tenant() TO PUBLIC"),
        ("definer-functions", "ALTER FUNCTION app.refuse_change() SECURITY DEFINER"),
        ("definer-functions", "CREATE VIEW everything AS SELECT * FROM payments"),
        ("declared-tables", "CREATE TABLE surplus (tenant_id TEXT PRIMARY KEY)"),
        ("declared-tables", "DROP TABLE factor_sends"),
        ("row-security", "ALTER TABLE payments DISABLE ROW LEVEL SECURITY"),
        ("row-security", "ALTER TABLE tenants NO FORCE ROW LEVEL SECURITY"),
        ("policies", "ALTER POLICY tenant_rows ON payments USING (true)"),
        ("policies", "ALTER POLICY tenant_rows ON payments WITH CHECK (true)"),
        ("policies", "CREATE POLICY more ON payments TO panelhost_app USING (true)"),
        ("policies", "DROP POLICY tenant_rows ON users"),
        ("policies", "ALTER POLICY platform_rows ON users TO PUBLIC"),
        (
            "tenant-function",
            "CREATE OR REPLACE FUNCTION app.current_tenant() RETURNS text LANGUAGE sql STABLE AS 'SELECT current_setting(''app.tenant'', true)'"
        ),
        ("tenant-function", "REVOKE EXECUTE ON FUNCTION app.current_tenant() FROM panelhost_app"),
        ("grants", "GRANT SELECT ON keys TO PUBLIC"),
        ("grants", "GRANT DELETE ON payments TO panelhost_app"),
        ("grants", "GRANT SELECT (request) ON payments TO panelhost_platform"),
        ("grants", "REVOKE SELECT ON users FROM panelhost_app"),
        ("grants", "GRANT SELECT ON users TO panelhost_auditor"),
        ("append-only", "ALTER TABLE audit_events DISABLE TRIGGER rows_never_change"),
        ("append-only", "ALTER TABLE audit_events ENABLE TRIGGER rows_never_go"),
        ("append-only", "GRANT UPDATE ON audit_events TO panelhost_platform"),
        ("primary-keys", "ALTER TABLE factor_sends DROP CONSTRAINT factor_sends_pkey, ADD PRIMARY KEY (id, tenant_id)"),
        ("foreign-keys", "ALTER TABLE notifications ADD CONSTRAINT loose FOREIGN KEY (id) REFERENCES tenants (id)"),
        (
            "foreign-keys",
            "ALTER TABLE refunds ADD CONSTRAINT unchecked FOREIGN KEY (tenant_id, id) REFERENCES payments (tenant_id, id) NOT VALID"
        ),
        ("policy-indexes", "ALTER TABLE login_counters DROP CONSTRAINT login_counters_pkey"),
        ("tenant-columns", "ALTER TABLE login_counters DROP CONSTRAINT login_counters_pkey, ALTER COLUMN tenant_id DROP NOT NULL"),
    ]

    /// Of the throwaway server: it writes nothing to the disk, and the tests sign in as its superuser.
    private static let expected: Set<String> = ["durability", "connection"]

    @Test("find nothing in a database that was just made, but for the server's own settings")
    func whole() async throws {
        let url = try await migrated()

        let failed = try PostgreSQLSchema.check(url: url).filter { !$0.isGood }

        #expect(Set(failed.map(\.check)) == Self.expected, "\(failed)")
        #expect(failed.flatMap(\.problems).contains("fsync is off"))
    }

    @Test("name each damage, every one of them by the check that is for it")
    func damages() async throws {
        let url = try await migrated()
        let database = try #require(url.split(separator: "@/").last?.split(separator: "?").first)

        let before = Dictionary(uniqueKeysWithValues: try PostgreSQLSchema.check(url: url).map { ($0.check, $0.problems.count) })
        for (check, statement) in Self.damages {
            let findings = try PostgreSQLSchema.check(url: url, after: [statement.replacing("$database", with: database)])
            let problems = findings.first { $0.check == check }?.problems ?? []
            #expect(problems.count > before[check] ?? 0, "\(statement): \(findings.filter { !$0.isGood }.map(\.check))")
            #expect(!problems.contains { $0.hasPrefix("cannot be checked") }, "\(problems)")
        }
    }

    @Test("can each be seen to fail")
    func everyOne() async throws {
        let checks = try PostgreSQLSchema.check(url: try await migrated()).map(\.check)

        // The version of the server is what it is, and the tests' connection fails that check as it stands.
        #expect(Set(checks) == Set(Self.damages.map(\.check)).union(["server-version", "connection"]))
    }

    @Test("are all good again after the next 'migrate up'")
    func mended() async throws {
        let url = try await migrated()
        for damage in [
            "ALTER TABLE payments DISABLE ROW LEVEL SECURITY", "GRANT ALL ON keys TO PUBLIC, panelhost_platform",
            "ALTER POLICY tenant_rows ON users USING (true)", "CREATE POLICY more ON payments TO panelhost_app USING (true)",
            "ALTER TABLE audit_events DISABLE TRIGGER rows_never_change", "GRANT CREATE ON SCHEMA public TO PUBLIC",
        ] { try PostgreSQLDatabase.execute(damage, url: url) }

        #expect(try PostgreSQLSchema.migrate(url: url).isEmpty)

        #expect(Set(try PostgreSQLSchema.check(url: url).filter { !$0.isGood }.map(\.check)) == Self.expected)
    }

    private func migrated() async throws -> String {
        let server = try #require(await TestServer.shared())
        let url = try server.emptyDatabase()
        try PostgreSQLSchema.migrate(url: url)
        return url
    }
}
