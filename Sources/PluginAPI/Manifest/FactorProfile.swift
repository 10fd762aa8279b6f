// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors

import Values

/// What a second factor is, declared so that the host knows it without running code.
public struct FactorProfile: Sendable, Hashable {
    /// Who does what.
    public enum Style: String, Sendable, Hashable, CaseIterable {
        /// The host makes and checks a code; the plugin only delivers it.
        case delivered
        /// The plugin computes; the host guards counters and nonces.
        case local
        /// A service decides: begin, then poll or call back.
        case remote
    }

    /// What this version of the host does.
    public static let served: [Style] = [.delivered]

    /// What a user has to give to be reached.
    public enum Contact: String, Sendable, Hashable, CaseIterable { case none, phone, email, handle }

    /// Who does what.
    public let style: Style
    /// Names of methods: `sms`, `voice` and so on.
    public let methods: [String]
    /// What a user has to give.
    public let contact: Contact
    /// Digits of a code: 6 to 8.
    public let codeLength: Int
    /// How long a challenge is open.
    public let lifetime: Duration
    /// Whether it resists phishing.
    public let isPhishingResistant: Bool
    /// `login`, `step_up`, `admin`.
    public let purposes: Set<String>
    /// Webhooks, if the service sends any.
    public let webhook: WebhookProfile?

    init(known value: Value) {
        style = value["style"]?.stringValue.flatMap(Style.init) ?? .delivered
        methods = (value["methods"]?.arrayValue ?? []).compactMap(\.stringValue)
        contact = value["contact"]?.stringValue.flatMap(Contact.init) ?? .none
        codeLength = value["code_length"]?.intValue.map { Int($0) } ?? 6
        lifetime = .seconds(value["ttl_s"]?.intValue ?? 300)
        isPhishingResistant = value["phishing_resistant"]?.boolValue ?? false
        purposes = Set((value["purposes"]?.arrayValue ?? []).compactMap(\.stringValue))
        webhook = value["webhook"].flatMap { $0.isNull ? nil : WebhookProfile(known: $0) }
    }

    static let purposeNames = ["login", "step_up", "admin"]

    /// The form of `factor` in a manifest.
    public static let schema = Schema.type(
        "Factor", "What the second factor is.",
        [
            .required(
                "style", .enumeration(Style.self), "Who does what. This version of the host serves `delivered`.", example: "delivered"),
            .required("methods", .array(.string(1...40), 1...20), "Names of methods.", example: ["sms"]),
            .required("contact", .enumeration(Contact.self), "What a user has to give to be reached.", example: "phone"),
            .optional("code_length", .integer(6...8), "Digits of a code. Default 6.", example: 6),
            .optional("ttl_s", .integer(30...600), "Seconds that a challenge is open. Default 300.", example: 300),
            .optional("phishing_resistant", .boolean, "Whether a false site cannot pass it on. Default false.", example: false),
            .required("purposes", .array(.enumeration(purposeNames), 1...3), "What it may be used for.", example: ["login", "step_up"]),
            .optional("webhook", WebhookProfile.schema, "Callbacks, if the service sends any."),
        ])
}
