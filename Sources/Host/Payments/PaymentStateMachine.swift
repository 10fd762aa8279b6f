// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors

/// What the host holds to be true about the money of one payment.
package struct PaymentTruth: Sendable, Hashable {
    package var status: PaymentStatus
    package let amountMinor: Int64
    package let currency: String
    package let capture: CaptureMode
    package var capturedMinor: Int64
    package var refundedMinor: Int64
    /// The sum that was asked to be captured, when the host asked; nil before any capture by hand.
    package var requestedCaptureMinor: Int64?
    package var providerPaymentID: String?
    package var lastEventMs: Int64?

    package init(
        status: PaymentStatus, amountMinor: Int64, currency: String, capture: CaptureMode, capturedMinor: Int64 = 0,
        refundedMinor: Int64 = 0, requestedCaptureMinor: Int64? = nil, providerPaymentID: String? = nil, lastEventMs: Int64? = nil
    ) {
        self.status = status
        self.amountMinor = amountMinor
        self.currency = currency
        self.capture = capture
        self.capturedMinor = capturedMinor
        self.refundedMinor = refundedMinor
        self.requestedCaptureMinor = requestedCaptureMinor
        self.providerPaymentID = providerPaymentID
        self.lastEventMs = lastEventMs
    }
}

/// What a plugin says about a payment, already checked against its schema.
package struct PaymentProposal: Sendable, Hashable {
    package var status: PaymentStatus
    package var amountMinor: Int64
    package var currency: String
    package var capturedMinor: Int64
    package var refundedMinor: Int64
    package var providerPaymentID: String?
    package var eventMs: Int64?

    package init(
        status: PaymentStatus, amountMinor: Int64, currency: String, capturedMinor: Int64 = 0, refundedMinor: Int64 = 0,
        providerPaymentID: String? = nil, eventMs: Int64? = nil
    ) {
        self.status = status
        self.amountMinor = amountMinor
        self.currency = currency
        self.capturedMinor = capturedMinor
        self.refundedMinor = refundedMinor
        self.providerPaymentID = providerPaymentID
        self.eventMs = eventMs
    }
}

/// Why a payment needs a human, in words that are safe to show.
package enum ReviewReason: String, Sendable, Hashable {
    case amountDiffers = "amount_differs"
    case currencyDiffers = "currency_differs"
    case capturedDiffers = "captured_differs"
    case capturedShrank = "captured_shrank"
    case refundedExceedsCaptured = "refunded_exceeds_captured"
    case providerPaymentDiffers = "provider_payment_differs"
    case providerPaymentTaken = "provider_payment_taken"
    case moneyOnClosedPayment = "money_on_closed_payment"
    case closedWithMoney = "closed_with_money"
    case lostAtProvider = "lost_at_provider"
    case neverSettled = "never_settled"
    case refundDiffers = "refund_differs"
}

/// What one proposal does to a payment.
package enum PaymentStep: Sendable, Hashable {
    /// The status changes.
    case advance(PaymentTruth)
    /// The status stays, facts about it are newer.
    case refresh(PaymentTruth)
    /// News that was overtaken: nothing changes.
    case late
    /// The contract does not know this change: nothing changes, and it is audited.
    case refuse(from: PaymentStatus, to: PaymentStatus)
    /// The money does not add up: a human has to look.
    case review(ReviewReason, PaymentTruth)
}

extension PaymentTruth {
    /// Judges a proposal; pure, so that every path (answer, query, webhook, recovery) decides alike.
    package func consider(_ proposal: PaymentProposal) -> PaymentStep {
        if status == .review { return .late }
        if let reason = mismatch(proposal) { return review(reason) }
        switch (status, proposal.status) {
        case (_, .created), (_, .unknown), (_, .review):
            return .refuse(from: status, to: proposal.status)
        case (let now, let next) where now.isClosedWithoutMoney:
            if proposal.capturedMinor > 0 || next == .succeeded || next == .partiallyCaptured || next == .authorized {
                return review(.moneyOnClosedPayment)
            }
            return now == next ? refreshed(proposal) : next.isTerminal ? .refuse(from: now, to: next) : .late
        case (.succeeded, .succeeded):
            return refreshed(proposal)
        case (.succeeded, let next):
            return next.isTerminal ? .refuse(from: .succeeded, to: next) : .late
        case (.unknown, let next):
            return proposal.capturedMinor < capturedMinor ? review(.capturedShrank) : advanced(to: next, proposal)
        case (let now, let next):
            if next.rank < now.rank { return .late }
            if next.rank == now.rank, isOlder(proposal) { return .late }
            if proposal.capturedMinor < capturedMinor { return next == now ? .late : review(.capturedShrank) }
            return next == now ? refreshed(proposal) : advanced(to: next, proposal)
        }
    }

    /// True when believing the proposal would count more money as held or taken.
    package func isMoneyIncreasing(_ proposal: PaymentProposal) -> Bool {
        if proposal.capturedMinor > capturedMinor { return true }
        switch proposal.status {
        case .authorized, .partiallyCaptured, .succeeded: return proposal.status.rank > status.rank || status.isClosedWithoutMoney
        default: return false
        }
    }

    /// True when the proposal's money is not the money of this payment.
    package func isMismatch(_ proposal: PaymentProposal) -> Bool { mismatch(proposal) != nil }

    private func mismatch(_ proposal: PaymentProposal) -> ReviewReason? {
        if proposal.currency != currency { return .currencyDiffers }
        if proposal.amountMinor != amountMinor { return .amountDiffers }
        if let known = providerPaymentID, let named = proposal.providerPaymentID, known != named { return .providerPaymentDiffers }
        if proposal.capturedMinor < 0 || proposal.capturedMinor > amountMinor { return .capturedDiffers }
        if proposal.refundedMinor < 0 || proposal.refundedMinor > proposal.capturedMinor { return .refundedExceedsCaptured }
        switch proposal.status {
        case .succeeded:
            let expected = capture == .automatic ? amountMinor : requestedCaptureMinor ?? proposal.capturedMinor
            return proposal.capturedMinor == expected && expected > 0 ? nil : .capturedDiffers
        case .partiallyCaptured:
            return proposal.capturedMinor > 0 && proposal.capturedMinor < amountMinor ? nil : .capturedDiffers
        case .requiresAction, .authorized:
            return proposal.capturedMinor == 0 ? nil : .capturedDiffers
        case .declined, .canceled, .expired:
            // Late news about a closed payment is compared with what was taken, not held against it.
            return proposal.capturedMinor == 0 && (capturedMinor == 0 || status.isTerminal) ? nil : .closedWithMoney
        default:
            return nil
        }
    }

    /// Events of one rank carry no order of their own; the provider's clock has to give one.
    private func isOlder(_ proposal: PaymentProposal) -> Bool {
        guard let last = lastEventMs, let this = proposal.eventMs else { return false }
        return this < last
    }

    private func review(_ reason: ReviewReason) -> PaymentStep {
        var next = self
        next.status = .review
        return .review(reason, next)
    }

    private func advanced(to status: PaymentStatus, _ proposal: PaymentProposal) -> PaymentStep {
        .advance(taking(proposal, status: status))
    }

    private func refreshed(_ proposal: PaymentProposal) -> PaymentStep {
        if proposal.capturedMinor < capturedMinor { return .late }
        let next = taking(proposal, status: status)
        return .refresh(next)
    }

    private func taking(_ proposal: PaymentProposal, status: PaymentStatus) -> PaymentTruth {
        var next = self
        next.status = status
        next.capturedMinor = proposal.capturedMinor
        next.refundedMinor = max(refundedMinor, proposal.refundedMinor)
        next.providerPaymentID = providerPaymentID ?? proposal.providerPaymentID
        if let event = proposal.eventMs { next.lastEventMs = max(event, lastEventMs ?? event) }
        return next
    }
}
