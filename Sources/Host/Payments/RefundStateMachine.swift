// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors

/// What one proposal does to a refund.
package enum RefundStep: Sendable, Hashable {
    case advance(RefundStatus)
    case unchanged
    case late
    case refuse(from: RefundStatus, to: RefundStatus)
    case review(ReviewReason)
}

extension RefundStatus {
    /// Judges what a provider says about a refund of `amountMinor`.
    package func consider(
        _ next: RefundStatus, proposedMinor: Int64, proposedCurrency: String, amountMinor: Int64, currency: String
    ) -> RefundStep {
        if self == .review { return .late }
        guard proposedMinor == amountMinor, proposedCurrency == currency else { return .review(.refundDiffers) }
        switch (self, next) {
        case (_, .created), (_, .unknown), (_, .review): return .refuse(from: self, to: next)
        case _ where self == next: return .unchanged
        case (.created, _), (.unknown, _), (.pending, _): return .advance(next)
        // Money that came back, or went out after all: the books were closed on something else.
        case (.succeeded, .failed), (.succeeded, .canceled), (.failed, .succeeded), (.canceled, .succeeded): return .review(.refundDiffers)
        case (_, .pending): return .late
        default: return .refuse(from: self, to: next)
        }
    }
}

/// How much of a payment may still go back to the customer.
package struct RefundAccount: Sendable, Hashable {
    package let capturedMinor: Int64
    /// Refunds of ours that are done or may be: every one that is neither failed nor canceled.
    package let committedMinor: Int64
    /// What the provider counts; more than ours when somebody refunded in the provider's own console.
    package let providerRefundedMinor: Int64

    package init(capturedMinor: Int64, refunds: [(amountMinor: Int64, status: RefundStatus)], providerRefundedMinor: Int64) {
        self.capturedMinor = capturedMinor
        // Each amount was checked against the captured sum when it was committed, so the sum cannot overflow.
        self.committedMinor = refunds.filter(\.status.countsAgainstCapture).reduce(0) { $0 &+ $1.amountMinor }
        self.providerRefundedMinor = providerRefundedMinor
    }

    /// What is left to refund; never negative.
    package var remainingMinor: Int64 { max(0, capturedMinor - max(committedMinor, providerRefundedMinor)) }

    /// True when a further refund keeps the sum within what was captured.
    package func allows(_ amountMinor: Int64) -> Bool { amountMinor > 0 && amountMinor <= remainingMinor }
}
