// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors

import Host
import Testing

@Suite("Payment states")
struct PaymentStateMachineTests {
    private func truth(
        _ status: PaymentStatus, amount: Int64 = 1_230, captured: Int64 = 0, capture: CaptureMode = .automatic, requested: Int64? = nil,
        provider: String? = nil, event: Int64? = nil
    ) -> PaymentTruth {
        PaymentTruth(
            status: status, amountMinor: amount, currency: "EUR", capture: capture, capturedMinor: captured,
            requestedCaptureMinor: requested, providerPaymentID: provider, lastEventMs: event)
    }

    private func says(
        _ status: PaymentStatus, amount: Int64 = 1_230, currency: String = "EUR", captured: Int64? = nil, refunded: Int64 = 0,
        provider: String? = "pi_1", event: Int64? = nil
    ) -> PaymentProposal {
        PaymentProposal(
            status: status, amountMinor: amount, currency: currency, capturedMinor: captured ?? (status == .succeeded ? amount : 0),
            refundedMinor: refunded, providerPaymentID: provider, eventMs: event)
    }

    private func status(after step: PaymentStep, _ before: PaymentStatus) -> PaymentStatus {
        switch step {
        case .advance(let next), .refresh(let next), .review(_, let next): next.status
        case .late, .refuse: before
        }
    }

    @Test(
        "go forward as the contract draws them",
        arguments: [
            (PaymentStatus.created, PaymentStatus.requiresAction), (.created, .processing), (.created, .authorized), (.created, .succeeded),
            (.created, .declined), (.requiresAction, .processing), (.processing, .requiresAction), (.requiresAction, .succeeded),
            (.processing, .declined), (.authorized, .succeeded), (.authorized, .canceled), (.authorized, .expired),
            (.unknown, .requiresAction),
            (.unknown, .processing), (.unknown, .authorized), (.unknown, .succeeded), (.unknown, .declined), (.unknown, .canceled),
        ])
    func forward(from: PaymentStatus, to: PaymentStatus) {
        #expect(status(after: truth(from).consider(says(to)), from) == to)
    }

    @Test(
        "never go back on late news",
        arguments: [
            (PaymentStatus.succeeded, PaymentStatus.processing), (.succeeded, .requiresAction), (.succeeded, .authorized),
            (.authorized, .requiresAction), (.authorized, .processing), (.declined, .processing), (.canceled, .requiresAction),
            (.expired, .processing),
        ])
    func late(from: PaymentStatus, to: PaymentStatus) {
        let captured: Int64 = from == .succeeded ? 1_230 : 0

        #expect(truth(from, captured: captured).consider(says(to)) == .late)
    }

    @Test(
        "refuse to leave a terminal state for another",
        arguments: [
            (PaymentStatus.succeeded, PaymentStatus.declined), (.succeeded, .canceled), (.declined, .canceled), (.canceled, .expired),
        ])
    func refused(from: PaymentStatus, to: PaymentStatus) {
        let captured: Int64 = from == .succeeded ? 1_230 : 0

        #expect(truth(from, captured: captured).consider(says(to)) == .refuse(from: from, to: to))
    }

    @Test("refuse words that only the host may use", arguments: [PaymentStatus.created, .unknown, .review])
    func hostWords(word: PaymentStatus) {
        #expect(truth(.processing).consider(says(word)) == .refuse(from: .processing, to: word))
    }

    @Test(
        "hand money that does not add up to a human",
        arguments: [
            ("a dollar for two thousand", 200_000, 100, "EUR", Int64?.none, Int64(0), "amount_differs"),
            ("another currency", 1_230, 1_230, "USD", nil, 0, "currency_differs"),
            ("less captured than asked", 1_230, 1_230, "EUR", 1_000, 0, "captured_differs"),
            ("more captured than asked", 1_230, 1_230, "EUR", 1_231, 0, "captured_differs"),
            ("more refunded than captured", 1_230, 1_230, "EUR", 1_230, 1_231, "refunded_exceeds_captured"),
        ] as [(String, Int64, Int64, String, Int64?, Int64, String)])
    func mismatch(what: String, ours: Int64, theirs: Int64, currency: String, captured: Int64?, refunded: Int64, reason: String) {
        let step = truth(.processing, amount: ours).consider(
            says(.succeeded, amount: theirs, currency: currency, captured: captured, refunded: refunded))

        guard case .review(let found, let next) = step else { return #expect(Bool(false), "\(what): \(step)") }
        #expect(found.rawValue == reason)
        #expect(next.status == .review)
    }

    @Test("hand money on a closed payment to a human", arguments: [PaymentStatus.declined, .canceled, .expired])
    func moneyOnClosed(closed: PaymentStatus) {
        guard case .review(let reason, _) = truth(closed).consider(says(.succeeded)) else { return #expect(Bool(false)) }
        #expect(reason == .moneyOnClosedPayment)
    }

    @Test("take another payment's id for a mismatch")
    func otherProviderPayment() {
        guard case .review(let reason, _) = truth(.processing, provider: "pi_1").consider(says(.succeeded, provider: "pi_2")) else {
            return #expect(Bool(false))
        }
        #expect(reason == .providerPaymentDiffers)
    }

    @Test("hold a capture by hand against what was asked for")
    func capturedByHand() {
        let waiting = truth(.authorized, capture: .manual, requested: 800)

        #expect(status(after: waiting.consider(says(.succeeded, captured: 800)), .authorized) == .succeeded)
        #expect(status(after: waiting.consider(says(.succeeded, captured: 900)), .authorized) == .review)
        #expect(status(after: truth(.authorized, capture: .manual).consider(says(.succeeded, captured: 500)), .authorized) == .succeeded)
    }

    @Test("order events of one rank by the provider's clock")
    func eventOrder() {
        let now = truth(.requiresAction, event: 2_000)

        #expect(now.consider(says(.processing, event: 1_999)) == .late)
        #expect(status(after: now.consider(says(.processing, event: 2_001)), .requiresAction) == .processing)
    }

    @Test("leave review only to a human", arguments: PaymentStatus.allCases)
    func reviewStays(next: PaymentStatus) {
        #expect(truth(.review).consider(says(next)) == .late)
    }

    @Test(
        "carry yen, thousandths and the largest amount",
        arguments: [("JPY", 80), ("KWD", 1_234), ("EUR", 9_007_199_254_740_991)] as [(String, Int64)])
    func amounts(currency: String, minor: Int64) {
        let payment = PaymentTruth(status: .processing, amountMinor: minor, currency: currency, capture: .automatic)

        let step = payment.consider(PaymentProposal(status: .succeeded, amountMinor: minor, currency: currency, capturedMinor: minor))

        guard case .advance(let next) = step else { return #expect(Bool(false)) }
        #expect(next.capturedMinor == minor)
    }

    @Test("say which claims bring money")
    func moneyIncreasing() {
        #expect(truth(.processing).isMoneyIncreasing(says(.succeeded)))
        #expect(truth(.processing).isMoneyIncreasing(says(.authorized)))
        #expect(truth(.canceled).isMoneyIncreasing(says(.authorized)))
        #expect(truth(.unknown).isMoneyIncreasing(says(.succeeded)))
        #expect(!truth(.succeeded, captured: 1_230).isMoneyIncreasing(says(.succeeded)))
        #expect(!truth(.processing).isMoneyIncreasing(says(.declined)))
    }
}

@Suite("Refund states")
struct RefundStateMachineTests {
    private func step(_ from: RefundStatus, _ to: RefundStatus, minor: Int64 = 500, currency: String = "EUR") -> RefundStep {
        from.consider(to, proposedMinor: minor, proposedCurrency: currency, amountMinor: 500, currency: "EUR")
    }

    @Test(
        "go forward as the contract draws them",
        arguments: [
            (RefundStatus.created, RefundStatus.pending), (.created, .succeeded), (.created, .failed), (.pending, .succeeded),
            (.pending, .failed),
            (.unknown, .pending), (.unknown, .succeeded), (.unknown, .canceled),
        ])
    func forward(from: RefundStatus, to: RefundStatus) {
        #expect(step(from, to) == .advance(to))
    }

    @Test("never go back on late news")
    func late() {
        #expect(step(.succeeded, .pending) == .late)
        #expect(step(.failed, .pending) == .late)
        #expect(step(.succeeded, .succeeded) == .unchanged)
    }

    @Test("hand to a human what the books were closed on, and other money")
    func review() {
        #expect(step(.succeeded, .failed) == .review(.refundDiffers))
        #expect(step(.failed, .succeeded) == .review(.refundDiffers))
        #expect(step(.pending, .succeeded, minor: 501) == .review(.refundDiffers))
        #expect(step(.pending, .succeeded, currency: "USD") == .review(.refundDiffers))
    }

    @Test(
        "count every refund that is done or may be",
        arguments: [
            ([(500, RefundStatus.succeeded)], Int64(730), true), ([(500, .succeeded)], 731, false), ([(500, .pending)], 731, false),
            ([(500, .unknown)], 731, false), ([(500, .created)], 731, false), ([(500, .failed)], 1_230, true),
            ([(500, .canceled)], 1_230, true),
            ([(500, .succeeded), (500, .unknown)], 230, true), ([(500, .succeeded), (500, .unknown)], 231, false), ([], 0, false),
        ] as [([(Int64, RefundStatus)], Int64, Bool)])
    func account(refunds: [(Int64, RefundStatus)], wanted: Int64, allowed: Bool) {
        let account = RefundAccount(
            capturedMinor: 1_230, refunds: refunds.map { (amountMinor: $0.0, status: $0.1) }, providerRefundedMinor: 0)

        #expect(account.allows(wanted) == allowed)
    }

    @Test("count what was given back in the provider's own console")
    func console() {
        let account = RefundAccount(capturedMinor: 1_230, refunds: [], providerRefundedMinor: 1_000)

        #expect(account.remainingMinor == 230)
    }
}
