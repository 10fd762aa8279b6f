// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors

import Security
import Storage
import Testing
import Values

@Suite("PaymentRepository", .everyEngine)
struct PaymentRepositoryTests {
    private static let now = TestDatabase.now

    private func payment(
        _ invoice: String = "inv-1", reference: String = "ref-1", instance: String = "i-1", holds: Bool = true, id: PaymentID = .make()
    ) -> PaymentRecord {
        PaymentRecord(
            id: id, plugin: "testpay", instance: instance, merchantReference: reference, status: "created",
            amountMinor: 9_007_199_254_740_991,
            currency: "EUR", capture: "automatic", invoice: invoice, holdsInvoice: holds, customerReference: "c", createdAt: Self.now,
            updatedAt: Self.now)
    }

    private func attempt(_ payment: PaymentID, exclusive: Bool = true, operation: String = "capture_payment") -> PaymentAttemptRecord {
        PaymentAttemptRecord(
            id: .make(), payment: payment, operation: operation, providerKey: "k", group: 0, isExclusive: exclusive, hostRun: "run",
            leaseUntil: Self.now, startedAt: Self.now)
    }

    private func refusal(of body: () async throws -> Void) async -> PaymentRepository.Refusal? {
        do {
            try await body()
            return nil
        } catch {
            return error as? PaymentRepository.Refusal
        }
    }

    @Test("gives back what was stored, and nothing of it to another tenant")
    func roundTrip() async throws {
        let test = try await TestDatabase()
        var record = payment()
        try await test.write { [record] in try PaymentRepository($0).insert(record) }
        record.status = "succeeded"
        record.capturedMinor = record.amountMinor
        record.providerPaymentID = "pi_1"
        record.holdsInvoice = false
        record.reconcileAt = Self.now
        record.detail = #"{"a":1}"#
        let changed = record
        try await test.write { try PaymentRepository($0).update(changed) }

        #expect(try await test.read { try PaymentRepository($0).find(changed.id) } == changed)
        #expect(
            try await test.read { try PaymentRepository($0).find(instance: "i-1", providerPaymentID: "pi_1", merchantReference: nil) }
                == changed)
        for look in [
            { @Sendable tx in try PaymentRepository(tx).find(changed.id) },
            { @Sendable tx in try PaymentRepository(tx).lock(changed.id) },
            { @Sendable tx in try PaymentRepository(tx).find(instance: "i-1", providerPaymentID: "pi_1", merchantReference: "ref-1") },
            { @Sendable tx in
                try PaymentRepository(tx).page(IsolationOperation.listing(tx, .pluginRead), invoice: nil, behind: nil, limit: 10).rows.first
            },
        ] as [@Sendable (TenantTransaction) throws -> PaymentRecord?] {
            #expect(try await test.write(test.globex, look) == nil)
        }
        #expect(await StorageError.code { try await test.write(test.globex) { try PaymentRepository($0).update(changed) } } == .notFound)
    }

    @Test("lets one open payment hold an invoice, in each tenant")
    func invoiceHeld() async throws {
        let test = try await TestDatabase()
        let first = payment()
        try await test.write { try PaymentRepository($0).insert(first) }

        let second = payment(reference: "ref-2")
        #expect(await refusal { try await test.write { try PaymentRepository($0).insert(second) } } == .invoiceHeld(by: first.id))
        try await test.write(test.globex) { try PaymentRepository($0).insert(second) }
        try await test.write { try PaymentRepository($0).releaseInvoice(of: first.id) }
        try await test.write { try PaymentRepository($0).insert(second) }
        #expect(try await test.read { try PaymentRepository($0).holder(ofInvoice: "inv-1") } == second.id)
    }

    @Test("lets an instance use a merchant reference once")
    func reference() async throws {
        let test = try await TestDatabase()
        let (first, second, third) = (payment(holds: false), payment(holds: false), payment(instance: "i-2", holds: false))
        try await test.write { try PaymentRepository($0).insert(first) }

        #expect(await refusal { try await test.write { try PaymentRepository($0).insert(second) } } == .merchantReferenceTaken)
        try await test.write { try PaymentRepository($0).insert(third) }
    }

    @Test("refuses one payment of the provider for two of ours")
    func providerPayment() async throws {
        let test = try await TestDatabase()
        var records = [payment(holds: false), payment(reference: "ref-2", holds: false)]
        try await test.write { [records] tx in
            for record in records { try PaymentRepository(tx).insert(record) }
        }
        for index in records.indices { records[index].providerPaymentID = "pi_1" }
        let (first, second) = (records[0], records[1])
        try await test.write { try PaymentRepository($0).update(first) }

        let taken = try await test.read {
            try PaymentRepository($0).isProviderPaymentTaken("pi_1", instance: "i-1", byOtherThan: second.id)
        }
        #expect(taken)
        #expect(await StorageError.code { try await test.write { try PaymentRepository($0).update(second) } } == .duplicate)
    }

    @Test("lets refunds run beside each other, and everything else alone")
    func attempts() async throws {
        let test = try await TestDatabase()
        let record = payment()
        try await test.write { try PaymentRepository($0).insert(record) }
        func open(_ attempt: PaymentAttemptRecord) async throws -> Bool {
            try await test.write { try PaymentAttemptRepository($0).open(attempt) }
        }
        let (refund, capture) = (attempt(record.id, exclusive: false), attempt(record.id))

        #expect(try await open(refund))
        #expect(try await open(attempt(record.id, exclusive: false)))
        #expect(try await !open(capture))
        let ids = try await test.read { try PaymentAttemptRepository($0).attempts(of: record.id).map(\.id) }
        for id in ids {
            let ended = try await test.write { tx in
                try ["closed", "lost"].map { try PaymentAttemptRepository(tx).end(id, state: $0, outcome: "answered", nowMs: 1) }
            }
            #expect(ended == [true, false])
        }
        #expect(try await open(capture))
        #expect(try await !open(attempt(record.id, exclusive: false)))
        #expect(try await test.read(test.globex) { try PaymentAttemptRepository($0).find(capture.id) } == nil)
        let (running, lost) = try await test.database.platformRead(test.platform) { tx in
            (try PaymentQueue(tx).runsInFlight(), try PaymentQueue(tx).lostAttempts(nowMs: capture.leaseUntil - 1))
        }
        #expect(running == [capture.hostRun])
        #expect(lost.isEmpty)
    }

    @Test("counts attempts that the provider answered, and doubts once they are resolved")
    func answered() async throws {
        let test = try await TestDatabase()
        let record = payment()
        try await test.write { try PaymentRepository($0).insert(record) }
        func run(_ outcome: String, state: String = "closed") async throws -> Int64 {
            let attempt = attempt(record.id)
            return try await test.write { tx in
                let attempts = PaymentAttemptRepository(tx)
                _ = try attempts.open(attempt)
                _ = try attempts.end(attempt.id, state: state, outcome: outcome, nowMs: 1)
                return try attempts.answered("capture_payment", of: record.id)
            }
        }

        #expect(try await run("not_sent") == 0)
        #expect(try await run("answered") == 1)
        #expect(try await run("unknown") == 1)
        #expect(try await run("unknown", state: "lost") == 1)
        try await test.write { try PaymentAttemptRepository($0).resolve(record.id) }
        #expect(try await run("rejected") == 4)
    }

    @Test("remembers a key once, in its tenant and operation")
    func idempotency() async throws {
        let test = try await TestDatabase()
        func record(_ operation: String = "op", attempt: CallID = .make()) -> IdempotencyRecord {
            IdempotencyRecord(
                operation: operation, keyHash: "k", bodyHash: "b", resource: "r", attempt: attempt.description, leaseUntil: 2, createdAt: 1,
                expiresAt: 100)
        }
        let attempt = CallID.make()
        let (first, again, other) = (record(attempt: attempt), record(), record("other"))

        #expect(try await test.write { try PaymentIdempotencyRepository($0).insert(first) })
        #expect(try await test.write { try PaymentIdempotencyRepository($0).insert(again) } == false)
        #expect(try await test.write { try PaymentIdempotencyRepository($0).insert(other) })
        #expect(try await test.read(test.globex) { try PaymentIdempotencyRepository($0).find(operation: "op", keyHash: "k") } == nil)
        #expect(try await test.write { try PaymentIdempotencyRepository($0).answer(attempt: attempt, with: "{}") })
        #expect(try await test.write { try PaymentIdempotencyRepository($0).answer(attempt: attempt, with: "other") } == false)
        #expect(try await test.read { try PaymentIdempotencyRepository($0).find(operation: "op", keyHash: "k")?.answer } == "{}")

        // What is still at work is not forgotten, however old.
        #expect(try await test.database.platform(test.platform) { try PaymentQueue($0).forgetAnswers(nowMs: 100) } == 1)
        #expect(try await test.read { try PaymentIdempotencyRepository($0).find(operation: "other", keyHash: "k") } != nil)
    }

    @Test("takes a provider's message once, and gives it to one host at a time")
    func webhooks() async throws {
        let test = try await TestDatabase()
        let sealed = Sealed(text: "00:11:22", keyID: "k", keyVersion: 1)
        let event = WebhookEventRecord(id: .make(), instance: "i-1", eventID: "evt_1", sealed: sealed, dueAt: 5, receivedAt: 5)

        let again = WebhookEventRecord(id: .make(), instance: "i-1", eventID: "evt_1", sealed: sealed, dueAt: 5, receivedAt: 5)

        #expect(try await test.write { try PaymentWebhookRepository($0).insert(event) })
        #expect(try await test.write { try PaymentWebhookRepository($0).insert(again) } == false)
        #expect(try await test.read(test.globex) { try PaymentWebhookRepository($0).find(instance: "i-1", eventID: "evt_1") } == nil)
        #expect(try await test.write { try PaymentWebhookRepository($0).claim(event.id, by: "one", nowMs: 10, until: 20)?.tries } == 1)
        #expect(try await test.write { try PaymentWebhookRepository($0).claim(event.id, by: "two", nowMs: 19, until: 30) } == nil)
        #expect(try await test.write { try PaymentWebhookRepository($0).claim(event.id, by: "two", nowMs: 20, until: 30)?.tries } == 2)
        func settle(_ tries: Int64, by run: String) async throws -> Bool {
            let claimed = WebhookEventRecord(
                id: event.id, instance: "i-1", eventID: "evt_1", sealed: sealed, tries: tries, dueAt: 5, receivedAt: 5)
            return try await test.write { tx in
                try PaymentWebhookRepository(tx).settle(claimed, by: run, state: "applied", reason: nil, dueAt: nil, nowMs: 40)
            }
        }
        // Who overslept the claim has no say any more, not even under the same name.
        #expect(try await settle(1, by: "one") == false)
        #expect(try await settle(1, by: "two") == false)
        #expect(try await settle(2, by: "two"))
        #expect(try await test.read { try PaymentWebhookRepository($0).find(event.id)?.sealed } == nil)
        #expect(try await test.write { try PaymentWebhookRepository($0).revive(event.id, sealed: sealed, nowMs: 50) } == false)
    }

    @Test("finds the endpoint in service by its hash, and no older one")
    func endpoints() async throws {
        let test = try await TestDatabase()
        for hash in ["old", "new"] {
            try await test.write {
                try PaymentWebhookRepository($0).replaceEndpoint(id: .make(), instance: "i-1", tokenHash: hash, nowMs: 1)
            }
        }
        func find(_ hash: String) async throws -> WebhookEndpointDirectory.Entry? {
            try await test.database.platformRead(test.platform) { try WebhookEndpointDirectory($0).find(tokenHash: hash) }
        }

        #expect(try await find("old") == nil)
        #expect(try await find("new")?.tenant == test.acme.id)
        #expect(try await test.read(test.globex) { try PaymentWebhookRepository($0).hasEndpoint(instance: "i-1") } == false)
    }

    @Test("keeps refunds with their payment, and one refund of the provider for one of ours")
    func refunds() async throws {
        let test = try await TestDatabase()
        let record = payment()
        func refund(_ provider: String?) -> RefundRecord {
            RefundRecord(
                id: .make(), payment: record.id, instance: "i-1", amountMinor: 5, currency: "EUR", status: "created", reason: "other",
                providerRefundID: provider, createdAt: 1, updatedAt: 1)
        }
        let (first, second) = (refund("re_1"), refund("re_1"))

        #expect(await StorageError.code { try await test.write { try PaymentRepository($0).insert(first) } } == .brokenReference)
        try await test.write { tx in
            try PaymentRepository(tx).insert(record)
            try PaymentRepository(tx).insert(first)
        }
        #expect(await StorageError.code { try await test.write { try PaymentRepository($0).insert(second) } } == .duplicate)
        #expect(try await test.read { try PaymentRepository($0).refunds(of: record.id) } == [first])
        #expect(try await test.read(test.globex) { try PaymentRepository($0).refunds(of: record.id) }.isEmpty)
        #expect(try await test.read(test.globex) { try PaymentRepository($0).refund(instance: "i-1", providerRefundID: "re_1") } == nil)
    }
}
