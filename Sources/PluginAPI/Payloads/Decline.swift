// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors

public import Values

/// Why a provider or a bank said no.
///
/// A decline is a result of a payment, not a failure of the plugin.
public struct Decline: Sendable, Hashable {
    /// The reason.
    public enum Code: String, Sendable, Hashable, CaseIterable {
        case insufficientFunds = "insufficient_funds"
        case expiredCard = "expired_card"
        case cardDeclined = "card_declined"
        case doNotHonor = "do_not_honor"
        case invalidNumber = "invalid_number"
        case invalidCVC = "invalid_cvc"
        case lostOrStolen = "lost_or_stolen"
        case suspectedFraud = "suspected_fraud"
        case authenticationRequired = "authentication_required"
        case authenticationFailed = "authentication_failed"
        case limitExceeded = "limit_exceeded"
        case currencyUnsupported = "currency_unsupported"
        case methodUnsupported = "method_unsupported"
        case mandateRevoked = "mandate_revoked"
        case duplicate
        case processingError = "processing_error"
        case genericDecline = "generic_decline"
    }

    /// What the caller can do about it.
    public enum Advice: String, Sendable, Hashable, CaseIterable {
        case retry
        case retryLater = "retry_later"
        case newMethod = "new_method"
        case authenticate
        case doNotRetry = "do_not_retry"
        case stopRecurring = "stop_recurring"
    }

    /// The reason.
    public let code: Code
    /// The provider's own code.
    public let providerCode: String?
    /// The provider's own words.
    public let providerMessage: String?
    /// What the caller can do about it.
    public let advice: Advice

    /// Reads it from an answer.
    public init(validating value: Value) throws(SchemaViolations) {
        let violations = Self.schema.validate(value, unknown: .drop) + PANFilter.violations(in: value)
        guard violations.isEmpty else { throw SchemaViolations(violations) }
        code = value["code"]?.stringValue.flatMap(Code.init) ?? .genericDecline
        advice = value["advice"]?.stringValue.flatMap(Advice.init) ?? .doNotRetry
        providerCode = value["provider_code"]?.stringValue
        providerMessage = value["provider_message"]?.stringValue
    }

    /// As the HTTP interface shows it.
    public var value: Value {
        .compact([
            "code": .string(code.rawValue), "advice": .string(advice.rawValue), "provider_code": providerCode.map(Value.string),
            "provider_message": providerMessage.map(Value.string),
        ])
    }

    /// Its form in answers.
    public static let schema = Schema.type(
        "Decline", "Why a provider or a bank said no.",
        [
            .required("code", .enumeration(Code.self), "The reason.", example: "insufficient_funds"),
            .optional("provider_code", .string(max: 100, format: .text), "The provider's own code."),
            .optional("provider_message", .string(max: 512, format: .text), "The provider's own words."),
            .required("advice", .enumeration(Advice.self), "What the caller can do about it.", example: "new_method"),
        ])
}
