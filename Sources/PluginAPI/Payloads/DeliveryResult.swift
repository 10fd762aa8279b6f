// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors

public import Values

/// What became of one notification, as the plugin tells it.
public struct DeliveryResult: Sendable, Hashable {
    /// States that a plugin can propose.
    public enum Status: String, Sendable, Hashable, CaseIterable { case accepted, delivered, deferred, rejected }

    /// The state.
    public let status: Status
    /// The provider's names for the messages that were sent.
    public let providerMessageIDs: [String]
    /// Seconds after which to try again.
    public let retryAfterSeconds: Int64?
    /// Recipients that the provider does not take.
    public let rejectedRecipients: [String]

    /// Reads it from an answer; unknown fields are dropped, wrong and missing ones are violations.
    public init(validating value: Value) throws(SchemaViolations) {
        let violations = Self.schema.validate(value, unknown: .drop) + PANFilter.violations(in: value)
        guard violations.isEmpty else { throw SchemaViolations(violations) }
        status = value["status"]?.stringValue.flatMap(Status.init) ?? .accepted
        providerMessageIDs = (value["provider_message_ids"]?.arrayValue ?? []).compactMap(\.stringValue)
        retryAfterSeconds = value["retry_after_s"]?.intValue
        rejectedRecipients = (value["rejected_recipients"]?.arrayValue ?? []).compactMap(\.stringValue)
    }

    /// Its form in answers.
    public static let schema = Schema.type(
        "DeliveryResult", "What became of a notification.",
        [
            .required(
                "status", .enumeration(Status.self),
                "`accepted`: the provider has it. `delivered`: the recipient has it. `deferred`: try again later. `rejected`: never.",
                example: "accepted"),
            .optional("provider_message_ids", .array(.string(1...255), 0...100), "The provider's names for what was sent."),
            .optional("retry_after_s", .integer(0...604_800), "Seconds after which to try again; for `deferred`."),
            .optional("rejected_recipients", .array(.string(1...320), 0...100), "Recipients that the provider does not take."),
        ])
}
