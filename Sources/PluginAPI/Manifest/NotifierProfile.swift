// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors

import Values

/// What a notifier can carry, declared so that the host can render, split and slow down by itself.
public struct NotifierProfile: Sendable, Hashable {
    /// The kind of channel.
    public enum Channel: String, Sendable, Hashable, CaseIterable { case email, sms, chat, push, webhook, voice }
    /// What the host does with a text that is too long.
    public enum Overflow: String, Sendable, Hashable, CaseIterable { case split, truncate, reject }

    /// What a message may carry beside its text.
    public struct AttachmentLimits: Sendable, Hashable {
        /// How many.
        public let count: Int
        /// Bytes together.
        public let bytes: Int
    }

    /// How fast the host sends, for each instance.
    public struct SendRate: Sendable, Hashable {
        /// Messages a second.
        public let perSecond: Int
        /// Messages at once.
        public let burst: Int
    }

    /// The kind of channel.
    public let channel: Channel
    /// `text`, `markdown`, `html`, `blocks`.
    public let formats: Set<String>
    /// Characters of a title.
    public let mostTitle: Int
    /// Characters of a body.
    public let mostBody: Int
    /// What happens beyond that.
    public let overflow: Overflow
    /// Number and bytes of attachments; nil for none.
    public let attachments: AttachmentLimits?
    /// Messages a second for each instance, and how many at once.
    public let rate: SendRate
    /// Repeated requests.
    public let idempotency: ProviderIdempotency
    /// Whether the provider reports what became of a message.
    public let receipts: Bool
    /// Whether messages can be grouped in threads.
    public let threads: Bool
    /// Messages in one `send_batch`; 1 for none.
    public let mostInBatch: Int
    /// Receipts, if the provider sends any.
    public let webhook: WebhookProfile?

    init(known value: Value) {
        func number(_ name: String, _ standard: Int) -> Int { value[name]?.intValue.map { Int($0) } ?? standard }
        channel = value["channel"]?.stringValue.flatMap(Channel.init) ?? .webhook
        formats = Set((value["formats"]?.arrayValue ?? []).compactMap(\.stringValue)).union(["text"])
        mostTitle = number("max_title", 200)
        mostBody = number("max_body", 4096)
        overflow = value["overflow"]?.stringValue.flatMap(Overflow.init) ?? .truncate
        attachments = value["attachments"].flatMap { limits in
            guard let count = limits["max_count"]?.intValue, let bytes = limits["max_bytes"]?.intValue else { return nil }
            return AttachmentLimits(count: Int(count), bytes: Int(bytes))
        }
        rate = SendRate(perSecond: Int(value["rate"]?["per_s"]?.intValue ?? 1), burst: Int(value["rate"]?["burst"]?.intValue ?? 5))
        idempotency = ProviderIdempotency(known: value["idempotency"])
        receipts = value["receipts"]?.boolValue ?? false
        threads = value["threads"]?.boolValue ?? false
        mostInBatch = number("batch_max", 1)
        webhook = value["webhook"].flatMap { $0.isNull ? nil : WebhookProfile(known: $0) }
    }

    static let formatNames = ["text", "markdown", "html", "blocks"]

    /// The form of `notifier` in a manifest.
    public static let schema = Schema.type(
        "Notifier", "What the notifier can carry.",
        [
            .required("channel", .enumeration(Channel.self), "The kind of channel.", example: "chat"),
            .required(
                "formats", .array(.enumeration(formatNames), 1...4), "Forms of the body; `text` is always there.",
                example: ["text", "markdown"]),
            .optional("max_title", .integer(0...1000), "Characters of a title. Default 200.", example: 200),
            .optional("max_body", .integer(1...65536), "Characters of a body. Default 4096.", example: 4000),
            .optional(
                "overflow", .enumeration(Overflow.self), "What the host does with a body that is too long. Default `truncate`.",
                example: "truncate"),
            .optional(
                "attachments",
                .object(
                    "",
                    [
                        .required("max_count", .integer(1...20), "How many.", example: 5),
                        .required("max_bytes", .integer(1...26_214_400), "Bytes together.", example: 1_048_576),
                    ]), "Attachments; none when missing.", example: ["max_count": 5, "max_bytes": 1_048_576]),
            .optional(
                "rate",
                .object(
                    "",
                    [
                        .required("per_s", .integer(1...1000), "Messages a second.", example: 1),
                        .required("burst", .integer(1...1000), "Messages at once.", example: 5),
                    ]), "How fast the host sends, for each instance. Default 1 a second, 5 at once.", example: ["per_s": 1, "burst": 5]),
            .optional("idempotency", ProviderIdempotency.schema, "Repeated requests. Default `none`.", example: ["style": "none"]),
            .optional("receipts", .boolean, "Whether the provider reports what became of a message.", example: false),
            .optional("threads", .boolean, "Whether messages can be grouped in threads.", example: false),
            .optional("batch_max", .integer(1...1000), "Messages in one `send_batch`.", example: 100),
            .optional("webhook", WebhookProfile.schema, "How receipts are verified. Required with `receipts`."),
        ])
}
