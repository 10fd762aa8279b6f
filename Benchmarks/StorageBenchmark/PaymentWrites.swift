// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors

import Security
import Storage
import Values

/// What a payment writes before anything leaves for a provider: the payment, its attempt, the remembered request and the audit event.
struct PaymentWrites {
    private let stage: Stage

    init(_ stage: Stage) { self.stage = stage }

    func run() async throws -> Value {
        let (scope, postgres) = (stage.scope, stage.postgres)
        try await Self.write(postgres, scope, "first")
        let statements = try await self.statements()
        let setTenant = "SELECT set_config('app.tenant', '\(stage.tenant)', true);"
        let number = "\\set n random(1, 9000000000000000)\n"
        let pipelined = number + "\\startpipeline\nBEGIN;\n\(setTenant)\n\(statements)COMMIT;\n\\endpipeline\n"
        let oneByOne = number + "BEGIN;\n\(setTenant)\n\(statements)COMMIT;\n"

        say(Comparison.heading("a payment's write set, durable, PostgreSQL", "pgbench/s"))
        var report: [String: Value] = [:]
        for clients in Stage.clients {
            var pipeline = Comparison(), plain = Comparison()
            for _ in 0..<stage.rounds {
                let ours = try await stage.rate(tasks: clients) { _ in
                    try await Self.write(postgres, scope, CallID.make().description)
                }
                plain.add(ours: ours, theirs: try stage.pgbench(oneByOne, clients: clients))
                pipeline.add(ours: ours, theirs: try stage.pgbench(pipelined, clients: clients))
            }
            say(plain.line("\(clients) in flight, same statements one by one"))
            say(pipeline.line("\(clients) in flight, nobody looking at a result"))
            report["\(clients)"] = ["one_by_one": plain.json, "pipelined": pipeline.json]
        }
        return .map(report)
    }

    private static func write(_ database: any Database, _ scope: TenantScope, _ key: String) async throws {
        try await database.transaction(scope) { tx in
            let payment = PaymentRecord(
                id: .make(), plugin: "stripe", instance: "i", merchantReference: key, status: "created", amountMinor: 1999, currency: "EUR",
                capture: "automatic", invoice: key, holdsInvoice: true, customerReference: "customer", createdAt: 1, updatedAt: 1)
            try PaymentRepository(tx).insert(payment)
            let attempt = PaymentAttemptRecord(
                id: .make(), payment: payment.id, operation: "create_payment", providerKey: key, group: 0, isExclusive: true,
                hostRun: "run",
                leaseUntil: 1, startedAt: 1)
            guard try PaymentAttemptRepository(tx).open(attempt) else { throw Failed("an attempt is in flight") }
            let request = IdempotencyRecord(
                operation: "create_payment", keyHash: key, bodyHash: key, resource: payment.id.description, attempt: attempt.id.description,
                leaseUntil: 1, createdAt: 1, expiresAt: 1)
            guard try PaymentIdempotencyRepository(tx).insert(request) else { throw Failed("the key is taken") }
            try tx.append(Self.event(scope.tenant))
        }
    }

    static func event(_ tenant: TenantID) -> AuditEvent {
        AuditEvent(
            occurredAt: WallClock.system.now(), tenant: tenant, actor: "user:0198c0de-0000-7000-8000-000000000001",
            action: "payment.create",
            resource: "payment:0198c0de-0000-7000-8000-000000000002", outcome: .success,
            detail: ["amount_minor": 1999, "currency": "EUR", "phase": "begin"], correlation: "0198c0de-0000-7000-8000-000000000003")
    }

    /// The statements of ``write(_:_:_:)`` for pgbench, with the rows that it really wrote and keys of their own.
    private func statements() async throws -> String {
        let fresh = [
            "id", "merchant_reference", "invoice_id", "held_invoice", "payment_id", "locked_payment", "provider_key", "key_hash",
            "resource_id", "attempt_id", "event_id",
        ]
        var text = ""
        for table in ["payments", "payment_attempts", "idempotency_keys"] {
            if table == "payment_attempts" {
                text +=
                    "SELECT locked_payment FROM payment_attempts WHERE tenant_id = '\(stage.tenant)' AND payment_id = 'b' || :n::text AND state = 'in_flight';\n"
            }
            text += try await Statements.insert(into: table, on: stage, fresh: fresh) + " ON CONFLICT DO NOTHING;\n"
        }
        for table in Statements.auditTables { text += try await Statements.insert(into: table, on: stage, fresh: fresh) + ";\n" }
        return text
    }
}

/// INSERTs for pgbench, made from rows that our own code has written.
enum Statements {
    /// What one event writes before it is answered for.
    static let auditTables = ["audit_events", "sequencer_queue"]

    static func insert(into table: String, as name: String? = nil, on stage: Stage, fresh: [String]) async throws -> String {
        let rows = try await stage.postgres.read(stage.scope) { tx in
            try tx.query("SELECT * FROM \(table) WHERE tenant_id = $1 ORDER BY 2 LIMIT 1", [tx.tenant])
        }
        // The payments of the stage itself come behind every real id.
        guard let row = rows.first else { throw Failed("no row in \(table)") }
        let values = zip(row.columns, row.values).map { column, value in
            if fresh.contains(column), value != .null { return "'b' || :n::text" }
            return switch value {
            case .null: "NULL"
            case .int(let int): String(int)
            // pgbench takes a colon for one of its variables, also inside quotes.
            case .text(let text): "'\(text.replacing(":", with: "' || chr(58) || '"))'"
            case .double, .blob: "NULL"
            }
        }
        return "INSERT INTO \(name ?? table) (\(row.columns.joined(separator: ", "))) VALUES (\(values.joined(separator: ", ")))"
    }
}
