// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors

internal import Security
internal import Storage
internal import Values

extension PaymentBook {
    /// Writes what a refund came to; its payment must be locked by this transaction.
    func settle(_ refund: RefundRecord, with outcome: GatewayOutcome<RefundNews>, isQuery: Bool) throws -> RefundRecord {
        var next = refund
        switch outcome {
        case .said(let news):
            let step = try refund.word().consider(
                news.status, proposedMinor: news.amountMinor, proposedCurrency: news.currency, amountMinor: refund.amountMinor,
                currency: refund.currency)
            switch step {
            case .late, .refuse: return refund
            case .unchanged: break
            case .advance(let status): next.status = status.rawValue
            case .review: next.status = RefundStatus.review.rawValue
            }
            if let id = news.providerRefundID { next.providerRefundID = refund.providerRefundID ?? id }
            if news.status == .failed || news.status == .canceled {
                next.detail = JSON.text([
                    "failure": [
                        "code": "refund_failed", "message": .string(news.reason ?? "the provider did not carry out the refund"),
                        "outcome": "rejected", "retryable": false,
                    ]
                ])
            }
        case .notFound:
            guard try !refund.word().isTerminal else { return refund }
            if refund.providerRefundID != nil {
                next.status = RefundStatus.review.rawValue
            } else {
                next.status = RefundStatus.failed.rawValue
                next.note(
                    PaymentProblem(
                        code: "not_found", message: "the provider never received this refund", outcome: .notSent, isRetryable: true))
            }
        case .failed(let problem):
            // A message may have found out meanwhile.
            let status = try refund.word()
            guard !isQuery, !status.isTerminal, status != .review else { return refund }
            next.status = (problem.outcome == .unknown ? RefundStatus.unknown : .failed).rawValue
            next.note(problem)
        }
        return try write(next, over: refund)
    }

    /// Puts a refund into doubt.
    func doubt(_ refund: RefundRecord, problem: PaymentProblem, dueAt: Int64) throws -> RefundRecord {
        var next = refund
        next.status = RefundStatus.unknown.rawValue
        next.note(problem)
        next.reconcileCount = 0
        next.reconcileAt = dueAt
        return try write(next, over: refund)
    }

    /// Hands a refund to a human.
    func review(_ refund: RefundRecord) throws -> RefundRecord {
        var next = refund
        next.status = RefundStatus.review.rawValue
        return try write(next, over: refund)
    }

    private func write(_ record: RefundRecord, over old: RefundRecord) throws -> RefundRecord {
        var next = record
        next.updatedAt = nowMs
        let status = try next.word()
        if status == .unknown || status == .pending {
            if next.reconcileAt == nil { next.reconcileAt = schedule.next(afterAsking: 0, nowMs: nowMs) }
        } else {
            next.reconcileAt = nil
        }
        try payments.update(next)
        if next.status != old.status {
            try tx.append(
                event(
                    status == .review ? "refund.review_required" : "refund.\(next.status)", "refund:\(next.id)",
                    status == .failed ? .failure : .success,
                    [
                        "payment": .string(next.payment.description), "from": .string(old.status), "amount_minor": .int(next.amountMinor),
                        "currency": .string(next.currency),
                    ]))
            if status == .succeeded { try addRefund(next) }
        }
        return next
    }

    /// Our own refunds count at once, without waiting for the provider to say so.
    private func addRefund(_ refund: RefundRecord) throws {
        guard var payment = try payments.find(refund.payment) else { return }
        let done = try payments.refunds(of: refund.payment).filter { $0.status == RefundStatus.succeeded.rawValue }
        payment.refundedMinor = max(payment.refundedMinor, done.reduce(0) { $0 + $1.amountMinor })
        payment.updatedAt = nowMs
        try payments.update(payment)
    }
}

extension RefundRecord {
    fileprivate mutating func note(_ problem: PaymentProblem) {
        detail = JSON.text(["failure": problem.value])
    }
}
