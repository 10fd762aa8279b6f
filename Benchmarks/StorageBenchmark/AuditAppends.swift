// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors

import Security
import Storage
import Values

/// Durable audit events a second, each in a transaction of its own, against plain INSERTs of the same rows.
struct AuditAppends {
    private static let clients = [1, 16, 128]

    private let stage: Stage

    init(_ stage: Stage) { self.stage = stage }

    func run() async throws -> Value {
        try await append(stage.postgres)
        try await append(stage.sqlite)
        return ["postgresql": try await onPostgreSQL(), "sqlite": try await onSQLite()]
    }

    private func append(_ database: any Database) async throws {
        let scope = stage.scope
        try await database.transaction(scope) { tx in try tx.append(PaymentWrites.event(scope.tenant)) }
    }

    private func onPostgreSQL() async throws -> Value {
        try stage.psql("CREATE TABLE plain_events (LIKE audit_events INCLUDING ALL); GRANT ALL ON plain_events TO panelhost_app;")
        let insert = try await Statements.insert(into: "audit_events", as: "plain_events", on: stage, fresh: ["id", "event_id"])
        let script = "\\set n random(1, 9000000000000000)\n\(insert);\n"
        let (scope, postgres) = (stage.scope, stage.postgres)
        say(Comparison.heading("audit events, durable, PostgreSQL", "INSERT/s"))
        var report: [String: Value] = [:]
        for clients in Self.clients {
            var comparison = Comparison()
            for _ in 0..<stage.rounds {
                let ours = try await stage.rate(tasks: clients) { _ in
                    try await postgres.append(scope, PaymentWrites.event(scope.tenant))
                }
                comparison.add(ours: ours, theirs: try stage.pgbench(script, clients: clients))
            }
            say(comparison.line("\(clients) in flight, against pgbench"))
            report["\(clients)"] = comparison.json
        }
        return .map(report)
    }

    private func onSQLite() async throws -> Value {
        let (scope, sqlite, authority) = (stage.scope, stage.sqlite, stage.authority)
        let row = try await sqlite.platform(authority.platform("bench")) { tx in
            try tx.execute("CREATE TABLE plain_events AS SELECT * FROM audit_events", [])
            try tx.execute("CREATE UNIQUE INDEX plain_events_by_id ON plain_events (tenant_id, id)", [])
            for columns in ["occurred_at", "action, id", "actor, id", "resource, id", "correlation"] {
                try tx.execute("CREATE INDEX \"plain_events_by_\(columns)\" ON plain_events (tenant_id, \(columns))", [])
            }
            return try tx.query("SELECT * FROM audit_events LIMIT 1", [])[0]
        }
        let places = row.columns.indices.map { "$\($0 + 1)" }.joined(separator: ", ")
        let insert = "INSERT INTO plain_events (\(row.columns.joined(separator: ", "))) VALUES (\(places))"
        guard let id = row.columns.firstIndex(of: "id") else { throw Failed("events have no id") }
        say(Comparison.heading("audit events, durable, SQLite", "INSERT/s"))
        var report: [String: Value] = [:]
        for clients in Self.clients {
            var comparison = Comparison()
            for _ in 0..<stage.rounds {
                let ours = try await stage.rate(tasks: clients) { _ in
                    try await sqlite.append(scope, PaymentWrites.event(scope.tenant))
                }
                let theirs = try await stage.rate(tasks: clients) { _ in
                    _ = try await sqlite.transaction(scope) { tx in
                        var values = row.values
                        values[id] = .text(CallID.make().description)
                        return try tx.execute(insert, values)
                    }
                }
                comparison.add(ours: ours, theirs: theirs)
            }
            say(comparison.line("\(clients) in flight, same commits"))
            report["\(clients)"] = comparison.json
        }
        return .map(report)
    }
}
