// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors

package import PluginAPI
package import Values

/// What one call to a provider came to, after the host has weighed the plugin's words against what it saw itself.
package enum GatewayOutcome<Said: Sendable & Hashable>: Sendable, Hashable {
    /// The provider's answer.
    case said(Said)
    /// The provider is certain that it never heard of it; only queries come to this.
    case notFound
    /// No answer that could be used.
    case failed(PaymentProblem)
}

/// What a plugin says about a payment, and what it adds for people.
package struct PaymentNews: Sendable, Hashable {
    package var proposal: PaymentProposal
    /// next_action, decline, method, fee, dashboard_url: as the contract describes them.
    package var extras: [String: Value]
    package var expiresAtMs: Int64?

    package init(proposal: PaymentProposal, extras: [String: Value] = [:], expiresAtMs: Int64? = nil) {
        self.proposal = proposal
        self.extras = extras
        self.expiresAtMs = expiresAtMs
    }
}

/// What a plugin says about a refund.
package struct RefundNews: Sendable, Hashable {
    package var status: RefundStatus
    package var amountMinor: Int64
    package var currency: String
    package var providerRefundID: String?
    package var reason: String?

    package init(status: RefundStatus, amountMinor: Int64, currency: String, providerRefundID: String? = nil, reason: String? = nil) {
        self.status = status
        self.amountMinor = amountMinor
        self.currency = currency
        self.providerRefundID = providerRefundID
        self.reason = reason
    }
}

/// Weighs a plugin's result against the contract and the wire.
///
/// Pure.
package struct PaymentJudge: Sendable {
    /// Where the plugin may send customers.
    package let links: LinkRule

    /// A judge for one instance.
    package init(links: LinkRule) { self.links = links }

    /// Judges the result of an operation on a payment.
    package func payment(_ result: Result<Value, PluginFailure>, wire: WireTrace, isQuery: Bool) -> GatewayOutcome<PaymentNews> {
        Self.judge(result, wire: wire, isQuery: isQuery) { value throws(SchemaViolations) in
            PaymentNews(try PaymentResult(validating: value, links: links))
        }
    }

    /// Judges the result of an operation on a refund.
    package func refund(_ result: Result<Value, PluginFailure>, wire: WireTrace, isQuery: Bool) -> GatewayOutcome<RefundNews> {
        Self.judge(result, wire: wire, isQuery: isQuery) { value throws(SchemaViolations) in RefundNews(try RefundResult(validating: value))
        }
    }

    private static func judge<Said>(
        _ result: Result<Value, PluginFailure>, wire: WireTrace, isQuery: Bool, reading: (Value) throws(SchemaViolations) -> Said
    ) -> GatewayOutcome<Said> {
        switch result {
        case .success(let value):
            do throws(SchemaViolations) {
                return .said(try reading(value))
            } catch {
                let failure = PluginFailure.contractViolation(error, outcome: wire.mutatingBytesLeft ? .unknown : .notSent)
                return .failed(PaymentProblem(failure, outcome: outcome(failure, wire: wire)))
            }
        case .failure(let failure):
            let problem = PaymentProblem(failure, outcome: outcome(failure, wire: wire))
            return isQuery && failure.code == .notFound ? .notFound : .failed(problem)
        }
    }

    /// The wire has the last word: a claim that nothing was sent does not stand against bytes that left.
    private static func outcome(_ failure: PluginFailure, wire: WireTrace) -> PaymentProblem.Outcome {
        let claimed = PaymentProblem.Outcome(rawValue: failure.outcome.rawValue) ?? .unknown
        if !wire.mutatingBytesLeft { return claimed == .rejected ? .rejected : .notSent }
        // A request that never came back may have been carried out, whatever the plugin makes of it.
        if wire.mutatingInFlight > 0 || claimed == .notSent { return .unknown }
        return claimed
    }
}

extension PaymentNews {
    /// What the state machine and the panel need of a result.
    init(_ result: PaymentResult) {
        let status = PaymentStatus(rawValue: result.status.rawValue) ?? .unknown
        let names = ["next_action", "decline", "method", "fee", "dashboard_url"]
        self.init(
            proposal: PaymentProposal(
                status: status, amountMinor: result.amount.minor, currency: result.amount.currency.code,
                capturedMinor: result.capturedMinor,
                refundedMinor: result.refundedMinor, providerPaymentID: result.providerPaymentID, eventMs: result.providerEventTime),
            extras: (result.value.mapValue ?? [:]).filter { names.contains($0.key) && !$0.value.isNull }, expiresAtMs: result.expiresAt)
    }
}

extension RefundNews {
    init(_ result: RefundResult) {
        self.init(
            status: RefundStatus(rawValue: result.status.rawValue) ?? .unknown, amountMinor: result.amount.minor,
            currency: result.amount.currency.code, providerRefundID: result.providerRefundID, reason: result.failureReason)
    }
}

extension PaymentProblem {
    init(_ failure: PluginFailure, outcome: Outcome) {
        self.init(
            code: failure.code.rawValue, message: failure.message, outcome: outcome, isRetryable: failure.isRetryable,
            retryAfterSeconds: failure.retryAfterSeconds.map { Int(clamping: $0) })
    }
}
