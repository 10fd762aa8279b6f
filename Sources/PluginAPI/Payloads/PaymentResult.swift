// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors

public import Values

/// What a provider knows about a payment, as the plugin tells it.
///
/// A proposal: the host decides what becomes of the payment.
public struct PaymentResult: Sendable, Hashable {
    /// States that a plugin can propose.
    public enum Status: String, Sendable, Hashable, CaseIterable {
        case requiresAction = "requires_action"
        case processing
        case authorized
        case partiallyCaptured = "partially_captured"
        case succeeded
        case declined
        case canceled
        case expired
    }

    /// A payment method, as far as it may be shown.
    public struct Method: Sendable, Hashable {
        /// The provider's reference, for saved methods.
        public let ref: String?
        /// `card`, `sepa_debit` and so on.
        public let type: String?
        /// `visa` and so on.
        public let brand: String?
        /// The last four characters of the number.
        public let last4: String?
        /// Month of expiry.
        public let expMonth: Int64?
        /// Year of expiry.
        public let expYear: Int64?

        init(known value: Value) {
            ref = value["ref"]?.stringValue
            type = value["type"]?.stringValue
            brand = value["brand"]?.stringValue
            last4 = value["last4"]?.stringValue
            expMonth = value["exp_month"]?.intValue
            expYear = value["exp_year"]?.intValue
        }

        /// Its form in answers.
        public static let schema = Schema.type(
            "Method", "A payment method, as far as it may be shown.",
            [
                .optional("ref", .string(max: 255), "The provider's reference, for saved methods."),
                .optional("type", .string(max: 40), "`card`, `sepa_debit`…", example: "card"),
                .optional("brand", .string(max: 40, format: .text), "`visa`…", example: "visa"),
                .optional("last4", .string(1...4), "The last four characters of the number.", example: "4242"),
                .optional("exp_month", .integer(1...12), "Month of expiry.", example: 12),
                .optional("exp_year", .integer(2000...2100), "Year of expiry.", example: 2030),
            ])
    }

    /// The state that the plugin proposes.
    public let status: Status
    /// The provider's name for the payment.
    public let providerPaymentID: String?
    /// The amount that the provider has; the host holds it against its own.
    public let amount: Money
    /// Minor units captured so far.
    public let capturedMinor: Int64
    /// Minor units refunded so far.
    public let refundedMinor: Int64
    /// What the provider keeps.
    public let fee: Money?
    /// The method used.
    public let method: Method?
    /// What the customer has to do.
    public let nextAction: NextAction?
    /// Why it was declined.
    public let decline: Decline?
    /// Until when it can be captured or completed.
    public let expiresAt: Int64?
    /// When the provider last changed it.
    public let providerEventTime: Int64?
    /// A page at the provider, for administrators.
    public let dashboardURL: String?
    /// Everything above as one value, unknown fields dropped.
    public let value: Value

    /// Reads it from an answer; unknown fields are dropped, wrong and missing ones are violations.
    public init(validating value: Value, links: LinkRule = .anyHTTPS) throws(SchemaViolations) {
        var violations = Self.schema.validate(value, unknown: .drop) + PANFilter.violations(in: value)
        violations += links.violations(value, at: ["next_action", "url"])
        violations += LinkRule(allowsLoopback: links.allowsLoopback).violations(value, at: ["dashboard_url"])
        guard violations.isEmpty else { throw SchemaViolations(violations) }
        let value = Self.schema.sanitized(value)
        self.value = value
        status = value["status"]?.stringValue.flatMap(Status.init) ?? .processing
        providerPaymentID = value["provider_payment_id"]?.stringValue
        amount = try Money(validating: value["amount"] ?? .null)
        capturedMinor = value["captured_minor"]?.intValue ?? 0
        refundedMinor = value["refunded_minor"]?.intValue ?? 0
        if let money = value["fee"] { fee = try Money(validating: money) } else { fee = nil }
        method = value["method"].map(Method.init(known:))
        if let action = value["next_action"] { nextAction = try NextAction(validating: action, links: links) } else { nextAction = nil }
        if let reason = value["decline"] { decline = try Decline(validating: reason) } else { decline = nil }
        expiresAt = value["expires_at"]?.intValue
        providerEventTime = value["provider_event_time_ms"]?.intValue
        dashboardURL = value["dashboard_url"]?.stringValue
    }

    /// Its form in answers.
    public static let schema = Schema.type(
        "PaymentResult", "What the provider knows about a payment. The host decides what becomes of it.",
        [
            .required("status", .enumeration(Status.self), "The state that you propose.", example: "succeeded"),
            .optional("provider_payment_id", .string(1...255), "The provider's name for the payment.", example: "pay_123"),
            .required(
                "amount", .money, "The amount that the provider has. The host holds it against its own; a difference goes to a person."),
            .required("captured_minor", .integer(Money.range), "Minor units captured so far.", example: 1230),
            .required("refunded_minor", .integer(Money.range), "Minor units refunded so far.", example: 0),
            .optional("fee", .money, "What the provider keeps."),
            .optional("method", Method.schema, "The method used. Never a number, never a CVC."),
            .optional("next_action", NextAction.schema, "What the customer has to do. Give it with `requires_action`."),
            .optional("decline", Decline.schema, "Why it was declined. Give it with `declined`."),
            .optional("expires_at", .milliseconds, "Until when it can be captured or completed."),
            .optional("provider_event_time_ms", .milliseconds, "When the provider last changed it; late news never undo newer ones."),
            .optional("dashboard_url", .string(8...2048), "A page at the provider, for administrators. https."),
        ])
}
