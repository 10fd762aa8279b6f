// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors

import Security
import Storage
import Testing
import Values

@Suite("Row-level security", .onPostgreSQL)
struct RowSecurityTests {
    @Test("shows a tenant's transaction its own rows of every table, and takes no row for another tenant")
    func everyTable() async throws {
        let stage = try await IsolationTests.Stage()
        let (test, acme) = (stage.test, stage.acme)
        let globex = IsolationTarget(word: "globexword", tenant: test.globex.id)
        try await test.write(test.globex) { try globex.furnish($0) }
        let tables = try await test.read { tx in
            try tx.query(
                "SELECT table_name::text AS name FROM information_schema.columns WHERE table_schema = 'panelhost' AND column_name = 'tenant_id'",
                []
            ).map { try $0.text("name") }
        }
        #expect(tables.count > 20)

        for table in tables {
            let foreign = try await test.read(test.globex) { tx in
                try tx.query("SELECT count(*) AS n FROM \(table) t WHERE t::text LIKE '%\(acme.word)%'", [])[0].int("n")
            }
            #expect(foreign == 0, "\(table)")
            // As a row of acme's that globex inserts: the policy speaks before any key.
            let columns = try await test.read { tx in
                try tx.query(
                    "SELECT column_name::text AS name, data_type::text AS type FROM information_schema.columns WHERE table_schema = 'panelhost' AND table_name = '\(table)' ORDER BY ordinal_position",
                    []
                ).map { (try $0.text("name"), try $0.text("type")) }
            }
            let values = columns.map { $0.0 == "tenant_id" ? "'\(test.acme.id)'" : $0.1 == "bigint" ? "1" : "'x'" }.joined(separator: ", ")
            let code = await StorageError.code {
                try await test.write(test.globex) { try $0.execute("INSERT INTO \(table) VALUES (\(values))", []) }
            }
            #expect(code == .forbidden, "\(table): \(String(describing: code))")
        }
        let moved = await StorageError.code {
            try await test.write(test.globex) { try $0.execute("UPDATE users SET tenant_id = $1", [.text(test.acme.id.description)]) }
        }
        #expect(moved == .forbidden)
        #expect(
            try await test.read(test.globex) { try $0.query("SELECT id FROM tenants", []).map { try $0.text("id") } } == [
                test.globex.id.description
            ])
    }

    @Test("fails a statement in a transaction without a tenant, also after one that had one")
    func noTenant() async throws {
        let test = try await TestDatabase()

        for setting in ["RESET app.tenant", "SET LOCAL app.tenant = ''"] {
            let error = await #expect(throws: StorageError.self) {
                try await test.write { tx in
                    try tx.execute(setting, [])
                    _ = try tx.query("SELECT id FROM users", [])
                }
            }
            #expect(error?.code == .failed || error?.code == .forbidden, "\(String(describing: error))")
        }
    }

    @Test("keeps the secrets of tenants, and what a payment is about, from the platform's transactions")
    func platform() async throws {
        let stage = try await IsolationTests.Stage()

        for sql in [
            "SELECT wrapped FROM keys", "SELECT plain FROM plugin_config", "SELECT value FROM plugin_storage",
            "SELECT customer_ref FROM payments",
            "SELECT code FROM factor_challenges", "SELECT message FROM notifications", "SELECT sealed FROM webhook_events",
            "UPDATE users SET password_hash = 'x'", "UPDATE payments SET status = 'succeeded'", "DELETE FROM tenants",
            "UPDATE audit_events SET actor = 'x'",
        ] {
            let code = await StorageError.code { try await stage.test.database.platform(stage.test.platform) { _ = try $0.query(sql, []) } }
            #expect(code == .forbidden, "\(sql)")
        }
        // Pruning is the platform's: what no pruning covers, the trigger keeps.
        let code = await StorageError.code {
            try await stage.test.database.platform(stage.test.platform) { _ = try $0.query("DELETE FROM audit_events", []) }
        }
        #expect(code == .appendOnly)
    }

    @Test("refuses every change to the audit trail: by right to a host, by trigger to the owner and to a superuser")
    func appendOnly() async throws {
        let test = try await TestDatabase()
        let url = try #require(test.server).url

        for sql in ["UPDATE audit_events SET actor = 'x'", "DELETE FROM audit_events", "TRUNCATE audit_events CASCADE"] {
            #expect(await StorageError.code { try await test.write { _ = try $0.query(sql, []) } } == .forbidden, "\(sql)")
            for setting in ["", "SET LOCAL session_replication_role = replica;"] {
                let statement = "DO $$ BEGIN \(setting) \(sql); END $$"
                #expect(await StorageError.code { try PostgreSQLDatabase.execute(statement, url: url) } == .appendOnly, "\(statement)")
            }
        }
        #expect(try await test.read { try $0.query("SELECT count(*) AS n FROM audit_events", [])[0].int("n") } > 0)
    }

    @Test("lets the owner see no row", arguments: ["payments", "users", "keys"])
    func owner(table: String) async throws {
        let stage = try await IsolationTests.Stage()
        let url = try #require(stage.test.server).url

        let check = """
            DO $$ BEGIN
                SET LOCAL ROLE panelhost_owner;
                IF EXISTS (SELECT FROM panelhost.\(table)) THEN RAISE EXCEPTION 'seen'; END IF;
            END $$
            """
        try PostgreSQLDatabase.execute(check, url: url)
        try PostgreSQLDatabase.execute("ALTER TABLE panelhost.\(table) NO FORCE ROW LEVEL SECURITY", url: url)
        if table != "keys" { #expect(throws: StorageError.self) { try PostgreSQLDatabase.execute(check, url: url) } }
    }
}

@Suite("Errors of keys", .everyEngine)
struct KeyErrorTests {
    @Test("read the same for one's own row and for another tenant's")
    func noOracle() async throws {
        let stage = try await Stage()
        let test = stage.test

        for (table, key) in [("refresh_tokens", "hash"), ("api_keys", "id"), ("webhook_endpoints", "token_hash")] {
            let own = await stage.insert(table, key: key, value: "globexkey", as: test.globex)
            let foreign = await stage.insert(table, key: key, value: "acmekey", as: test.globex)
            #expect(own != nil && own == foreign, "\(table): \(String(describing: own)), \(String(describing: foreign))")
        }
        let missing = await stage.error { try $0.execute(Stage.grant, [$0.tenant, .text(UserID.make().description)]) }
        let foreign = await stage.error { try $0.execute(Stage.grant, [$0.tenant, .text(stage.acmeUser)]) }
        #expect(missing?.code == .brokenReference && missing == foreign)
    }

    private struct Stage {
        static let grant = "INSERT INTO user_roles (tenant_id, user_id, role, granted_at) VALUES ($1, $2, 'ADMIN', 0)"
        let test: TestDatabase
        let acmeUser: String

        init() async throws {
            test = try await TestDatabase()
            acmeUser = try await test.write {
                try UserRepository($0).create(email: "a@acme.test", name: "A", passwordHash: "x", roles: [], at: 0).id.description
            }
            _ = try await test.write(test.globex) {
                try UserRepository($0).create(email: "a@acme.test", name: "A", passwordHash: "x", roles: [], at: 0)
            }
            for (tenant, value) in [(test.acme, "acmekey"), (test.globex, "globexkey")] {
                try await test.write(tenant) { tx in
                    try tx.execute(
                        """
                        INSERT INTO sessions (tenant_id, id, user_id, methods, created_at, expires_at)
                        SELECT tenant_id, 's', id, '[]', 0, 0 FROM users WHERE tenant_id = $1
                        """, [tx.tenant])
                    for sql in Self.inserts.values { try tx.execute(sql, [tx.tenant, .text(value)]) }
                }
            }
        }

        static let inserts = [
            "refresh_tokens":
                "INSERT INTO refresh_tokens (tenant_id, hash, session_id, state, expires_at) VALUES ($1, $2, 's', 'active', 0)",
            "api_keys": """
            INSERT INTO api_keys (tenant_id, id, name, hash, patterns, issued_by, created_at, expires_at)
            VALUES ($1, $2, 'x', 'x', '[]', 'x', 0, 0)
            """,
            "webhook_endpoints": """
            INSERT INTO webhook_endpoints (tenant_id, id, instance_id, token_hash, created_at) VALUES ($1, $2, 'x', $2, 0)
            """,
        ]

        func insert(_ table: String, key: String, value: String, as tenant: TenantRecord) async -> StorageError? {
            await error { try $0.execute(Self.inserts[table] ?? "", [$0.tenant, .text(value)]) }
        }

        /// What `globex` is told.
        func error(_ body: @escaping @Sendable (TenantTransaction) throws -> Int) async -> StorageError? {
            do {
                _ = try await test.write(test.globex, body)
                return nil
            } catch {
                return error as? StorageError
            }
        }
    }
}
