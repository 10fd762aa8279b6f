// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors

import Values

extension Operation {
    static let message = Schema.type(
        "Message", "A notification, rendered and escaped by the host.",
        [
            .required("notification_id", .string(36...36, format: .uuid), "Our name for it."),
            .required("dedupe_key", .string(1...128), "The same for the same message: hand it to the provider if it takes one."),
            .required(
                "event",
                .object(
                    "",
                    [
                        .required("id", .string(1...64), "Our name for the event."),
                        .required("type", .string(1...64), "`invoice.paid`…"),
                        .required("occurred_at_ms", .milliseconds, "When it happened."),
                    ]), "What it is about."),
            .required("severity", .enumeration(["info", "success", "warning", "error", "critical"]), "How urgent."),
            .required("title", .string(max: 1000), "One line."),
            .required(
                "body",
                .object(
                    "",
                    [
                        .required("text", .string(max: 65536), "Plain text; always there."),
                        .optional("html", .string(max: 262_144), "With the format `html`."),
                        .optional("markdown", .string(max: 65536), "With the format `markdown`."),
                        .optional("blocks", .array(.any, 0...100), "With the format `blocks`."),
                    ]), "The text in the forms that the manifest declares."),
            .optional("url", .string(max: 2048, format: .uri), "Where to read more."),
            .optional(
                "attributes",
                .array(
                    .object(
                        "",
                        [
                            .required("label", .string(max: 100), "What."),
                            .required("value", .string(max: 1000), "How much."),
                            .optional("url", .string(max: 2048, format: .uri), "Where to read more."),
                            .optional("style", .string(max: 40), "How to show it."),
                        ]), 0...25), "Facts for a table."),
            .required(
                "recipient",
                .object(
                    "",
                    [
                        .required("kind", .enumeration(["address", "target", "user"]), "What the address is."),
                        .required("address", .string(max: 320), "Where to; empty when the settings say it."),
                        .optional("locale", .string(2...35, format: .locale), "Language."),
                        .optional("timezone", .string(max: 64), "Time zone."),
                    ]), "Who gets it."),
            .optional("thread_key", .string(max: 128), "Messages with the same key belong together."),
            .optional(
                "attachments",
                .array(
                    .object(
                        "",
                        [
                            .required("name", .string(max: 200, format: .text), "File name."),
                            .required("mime", .string(max: 100), "Media type."),
                            .required("size", .integer(0...26_214_400), "Bytes."),
                            .required("handle", .any, "Stands for the bytes."),
                        ]), 0...20), "Files."),
            .optional(
                "group",
                .object(
                    "",
                    [
                        .required("count", .integer(1...1_000_000), "How many events."),
                        .required("first_at_ms", .milliseconds, "The first one."),
                        .required("last_at_ms", .milliseconds, "The last one."),
                    ]), "Set when the message stands for several events."),
            .required("test", .boolean, "Somebody is only trying the settings."),
        ])

    /// The contract of notifiers.
    static let notifier: [Operation] = [
        Operation(
            .notifier, "validate_config", .required, "Tries the settings with read-only calls to the provider.",
            request: [.optional("changed", .array(.string(1...64), 0...64), "The settings that have changed.")], result: ConfigCheck.schema),
        Operation(
            .notifier, "list_targets", .optional, "Offers what an administrator can choose for a setting: channels, rooms, lists.",
            request: [
                .required("field", .string(1...64), "The setting."),
                .optional("query", .string(max: 100, format: .text), "What was typed so far."),
                .optional("cursor", .string(max: 512), "`next` of the page before."),
            ],
            result: .object(
                "",
                [
                    .required(
                        "options",
                        .array(
                            .object(
                                "",
                                [
                                    .required("value", .string(1...512), "What is stored."),
                                    .required("label", .string(1...200, format: .text), "What is shown."),
                                ]), 0...200), "The choices."),
                    .optional("next", .string(max: 512), "For the next page."),
                ])),
        Operation(
            .notifier, "send", .required, isMutating: true, "Sends one notification.", request: message.fields,
            result: DeliveryResult.schema),
        Operation(
            .notifier, "send_batch", .when("`batch_max` is greater than 1"), isMutating: true, "Sends several at once.",
            request: [.required("messages", .array(message, 1...1000), "The notifications.")],
            result: .object("", [.required("results", .array(DeliveryResult.schema, 1...1000), "One for each message, in the same order.")])
        ),
        Operation(
            .notifier, "get_delivery", .optional, "What became of a message?",
            request: [.required("provider_message_id", .string(1...255), "The provider's name for it.")], result: DeliveryResult.schema),
        verifyWebhook(.notifier),
        Operation(
            .notifier, "parse_receipt", .when("`receipts` is true"), "Reads a receipt whose signature the host has verified.",
            request: webhookRequest,
            result: .object(
                "",
                [
                    .required(
                        "receipts",
                        .array(
                            .object(
                                "",
                                [
                                    .required("provider_message_id", .string(1...255), "The provider's name for the message."),
                                    .required(
                                        "status", .enumeration(["accepted", "delivered", "bounced", "complained", "failed"]),
                                        "What became of it."),
                                    .required("occurred_at_ms", .milliseconds, "When."),
                                    .optional("reason", .string(max: 512, format: .text), "Why."),
                                ]), 0...200), "What happened.")
                ])),
    ]
}
