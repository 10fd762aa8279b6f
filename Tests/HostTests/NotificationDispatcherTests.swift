// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors

import Host
import Security
import Storage
import Testing
import Values

@Suite("NotificationDispatcher", .timeLimit(.minutes(10)))
struct NotificationDispatcherTests {
    private static let lease: Int64 = 120
    private let clock = ManualClock()

    private func with(_ body: (Rig, MessagePeer) async throws -> Void) async throws {
        try await MessagePeer.with(clock: clock) { rig, peer in
            try await rig.enable(MessagePeer.notifier)
            try await body(rig, peer)
        }
    }

    /// Moves the clock to when a notification is due.
    private func wait(for record: NotificationRecord) throws {
        let seconds = (try #require(record.dueAt) - clock.nowMs + 999) / 1000
        clock.advance(seconds: seconds)
    }

    @Test("sends what is queued, once")
    func sends() async throws {
        try await with { rig, peer in
            let view = try await rig.notify()

            #expect(try await rig.host.dispatcher.sendDue() == 1)
            #expect(try await rig.host.dispatcher.sendDue() == 0)

            let record = try await rig.notification(view)
            #expect(record.status == .accepted)
            #expect(record.attempts == 1)
            #expect(record.dueAt == nil)
            #expect(record.providerMessageIDs == #"["m-1"]"#)
            #expect(peer.seen.count == 1)
            #expect(peer.seen.first?["id"]?.stringValue == record.id.description)
            #expect(
                try await rig.trail().filter { $0.resource == "notification:\(record.id)" }.map(\.outcome).sorted() == [
                    "started", "success", "success",
                ])
            // Whoever asks again with the same key afterwards gets what became of it.
            #expect(try await rig.notify().record.status == .accepted)
            #expect(try await rig.host.dispatcher.sendDue() == 0)
        }
    }

    @Test(
        "believes a notifier's other answers",
        arguments: [("delivered", .delivered), ("rejected", .failed), ("deferred", .queued)] as [(String, NotificationRecord.Status)])
    func answers(status: String, expected: NotificationRecord.Status) async throws {
        try await with { rig, peer in
            let view = try await rig.notify()
            peer.answer(with: .init(headers: ["x-status": status]))

            _ = try await rig.host.dispatcher.sendDue()

            #expect(try await rig.notification(view).status == expected)
        }
    }

    @Test("waits as long as a provider asks for with 429 and Retry-After")
    func retryAfter() async throws {
        try await with { rig, peer in
            let view = try await rig.notify()
            peer.answer(with: .init(status: 429, headers: ["retry-after": "600"]))

            _ = try await rig.host.dispatcher.sendDue()
            let waiting = try await rig.notification(view)
            #expect(waiting.status == .queued)
            #expect(waiting.failure == "rate_limited")
            let delay = try #require(waiting.dueAt) - clock.nowMs
            #expect((600_000...601_000).contains(delay))

            clock.advance(seconds: 599)
            #expect(try await rig.host.dispatcher.sendDue() == 0)
            clock.advance(seconds: 2)
            #expect(try await rig.host.dispatcher.sendDue() == 1)
            #expect(try await rig.notification(view).status == .accepted)
            #expect(peer.seen.map { $0["attempt"] } == [1, 2])
        }
    }

    @Test("tries again at longer and longer distances, until the message is a dead letter")
    func deadLetter() async throws {
        try await with { rig, peer in
            let view = try await rig.notify()
            let minutes: [Double] = [1 / 6, 1, 5, 30, 120, 720]
            for minute in minutes {
                peer.answer(with: .init(status: 503))
                #expect(try await rig.host.dispatcher.sendDue() == 1)
                let record = try await rig.notification(view)
                #expect(record.status == .queued)
                let delay = Double(try #require(record.dueAt) - clock.nowMs) / 60_000
                #expect((minute...(minute * 1.1)).contains(delay))
                try wait(for: record)
            }
            peer.answer(with: .init(status: 503))
            #expect(try await rig.host.dispatcher.sendDue() == 1)

            let record = try await rig.notification(view)
            #expect(record.status == .deadLetter)
            #expect(record.attempts == 7)
            #expect(record.failure == "provider_unavailable")
            clock.advance(seconds: 400 * 86_400)
            #expect(try await rig.host.dispatcher.sendDue() == 0)
            #expect(peer.seen.count == 7)
            #expect(Set(peer.seen.map { $0["key"] }).count == 1)
        }
    }

    @Test("does not repeat what cannot succeed", arguments: [(400, "Invoice"), (200, "crash")])
    func failures(status: Int, title: String) async throws {
        try await with { rig, peer in
            let view = try await rig.notify(title: title)
            peer.answer(with: .init(status: status))

            _ = try await rig.host.dispatcher.sendDue()

            let record = try await rig.notification(view)
            #expect(record.status == .failed)
            #expect(record.dueAt == nil)
        }
    }

    @Test(
        "sends again what may have been lost, unless the sender wants it dropped", arguments: ["503", "hang up", "crash after"],
        [true, false])
    func unknown(manner: String, drops: Bool) async throws {
        try await with { rig, peer in
            let view = try await rig.notify(
                title: manner == "crash after" ? manner : "Invoice", fields: ["on_unknown": drops ? "drop" : "retry"])
            if manner == "503" { peer.answer(with: .init(status: 503)) }
            if manner == "hang up" { peer.answer(with: .init(hangsUp: true)) }

            _ = try await rig.host.dispatcher.sendDue()

            let record = try await rig.notification(view)
            #expect(record.status == (drops ? .unknown : .queued))
            #expect((record.dueAt == nil) == drops)
            #expect(peer.seen.count == 1)
        }
    }

    @Test("keeps what is queued for a disabled plugin, and sends it when the plugin is back")
    func disabled() async throws {
        try await with { rig, peer in
            let probe = try #require(PluginID("probe"))
            let view = try await rig.notify()
            _ = try await rig.host.plugins.disable(probe, rig.permit(.pluginEnable), Rig.trace)

            #expect(try await rig.host.dispatcher.sendDue() == 1)
            let waiting = try await rig.notification(view)
            #expect(waiting.status == .queued)
            #expect(waiting.failure == "plugin_not_enabled")
            #expect(peer.seen.isEmpty)

            _ = try await rig.host.plugins.enable(probe, rig.permit(.pluginEnable), Rig.trace)
            #expect(try await rig.host.dispatcher.sendDue() == 0)
            try wait(for: waiting)
            #expect(try await rig.host.dispatcher.sendDue() == 1)
            #expect(try await rig.notification(view).status == .accepted)
        }
    }

    @Test("sends each message once when two hosts share a database")
    func twoHosts() async throws {
        try await with { rig, peer in
            try await rig.enable(MessagePeer.notifier, for: rig.globex)
            for index in 0..<30 { _ = try await rig.notify("acme \(index)") }
            for index in 0..<10 { _ = try await rig.notify("globex \(index)", tenant: rig.globex) }

            try await withThrowingTaskGroup(of: Void.self) { group in
                for dispatcher in [rig.host.dispatcher, rig.secondDispatcher()] {
                    group.addTask { while try await dispatcher.sendDue() > 0 {} }
                }
                try await group.waitForAll()
            }

            #expect(peer.seen.count == 40)
            #expect(Set(peer.texts).count == 40)
            // Each message goes out as its own tenant's.
            for (slug, tenant) in [("acme", rig.acme), ("globex", rig.globex)] {
                let tenants = peer.seen.filter { $0["text"]?.stringValue?.hasPrefix(slug) == true }.map { $0["tenant"]?.stringValue }
                #expect(Set(tenants) == [tenant.id.description])
            }
        }
    }

    @Test("leaves the rest of a batch to whoever took it over while a notifier was slow")
    func slow() async throws {
        try await with { rig, peer in
            let (first, second) = (try await rig.notify("first"), try await rig.notify("second"))
            let (heir, clock) = (rig.secondDispatcher(), self.clock)
            peer.answer(
                with: .init(meanwhile: {
                    clock.advance(seconds: Self.lease + 1)
                    let taken = try await heir.sendDue()
                    #expect(taken == 2)
                }))

            _ = try await rig.host.dispatcher.sendDue()

            #expect(peer.texts == ["first", "first", "second"])
            #expect(try await rig.notification(first).status == .accepted)
            #expect(try await rig.notification(first).providerMessageIDs == #"["m-2"]"#)
            #expect(try await rig.notification(second).status == .accepted)
        }
    }

    @Test("takes what a slow host has under way for unknown when it must not go out twice, and sends the rest")
    func slowDrop() async throws {
        try await with { rig, peer in
            let drop: Value = ["on_unknown": "drop"]
            let (first, second) = (try await rig.notify("first", fields: drop), try await rig.notify("second", fields: drop))
            let (heir, clock) = (rig.secondDispatcher(), self.clock)
            peer.answer(
                with: .init(meanwhile: {
                    clock.advance(seconds: Self.lease + 1)
                    let taken = try await heir.sendDue()
                    #expect(taken == 1)
                }))

            _ = try await rig.host.dispatcher.sendDue()

            #expect(peer.texts == ["first", "second"])
            #expect(try await rig.notification(first).status == .unknown)
            #expect(try await rig.notification(second).status == .accepted)
        }
    }

    @Test("takes over what a dead host was sending, when its lease has ended", arguments: [true, false])
    func deadHost(drops: Bool) async throws {
        try await with { rig, peer in
            let view = try await rig.notify(fields: ["on_unknown": drops ? "drop" : "retry"])
            let now = clock.nowMs
            try await rig.database.transaction(rig.permit(.invokeNotifier).scope) { tx in
                let notifications = NotificationRepository(tx)
                let claimed = try notifications.claim(owner: "dead", at: now, leaseUntil: now + Self.lease * 1000, limit: 1)
                let record = try #require(claimed.first)
                #expect(try notifications.start(record, owner: "dead", at: now, leaseUntil: now + Self.lease * 1000))
            }

            clock.advance(seconds: Self.lease - 1)
            #expect(try await rig.host.dispatcher.sendDue() == 0)
            clock.advance(seconds: 1)
            #expect(try await rig.host.dispatcher.sendDue() == (drops ? 0 : 1))
            #expect(try await rig.notification(view).status == (drops ? .unknown : .accepted))
            #expect(peer.seen.map { $0["attempt"] } == (drops ? [] : [2]))
        }
    }
}
