// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors

import Host
import Logging
import Security
import Storage
import Testing

@Suite("Audit sinks, shipping")
struct SinkShippingTests {
    @Test("another host goes on where a dead one was, and what the dead one still delivers moves nothing")
    func takeover() async throws {
        try await SyslogPeer.with { peer in
            try await SinkBench.with("syslog+tcp://127.0.0.1:\(peer.port)") { bench in
                let (first, second) = (bench.worker("first", batch: 40), bench.worker("second"))
                var (held, taken) = (SinkWorker.Progress(), SinkWorker.Progress())
                let size = try await bench.fill(100)
                #expect(try await first.look(&held) == .shipped(40))
                #expect(try await second.look(&taken) == .elsewhere)

                // The first is not heard of any more.
                _ = try await bench.rig.database.platform(bench.rig.authority.platform("test")) {
                    try HostRegistry($0).bury("first", at: WallClock.system.now())
                }
                #expect(try await bench.drain(second, &taken) == [])
                #expect(try await first.look(&held) == .elsewhere)

                #expect(peer.messages.compactMap { ReceivedEvent($0) }.places(of: "\(bench.rig.acme.id)") == Array(0..<size))
                #expect(peer.messages.count == Int(try await bench.record().delivered), "none came twice")
                await second.end(&taken)
                #expect(try await first.look(&held) == .nothingOwed, "a lease that was given back is free at once")
                await first.end(&held)
            }
        }
    }

    @Test("a host that dies between delivery and note leaves the events to come again, in order")
    func diesBeforeTheNote() async throws {
        try await LoopbackPeer.with { peer in
            try await SinkBench.with(peer.origin + "/echo", secret: SinkBench.secretText) { bench in
                try await bench.fill(30)
                let (first, second) = (bench.worker("first"), bench.worker("second"))
                var (held, taken) = (SinkWorker.Progress(), SinkWorker.Progress())
                // Its lease is lost while the events are on their way.
                let buried = ObservedDatabase(bench.rig.database) { sql, _ in
                    sql.contains("SELECT fence FROM job_leases") && sql.contains("holder = $3")
                        ? sql.replacing("fence = $4", with: "fence = -$4") : sql
                }
                let dying = SinkWorker(
                    bench.sink, database: buried, authority: bench.rig.authority,
                    transports: SinkTransports(secrets: HostSecrets(roots: bench.rig.ring), isDevelopment: true), holder: { "first" },
                    logger: Logger(label: "test", factory: { _ in SwiftLogNoOpLogHandler() }))
                await #expect(throws: StorageError.self) { _ = try await dying.look(&held) }
                await dying.end(&held)
                #expect(peer.seen.count == 1)
                #expect(try await bench.record().delivered == 0)
                _ = try await bench.rig.database.platform(bench.rig.authority.platform("test")) {
                    try HostRegistry($0).bury("first", at: WallClock.system.now())
                }

                #expect(try await bench.drain(second, &taken) == [])
                await second.end(&taken)
                await first.end(&held)

                #expect(peer.seen.count == 2)
                #expect(peer.seen[0].body == peer.seen[1].body && peer.seen[0].headers["webhook-id"] == peer.seen[1].headers["webhook-id"])
            }
        }
    }

    @Test("the service finds sinks by itself, and one that hangs does not hold up another", .timeLimit(.minutes(1)))
    func service() async throws {
        let folder = try TestFolder()
        try await SyslogPeer.with(.linger, .linger, .linger, .linger) { peer in
            try await SinkBench.with("syslog+tcp://127.0.0.1:\(peer.port)") { bench in
                let file = AuditSinkRecord(
                    name: "file", url: "file://\(folder.path)/audit.jsonl", format: .json, lagLimit: 0, createdAt: 1,
                    createdBy: "system:test")
                try await bench.rig.database.platform(bench.rig.authority.platform("test")) {
                    try AuditSinkRepository($0).add(file, fromStart: true, by: "system:test", correlation: "c")
                }
                try await bench.fill(20)
                let shipping = bench.rig.host.shipping
                let task = Task { try await shipping.run() }
                var delivered: Int64 = 0
                while delivered < 21 {
                    delivered =
                        try await bench.rig.database.platformRead(bench.rig.authority.platform("test")) {
                            try AuditSinkRepository($0).find(name: "file")?.delivered
                        } ?? 0
                    await Task.yield()
                }
                #expect(try await bench.record().delivered == 0)
                task.cancel()
                _ = await task.result
            }
        }
    }

    @Test("changes are refused while the oldest event waits longer than the limit, and allowed again once it was taken")
    func gate() async throws {
        let port = try await LoopbackPeer.refusedPort()
        try await SinkBench.with("syslog+tcp://127.0.0.1:\(port)", lagLimit: 1) { bench in
            let gate = AuditSinkGate(database: bench.rig.database, authority: bench.rig.authority, memory: .zero)
            // The limit is counted from the moment at which the sink was added.
            try await bench.fill(1)
            while (try await gate.statuses().first?.lag ?? 0) <= 1 { await Task.yield() }
            await #expect { try await gate.admit() } throws: {
                let error = $0 as? HostError
                return error?.code == .auditSinkLagging && error?.retryAfterSeconds != nil
            }
            #expect(try await gate.statuses().map(\.isOverLimit) == [true])

            try await bench.rig.database.platform(bench.rig.authority.platform("test")) {
                _ = try AuditSinkRepository($0).setPaused(true, name: "siem", by: "system:test", correlation: "c", at: 1)
            }
            try await gate.admit()
        }
    }

    @Test("a limit of 0 never refuses anything")
    func neverBlocks() async throws {
        try await SinkBench.with("syslog+tcp://127.0.0.1:1", lagLimit: 0) { bench in
            try await bench.fill(1)
            let gate = AuditSinkGate(database: bench.rig.database, authority: bench.rig.authority, memory: .zero)
            while (try await gate.statuses().first?.lag ?? 0) <= 1 { await Task.yield() }
            try await gate.admit()
        }
    }
}
