// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors

public import Values

/// What a plugin read out of one verified webhook.
public struct WebhookEvent: Sendable, Hashable {
    /// What it is about.
    public enum Content: Sendable, Hashable {
        case payment(PaymentResult)
        case refund(RefundResult)
        /// A dispute, as far as the plugin tells it.
        case dispute(Value)
        case method
        case other
    }

    /// The provider's name for the event; the host takes each only once.
    public let eventID: String
    /// What it is about.
    public let content: Content
    /// The provider's name for the payment.
    public let providerPaymentID: String?
    /// The provider's name for the refund.
    public let providerRefundID: String?
    /// Our name for the payment, as the provider carried it.
    public let merchantReference: String?
    /// Which instance the plugin marked the payment with.
    public let instanceTag: String?
    /// When it happened.
    public let occurredAt: Int64

    /// Reads it from an answer.
    public init(validating value: Value, links: LinkRule = .anyHTTPS) throws(SchemaViolations) {
        let violations = Self.schema.validate(value, unknown: .drop) + PANFilter.violations(in: value)
        guard violations.isEmpty else { throw SchemaViolations(violations) }
        let result = value["result"] ?? .null
        do {
            content =
                switch value["kind"]?.stringValue {
                case "payment": .payment(try PaymentResult(validating: result, links: links))
                case "refund": .refund(try RefundResult(validating: result))
                case "dispute": .dispute(try Self.disputeSchema.validated(result, unknown: .drop))
                case "method": .method
                default: .other
                }
        } catch {
            throw SchemaViolations(
                error.violations.map { Violation(ValuePath([.member("result")] + $0.location.steps), $0.message, hint: $0.hint) })
        }
        eventID = value["event_id"]?.stringValue ?? ""
        providerPaymentID = value["provider_payment_id"]?.stringValue
        providerRefundID = value["provider_refund_id"]?.stringValue
        merchantReference = value["merchant_reference"]?.stringValue
        instanceTag = value["instance_tag"]?.stringValue
        occurredAt = value["occurred_at_ms"]?.intValue ?? 0
    }

    static let disputeSchema = Schema.type(
        "Dispute", "A customer's bank takes a payment back, or threatens to.",
        [
            .required("status", .enumeration(["opened", "evidence_due", "won", "lost", "closed"]), "Its state.", example: "opened"),
            .required("provider_dispute_id", .string(1...255), "The provider's name for it."),
            .required("amount", .money, "How much."),
            .optional("reason", .string(max: 255, format: .text), "The bank's reason."),
            .optional("evidence_due_at", .milliseconds, "Until when evidence can be sent."),
        ])

    /// Its form in answers.
    public static let schema = Schema.type(
        "Event", "What a webhook tells. `result` is a PaymentResult, a RefundResult or a Dispute, by `kind`.",
        [
            .required("kind", .enumeration(["payment", "refund", "dispute", "method", "other"]), "What it is about.", example: "payment"),
            .required(
                "event_id", .string(1...255), "The provider's name for the event; the host takes each only once.", example: "evt_123"),
            .optional("provider_payment_id", .string(1...255), "The provider's name for the payment."),
            .optional("provider_refund_id", .string(1...255), "The provider's name for the refund."),
            .optional("merchant_reference", .string(1...64), "Our name for the payment, as the provider carried it."),
            .optional("instance_tag", .string(1...64), "The `ctx.instance_id` that you put into the payment's metadata."),
            .optional("result", .any, "What the provider now says about it."),
            .required("occurred_at_ms", .milliseconds, "When it happened."),
        ])
}
