// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors

public import Values

/// What became of one code that a plugin was to deliver.
public struct DeliverCodeResult: Sendable, Hashable {
    /// States that a plugin can propose.
    public enum Status: String, Sendable, Hashable, CaseIterable { case accepted, rejected, deferred }

    /// The state.
    public let status: Status
    /// The provider's name for the message.
    public let deliveryID: String?
    /// `sms`, `voice`, `email` and so on.
    public let channel: String
    /// What it cost.
    public let cost: Money?

    /// Reads it from an answer; unknown fields are dropped, wrong and missing ones are violations.
    public init(validating value: Value) throws(SchemaViolations) {
        let violations = Self.schema.validate(value, unknown: .drop) + PANFilter.violations(in: value)
        guard violations.isEmpty else { throw SchemaViolations(violations) }
        status = value["status"]?.stringValue.flatMap(Status.init) ?? .rejected
        deliveryID = value["delivery_id"]?.stringValue
        channel = value["channel"]?.stringValue ?? ""
        if let money = value["cost"], !money.isNull { cost = try Money(validating: money) } else { cost = nil }
    }

    /// Its form in answers.
    public static let schema = Schema.type(
        "DeliverCodeResult", "What became of a code.",
        [
            .required("status", .enumeration(Status.self), "`rejected` means this destination will not work.", example: "accepted"),
            .optional("delivery_id", .string(1...255), "The provider's name for the message."),
            .required("channel", .string(1...40), "The way it went.", example: "sms"),
            .optional("cost", .money, "What it cost."),
        ])
}
