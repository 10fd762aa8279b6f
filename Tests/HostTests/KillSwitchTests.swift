// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors

import Glibc
import Host
import Logging
import PluginAPI
import Sandbox
import Security
import Storage
import Testing
import Values

@Suite("The kill switch", .timeLimit(.minutes(10)))
struct KillSwitchTests {
    private static let plugin = TestPlugin(
        limits: ["wall_ms": 30_000, "instructions": 500_000_000], actions: ["hello": "return 'x'", "spin": "while true do end"])

    private static var patient: HostConfiguration {
        var configuration = HostConfiguration(isDevelopment: true)
        configuration.caps.cpu = .seconds(5)
        return configuration
    }

    /// As the command line has it: nothing but the database.
    private func stops(_ rig: Rig) -> PluginStops { PluginStops(database: rig.database) }

    private func kill(_ rig: Rig, _ name: String = "probe") async throws -> [PluginStops.Change] {
        try await stops(rig).kill(
            try #require(ProgramName(name)), reason: "leaks keys", as: rig.authority, trail: rig.platform.id, Rig.trace)
    }

    private func revive(_ rig: Rig, _ name: String = "probe") async throws -> [PluginStops.Change] {
        try await stops(rig).revive(try #require(ProgramName(name)), as: rig.authority, trail: rig.platform.id, Rig.trace)
    }

    private func refusal(_ body: () async throws -> some Any) async -> HostError? {
        do {
            _ = try await body()
            return nil
        } catch {
            return error as? HostError
        }
    }

    @Test("ends the calls of every tenant on every host within a second, and refuses new ones")
    func everywhere() async throws {
        try await Rig.with(Self.patient) { rig in
            let plugin = try await rig.enable(Self.plugin)
            try await rig.enable(Self.plugin, for: rig.globex)
            let other = try await rig.anotherHost()
            try await rig.watching(rig.host, other) {
                var quickest = Duration.seconds(60)
                // The machine may be busy with something else once.
                for _ in 1...3 {
                    _ = try await revive(rig)
                    for host in [rig.host, other] { await host.stopWatch.look() }
                    async let here = rig.call(plugin, "spin")
                    async let there = rig.call(plugin, "spin", tenant: rig.globex, on: other)
                    while rig.host.sandbox.statistics.running == 0 || other.sandbox.statistics.running == 0 { await Task.yield() }
                    let began = ContinuousClock.now

                    let changes = try await kill(rig)
                    let reports = [try await here, try await there]
                    quickest = min(quickest, began.duration(to: .now))

                    #expect(changes.map(\.label) == ["probe 1.0.0"] && changes.allSatisfy(\.isNew))
                    for report in reports {
                        #expect(report.failure?.code == .pluginKilled && report.failure?.outcome == .notSent)
                    }
                }
                #expect(quickest < .seconds(1))
                for (tenant, host) in [(rig.acme, rig.host), (rig.globex, other)] {
                    let refused = await refusal { try await rig.call(plugin, "hello", tenant: tenant, on: host) }
                    #expect(refused?.code == .pluginKilled)
                    #expect(refused?.message.contains("leaks keys") == true && refused?.message.contains("operators") == true)
                }
            }
            await other.shutdown()
        }
    }

    @Test("holds over a restart until the program is revived, and is told in every trail that it concerns")
    func restart() async throws {
        try await Rig.with { rig in
            let plugin = try await rig.enable(Self.plugin)
            let hash = try #require(try await kill(rig).first?.program)

            let fresh = try await rig.anotherHost()
            await fresh.stopWatch.look()
            #expect(fresh.sandbox.killed == [hash])
            #expect(await refusal { try await rig.call(plugin, "hello", on: fresh) }?.code == .pluginKilled)
            #expect(try await rig.host.plugins.get(plugin, rig.permit(.pluginRead)).stop?.reason == "leaks keys")

            #expect(try await revive(rig, hash).map(\.isNew) == [true])
            await fresh.stopWatch.look()
            #expect(try await rig.call(plugin, "hello", on: fresh).failure == nil)
            #expect(try await revive(rig).map(\.isNew) == [false])
            await fresh.shutdown()

            for tenant in [rig.acme, rig.platform] {
                let events = try await rig.trail(tenant, action: "plugin.kill")
                #expect(events.reversed().map { $0.detailValue["change"]?.stringValue } == ["killed", "revived"])
                #expect(events.last?.detailValue["reason"] == "leaks keys" && events.last?.detailValue["program"] == .string(hash))
            }
            #expect(try await rig.trail(rig.globex, action: "plugin.kill").isEmpty)
        }
    }

    @Test("stops a content that is not installed yet, and nothing else")
    func precaution() async throws {
        try await Rig.with { rig in
            let plugin = try await rig.enable(Self.plugin)
            let hash = String(repeating: "ab", count: 32)

            let changes = try await kill(rig, hash)
            #expect(changes.map(\.program) == [hash] && changes.map(\.isNew) == [true])
            #expect(changes.map(\.label) == ["a program that is not installed"])
            #expect(try await kill(rig, hash).map(\.isNew) == [false])
            #expect(try await rig.call(plugin, "hello").failure == nil)
            #expect(await refusal { try await kill(rig, "probe@9.9.9") }?.code == .notFound)
            #expect(await refusal { try await kill(rig, "no-such-plugin") }?.code == .notFound)
        }
    }

    @Test("is for the operators' tenant, whatever somebody else's permit says")
    func operatorsOnly() async throws {
        try await Rig.with { rig in
            try await rig.enable(Self.plugin)
            let name = try #require(ProgramName("probe"))

            await #expect(throws: Denial.platformOnly(.pluginKill)) {
                try await rig.host.stops.kill(name, reason: nil, rig.permit(.pluginKill), Rig.trace)
            }
            await #expect(throws: Denial.missingPermission(.pluginKill)) {
                try await rig.host.stops.revive(name, rig.permit(.pluginEnable, rig.platform), Rig.trace)
            }
            #expect(
                await refusal { try await stops(rig).kill(name, reason: "a\nb", as: rig.authority, trail: rig.platform.id, Rig.trace) }?
                    .code == .invalidRequest)
        }
    }

    @Test(
        "a name is a hash, an id with a version, or an id",
        arguments: [
            ("stripe", "stripe"), ("stripe@1.2.0", "stripe@1.2.0"),
            (String(repeating: "0f", count: 32), String(repeating: "0f", count: 32)),
            ("", nil), ("Stripe", nil), ("stripe@", nil), ("stripe@one", nil), ("stripe@1.2.0@", nil), ("@1.2.0", nil), ("a/b", nil),
        ])
    func names(text: String, expected: String?) {
        #expect(ProgramName(text)?.description == expected)
    }

    @Test("a host that cannot read it says that it is not ready")
    func unreadable() async throws {
        try await Rig.with { rig in
            let folder = "/tmp/panelhost-kill-switch-\(CallID.make())"
            let database = try SQLiteDatabase(path: folder)
            defer { for end in ["", "-wal", "-shm"] { unlink(folder + end) } }
            let watch = StopWatch(
                database: database, sandbox: rig.host.sandbox, authority: rig.authority, logger: .init(label: "test"), patience: .zero)
            #expect(await watch.problem == nil)
            try database.close()

            try await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask { try await watch.run() }
                while await watch.problem == nil { await Task.yield() }
                group.cancelAll()
                try await group.waitForAll()
            }

            #expect(await watch.problem == "cannot be read")
            #expect(await rig.host.health.parts().first { $0.name == "kill_switch" }?.problem == nil)
        }
    }
}
