// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors

import PluginAPI
package import Security
package import Storage
import Values

/// Takes messages in: a message that was accepted here is in the database and will be tried. Sending is the dispatcher's job, so that a
/// slow notifier never holds up whoever reports an event.
package struct NotificationService: Sendable {
    private let database: any Database
    private let directory: PluginDirectory
    private let clock: HostClock
    private let dispatcher: NotificationDispatcher

    package init(database: any Database, directory: PluginDirectory, clock: HostClock, dispatcher: NotificationDispatcher) {
        (self.database, self.directory, self.clock, self.dispatcher) = (database, directory, clock, dispatcher)
    }

    /// Queues a message. The same idempotency key with the same message finds the notification that the first try made.
    package func send(
        _ permit: Permit, _ request: SendNotification, idempotencyKey: String, origin: CallOrigin
    ) async throws -> NotificationView {
        let instance = try await directory.instance(for: permit, plugin: request.plugin, label: request.label)
        guard instance.manifest.kind == .notifier else {
            throw HostError(
                .unsupported, "\(request.plugin) is not a notifier", fields: [.init(field: "plugin", message: "must be a notifier plugin")])
        }
        // The dispatcher sends in the host's name: what the caller is denied is refused here.
        try CapabilityGate.requireNotDenied("http.request", of: instance.plugin, to: permit.principal)
        // A notifier that reports on notifications would call itself for ever.
        guard !request.eventType.hasPrefix("notification.") else {
            throw HostError(
                .invalidRequest, "the request is not valid",
                fields: [.init(field: "event_type", message: "must not start with 'notification.': those events are not sent to notifiers")]
            )
        }
        let now = clock.nowMilliseconds()
        let id = NotificationID.make()
        var message = request.message
        message["notification_id"] = .string(id.description)
        message["event"] = [
            "id": .string(request.eventID ?? id.description), "type": .string(request.eventType), "occurred_at_ms": .int(now),
        ]
        let key = Hex.encode(Hash.sha256(Array(idempotencyKey.utf8)))
        message["dedupe_key"] = .string(key)
        let record = NotificationRecord(
            id: id, instance: instance.id, plugin: instance.plugin, dedupeKey: key, eventType: request.eventType,
            message: JSON.text(.map(message)), status: .queued, dropsUnknown: request.dropsUnknown, attempts: 0, dueAt: now, createdAt: now)
        let event = AuditEvent(
            of: permit, resource: "notification:\(id)", outcome: .success,
            detail: [
                "event": "notification.queued", "plugin": .string(instance.plugin.description), "type": .string(request.eventType),
            ], correlation: origin.correlation, address: origin.address)
        let stored = try await database.transaction(permit.scope) { tx -> NotificationRecord in
            let notifications = NotificationRepository(tx)
            if try notifications.insert(record) {
                try tx.append(event)
                return record
            }
            guard let known = try notifications.notification(of: instance.id, dedupeKey: key), Self.isSame(known, record) else {
                throw HostError(.idempotencyMismatch, "this Idempotency-Key was used for another message")
            }
            return known
        }
        dispatcher.wake()
        return NotificationView(record: stored)
    }

    /// One notification.
    package func get(_ permit: Permit, _ id: NotificationID) async throws -> NotificationView {
        try permit.require("notification:\(id)")
        guard let record = try await database.readOne(permit.scope, { try NotificationRepository($0).notification(id) }) else {
            throw HostError(.notFound, "there is no such notification")
        }
        return NotificationView(record: record)
    }

    /// Whether two notifications ask for the same, apart from what the host added.
    private static func isSame(_ one: NotificationRecord, _ other: NotificationRecord) -> Bool {
        func content(_ text: String) -> Value? {
            guard case .map(var members)? = try? JSON.parse(Array(text.utf8)) else { return nil }
            let id = members.removeValue(forKey: "notification_id")
            if case .map(var event)? = members["event"] {
                event["occurred_at_ms"] = nil
                if event["id"] == id { event["id"] = nil }
                members["event"] = .map(event)
            }
            return .map(members)
        }
        return one.dropsUnknown == other.dropsUnknown && content(one.message) != nil && content(one.message) == content(other.message)
    }
}
