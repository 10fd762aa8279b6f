// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors

public import Values

/// What the customer has to do before a payment can go on.
public enum NextAction: Sendable, Hashable {
    case redirect(url: String)
    case formPost(url: String, fields: [String: String])
    case clientToken(token: String, publicKey: String, sdk: String)
    case display(lines: [String], qr: String?, expiresAt: Int64?)
    case wait(pollAfterSeconds: Int64)

    /// Reads it from an answer; a link that the rule does not allow is a violation.
    public init(validating value: Value, links: LinkRule) throws(SchemaViolations) {
        let violations =
            Self.schema.validate(value, unknown: .drop) + links.violations(value, at: ["url"]) + PANFilter.violations(in: value)
        guard violations.isEmpty else { throw SchemaViolations(violations) }
        let url = value["url"]?.stringValue ?? ""
        switch value["type"]?.stringValue {
        case "redirect": self = .redirect(url: url)
        case "form_post": self = .formPost(url: url, fields: (value["fields"]?.mapValue ?? [:]).compactMapValues(\.stringValue))
        case "client_token":
            self = .clientToken(
                token: value["token"]?.stringValue ?? "", publicKey: value["public_key"]?.stringValue ?? "",
                sdk: value["sdk"]?.stringValue ?? "")
        case "display":
            self = .display(
                lines: (value["lines"]?.arrayValue ?? []).compactMap(\.stringValue), qr: value["qr"]?.stringValue,
                expiresAt: value["expires_at"]?.intValue)
        default: self = .wait(pollAfterSeconds: value["poll_after_s"]?.intValue ?? 5)
        }
    }

    /// As the HTTP interface shows it.
    public var value: Value {
        switch self {
        case .redirect(let url): ["type": "redirect", "url": .string(url)]
        case .formPost(let url, let fields): ["type": "form_post", "url": .string(url), "fields": .map(fields.mapValues(Value.string))]
        case .clientToken(let token, let key, let sdk):
            ["type": "client_token", "token": .string(token), "public_key": .string(key), "sdk": .string(sdk)]
        case .display(let lines, let qr, let expires):
            .compact(["type": "display", "lines": Value(lines), "qr": qr.map(Value.string), "expires_at": expires.map(Value.int)])
        case .wait(let seconds): ["type": "wait", "poll_after_s": .int(seconds)]
        }
    }

    /// Its form in answers.
    public static let schema = Schema.choice(
        "NextAction", "What the customer has to do. Links are https and on a host that the manifest declares. Never HTML.",
        [
            .init(
                "redirect", "Send the customer to a page.",
                [.required("url", .string(8...4096), "The page.", example: "https://pay.acme.test/p/1")]),
            .init(
                "form_post", "Post a form from the customer's browser.",
                [
                    .required("url", .string(8...4096), "Where to."),
                    .required("fields", .map(.string(max: 4096), 0...50, keyLength: 100), "The form's fields."),
                ]),
            .init(
                "client_token", "Go on in the page, with the provider's script.",
                [
                    .required("token", .string(1...4096), "For this payment only."),
                    .required("public_key", .string(max: 512), "The provider's public key for this account; may be empty."),
                    .required("sdk", .string(1...64, format: .text), "Which script: `stripe.js`…"),
                ]),
            .init(
                "display", "Show lines of text, for example bank details.",
                [
                    .required("lines", .array(.string(max: 256, format: .text), 1...30), "The lines."),
                    .optional("qr", .string(1...2048), "What a QR code shall hold."),
                    .optional("expires_at", .milliseconds, "Until when."),
                ]),
            .init("wait", "Ask again later.", [.required("poll_after_s", .integer(1...86400), "Seconds.", example: 10)]),
        ])
}
