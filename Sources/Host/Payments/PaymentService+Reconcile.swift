// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors

internal import PluginAPI
public import Security
internal import Storage
internal import Values

extension PaymentService {
    /// Asks the provider where a payment and its open refunds stand.
    public func sync(_ permit: Permit, _ id: PaymentID, origin: CallOrigin) async throws -> PaymentReply {
        try demand(.invokePayment, permit, on: id)
        guard let payment = try await database.readOne(permit.scope, { tx in try PaymentRepository(tx).find(id) }) else {
            try await denyUnknown(permit, id, action: "payment.sync", origin: origin)
            throw Self.notFound
        }
        let status = try payment.truth().status
        var reply: PaymentReply?
        if status != .review, !status.isClosedWithoutMoney {
            reply = try await ask(permit, payment, origin, claim: nil)
        }
        for refund in try await database.readOne(permit.scope, { tx in try PaymentRepository(tx).refunds(of: id) }) where try refund.isOpen
        {
            let asked = try await ask(permit, refund, of: payment, origin, claim: nil)
            if reply?.problem == nil, let problem = asked.problem {
                reply = PaymentReply(disposition: asked.disposition, payment: asked.payment, problem: problem)
            }
        }
        let view = try await database.read(permit.scope) { tx in try Self.view(id, in: tx) }
        guard let view else { throw Self.notFound }
        return PaymentReply(disposition: reply?.disposition ?? .done, payment: view, problem: reply?.problem)
    }

    /// One question about a payment.
    ///
    /// Nothing else may be at work on it: an answer of "not found" must not overtake a charge.
    private func ask(_ permit: Permit, _ payment: PaymentRecord, _ origin: CallOrigin, claim: PaymentQueue.Claim?) async throws
        -> PaymentReply
    {
        let instance = try await gateways.instance(permit, payment.instance)
        let call = query(permit, payment, instance, origin)
        let now = clock.nowMilliseconds()
        return try await make(call) { tx in
            guard var locked = try PaymentRepository(tx).lock(payment.id) else { throw Self.notFound }
            guard let claim else { return }
            guard try PaymentRepository(tx).redeem(claim, of: .payments), let due = locked.reconcileAt, due <= now else { throw Self.busy }
            // Counted before it is asked: a question that kills its host must not be asked for ever.
            locked.countQuestion(self.policy.schedule, nowMs: now)
            try PaymentRepository(tx).update(locked)
        } conclude: { tx, report in
            let book = self.book(tx, permit, origin)
            let outcome = self.judge(instance).payment(report.result, wire: report.wire, isQuery: true)
            let reply = try self.conclude(payment.id, outcome, from: .query, book)
            let patience = try self.reviewIfExhausted(payment.id, book)
            guard case .failed(let problem) = outcome else { return patience ?? reply }
            let view = patience?.payment ?? reply.payment
            return PaymentReply(disposition: view.status == .unknown ? .unknown : .failed, payment: view, problem: problem)
        }
    }

    func query(_ permit: Permit, _ payment: PaymentRecord, _ instance: PluginInstance, _ origin: CallOrigin) -> PaymentCall {
        PaymentCall(
            permit: permit, origin: origin, instance: instance, operation: "get_payment", payment: payment.id,
            request: .compact([
                "payment_id": .string(payment.id.description), "merchant_reference": .string(payment.merchantReference),
                "provider_payment_id": payment.providerPaymentID.map(Value.string),
            ]),
            providerKey: providerKey(permit, payment, "get_payment", amountMinor: payment.amountMinor, group: "0"), group: nil)
    }

    /// When nobody has found out after all the questions of the schedule, a human has to.
    private func reviewIfExhausted(_ id: PaymentID, _ book: PaymentBook) throws -> PaymentReply? {
        guard let payment = try PaymentRepository(book.tx).find(id) else { return nil }
        let status = try payment.truth().status
        guard status.needsReconciling, payment.reconcileAt == nil else { return nil }
        let reviewed = try book.review(payment, because: .neverSettled, from: .query)
        let view = try reviewed.view(refunds: try PaymentRepository(book.tx).refunds(of: id))
        return PaymentReply(disposition: .done, payment: view)
    }

    private func ask(
        _ permit: Permit, _ refund: RefundRecord, of payment: PaymentRecord, _ origin: CallOrigin, claim: PaymentQueue.Claim?
    ) async throws -> PaymentReply {
        let instance = try await gateways.instance(permit, payment.instance)
        let call = PaymentCall(
            permit: permit, origin: origin, instance: instance, operation: "get_refund", payment: payment.id, refund: refund.id,
            request: .compact([
                "refund_id": .string(refund.id.description), "provider_refund_id": refund.providerRefundID.map(Value.string),
                "provider_payment_id": payment.providerPaymentID.map(Value.string),
            ]),
            providerKey: providerKey(permit, payment, "get_refund", amountMinor: refund.amountMinor, group: refund.id.description),
            group: nil)
        let now = clock.nowMilliseconds()
        return try await make(call) { tx in
            guard try PaymentRepository(tx).lock(payment.id) != nil, var locked = try PaymentRepository(tx).refund(refund.id) else {
                throw Self.notFound
            }
            guard let claim else { return }
            guard try PaymentRepository(tx).redeem(claim, of: .refunds), let due = locked.reconcileAt, due <= now else { throw Self.busy }
            locked.countQuestion(self.policy.schedule, nowMs: now)
            try PaymentRepository(tx).update(locked)
        } conclude: { tx, report in
            let book = self.book(tx, permit, origin)
            let outcome = self.judge(instance).refund(report.result, wire: report.wire, isQuery: true)
            let reply = try self.conclude(refund: refund.id, of: payment.id, outcome, isQuery: true, book)
            if claim != nil, let asked = try PaymentRepository(tx).refund(refund.id), try asked.isOpen,
                Int(asked.reconcileCount) >= self.policy.schedule.waits.count
            {
                _ = try book.review(asked)
            }
            return reply
        }
    }

    // MARK: Without a caller

    /// Asks about what is due, at most `limit` payments and as many refunds; answers how many questions were put.
    ///
    /// Each is claimed by one host, for as long as its turn can take.
    @discardableResult
    package func reconcileDue(limit: Int = 100) async throws -> Int {
        let now = clock.nowMilliseconds()
        let (owner, until) = (run.description, now + policy.lease.components.seconds * 1_000)
        let (payments, refunds) = try await database.platform(system.platform("reconcile payments")) { tx in
            let queue = PaymentQueue(tx)
            return (
                try queue.claimPayments(by: owner, nowMs: now, until: until, limit: limit),
                try queue.claimRefunds(by: owner, nowMs: now, until: until, limit: limit)
            )
        }
        try await eachOf(payments) { try await self.reconcile(payment: $0) }
        try await eachOf(refunds) { try await self.reconcile(refund: $0) }
        return payments.count + refunds.count
    }

    /// A few at a time: one slow provider must not keep the others waiting, and all at once would be a crowd.
    private func eachOf(_ items: [PaymentQueue.Claim], _ body: @escaping @Sendable (PaymentQueue.Claim) async throws -> Void) async throws {
        try await withThrowingTaskGroup(of: Void.self) { group in
            var waiting = items.makeIterator()
            for _ in 0..<8 {
                guard let item = waiting.next() else { break }
                group.addTask { try await body(item) }
            }
            while try await group.next() != nil {
                if let item = waiting.next() { group.addTask { try await body(item) } }
            }
        }
    }

    private func reconcile(payment claim: PaymentQueue.Claim) async throws {
        let (permit, origin) = job(claim.item.tenant)
        guard let id = PaymentID(claim.item.id),
            let payment = try await database.readOne(permit.scope, { tx in try PaymentRepository(tx).find(id) })
        else { return }
        do {
            _ = try await ask(permit, payment, origin, claim: claim)
        } catch is CancellationError {
            throw CancellationError()
        } catch {
            // Whatever it was, it must not come first again in every round.
            try await postpone(payment: id, claim, isBusy: (error as? HostError)?.code == .paymentBusy, permit, origin)
        }
    }

    private func reconcile(refund claim: PaymentQueue.Claim) async throws {
        let (permit, origin) = job(claim.item.tenant)
        let found = try await database.read(permit.scope) { tx -> (RefundRecord, PaymentRecord)? in
            guard let id = RefundID(claim.item.id), let refund = try PaymentRepository(tx).refund(id),
                let payment = try PaymentRepository(tx).find(refund.payment)
            else { return nil }
            return (refund, payment)
        }
        guard let (refund, payment) = found else { return }
        do {
            _ = try await ask(permit, refund, of: payment, origin, claim: claim)
        } catch is CancellationError {
            throw CancellationError()
        } catch {
            // Whatever it was, it must not come first again in every round.
            let isBusy = (error as? HostError)?.code == .paymentBusy
            try await postpone(refund: refund.id, of: payment.id, claim, isBusy: isBusy, permit, origin)
        }
    }

    /// A question that could not even be put, for example since the plugin is disabled, counts like one without an answer; one that another
    /// call was in the way of does not.
    private func postpone(
        payment id: PaymentID, _ claim: PaymentQueue.Claim, isBusy: Bool, _ permit: Permit, _ origin: CallOrigin
    ) async throws {
        let now = clock.nowMilliseconds()
        try await database.transaction(permit.scope) { tx in
            guard var payment = try PaymentRepository(tx).lock(id), try PaymentRepository(tx).redeem(claim, of: .payments), !isBusy,
                let due = payment.reconcileAt, due <= now
            else { return }
            payment.countQuestion(self.policy.schedule, nowMs: now)
            try PaymentRepository(tx).update(payment)
            _ = try self.reviewIfExhausted(id, self.book(tx, permit, origin))
        }
    }

    private func postpone(
        refund id: RefundID, of payment: PaymentID, _ claim: PaymentQueue.Claim, isBusy: Bool, _ permit: Permit, _ origin: CallOrigin
    ) async throws {
        let now = clock.nowMilliseconds()
        try await database.transaction(permit.scope) { tx in
            guard try PaymentRepository(tx).lock(payment) != nil, try PaymentRepository(tx).redeem(claim, of: .refunds), !isBusy,
                var refund = try PaymentRepository(tx).refund(id), let due = refund.reconcileAt, due <= now
            else { return }
            refund.countQuestion(self.policy.schedule, nowMs: now)
            try PaymentRepository(tx).update(refund)
            if refund.reconcileAt == nil { _ = try self.book(tx, permit, origin).review(refund) }
        }
    }

    func job(_ tenant: TenantID) -> (Permit, CallOrigin) {
        (system.permit(.invokePayment, in: tenant, as: "payment-reconciler"), CallOrigin(correlation: CallID.make().description))
    }
}

extension PaymentRecord {
    /// Plans the next question; none when the schedule is at its end.
    fileprivate mutating func countQuestion(_ schedule: ReconcileSchedule, nowMs: Int64) {
        reconcileCount += 1
        // An authorization that ran out is asked about until the provider answers, a day apart at most.
        let isHeld = status == PaymentStatus.authorized.rawValue
        reconcileAt = schedule.next(afterAsking: Int(reconcileCount), nowMs: nowMs) ?? (isHeld ? nowMs + 86_400_000 : nil)
    }
}

extension RefundRecord {
    /// True while the provider has not said its last word.
    var isOpen: Bool {
        get throws { try [.created, .pending, .unknown].contains(word()) }
    }

    fileprivate mutating func countQuestion(_ schedule: ReconcileSchedule, nowMs: Int64) {
        reconcileCount += 1
        reconcileAt = schedule.next(afterAsking: Int(reconcileCount), nowMs: nowMs)
    }
}
