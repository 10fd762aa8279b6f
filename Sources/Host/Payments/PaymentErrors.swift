// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors

extension HostError.Code {
    /// A refund that would give back more than was captured.
    public static let refundExceedsCaptured = custom("refund_exceeds_captured")
    /// A capture beyond what is authorized.
    public static let captureExceedsAuthorized = custom("capture_exceeds_authorized")
    /// Another payment of the invoice is not settled.
    public static let invoiceHeld = custom("invoice_held")
    /// The gateway has a payment under this merchant reference.
    public static let merchantReferenceTaken = custom("merchant_reference_taken")
    /// Another operation on the payment is at work.
    public static let paymentBusy = custom("payment_busy")
    /// What became of the payment is not known; nothing may be built upon it.
    public static let paymentUnknown = custom("payment_unknown")
    /// The payment is not in a state that allows the operation.
    public static let paymentState = custom("payment_state")
    /// The gateway has no secret to verify webhooks with.
    public static let webhookNotConfigured = custom("webhook_not_configured")
    /// The webhook's signature, or its time, is not to be believed.
    public static let webhookRejected = custom("webhook_rejected")
    /// The body is larger than the host takes.
    public static let payloadTooLarge = custom("payload_too_large")
}

/// What went wrong at the provider, for a payment or refund that exists on our side.
public struct PaymentProblem: Sendable, Hashable {
    /// Whether the provider can have acted.
    public enum Outcome: String, Sendable, Hashable {
        /// No byte of the request left: nothing has happened.
        case notSent = "not_sent"
        /// The provider has refused: nothing has happened.
        case rejected
        /// Bytes left and no answer came: it may have happened.
        case unknown
    }

    /// One of the contract's error codes, like `provider_unavailable`.
    public var code: String
    /// Safe to show; scrubbed of the instance's secrets.
    public var message: String
    /// Whether the provider can have acted.
    public var outcome: Outcome
    /// Whether the same request may succeed later.
    public var isRetryable: Bool
    /// When trying again makes sense.
    public var retryAfterSeconds: Int?

    /// Describes a failure at the provider.
    public init(code: String, message: String, outcome: Outcome, isRetryable: Bool, retryAfterSeconds: Int? = nil) {
        self.code = code
        self.message = message
        self.outcome = outcome
        self.isRetryable = isRetryable
        self.retryAfterSeconds = retryAfterSeconds
    }
}
