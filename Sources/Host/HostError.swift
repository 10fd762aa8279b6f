// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors

/// What a caller of the host gets when something cannot be done; one place maps it to HTTP.
///
/// `description` and `message` are safe to show: whoever makes the error keeps plugin output and tenant data out of them.
public struct HostError: Error, Sendable, Hashable {
    /// The kind of failure; open, so that a new kind breaks nobody.
    public struct Code: Hashable, Sendable, CustomStringConvertible {
        private let value: String

        private init(_ value: String) { self.value = value }

        /// The name that stands in answers: `plugin_not_enabled`.
        public var description: String { value }

        /// There is no such thing, or it belongs to somebody else.
        public static let notFound = Code("not_found")
        /// The input is wrong; `fields` says where.
        public static let invalidRequest = Code("invalid_request")
        /// The state of the thing does not allow it.
        public static let conflict = Code("conflict")
        /// The archive is broken or not what it says.
        public static let archiveRefused = Code("archive_refused")
        /// The plugin's manifest or programs have problems; `fields` lists them.
        public static let pluginInvalid = Code("plugin_invalid")
        /// The plugin is not enabled for this tenant.
        public static let pluginNotEnabled = Code("plugin_not_enabled")
        /// The operators have stopped the plugin's program.
        public static let pluginKilled = Code("plugin_killed")
        /// The plugin's process died too often for this tenant.
        public static let pluginQuarantined = Code("plugin_quarantined")
        /// The tenant is suspended or deleted.
        public static let tenantClosed = Code("tenant_closed")
        /// Capabilities beyond those that the manifest asks for.
        public static let capabilityExceeded = Code("capability_exceeded")
        /// The new version asks for more than was approved.
        public static let approvalRequired = Code("approval_required")
        /// The configuration is incomplete.
        public static let configInvalid = Code("config_invalid")
        /// A sealed field does not open at the place where it is stored.
        public static let configUnreadable = Code("config_unreadable")
        /// The plugin does not implement the operation.
        public static let unsupported = Code("unsupported")
        /// The same Idempotency-Key came with another request.
        public static let idempotencyMismatch = Code("idempotency_mismatch")
        /// The first request with this Idempotency-Key still runs.
        public static let inProgress = Code("in_progress")
        /// More than the contract allows: a card number, a number of attempts.
        public static let contractViolation = Code("contract_violation")
        /// Too often.
        public static let rateLimited = Code("rate_limited")
        /// Without an audit record nothing runs.
        public static let auditUnavailable = Code("audit_unavailable")
        /// The audit trail does not reach a sink in the time that its operator allows.
        public static let auditSinkLagging = Code("audit_sink_lagging")
        /// Something of the host's own is not there: a key, a database, a sandbox.
        public static let unavailable = Code("unavailable")

        /// A kind of a caller's own; lower-case words with underscores.
        package static func custom(_ value: String) -> Code { Code(value) }
    }

    /// One input field and what is wrong with it.
    public struct Field: Hashable, Sendable {
        /// Path of the field: `config.secret_key`.
        public var field: String
        /// What is wrong and what to write.
        public var message: String

        /// Names a field and its problem.
        public init(field: String, message: String) { (self.field, self.message) = (field, message) }
    }

    /// The kind.
    public let code: Code
    /// One sentence for a person.
    public let message: String
    /// The fields concerned.
    public let fields: [Field]
    /// When trying again makes sense.
    public let retryAfterSeconds: Int?

    /// Describes a failure in words that are safe to show.
    public init(_ code: Code, _ message: String, fields: [Field] = [], retryAfterSeconds: Int? = nil) {
        (self.code, self.message, self.fields, self.retryAfterSeconds) = (code, message, fields, retryAfterSeconds)
    }
}

extension HostError: CustomStringConvertible {
    /// `plugin_not_enabled: stripe is not enabled for this tenant`.
    public var description: String { "\(code): \(message)" }
}
