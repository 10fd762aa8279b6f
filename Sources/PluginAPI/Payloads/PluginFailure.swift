// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors

public import Values

/// Why an operation of a plugin did not succeed: the plugin's own words, or the host's when the plugin had none.
///
/// A decline is not a failure: it is a result.
public struct PluginFailure: Error, Sendable, Hashable, CustomStringConvertible {
    /// The kind of failure.
    public enum Code: String, Sendable, Hashable, CaseIterable {
        /// What a plugin may say; the others are the host's own words.
        public static let allCases: [Code] = [
            .invalidRequest, .configInvalid, .authFailed, .unsupported, .notFound, .conflict, .rateLimited, .providerUnavailable,
            .providerError, .timeout, .networkDenied, .limitExceeded, .contractViolation, .internal,
        ]

        case invalidRequest = "invalid_request"
        case configInvalid = "config_invalid"
        case authFailed = "auth_failed"
        case unsupported
        case notFound = "not_found"
        case conflict
        case rateLimited = "rate_limited"
        case providerUnavailable = "provider_unavailable"
        case providerError = "provider_error"
        case timeout
        case networkDenied = "network_denied"
        case limitExceeded = "limit_exceeded"
        case contractViolation = "contract_violation"
        case `internal`
        case pluginRestarting = "plugin_restarting"
        case pluginQuarantined = "plugin_quarantined"
        case pluginKilled = "plugin_killed"

        /// Whether only the host says it: it did not let the plugin run, or ended it.
        public var isHostsOwn: Bool { !Self.allCases.contains(self) }

        /// What it means, for the reference.
        package var doc: String {
            switch self {
            case .invalidRequest: "The request itself cannot work, whoever sends it again."
            case .configInvalid: "A setting is wrong; an administrator has to mend it."
            case .authFailed: "The provider refused the credentials."
            case .unsupported: "The provider or the plugin cannot do this."
            case .notFound: "The provider is certain that this does not exist."
            case .conflict: "The object is in a state in which this is not possible."
            case .rateLimited: "Too many requests; say when in `retry_after_s`."
            case .providerUnavailable: "The provider was not reached, or answered 5xx."
            case .providerError: "The provider answered something that is none of the others."
            case .timeout: "The provider did not answer in time."
            case .networkDenied: "The host did not let the request out."
            case .limitExceeded: "A limit of the host was reached."
            case .contractViolation: "An answer did not follow this contract. The host says this; a plugin need not."
            case .internal: "The plugin itself failed."
            case .pluginRestarting: "The plugin's process died a moment ago and is not started again yet."
            case .pluginQuarantined: "The plugin's process died too often; an administrator has to release it."
            case .pluginKilled: "The operators have stopped the plugin."
            }
        }
    }

    /// What became of the request at the provider.
    public enum Outcome: String, Sendable, Hashable, CaseIterable {
        /// Nothing left the host: it is as if nothing had been asked.
        case notSent = "not_sent"
        /// The provider got it and refused it.
        case rejected
        /// It may have been carried out.
        case unknown
    }

    /// The kind of failure.
    public var code: Code
    /// For people; at most 512 characters.
    public var message: String
    /// Whether the same request may succeed later.
    public var isRetryable: Bool
    /// What became of the request, as far as the plugin knows.
    ///
    /// The host overrules it with what it saw on the wire.
    public var outcome: Outcome
    /// The provider's own code.
    public var providerCode: String?
    /// The provider's own words.
    public var providerMessage: String?
    /// Seconds after which to try again.
    public var retryAfterSeconds: Int64?

    /// A failure in the host's words.
    public init(
        _ code: Code, _ message: String, isRetryable: Bool = false, outcome: Outcome, providerCode: String? = nil,
        providerMessage: String? = nil,
        retryAfterSeconds: Int64? = nil
    ) {
        self.code = code
        self.message = String(message.prefix(512))
        self.isRetryable = isRetryable
        self.outcome = outcome
        self.providerCode = providerCode
        self.providerMessage = providerMessage
        self.retryAfterSeconds = retryAfterSeconds
    }

    /// An answer that does not follow the contract.
    public static func contractViolation(_ violations: SchemaViolations, outcome: Outcome) -> PluginFailure {
        PluginFailure(.contractViolation, "the plugin's answer does not follow the contract: \(violations)", outcome: outcome)
    }

    /// Reads the `error` of an answer.
    public init(validating value: Value) throws(SchemaViolations) {
        let violations = Self.schema.validate(value, unknown: .drop) + PANFilter.violations(in: value)
        guard violations.isEmpty else { throw SchemaViolations(violations) }
        let code = value["code"]?.stringValue.flatMap(Code.init) ?? .internal
        self.init(
            code, value["message"]?.stringValue ?? "",
            isRetryable: value["retryable"]?.boolValue ?? [.rateLimited, .providerUnavailable, .timeout].contains(code),
            outcome: value["outcome"]?.stringValue.flatMap(Outcome.init) ?? .unknown,
            providerCode: value["provider_code"]?.stringValue, providerMessage: value["provider_message"]?.stringValue,
            retryAfterSeconds: value["retry_after_s"]?.intValue)
    }

    /// As it stands in an answer.
    public var value: Value {
        .compact([
            "code": .string(code.rawValue), "message": .string(message), "retryable": .bool(isRetryable),
            "outcome": .string(outcome.rawValue),
            "provider_code": providerCode.map(Value.string), "provider_message": providerMessage.map(Value.string),
            "retry_after_s": retryAfterSeconds.map(Value.int),
        ])
    }

    /// The code only: messages may repeat what a provider said about a customer.
    public var description: String { "PluginFailure(\(code.rawValue), \(outcome.rawValue))" }

    /// The form of `error` in an answer.
    public static let schema = Schema.type(
        "Error", "Why an operation did not succeed.",
        [
            .required("code", .enumeration(Code.self), "The kind of failure.", example: "provider_unavailable"),
            .required(
                "message", .string(0...512, format: .text), "For administrators. Never a secret, never card data.",
                example: "Acme answered 503."),
            .optional(
                "retryable", .boolean,
                "Whether the same request may succeed later. Default: true for `rate_limited`, `provider_unavailable`, `timeout`.",
                example: true),
            .optional(
                "outcome", .enumeration(Outcome.self), "What became of the request at the provider. Default `unknown`.", example: "unknown"),
            .optional("provider_code", .string(0...100, format: .text), "The provider's own code.", example: "server_error"),
            .optional("provider_message", .string(0...512, format: .text), "The provider's own words."),
            .optional("retry_after_s", .integer(0...604_800), "Seconds after which to try again.", example: 30),
        ])
}
