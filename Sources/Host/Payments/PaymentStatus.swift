// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors

/// Where a payment stands, as the host holds it to be; plugins only propose.
public enum PaymentStatus: String, Sendable, Hashable, CaseIterable, CustomStringConvertible {
    case created
    case requiresAction = "requires_action"
    case processing
    case authorized
    case partiallyCaptured = "partially_captured"
    case succeeded
    case declined
    case canceled
    case expired
    case unknown
    case review

    /// True when nothing but a human's review can follow.
    public var isTerminal: Bool {
        switch self {
        case .succeeded, .declined, .canceled, .expired: true
        default: false
        }
    }

    /// True when no money can move any more without a new payment.
    package var isClosedWithoutMoney: Bool { self == .declined || self == .canceled || self == .expired }

    /// True while another attempt for the same invoice could charge the customer twice.
    ///
    /// A payment that waits for the customer does not hold the invoice: people close browser windows.
    package var holdsInvoice: Bool {
        switch self {
        case .created, .processing, .unknown, .review: true
        default: false
        }
    }

    /// True while the reconciler has to ask the provider by itself.
    package var needsReconciling: Bool { self == .unknown || self == .processing }

    /// How far the money has come; a proposal of a lower rank is late news.
    package var rank: Int {
        switch self {
        case .created: 0
        case .requiresAction, .processing: 1
        case .authorized: 2
        case .partiallyCaptured: 3
        case .succeeded, .declined, .canceled, .expired: 4
        // Outside the order: anything may follow `unknown`, nothing but a human follows `review`.
        case .unknown, .review: -1
        }
    }

    /// The word of the contract.
    public var description: String { rawValue }
}

/// Who takes the money after it was authorized.
public enum CaptureMode: String, Sendable, Hashable, CaseIterable {
    case automatic
    case manual
}

/// Where a refund stands, as the host holds it to be.
public enum RefundStatus: String, Sendable, Hashable, CaseIterable, CustomStringConvertible {
    case created
    case pending
    case succeeded
    case failed
    case canceled
    case unknown
    case review

    /// True when the provider has said its last word.
    public var isTerminal: Bool { self == .succeeded || self == .failed || self == .canceled }

    /// True while the amount is, or may be, on its way back to the customer.
    package var countsAgainstCapture: Bool { self != .failed && self != .canceled }

    /// The word of the contract.
    public var description: String { rawValue }
}
