// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors

import Values

/// What only plugins of one kind declare.
public enum KindProfile: Sendable, Hashable {
    case gateway(GatewayProfile)
    case factor(FactorProfile)
    case notifier(NotifierProfile)

    /// The schema of the manifest's member for that kind.
    public static func schema(_ kind: PluginKind) -> Schema {
        switch kind {
        case .paymentGateway: GatewayProfile.schema
        case .twoFactor: FactorProfile.schema
        case .notifier: NotifierProfile.schema
        }
    }

    init(known value: Value, kind: PluginKind) {
        switch kind {
        case .paymentGateway: self = .gateway(GatewayProfile(known: value))
        case .twoFactor: self = .factor(FactorProfile(known: value))
        case .notifier: self = .notifier(NotifierProfile(known: value))
        }
    }
}

/// How a provider recognises a request that it has seen before.
public enum ProviderIdempotency: Sendable, Hashable {
    /// The host adds this header to every mutating request; the plugin cannot forget it.
    case header(name: String, lifetime: Duration)
    /// The plugin puts `ctx.idempotency_key` into this field of the body.
    case body(field: String, lifetime: Duration)
    /// It does not: a request whose fate is unknown is never sent again.
    case none

    static let schema = Schema.choice(
        "Idempotency", tag: "style", "How the provider recognises a repeated request.",
        [
            .init(
                "header", "The host adds the header itself.",
                [
                    .required("name", .string(1...64), "The header.", example: "Idempotency-Key"),
                    .optional("lifetime_s", .integer(60...2_592_000), "How long the provider remembers. Default 86400.", example: 86400),
                ]),
            .init(
                "body", "The plugin sends `ctx.idempotency_key` in this field.",
                [
                    .required("field", .string(1...64), "The field.", example: "reference"),
                    .optional("lifetime_s", .integer(60...2_592_000), "How long the provider remembers. Default 86400.", example: 86400),
                ]),
            .init("none", "The provider cannot tell. The host then never retries."),
        ])

    init(known value: Value?) {
        let lifetime = Duration.seconds(value?["lifetime_s"]?.intValue ?? 86400)
        switch value?["style"]?.stringValue {
        case "header": self = .header(name: value?["name"]?.stringValue ?? "Idempotency-Key", lifetime: lifetime)
        case "body": self = .body(field: value?["field"]?.stringValue ?? "", lifetime: lifetime)
        default: self = .none
        }
    }
}

/// How the host makes sure that a webhook comes from the provider, before the plugin sees it.
public struct WebhookProfile: Sendable, Hashable {
    /// The way.
    public enum Verification: String, Sendable, Hashable, CaseIterable {
        /// A keyed hash in a header.
        case hmac
        /// standardwebhooks.com: `webhook-id`, `webhook-timestamp`, `webhook-signature`.
        case standardWebhooks = "standard_webhooks"
        /// A public-key signature.
        case asymmetric
        /// No signature: the plugin fetches the object from the provider, and only that counts.
        case fetch
        /// The plugin's `verify_webhook` decides; it can neither write nor send anything that changes state.
        case custom
    }

    /// What this version of the host does.
    public static let served: [Verification] = [.hmac, .standardWebhooks]

    /// The way.
    public let verification: Verification
    /// The configuration field with the signing secret or public key.
    public let secretField: String
    /// The header with the signature, in lower case.
    public let signatureHeader: String?
    /// The header with the time, in lower case, when it has one of its own.
    public let timestampHeader: String?
    /// The name of the signature inside a header like `t=1,v1=abc`; nil when the header is the signature.
    public let signatureKey: String?
    /// The name of the time inside that header.
    public let timestampKey: String?
    /// What stands before the signature: `sha256=`.
    public let signaturePrefix: String
    /// `sha256`, `sha512` or `sha1`.
    public let algorithm: String
    /// `hex` or `base64`.
    public let encoding: String
    /// What is signed, with `{timestamp}` and `{body}`.
    public let payload: String
    /// How old a request may be.
    public let tolerance: Duration
    /// Where the event's id stands in the JSON body: `id`, `data.id`.
    public let eventIDPath: String?

    static let schema = Schema.type(
        "Webhook",
        "How the host verifies what the provider sends. It does so itself, in constant time, before the plugin runs. This version of the host serves `hmac` and `standard_webhooks`, for gateways.",
        [
            .required("verify", .enumeration(Verification.self), "The way.", example: "hmac"),
            .optional(
                "secret", .string(1...64),
                "The setting in `config_schema` with the signing secret or public key. Default `webhook_secret`.",
                example: "webhook_secret"),
            .optional(
                "signature_header", .string(1...64), "The header with the signature. Required for `hmac` and `asymmetric`.",
                example: "Acme-Signature"),
            .optional(
                "timestamp_header", .string(1...64), "The header with the time in seconds, when it has one of its own.",
                example: "Acme-Timestamp"),
            .optional("signature_key", .string(1...32), "The name of the signature inside a header like `t=1,v1=abc`.", example: "v1"),
            .optional("timestamp_key", .string(1...32), "The name of the time inside that header.", example: "t"),
            .optional("signature_prefix", .string(0...32), "What stands before the signature.", example: "sha256="),
            .optional(
                "algorithm", .enumeration(["sha256", "sha512", "sha1"]), "The hash of an `hmac`. Default `sha256`.", example: "sha256"),
            .optional("encoding", .enumeration(["hex", "base64"]), "How the signature is written. Default `hex`.", example: "hex"),
            .optional(
                "payload", .string(1...128), "What is signed, with `{timestamp}` and `{body}`. Default `{body}`.",
                example: "{timestamp}.{body}"),
            .optional("tolerance_s", .integer(1...3600), "How old a request may be. Default 300.", example: 300),
            .optional("event_id_path", .string(1...128), "Where the event's id stands in the JSON body.", example: "id"),
        ])

    init(known value: Value) {
        verification = value["verify"]?.stringValue.flatMap(Verification.init) ?? .custom
        secretField = value["secret"]?.stringValue ?? "webhook_secret"
        signatureHeader = value["signature_header"]?.stringValue?.lowercased()
        timestampHeader = value["timestamp_header"]?.stringValue?.lowercased()
        signatureKey = value["signature_key"]?.stringValue
        timestampKey = value["timestamp_key"]?.stringValue
        signaturePrefix = value["signature_prefix"]?.stringValue ?? ""
        algorithm = value["algorithm"]?.stringValue ?? "sha256"
        encoding = value["encoding"]?.stringValue ?? "hex"
        payload = value["payload"]?.stringValue ?? "{body}"
        tolerance = .seconds(value["tolerance_s"]?.intValue ?? 300)
        eventIDPath = value["event_id_path"]?.stringValue
    }

    /// The verification needs a secret of the tenant's; without one the instance cannot be enabled.
    public var needsSecret: Bool { verification == .hmac || verification == .standardWebhooks || verification == .asymmetric }
}
