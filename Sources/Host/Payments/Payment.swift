// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors

public import Security
public import Values

/// A payment as a panel sees it.
public struct Payment: Sendable, Hashable {
    /// The payment.
    public let id: PaymentID
    /// Where it stands.
    public let status: PaymentStatus
    /// The whole of it: snake_case members, money as `{"amount_minor":1230,"currency":"EUR"}`.
    public let value: Value

    init(id: PaymentID, status: PaymentStatus, value: Value) {
        self.id = id
        self.status = status
        self.value = value
    }

    /// Reads back what was kept of an answer.
    init?(_ value: Value) {
        guard let id = value["id"]?.stringValue.flatMap({ PaymentID($0) }),
            let status = value["status"]?.stringValue.flatMap(PaymentStatus.init(rawValue:))
        else { return nil }
        self.init(id: id, status: status, value: value)
    }

    /// What the customer has to do next, if anything.
    public var nextAction: Value? { value["next_action"] }
    /// Why the provider declined, if it did.
    public var decline: Value? { value["decline"] }
    /// What went wrong on the way to the provider, if anything.
    public var failure: Value? { value["failure"] }
    /// The sum taken so far, in minor units.
    public var capturedMinor: Int64 { value["captured"]?["amount_minor"]?.intValue ?? 0 }
    /// The sum given back so far, in minor units.
    public var refundedMinor: Int64 { value["refunded"]?["amount_minor"]?.intValue ?? 0 }
    /// The provider's id.
    public var providerPaymentID: String? { value["provider_payment_id"]?.stringValue }
}

/// A refund as a panel sees it.
public struct Refund: Sendable, Hashable {
    /// The refund.
    public let id: RefundID
    /// Where it stands.
    public let status: RefundStatus
    /// The whole of it.
    public let value: Value

    init(id: RefundID, status: RefundStatus, value: Value) {
        self.id = id
        self.status = status
        self.value = value
    }

    init?(_ value: Value) {
        guard let id = value["id"]?.stringValue.flatMap({ RefundID($0) }),
            let status = value["status"]?.stringValue.flatMap(RefundStatus.init(rawValue:))
        else { return nil }
        self.init(id: id, status: status, value: value)
    }
}

/// What an operation on a payment came to.
public struct PaymentReply: Sendable, Hashable {
    /// What a transport answers by.
    public enum Disposition: String, Sendable, Hashable {
        /// The provider has answered; a decline is an answer, too.
        case done
        /// The provider may or may not have acted: the host is finding out.
        case unknown
        /// Nothing has happened at the provider; `problem` says why.
        case failed
    }

    /// How it ended.
    public let disposition: Disposition
    /// The payment as it was at the end of the operation.
    public let payment: Payment
    /// The refund, when the operation was one.
    public let refund: Refund?
    /// Why it failed or is unknown.
    public let problem: PaymentProblem?
    /// True when this answer was given before, to the same Idempotency-Key.
    public let isReplay: Bool

    init(disposition: Disposition, payment: Payment, refund: Refund? = nil, problem: PaymentProblem? = nil, isReplay: Bool = false) {
        self.disposition = disposition
        self.payment = payment
        self.refund = refund
        self.problem = problem
        self.isReplay = isReplay
    }

    /// The refund for refunds, else the payment: the body of an answer.
    public var value: Value { refund?.value ?? payment.value }
}

extension PaymentReply {
    /// The text under which the answer is kept for a repeated request.
    var stored: String {
        JSON.text(
            .compact([
                "disposition": .string(disposition.rawValue), "payment": payment.value, "refund": refund?.value, "problem": problem?.value,
            ]))
    }

    /// Reads an answer back.
    init(replaying stored: String) throws {
        let value = try JSON.parse(stored)
        guard let disposition = value["disposition"]?.stringValue.flatMap(Disposition.init(rawValue:)),
            let payment = value["payment"].flatMap(Payment.init)
        else { throw HostError(.unavailable, "the stored answer cannot be read") }
        self.init(
            disposition: disposition, payment: payment, refund: value["refund"].flatMap(Refund.init),
            problem: value["problem"].flatMap(PaymentProblem.init), isReplay: true)
    }
}

extension PaymentProblem {
    /// The members of `failure` in a payment, and of a stored answer.
    var value: Value {
        .compact([
            "code": .string(code), "message": .string(message), "outcome": .string(outcome.rawValue), "retryable": .bool(isRetryable),
            "retry_after_s": retryAfterSeconds.map { Value($0) },
        ])
    }

    init?(_ value: Value) {
        guard let code = value["code"]?.stringValue, let message = value["message"]?.stringValue,
            let outcome = value["outcome"]?.stringValue.flatMap(Outcome.init(rawValue:))
        else { return nil }
        self.init(
            code: code, message: message, outcome: outcome, isRetryable: value["retryable"]?.boolValue ?? false,
            retryAfterSeconds: value["retry_after_s"]?.intValue.map { Int(clamping: $0) })
    }
}
