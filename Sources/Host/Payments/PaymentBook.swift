// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors

internal import Security
internal import Storage
internal import Values

/// Where the news about a payment came from.
enum NewsSource: Sendable, Hashable {
    /// The answer to an operation.
    case answer(String)
    /// The answer to a question of the host's own.
    case query
    /// A verified message of the provider.
    case event(String)

    var text: String {
        switch self {
        case .answer(let operation): operation
        case .query: "get_payment"
        case .event: "webhook"
        }
    }
}

/// The one place where a payment's row, its refunds and the audit trail change together, inside an open transaction.
struct PaymentBook {
    let tx: TenantTransaction
    let actor: String
    let correlation: String
    let address: String?
    let nowMs: Int64
    let schedule: ReconcileSchedule

    var payments: PaymentRepository { PaymentRepository(tx) }

    /// What one piece of news came to.
    struct Settled {
        var payment: PaymentRecord
        var isLate = false
    }

    // MARK: Payments

    /// Writes what an operation or a query came to; `payment` must be locked by this transaction.
    func settle(
        _ payment: PaymentRecord, with outcome: GatewayOutcome<PaymentNews>, from source: NewsSource
    ) throws -> Settled {
        switch outcome {
        case .said(let news): return try take(news, on: payment, from: source)
        case .notFound: return Settled(payment: try lost(payment, from: source))
        case .failed(let problem): return Settled(payment: try failed(payment, problem, from: source))
        }
    }

    /// Puts a payment into doubt: the provider may or may not have acted.
    func doubt(_ payment: PaymentRecord, problem: PaymentProblem, dueAt: Int64?, from source: NewsSource) throws -> PaymentRecord {
        var next = payment
        next.status = PaymentStatus.unknown.rawValue
        try next.note(problem)
        next.reconcileCount = 0
        next.reconcileAt = dueAt ?? schedule.next(afterAsking: 0, nowMs: nowMs)
        return try write(next, over: payment, source: source)
    }

    /// Hands a payment to a human.
    func review(_ payment: PaymentRecord, because reason: ReviewReason, from source: NewsSource) throws -> PaymentRecord {
        var next = payment
        next.status = PaymentStatus.review.rawValue
        next.reviewReason = reason.rawValue
        return try write(next, over: payment, source: source)
    }

    private func take(_ news: PaymentNews, on payment: PaymentRecord, from source: NewsSource) throws -> Settled {
        let truth = try payment.truth()
        if let id = news.proposal.providerPaymentID, truth.status != .review, truth.providerPaymentID == nil,
            try payments.isProviderPaymentTaken(id, instance: payment.instance, byOtherThan: payment.id)
        {
            return Settled(payment: try review(payment, because: .providerPaymentTaken, from: source))
        }
        var next = payment
        switch truth.consider(news.proposal) {
        case .late:
            return Settled(payment: try write(payment, over: payment, source: source), isLate: true)
        case .refuse(let from, let to):
            try audit(
                "payment.transition_refused", payment, .denied,
                ["from": .string(from.rawValue), "to": .string(to.rawValue), "via": .string(source.text)])
            return Settled(payment: payment, isLate: true)
        case .review(let reason, let reviewed):
            next.take(reviewed)
            next.reviewReason = reason.rawValue
        case .advance(let advanced), .refresh(let advanced):
            next.take(advanced)
            try next.note(news.extras, replacing: ["next_action", "decline", "failure"])
            next.expiresAt = news.expiresAtMs ?? payment.expiresAt
            // The provider still says so after the time it gave itself: the host closes it.
            if advanced.status == .authorized, let end = next.expiresAt, end <= nowMs {
                next.status = PaymentStatus.expired.rawValue
            }
        }
        return Settled(payment: try write(next, over: payment, source: source))
    }

    /// The provider is certain that there never was such a payment.
    private func lost(_ payment: PaymentRecord, from source: NewsSource) throws -> PaymentRecord {
        let truth = try payment.truth()
        guard !truth.status.isClosedWithoutMoney, truth.status != .review else { return payment }
        // It was there before: this is another account, or the provider's books changed under us.
        guard truth.providerPaymentID == nil, truth.capturedMinor == 0, truth.status != .succeeded else {
            return try review(payment, because: .lostAtProvider, from: source)
        }
        var next = payment
        next.status = PaymentStatus.canceled.rawValue
        try next.note(
            PaymentProblem(
                code: "not_found", message: "the provider never received this payment", outcome: .notSent, isRetryable: true))
        return try write(next, over: payment, source: source)
    }

    private func failed(_ payment: PaymentRecord, _ problem: PaymentProblem, from source: NewsSource) throws -> PaymentRecord {
        guard case .answer(let operation) = source else { return payment }
        let status = try payment.truth().status
        // A message or another host may have found out meanwhile: what is known is not put into doubt again.
        guard !status.isTerminal, status != .review else { return payment }
        if operation == "create_payment", status != .created, status != .unknown { return payment }
        if problem.outcome == .unknown { return try doubt(payment, problem: problem, dueAt: nil, from: source) }
        var next = payment
        if operation == "create_payment" {
            next.status = PaymentStatus.canceled.rawValue
            try next.note(problem)
        } else if operation == "capture_payment" {
            next.requestedCaptureMinor = payment.capturedMinor > 0 ? payment.capturedMinor : nil
        }
        return try write(next, over: payment, source: source)
    }

    /// Writes the row, keeps its plan for further questions, and audits a change of status.
    private func write(_ record: PaymentRecord, over old: PaymentRecord, source: NewsSource) throws -> PaymentRecord {
        var next = record
        let status = try next.truth().status
        if status != .unknown, next.status != old.status || next.expiresAt != old.expiresAt {
            next.plan(status, schedule: schedule, nowMs: nowMs)
        }
        next.holdsInvoice = try status.holdsInvoice && holds(next)
        guard next != old else { return next }
        next.updatedAt = nowMs
        try payments.update(next)
        if next.status != old.status { try auditChange(of: next, from: old.status, source: source) }
        if old.status == PaymentStatus.unknown.rawValue, status != .unknown { try PaymentAttemptRepository(tx).resolve(next.id) }
        return next
    }

    /// A payment that comes back into a holding state must not push out the one that holds the invoice now.
    private func holds(_ payment: PaymentRecord) throws -> Bool {
        guard let holder = try payments.holder(ofInvoice: payment.invoice) else { return true }
        return holder == payment.id
    }

    private func auditChange(of payment: PaymentRecord, from: String, source: NewsSource) throws {
        let action = payment.status == PaymentStatus.review.rawValue ? "payment.review_required" : "payment.\(payment.status)"
        try audit(
            action, payment, .success,
            [
                "from": .string(from), "via": .string(source.text), "amount_minor": .int(payment.amountMinor),
                "currency": .string(payment.currency), "captured_minor": .int(payment.capturedMinor),
                "review_reason": Value(payment.reviewReason),
            ])
    }

    // MARK: Audit

    /// Adds an event about a payment to the trail.
    func audit(_ action: String, _ payment: PaymentRecord, _ outcome: AuditOutcome, _ detail: [String: Value]) throws {
        try tx.append(event(action, "payment:\(payment.id)", outcome, detail))
    }

    func event(_ action: String, _ resource: String, _ outcome: AuditOutcome, _ detail: [String: Value]) -> AuditEvent {
        AuditEvent(
            occurredAt: nowMs, tenant: tx.scope.tenant, actor: actor, action: action, resource: resource, outcome: outcome,
            detail: detail.filter { !$0.value.isNull }, correlation: correlation, address: address)
    }
}

extension PaymentRecord {
    /// Remembers why an operation did not work.
    mutating func note(_ problem: PaymentProblem) throws {
        try note(["failure": problem.value], replacing: ["next_action"])
    }

    /// Puts members into the detail; those in `replacing` vanish when they are not said again.
    mutating func note(_ members: [String: Value], replacing: [String]) throws {
        var detail = try JSON.parse(self.detail).mapValue ?? [:]
        for name in replacing { detail[name] = nil }
        detail.merge(members) { _, new in new }
        self.detail = JSON.text(.map(detail))
    }

    /// Decides when the host asks by itself again, on entering a status other than unknown.
    fileprivate mutating func plan(_ status: PaymentStatus, schedule: ReconcileSchedule, nowMs: Int64) {
        reconcileCount = 0
        switch status {
        case .processing: reconcileAt = schedule.next(afterAsking: 0, nowMs: nowMs)
        case .authorized, .requiresAction: reconcileAt = expiresAt
        default: reconcileAt = nil
        }
    }
}
