// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors

public import Values

/// What a plugin found out about its own settings.
public struct ConfigCheck: Sendable, Hashable {
    /// The provider's name for the account.
    public let accountRef: String?
    /// `test` or `live`, as the provider sees it.
    public let mode: String?
    /// Whether webhooks arrive, as far as the plugin can tell.
    public let webhookOK: Bool?
    /// What an administrator should know.
    public let warnings: [String]

    /// Reads it from an answer; unknown fields are dropped, wrong ones are violations.
    public init(validating value: Value) throws(SchemaViolations) {
        let violations = Self.schema.validate(value, unknown: .drop) + PANFilter.violations(in: value)
        guard violations.isEmpty else { throw SchemaViolations(violations) }
        accountRef = value["account_ref"]?.stringValue
        mode = value["mode"]?.stringValue
        webhookOK = value["webhook_ok"]?.boolValue
        warnings = (value["warnings"]?.arrayValue ?? []).compactMap(\.stringValue)
    }

    /// Its form in answers.
    public static let schema = Schema.type(
        "ConfigCheck", "What you found out about the settings.",
        [
            .optional("account_ref", .string(1...255, format: .text), "The provider's name for the account.", example: "acct_123"),
            .optional("mode", .enumeration(["test", "live"]), "How the provider sees it.", example: "test"),
            .optional("webhook_ok", .boolean, "Whether webhooks arrive, as far as you can tell."),
            .optional("warnings", .array(.string(1...512, format: .text), 0...20), "What an administrator should know."),
            .optional("balance", .string(1...64, format: .text), "Money left at the provider, as it shows it."),
        ])
}
