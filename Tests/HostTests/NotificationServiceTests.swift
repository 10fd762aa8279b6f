// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors

import Host
import Security
import Storage
import Testing
import Values

@Suite("NotificationService", .timeLimit(.minutes(10)))
struct NotificationServiceTests {
    private func with(_ body: (Rig) async throws -> Void) async throws {
        try await Rig.with(clock: ManualClock().host) { rig in
            try await rig.enable(MessagePeer.notifier)
            try await body(rig)
        }
    }

    private func count(_ rig: Rig, _ tenant: TenantRecord? = nil) async throws -> Int64 {
        try await rig.database.read(rig.permit(.invokeNotifier, tenant).scope) { tx in
            try tx.query("SELECT COUNT(*) AS n FROM notifications WHERE tenant_id = $1", [tx.tenant])[0].int("n")
        }
    }

    @Test("takes a message in, due at once, with a record in the trail that does not hold it")
    func queues() async throws {
        try await with { rig in
            let view = try await rig.notify("The money of Ada is here", fields: ["event_id": "evt-7", "on_unknown": "drop"])

            let record = try await rig.notification(view)
            #expect(record.status == .queued)
            #expect(record.dueAt == rig.host.clock.nowMilliseconds())
            #expect(record.attempts == 0)
            #expect(record.dropsUnknown)
            let message = try JSON.parse(Array(record.message.utf8))
            #expect(message["notification_id"]?.stringValue == record.id.description)
            #expect(message["event"]?["id"] == "evt-7")
            #expect(message["body"]?["text"] == "The money of Ada is here")
            let trail = try await rig.trail().filter { $0.resource == "notification:\(record.id)" }
            #expect(trail.count == 1)
            #expect(trail.first?.detail.contains("notification.queued") == true)
            #expect(!trail.contains { $0.detail.contains("Ada") })
        }
    }

    @Test("finds the same notification by the same key and message")
    func dedupe() async throws {
        try await with { rig in
            let first = try await rig.notify(key: "k")
            let second = try await rig.notify(key: "k")

            #expect(second.record == first.record)
            #expect(try await count(rig) == 1)
            #expect(try await rig.notify(key: "other").record.id != first.record.id)
        }
    }

    @Test("makes one notification of sixteen requests at the same time")
    func parallel() async throws {
        try await with { rig in
            let ids = try await withThrowingTaskGroup(of: NotificationID.self) { group in
                for _ in 0..<16 { group.addTask { try await rig.notify(key: "k").record.id } }
                return try await group.reduce(into: []) { $0.append($1) }
            }

            #expect(ids.count == 16)
            #expect(Set(ids).count == 1)
            #expect(try await count(rig) == 1)
        }
    }

    @Test(
        "refuses the same key for another message",
        arguments: [
            ["text": "Unpaid"], ["title": "Other"], ["severity": "error"], ["event_type": "invoice.overdue"], ["event_id": "evt-2"],
            ["on_unknown": "drop"], ["test": true], ["url": "https://example.com/"],
            ["recipient": ["kind": "address", "address": "a@b.test"]],
        ] as [Value])
    func mismatch(change: Value) async throws {
        try await with { rig in
            let first = try await rig.notify(key: "k", fields: ["event_id": "evt-1"])

            var fields: [String: Value] = ["event_id": "evt-1"]
            fields.merge(change.mapValue ?? [:]) { _, new in new }
            let changed = Value.map(fields)
            #expect(await code { try await rig.notify(key: "k", fields: changed) } == "idempotency_mismatch")
            #expect(try await rig.notify(key: "k", fields: ["event_id": "evt-1"]).record == first.record)
            #expect(try await count(rig) == 1)
        }
    }

    @Test("sends no notifier what is told of notifications", arguments: ["notification.failed", "notification.accepted", "notification."])
    func loop(type: String) async throws {
        try await with { rig in
            #expect(await code { try await rig.notify(fields: ["event_type": .string(type)]) } == "invalid_request")
            let stored = try await count(rig)
            #expect(stored == 0)
        }
    }

    @Test("takes nothing for a plugin that is no notifier, is disabled, or is not there")
    func plugins() async throws {
        try await with { rig in
            try await rig.enable(FactorBench.plugin())
            #expect(await code { try await rig.notify(fields: ["plugin": "factor"]) } == "unsupported")
            #expect(await code { try await rig.notify(fields: ["plugin": "nobody"]) } == "plugin_not_enabled")
            _ = try await rig.host.plugins.disable(#require(PluginID("probe")), rig.permit(.pluginEnable), Rig.trace)
            #expect(await code { try await rig.notify() } == "plugin_not_enabled")
            #expect(try await count(rig) == 0)
        }
    }

    @Test("shows another tenant nothing, and keeps keys apart")
    func tenants() async throws {
        try await with { rig in
            let view = try await rig.notify("acme's", key: "k")

            #expect(await code { try await rig.notification(view, rig.globex) } == "not_found")
            // What acme has enabled is not there for globex.
            #expect(await code { try await rig.notify(key: "k", tenant: rig.globex) } == "plugin_not_enabled")
            try await rig.enable(MessagePeer.notifier, for: rig.globex)
            let other = try await rig.notify("globex's", key: "k", tenant: rig.globex)
            #expect(other.record.id != view.record.id)
            #expect(try await count(rig, rig.globex) == 1)
        }
    }
}
