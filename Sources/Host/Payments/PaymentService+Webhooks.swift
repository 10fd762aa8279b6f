// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors

internal import PluginAPI
internal import Security
internal import Storage
internal import Values

extension PaymentService {
    /// How many messages a host takes upon itself at a time.
    private static let webhookBatch = 20

    /// Deals with every message that waits and is nobody else's, in the order of their arrival; answers how many there were.
    @discardableResult
    package func processWebhooks() async throws -> Int {
        var count = 0
        while !Task.isCancelled {
            let now = clock.nowMilliseconds()
            let (owner, until) = (run.description, now + policy.lease.components.seconds * 1_000)
            let claimed = try await database.platform(system.platform("work off webhooks")) { tx in
                try PaymentQueue(tx).claimWebhooks(by: owner, nowMs: now, until: until, limit: Self.webhookBatch)
            }
            for claim in claimed {
                let scope = webhookPermit(claim.item.tenant, "").scope
                let event = try await database.readOne(scope) { tx in try EventID(claim.item.id).flatMap(PaymentWebhookRepository(tx).find)
                }
                guard let event, event.tries == claim.fence else { continue }
                try await process(event, of: owner, claim.item.tenant)
            }
            count += claimed.count
            guard claimed.count == Self.webhookBatch else { break }
        }
        return count
    }

    /// Deals with one message at once, if nobody else does.
    package func settle(_ receipt: WebhookReceipt) async throws { try await process(receipt.event, tenant: receipt.tenant) }

    private func process(_ id: EventID, tenant: TenantID) async throws {
        let now = clock.nowMilliseconds()
        let scope = webhookPermit(tenant, "").scope
        let (owner, until) = (run.description, now + policy.lease.components.seconds * 1_000)
        let claimed = try await database.transaction(scope) { tx in
            try PaymentWebhookRepository(tx).claim(id, by: owner, nowMs: now, until: until)
        }
        if let claimed { try await process(claimed, of: owner, tenant) }
    }

    private func process(_ event: WebhookEventRecord, of owner: String, _ tenant: TenantID) async throws {
        guard let sealed = event.sealed else { return }
        let id = event.id
        let permit = webhookPermit(tenant, event.instance)
        let origin = CallOrigin(correlation: id.description)
        do {
            let instance = try await gateways.instance(permit, event.instance)
            let opened = try await encryption.open(sealed, at: WebhookMessage.location(tenant, instance.plugin, id))
            let events = try await parse(try WebhookMessage(opened: opened), id, permit, instance, origin)
            var verdicts: [Verdict] = []
            for event in events { verdicts.append(try await apply(event, permit, instance, origin)) }
            try await settle(event, of: owner, Verdict(all: verdicts), permit, origin)
        } catch is CancellationError {
            throw CancellationError()
        } catch {
            // A plugin's fault, a provider's, or ours: the message waits for its next turn.
            try await postpone(event, of: owner, because: (error as? HostError)?.code.description ?? "internal", permit, origin)
        }
    }

    /// What became of one event.
    private enum Verdict: Sendable {
        case applied
        case ignored(String)

        init(all verdicts: [Verdict]) {
            self = verdicts.first ?? .ignored("unrecognised_type")
            for verdict in verdicts {
                if case .applied = verdict { self = .applied }
            }
        }
    }

    private func parse(
        _ message: WebhookMessage, _ id: EventID, _ permit: Permit, _ instance: PluginInstance, _ origin: CallOrigin
    ) async throws -> [WebhookEvent] {
        let report = try await ask(
            "parse_webhook",
            [
                "method": .string(message.method), "path": "/", "headers": .map(message.headers.mapValues(Value.string)),
                "raw_body": .octets(message.body),
            ], resource: "webhook:\(id)", permit, instance, origin)
        switch report.result {
        case .failure(let failure): throw HostError(.custom(failure.code.rawValue), "the plugin could not read the message")
        case .success(let value):
            return try (value["events"]?.arrayValue ?? []).map { try WebhookEvent(validating: $0, links: judge(instance).links) }
        }
    }

    /// A call that changes nothing at the provider, with its audit around it.
    private func ask(
        _ operation: String, _ request: Value, resource: String, _ permit: Permit, _ instance: PluginInstance, _ origin: CallOrigin
    ) async throws -> InvocationReport {
        let answer = Slot<InvocationReport>()
        let subject = AuditSubject(resource: resource, detail: ["operation": .string(operation)], correlation: origin.correlation)
        let invocation = Invocation(permit: permit, instance: instance, operation: operation, request: request, subject: subject)
        try await gateways.run(invocation, { _ in }, { report, _ in answer.put(report) })
        return try answer.take()
    }

    // MARK: Events

    private func apply(_ event: WebhookEvent, _ permit: Permit, _ instance: PluginInstance, _ origin: CallOrigin) async throws -> Verdict {
        // The same account at the provider may serve two instances: each hears of the other's payments.
        if let tag = event.instanceTag, tag != instance.id.description { return .ignored("other_instance") }
        switch event.content {
        case .payment(let result): return try await apply(event, PaymentNews(result), permit, instance, origin)
        case .refund(let result): return try await apply(event, RefundNews(result), permit, instance, origin)
        case .dispute, .method, .other: return .ignored("unsupported_kind")
        }
    }

    private func apply(
        _ event: WebhookEvent, _ news: PaymentNews, _ permit: Permit, _ instance: PluginInstance, _ origin: CallOrigin
    ) async throws -> Verdict {
        let provider = event.providerPaymentID ?? news.proposal.providerPaymentID
        guard let payment = try await find(event, provider, permit, instance) else { return .ignored("unknown_payment") }
        if let reference = event.merchantReference, reference != payment.merchantReference { return .ignored("other_reference") }
        var news = news
        news.proposal.providerPaymentID = provider
        let truth = try payment.truth()
        // Anybody may claim that money came in; only the provider, asked by us, is believed.
        guard truth.isMoneyIncreasing(news.proposal), !truth.isMismatch(news.proposal) else {
            return try await write(.said(news), on: payment.id, from: .event(event.eventID), permit, origin)
        }
        return try await verify(payment, provider, permit, instance, origin)
    }

    /// Asks the provider about a payment that a message spoke of.
    private func verify(
        _ payment: PaymentRecord, _ provider: String?, _ permit: Permit, _ instance: PluginInstance, _ origin: CallOrigin
    ) async throws -> Verdict {
        var named = payment
        named.providerPaymentID = payment.providerPaymentID ?? provider
        let report = try await ask(
            "get_payment", query(permit, named, instance, origin).request, resource: "payment:\(payment.id)", permit, instance, origin)
        switch judge(instance).payment(report.result, wire: report.wire, isQuery: true) {
        case .said(let truth): return try await write(.said(truth), on: payment.id, from: .query, permit, origin)
        case .notFound: throw HostError(.custom("not_found"), "the provider does not know the payment that its own message names")
        case .failed(let problem): throw HostError(.custom(problem.code), "the provider could not be asked")
        }
    }

    private func apply(
        _ event: WebhookEvent, _ news: RefundNews, _ permit: Permit, _ instance: PluginInstance, _ origin: CallOrigin
    ) async throws -> Verdict {
        let found = try await database.read(permit.scope) { tx in
            try (event.providerRefundID ?? news.providerRefundID).flatMap {
                try PaymentRepository(tx).refund(instance: instance.id.description, providerRefundID: $0)
            }
        }
        if let refund = found {
            return try await database.transaction(permit.scope) { tx in
                _ = try self.conclude(refund: refund.id, of: refund.payment, .said(news), isQuery: false, self.book(tx, permit, origin))
                return .applied
            }
        }
        // Not one that we know by name: made in the provider's console, or one of ours whose answer was lost.
        guard let payment = try await find(event, event.providerPaymentID, permit, instance) else { return .ignored("unknown_refund") }
        let verdict = try await verify(payment, event.providerPaymentID, permit, instance, origin)
        _ = try await database.transaction(permit.scope) { tx in try self.hurryRefunds(of: payment.id, in: tx) }
        return verdict
    }

    /// Open refunds without a name at the provider are asked about in the next round.
    private func hurryRefunds(of payment: PaymentID, in tx: TenantTransaction) throws {
        guard try PaymentRepository(tx).lock(payment) != nil else { return }
        for var refund in try PaymentRepository(tx).refunds(of: payment) where refund.reconcileAt != nil && refund.providerRefundID == nil {
            refund.reconcileAt = clock.nowMilliseconds()
            try PaymentRepository(tx).update(refund)
        }
    }

    private func find(_ event: WebhookEvent, _ provider: String?, _ permit: Permit, _ instance: PluginInstance) async throws
        -> PaymentRecord?
    {
        try await database.read(permit.scope) { tx in
            try PaymentRepository(tx).find(
                instance: instance.id.description, providerPaymentID: provider, merchantReference: event.merchantReference)
        }
    }

    private func write(
        _ outcome: GatewayOutcome<PaymentNews>, on id: PaymentID, from source: NewsSource, _ permit: Permit, _ origin: CallOrigin
    ) async throws -> Verdict {
        try await database.transaction(permit.scope) { tx in
            guard let payment = try PaymentRepository(tx).lock(id) else { throw Self.notFound }
            let settled = try self.book(tx, permit, origin).settle(payment, with: outcome, from: source)
            return settled.isLate ? .ignored("late") : .applied
        }
    }

    // MARK: The message

    private func settle(_ event: WebhookEventRecord, of owner: String, _ verdict: Verdict, _ permit: Permit, _ origin: CallOrigin)
        async throws
    {
        let (state, reason): (String, String?) =
            switch verdict {
            case .applied: ("applied", nil)
            case .ignored(let reason): ("ignored", reason)
            }
        try await finish(event, of: owner, state: state, reason: reason, dueAt: nil, permit, origin)
    }

    /// Tried again with growing waits; after the last one it waits for the provider to repeat it.
    private func postpone(
        _ event: WebhookEventRecord, of owner: String, because reason: String, _ permit: Permit, _ origin: CallOrigin
    ) async throws {
        let isLast = event.tries >= Int64(policy.webhookTries)
        let waitMs = Int64(10_000) << min(event.tries, 12)
        try await finish(
            event, of: owner, state: "failed", reason: reason, dueAt: isLast ? nil : clock.nowMilliseconds() + waitMs, permit, origin)
    }

    private func finish(
        _ event: WebhookEventRecord, of owner: String, state: String, reason: String?, dueAt: Int64?, _ permit: Permit, _ origin: CallOrigin
    ) async throws {
        let now = clock.nowMilliseconds()
        try await database.transaction(permit.scope) { tx in
            // Somebody else has taken the message over: their word counts.
            let webhooks = PaymentWebhookRepository(tx)
            guard try webhooks.settle(event, by: owner, state: state, reason: reason, dueAt: dueAt, nowMs: now) else { return }
            var detail: [String: Value] = ["event": .string(event.eventID), "try": .int(event.tries)]
            if let reason { detail["reason"] = .string(reason) }
            try tx.append(
                AuditEvent(
                    occurredAt: now, tenant: permit.scope.tenant, actor: permit.principal.actor, action: "webhook.\(state)",
                    resource: "instance:\(event.instance)", outcome: state == "failed" ? .failure : .success, detail: detail,
                    correlation: origin.correlation))
        }
    }
}
