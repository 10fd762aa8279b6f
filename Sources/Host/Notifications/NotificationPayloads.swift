// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors

package import PluginAPI
package import Security
package import Storage
package import Values

/// A message that the panel wants to go out through a notifier.
package struct SendNotification: Sendable {
    package var plugin: PluginID
    package var label: String
    package var eventType: String
    package var eventID: String?
    package var dropsUnknown: Bool
    package var isTest: Bool
    /// What the notifier gets, without the ids that the host adds.
    package var message: [String: Value]
    /// A token that goes along; the host's own messages alone ask for one.
    var token: TokenOrder?

    private static let attribute = Schema.object(
        "A named value.",
        [
            .required("label", .string(1...100)), .required("value", .string(0...1000)),
        ])
    private static let recipient = Schema.object(
        "Whom it is for.",
        [
            .required("kind", .enumeration(["address", "target", "user"])), .required("address", .string(1...254)),
            .optional("locale", .string(2...16)), .optional("timezone", .string(1...64)),
        ])

    private static let fields: [Schema.Field] = [
        .required("plugin", .string(2...63), "The notifier.", example: "slack"),
        .optional("label", .string(1...63), "Which instance of the plugin; `default` unless said otherwise."),
        .required("event_type", .string(1...100), "What happened.", example: "invoice.paid"),
        .optional("event_id", .string(1...100), "Your id of the event: shown to the notifier."),
        .optional("severity", .enumeration(["info", "success", "warning", "error", "critical"]), "`info` unless said otherwise."),
        .required("title", .string(1...256), "One line."),
        .required("text", .string(1...16_000), "The message as plain text."),
        .optional("markdown", .string(1...16_000), "The same as Markdown, for notifiers that can show it."),
        .optional("url", .string(1...2048, format: .uri), "Where to read more."),
        .optional("attributes", .array(attribute, 0...20), "Named values to show."),
        .optional("recipient", recipient, "Whom it is for, where the notifier sends to somebody."),
        .optional("thread_key", .string(1...100), "Messages of the same key belong together."),
        .optional(
            "on_unknown", .enumeration(["retry", "drop"]),
            "When nobody knows whether it arrived: `retry` (the default), or rather not at all."),
        .optional("test", .boolean, "Marks a test message."),
    ]

    package static let schema = Schema.object("A message to send.", fields)

    /// Reads what ``schema`` has accepted.
    package init(_ input: Value) throws(HostError) {
        plugin = try input.plugin()
        label = input["label"]?.stringValue ?? "default"
        eventType = input["event_type"]?.stringValue ?? ""
        eventID = input["event_id"]?.stringValue
        dropsUnknown = input["on_unknown"]?.stringValue == "drop"
        isTest = input["test"]?.boolValue ?? false
        var body: [String: Value] = ["text": input["text"] ?? ""]
        if let markdown = input["markdown"], !markdown.isNull { body["markdown"] = markdown }
        var message: [String: Value] = [
            "severity": input["severity"] ?? "info", "title": input["title"] ?? "", "body": .map(body),
            "attributes": input["attributes"] ?? .array([]), "attachments": .array([]), "test": .bool(isTest),
            "recipient": input["recipient"] ?? ["kind": "target", "address": .string(label)],
        ]
        for name in ["url", "thread_key"] {
            if let value = input[name], !value.isNull { message[name] = value }
        }
        self.message = message
    }
}

/// A notification as a caller sees it.
package struct NotificationView: Sendable, Hashable {
    package var record: NotificationRecord

    package var json: Value {
        var view: [String: Value] = [
            "notification_id": .string(record.id.description), "plugin": .string(record.plugin.description),
            "event_type": .string(record.eventType), "status": .string(record.status.rawValue), "attempts": .int(Int64(record.attempts)),
            "provider_message_ids": (try? JSON.parse(Array(record.providerMessageIDs.utf8))) ?? .array([]),
            "created_at": .int(record.createdAt), "updated_at": .int(record.updatedAt),
        ]
        if let failure = record.failure { view["failure"] = .string(failure) }
        if let dueAt = record.dueAt { view["next_attempt_at"] = .int(dueAt) }
        return .map(view)
    }

    package static let schema = Schema.type(
        "Notification", "One message and what became of it.",
        [
            .required("notification_id", .string(max: 36)),
            .required("plugin", .string(max: 63)),
            .required("event_type", .string(max: 100)),
            .required(
                "status", .enumeration(["queued", "sending", "accepted", "delivered", "failed", "suppressed", "dead_letter", "unknown"])),
            .required("attempts", .integer(0...1000)),
            .required("provider_message_ids", .array(.string(max: 255), 0...100)),
            .required("created_at", .milliseconds),
            .required("updated_at", .milliseconds),
            .optional("failure", .string(max: 64), "The code of the last failure."),
            .optional("next_attempt_at", .milliseconds, "When it is tried next."),
        ])
}
