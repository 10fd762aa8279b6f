// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors

import Host
import Logging
import Security
import Storage
import Synchronization
import Testing

/// A clock that only moves forward, by hand.
private final class Steps: Sendable {
    private let state = Mutex(ContinuousClock.now)

    var now: ContinuousClock.Instant { state.withLock { $0 } }
    func pass(_ duration: Duration) { state.withLock { $0 += duration } }
}

@Suite("HostMembership", .timeLimit(.minutes(10)))
struct HostMembershipTests {
    private let steps = Steps()

    private func membership(_ rig: Rig, name: String = "a", clock: HostClock = .system) -> HostMembership {
        HostMembership(
            database: rig.database, authority: rig.authority, clock: clock,
            logger: Logger(label: "test", factory: { _ in SwiftLogNoOpLogHandler() }), run: HostRun(name: name) { _ in false },
            elapsed: { [steps] in steps.now })
    }

    private func hosts<T: Sendable>(_ rig: Rig, _ body: @escaping @Sendable (HostRegistry) throws -> T) async throws -> T {
        try await rig.database.platform(rig.authority.platform("test")) { tx in try body(HostRegistry(tx)) }
    }

    @Test("goes on under a new name after it was taken for dead, and sends nothing for what it began before")
    func renamed() async throws {
        try await Rig.with { rig in
            let host = membership(rig)
            await host.beat()
            let living = try await hosts(rig) { try $0.living().map(\.run) }
            #expect(living == ["a"])
            let began = steps.now
            #expect(host.mayAct(begunAt: began))

            // It sleeps past its lease, and another host notices.
            steps.pass(HostMembership.lease)
            #expect(!host.mayAct(begunAt: began))
            #expect(host.problem != nil)
            #expect(try await hosts(rig) { try $0.bury("a", at: 1) })
            await host.beat()

            #expect(host.run.description != "a")
            #expect(try await hosts(rig) { try $0.living().map(\.run) } == [host.run.description])
            #expect(!host.mayAct(begunAt: began))
            #expect(host.mayAct(begunAt: steps.now))
            #expect(host.problem == nil)
        }
    }

    @Test("takes nobody for dead until it has itself been heard of for a whole lease")
    func patience() async throws {
        try await Rig.with { rig in
            let host = membership(rig)
            try await hosts(rig) { try $0.join("silent", milliseconds: 1, at: 1) }

            await host.beat()
            steps.pass(HostMembership.lease / 2)
            await host.beat()
            #expect(try await hosts(rig) { try $0.living().map(\.run) } == ["silent", "a"])
            steps.pass(HostMembership.lease / 2)
            await host.beat()

            #expect(try await hosts(rig) { try $0.living().map(\.run) } == ["a"])
        }
    }

    @Test("goes by the database's clock, whatever becomes of the machine's own", arguments: [3_600_000, -3_600_000] as [Int64])
    func clockJumps(jump: Int64) async throws {
        try await Rig.with { rig in
            let host = membership(rig, clock: HostClock { WallClock.system.now() + jump })
            let before = host.clock.nowMilliseconds()
            #expect(abs(before - WallClock.system.now() - jump) < 60_000)

            await host.beat()

            let now = host.clock.nowMilliseconds()
            #expect(abs(now - WallClock.system.now()) < 60_000)
            steps.pass(.seconds(5))
            #expect(host.clock.nowMilliseconds() == now + 5_000)
        }
    }

    @Test("says goodbye, so that others need not wait for its lease")
    func leaves() async throws {
        try await Rig.with { rig in
            let host = membership(rig)
            await host.beat()
            let work = Task { try await host.run() }
            work.cancel()
            try await work.value

            #expect(try await hosts(rig) { try $0.living().isEmpty })
        }
    }
}

@Suite("A host whose clock jumped", .timeLimit(.minutes(10)))
struct ClockJumpTests {
    private let clock = ManualClock()

    @Test("does not take over what another host has under way, and does not hold its own messages back")
    func notifications() async throws {
        // An hour ahead of everybody else.
        clock.advance(seconds: WallClock.system.now() / 1000 - clock.nowMs / 1000 + 3_600)
        try await MessagePeer.with(clock: clock) { rig, peer in
            try await rig.enable(MessagePeer.notifier)
            await rig.host.membership.beat()
            let (other, own) = (try await rig.notify("other"), try await rig.notify("own"))
            let now = WallClock.system.now()
            try await rig.database.transaction(rig.permit(.invokeNotifier).scope) { tx in
                let claimed = try NotificationRepository(tx).claim(
                    owner: "other host", at: now + 1_000, leaseUntil: now + 120_000, limit: 1)
                #expect(claimed.map(\.id) == [other.record.id])
            }

            #expect(try await rig.host.dispatcher.sendDue() == 1)

            #expect(peer.texts == ["own"])
            #expect(try await rig.notification(own).status == .accepted)
            #expect(try await rig.notification(other).status == .queued)
        }
    }
}
