// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors

import Host
import Security
import Storage
import Testing
import Values

/// What the host does by itself for one tenant touches nothing of another one whose rows lie beside it.
@Suite("Jobs of two tenants", .timeLimit(.minutes(10)))
struct TenantJobsTests {
    private static let late: Int64 = 4_000_000_000_000

    /// Rows of every kind that a job looks for: due, or not for a long time.
    private func furnish(_ rig: Rig, _ tenant: TenantRecord, word: String, due: Int64) async throws {
        let plugin = try await rig.enable(TestPlugin(actions: ["send": "return 'x'"]), for: tenant)
        let scope = rig.permit(.invokeNotifier, tenant).scope
        let instance = try await rig.host.directory.instance(for: rig.permit(.invokeNotifier, tenant), plugin: plugin).id
        try await rig.database.transaction(scope) { tx in
            _ = try NotificationRepository(tx).insert(
                NotificationRecord(
                    id: .make(), instance: instance, plugin: plugin, dedupeKey: word, eventType: "invoice.paid",
                    message: #"{"do":"send","with":{}}"#, status: .queued, dropsUnknown: false, attempts: 0, dueAt: due, createdAt: 1))
            let payment = PaymentID.make()
            try PaymentRepository(tx).insert(
                PaymentRecord(
                    id: payment, plugin: "gone", instance: InstanceID.make().description, merchantReference: word, status: "unknown",
                    amountMinor: 5, currency: "EUR", capture: "automatic", invoice: word, holdsInvoice: true, customerReference: word,
                    reconcileAt: due, createdAt: 1, updatedAt: 1))
            _ = try PaymentAttemptRepository(tx).open(
                PaymentAttemptRecord(
                    id: .make(), payment: payment, operation: "create_payment", providerKey: word, group: 0, isExclusive: true,
                    hostRun: word, leaseUntil: due, startedAt: 1))
            _ = try PaymentIdempotencyRepository(tx).insert(
                IdempotencyRecord(
                    operation: word, keyHash: word, bodyHash: word, resource: word, attempt: CallID.make().description, leaseUntil: due,
                    createdAt: 0, expiresAt: due))
            _ = try PaymentWebhookRepository(tx).insert(
                WebhookEventRecord(
                    id: .make(), instance: word, eventID: word, sealed: Sealed(text: "01:02:03", keyID: "k", keyVersion: 1), dueAt: due,
                    receivedAt: 0))
        }
    }

    private func rows(_ rig: Rig, of tenant: TenantRecord) async throws -> [String: [[SQLValue]]] {
        try await rig.database.platformRead(rig.authority.platform("tests")) { tx in
            var rows: [String: [[SQLValue]]] = [:]
            for row in try tx.query("SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite%'", []) {
                let name = try row.text("name")
                let columns = try tx.query("SELECT name FROM pragma_table_info($1)", [.text(name)]).map { try $0.text("name") }
                guard columns.contains("tenant_id") else { continue }
                rows[name] = try tx.query("SELECT * FROM \"\(name)\" WHERE tenant_id = $1", [.text(tenant.id.description)]).map(\.values)
            }
            return rows
        }
    }

    @Test("each job does acme's work and leaves globex's rows as they are")
    func jobs() async throws {
        try await Rig.with { rig in
            try await furnish(rig, rig.acme, word: "acmeword", due: 1)
            try await furnish(rig, rig.globex, word: "globexword", due: Self.late)
            await rig.host.sequencing.finish()
            let jobs: [(String, Bool, () async throws -> Void)] = [
                ("dispatcher", true, { _ = try await rig.host.dispatcher.sendDue() }),
                ("recovery", true, { _ = try await rig.host.payments.recover() }),
                ("reconciler", true, { _ = try await rig.host.payments.reconcileDue() }),
                ("webhooks", true, { _ = try await rig.host.payments.processWebhooks() }),
                ("idempotency", false, { try await rig.host.payments.forgetAnswers() }),
                ("policy usage", false, { await rig.host.usage.flush() }),
                ("sequencing", true, { await rig.host.sequencing.finish() }),
            ]
            var cells = 0
            for (name, works, run) in jobs {
                let (mine, theirs) = (try await rows(rig, of: rig.acme), try await rows(rig, of: rig.globex))
                try await run()
                let (after, untouched) = (try await rows(rig, of: rig.acme), try await rows(rig, of: rig.globex))
                #expect((after != mine) == works, "\(name) did nothing for acme")
                for (table, before) in theirs {
                    #expect(untouched[table] == before, "\(name) touched globex's \(table)")
                    cells += 1
                }
            }
            print("jobs of two tenants: \(cells) cells")
            for event in try await rig.trail() {
                #expect(!"\(event.row)".contains("globexword") && !"\(event.row)".contains("\(rig.globex.id)"), "\(event.action)")
            }
        }
    }

    @Test("an export, a page, a proof and a checkpoint of one tenant hold nothing of another")
    func exports() async throws {
        try await Rig.with { rig in
            for (tenant, word) in [(rig.acme, "acmeword"), (rig.globex, "globexword")] {
                try await rig.database.transaction(rig.permit(.auditRead, tenant).scope) { tx in
                    for index in 0..<20 {
                        try tx.append(
                            AuditEvent(
                                tenant: tenant.id, actor: "system:\(word)", action: "test.fill", resource: "\(word):\(index)",
                                outcome: .success, correlation: word))
                    }
                }
            }
            await rig.host.sequencing.finish()
            var cells = 0
            for (tenant, other, word) in [(rig.acme, rig.globex, "globexword"), (rig.globex, rig.acme, "acmeword")] {
                let permit = rig.permit(.auditRead, tenant)
                var texts: [String] = []
                for try await rows in try await rig.host.audit.export(proofs: true, permit) { texts += rows.map { "\($0)" } }
                texts += try await rig.host.audit.search(AuditQuery(limit: 500), permit).map { "\($0)" }
                texts += try await rig.host.audit.search(AuditQuery(actor: "system:\(word)"), permit).map { "\($0)" }
                let (trail, _) = try await rig.host.audit.checkpoints(permit)
                texts.append(try #require(trail).note)
                let foreign = try #require(try await rig.trail(other).first)
                await #expect(throws: (any Error).self) { try await rig.host.audit.proof(of: #require(EventID(foreign.id)), permit) }
                #expect(texts.count > 40)
                for text in texts {
                    #expect(!text.contains(word) && !text.contains("\(other.id)"), "\(text.prefix(200))")
                    cells += 1
                }
            }
            print("exports and audit of two tenants: \(cells) cells")
        }
    }
}
