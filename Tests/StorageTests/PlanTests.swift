// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors

import FoundationEssentials
import Security
import Storage
import Synchronization
import Testing
import Values

/// How PostgreSQL would carry out what the repositories ask for, in tables of a million rows under row-level security.
@Suite("Plans", .onPostgreSQL)
struct PlanTests {
    @Test("no statement of a repository reads a whole table of the tenants'")
    func sequentialScans() async throws {
        let stage = try await IsolationTests.Stage()
        let statements = try await Self.statements(of: stage)
        try Self.fill(stage.test)

        #expect(statements.count > 100)
        let (scans, guarded) = try await Self.scans(statements, stage.test)
        #expect(scans.isEmpty, "\(scans.joined(separator: "\n\n"))")
        // The policy is in the plans: a statement that finds its index without it proves nothing.
        #expect(guarded > 80)
    }

    @Test("a statement without an index for it is seen")
    func control() async throws {
        let stage = try await IsolationTests.Stage()
        try Self.fill(stage.test, "webhook_events")
        let statement = Statement(sql: "SELECT id FROM payments WHERE customer_ref = $1", parameters: ["x"], isPlatform: true)

        let (scans, _) = try await Self.scans(
            [
                Statement(sql: "SELECT tenant_id FROM webhook_events WHERE received_at = $1", parameters: [1], isPlatform: true),
                Statement(sql: "SELECT tenant_id FROM webhook_events WHERE due_at = $1", parameters: [1], isPlatform: true),
            ], stage.test)

        #expect(scans.count == 1, "\(scans)")
        // Nor may the platform ask for it.
        let code = await StorageError.code { try await Self.scans([statement], stage.test) }
        #expect(code == .forbidden)
    }

    struct Statement: Hashable, Sendable {
        let sql: String
        let parameters: [SQLValue]
        let isPlatform: Bool
    }

    /// What the repositories say in the course of every operation, and the look-ups and jobs over all tenants.
    private static func statements(of stage: IsolationTests.Stage) async throws -> [Statement] {
        let seen = Mutex<[String: Statement]>([:])
        @Sendable func observing(_ database: any Database, isPlatform: Bool) -> any Database {
            ObservedDatabase(database) { sql, parameters in
                seen.withLock { $0[sql] = Statement(sql: sql, parameters: parameters, isPlatform: isPlatform) }
                return sql
            }
        }
        let (test, acme) = (stage.test, stage.acme)
        for operation in IsolationOperation.all {
            _ = try? await observing(test.database, isPlatform: false).transaction(test.scope(test.acme)) { tx in
                _ = operation.outcome(tx, acme)
                throw CancellationError()
            }
        }
        let identities = SQLIdentityStore(observing(test.database, isPlatform: true))
        _ = try await identities.account(test.platform, slug: slug("acme"), email: "ann@acme.test")
        _ = try await identities.refreshToken(test.platform, hash: [1])
        _ = try await identities.apiKey(test.platform, id: acme.apiKey)
        try await observing(test.database, isPlatform: true).platform(test.platform) { tx in
            let now = TestDatabase.now
            let queue = PaymentQueue(tx)
            _ = try queue.claimPayments(by: "x", nowMs: now, until: now, limit: 10)
            _ = try queue.claimRefunds(by: "x", nowMs: now, until: now, limit: 10)
            _ = try queue.claimWebhooks(by: "x", nowMs: now, until: now, limit: 10)
            _ = try (queue.runsInFlight(), queue.lostAttempts(nowMs: now), queue.forgetAnswers(nowMs: 0))
            _ = try DueNotifications(tx).tenants(at: now, limit: 10)
            _ = try WebhookEndpointDirectory(tx).find(tokenHash: "x")
            _ = try PluginStopRegistry(tx).tenants(with: "x")
            try HostRegistry(tx).join("run", milliseconds: 1, at: 0)
            _ = try HostRegistry(tx).buryOverdue(at: now)
        }
        return seen.withLock { Array($0.values) }
    }

    /// The plans that scan, and how many ask for the tenant.
    private static func scans(_ statements: [Statement], _ test: TestDatabase) async throws -> (scans: [String], guarded: Int) {
        let tables = try await test.read { tx in
            try tx.query(
                "SELECT table_name::text AS name FROM information_schema.columns WHERE table_schema = 'panelhost' AND column_name = 'tenant_id'",
                []
            ).map { try $0.text("name") }
        }
        var (scans, guarded) = ([String](), 0)
        for statement in statements {
            let explain: @Sendable (any SQLConnection) throws -> String = { connection in
                try connection.query("EXPLAIN " + statement.sql, statement.parameters).map { try $0.text("QUERY PLAN") }.joined(
                    separator: "\n")
            }
            let plan =
                if statement.isPlatform {
                    try await test.database.platform(test.platform) { try explain($0) }
                } else {
                    try await test.write { try explain($0) }
                }
            if plan.contains("InitPlan") { guarded += 1 }
            if tables.contains(where: { plan.contains("Seq Scan on \($0) ") }) { scans.append(statement.sql + "\n" + plan) }
        }
        return (scans, guarded)
    }

    /// How many rows each table gets: `PANELHOST_PLAN_ROWS`, or so many that the test takes seconds.
    private static let rows = ProcessInfo.processInfo.environment["PANELHOST_PLAN_ROWS"].flatMap { Int($0) } ?? 10_000

    /// As many rows in each table, which the planner is told are a million.
    ///
    /// It estimates a table's rows from its density in rows per page. Many times as many in as few pages make reading all of them look
    /// cheaper than it would be: who finds an index here finds it in a real million too.
    private static func fill(_ test: TestDatabase, _ only: String = "%") throws {
        let url = try #require(test.server).url
        try PostgreSQLDatabase.execute(
            """
            DO $$
            DECLARE found record; names text; contents text;
            BEGIN
                SET LOCAL search_path = panelhost;
                FOR found IN SELECT conrelid::regclass AS name, conname FROM pg_constraint WHERE connamespace = 'panelhost'::regnamespace
                    AND contype = 'c'
                LOOP EXECUTE format('ALTER TABLE %s DROP CONSTRAINT %I', found.name, found.conname); END LOOP;
                SET LOCAL session_replication_role = replica;
                FOR found IN SELECT c.oid, c.oid::regclass AS name FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid
                    WHERE c.relnamespace = 'panelhost'::regnamespace AND c.relkind = 'r' AND a.attname = 'tenant_id' AND c.relname LIKE '\(only)'
                LOOP
                    SELECT string_agg(quote_ident(attname), ', '), string_agg(
                        CASE WHEN attname = 'tenant_id' THEN '''t'' || i % 1000'
                            WHEN NOT attnotnull AND atttypid = 'int8'::regtype THEN 'CASE WHEN i % 50 = 0 THEN i END'
                            WHEN NOT attnotnull THEN 'CASE WHEN i % 50 = 0 THEN ''x'' || i END'
                            WHEN attname IN ('status', 'state', 'kind', 'outcome') THEN '''x'' || i % 5'
                            WHEN atttypid = 'int8'::regtype THEN 'i' ELSE '''x'' || i' END, ', ')
                    INTO names, contents FROM pg_attribute WHERE attrelid = found.oid AND attnum > 0 AND NOT attisdropped;
                    EXECUTE format('INSERT INTO %s (%s) SELECT %s FROM generate_series(1, \(rows)) i ON CONFLICT DO NOTHING', found.name, names, contents);
                END LOOP;
            END $$
            """, url: url)
        try PostgreSQLDatabase.execute("ANALYZE", url: url)
        try PostgreSQLDatabase.execute(
            "UPDATE pg_class SET reltuples = reltuples * \(max(1, 1_000_000 / rows)) WHERE relnamespace = 'panelhost'::regnamespace AND reltuples > 0",
            url: url)
    }
}
