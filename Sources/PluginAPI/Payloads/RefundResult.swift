// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors

public import Values

/// What a provider knows about a refund, as the plugin tells it.
public struct RefundResult: Sendable, Hashable {
    /// States that a plugin can propose.
    public enum Status: String, Sendable, Hashable, CaseIterable { case pending, succeeded, failed, canceled }

    /// The state.
    public let status: Status
    /// The provider's name for the refund.
    public let providerRefundID: String?
    /// How much.
    public let amount: Money
    /// Why it failed, in the provider's words.
    public let failureReason: String?
    /// When the provider last changed it.
    public let providerEventTime: Int64?
    /// Everything above as one value, unknown fields dropped.
    public let value: Value

    /// Reads it from an answer; unknown fields are dropped, wrong and missing ones are violations.
    public init(validating value: Value) throws(SchemaViolations) {
        let violations = Self.schema.validate(value, unknown: .drop) + PANFilter.violations(in: value)
        guard violations.isEmpty else { throw SchemaViolations(violations) }
        let value = Self.schema.sanitized(value)
        self.value = value
        status = value["status"]?.stringValue.flatMap(Status.init) ?? .pending
        providerRefundID = value["provider_refund_id"]?.stringValue
        amount = try Money(validating: value["amount"] ?? .null)
        failureReason = value["failure_reason"]?.stringValue
        providerEventTime = value["provider_event_time_ms"]?.intValue
    }

    /// Its form in answers.
    public static let schema = Schema.type(
        "RefundResult", "What the provider knows about a refund.",
        [
            .required("status", .enumeration(Status.self), "The state that you propose.", example: "succeeded"),
            .optional("provider_refund_id", .string(1...255), "The provider's name for the refund.", example: "ref_123"),
            .required("amount", .money, "How much."),
            .optional("failure_reason", .string(max: 512, format: .text), "Why it failed, in the provider's words."),
            .optional("provider_event_time_ms", .milliseconds, "When the provider last changed it."),
        ])
}
