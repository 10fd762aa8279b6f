// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors

import Glibc
import Host
import PluginAPI
import Sandbox
import Security
import Storage
import Testing
import Values

@Suite("Quarantine", .timeLimit(.minutes(10)))
struct QuarantineTests {
    private static let plugin = TestPlugin(actions: ["hello": "return 'x'"])

    /// Lets the cell of a tenant's plugin die like a memory fault would.
    private func crash(_ rig: Rig, _ plugin: PluginID) async throws {
        #expect(try await rig.call(plugin, "hello").failure == nil)
        let (sandbox, before) = (rig.host.sandbox, rig.host.sandbox.statistics.crashed)
        let hash = try await rig.host.plugins.get(plugin, rig.permit(.pluginRead)).installed.hash
        for pid in sandbox.processes(of: hash) { kill(pid, SIGSEGV) }
        while sandbox.statistics.crashed == before { await Task.yield() }
    }

    private func stop(_ rig: Rig, _ plugin: PluginID, _ tenant: TenantRecord? = nil) async throws -> PluginStop? {
        try await rig.host.plugins.get(plugin, rig.permit(.pluginRead, tenant)).stop
    }

    private func code(_ body: () async throws -> some Any) async -> HostError.Code? {
        do {
            _ = try await body()
            return nil
        } catch {
            return (error as? HostError)?.code
        }
    }

    @Test("three crashes stop the plugin for that tenant, on every host and over a restart, until an administrator releases it")
    func threeCrashes() async throws {
        try await Rig.with(sandbox: { $0.crashes.backOff = .zero }) { rig in
            let plugin = try await rig.enable(Self.plugin)
            try await rig.enable(Self.plugin, for: rig.globex)
            let fresh = try await rig.anotherHost()
            try await rig.watching {
                for _ in 1...3 { try await crash(rig, plugin) }
                while try await stop(rig, plugin) == nil { await Task.yield() }

                #expect(try await stop(rig, plugin)?.kind == .quarantined)
                #expect(try await stop(rig, plugin, rig.globex) == nil)
                for host in [rig.host, fresh] {
                    #expect(await code { try await rig.call(plugin, "hello", on: host) } == .pluginQuarantined)
                    #expect(try await rig.call(plugin, "hello", tenant: rig.globex, on: host).failure == nil)
                }

                await #expect(throws: Denial.missingPermission(.pluginEnable)) {
                    try await rig.host.stops.release(plugin, rig.permit(.pluginRead), Rig.trace)
                }
                #expect(try await rig.host.stops.release(plugin, rig.permit(.pluginEnable, rig.globex), Rig.trace) == [])
                #expect(try await rig.host.stops.release(plugin, rig.permit(.pluginEnable), Rig.trace) == ["1.0.0"])
                #expect(try await rig.call(plugin, "hello").failure == nil)
                #expect(rig.host.sandbox.quarantine.isEmpty)
                // What counted before counts no more.
                try await crash(rig, plugin)
                #expect(try await rig.call(plugin, "hello").failure == nil)
            }
            await fresh.shutdown()
        }
    }

    @Test("crashes, the quarantine and the release stand in that tenant's trail alone")
    func trail() async throws {
        try await Rig.with(sandbox: { $0.crashes.backOff = .zero }) { rig in
            let plugin = try await rig.enable(Self.plugin)
            try await rig.watching {
                for _ in 1...3 { try await crash(rig, plugin) }
                while try await stop(rig, plugin) == nil { await Task.yield() }
                _ = try await rig.host.stops.release(plugin, rig.permit(.pluginEnable), Rig.trace)
                _ = try await rig.host.stops.release(plugin, rig.permit(.pluginEnable), Rig.trace)
            }

            let crashes = try await rig.trail(action: "plugin.crashed")
            let quarantined = try await rig.trail(action: "plugin.quarantined")
            #expect(crashes.count == 3 && crashes.allSatisfy { $0.resource == "plugin:probe" && $0.outcome == "failure" })
            #expect(crashes.first?.detailValue["exit"] == "signal 11" && crashes.first?.actor == "system:sandbox")
            #expect(quarantined.count == 1 && quarantined.first?.detailValue["crashes"] == 3)
            #expect(quarantined.first?.detailValue["label"] == "default")
            #expect(try await rig.trail(action: "plugin.released").map { $0.detailValue["versions"] } == [["1.0.0"]])
            for action in ["plugin.crashed", "plugin.quarantined", "plugin.released"] {
                #expect(try await rig.trail(rig.globex, action: action).isEmpty)
            }
        }
    }

    @Test("a plugin that restarts, and one that too many wait for, are passing failures of which nothing was sent")
    func passing() async throws {
        var configuration = HostConfiguration(isDevelopment: true)
        configuration.caps.cpu = .seconds(5)
        var spinning = Self.plugin
        spinning.limits = ["wall_ms": 30_000, "instructions": 500_000_000]
        spinning.actions["spin"] = "while true do end"
        try await Rig.with(
            configuration,
            sandbox: {
                ($0.states, $0.maximumWaiting) = (1, 1)
                ($0.crashes.backOff, $0.crashes.crashes) = (.seconds(7), .max)
            }
        ) { rig in
            let plugin = try await rig.enable(spinning)
            async let first = rig.call(plugin, "spin")
            while rig.host.sandbox.statistics.running == 0 { await Task.yield() }
            async let second = rig.call(plugin, "hello")
            while rig.host.sandbox.statistics.waiting == 0 { await Task.yield() }

            let overloaded = try await rig.call(plugin, "hello").failure
            let hash = try await rig.host.plugins.get(plugin, rig.permit(.pluginRead)).installed.hash
            for pid in rig.host.sandbox.processes(of: hash) { kill(pid, SIGSEGV) }
            let crashed = try await first.failure
            let waited = try await second.failure
            var restarting: PluginFailure?
            // A signal may still meet the process before: then the call ends by its limit, and that is no crash.
            for _ in 0..<5 where restarting == nil {
                for _ in 0..<2 {
                    async let again = rig.call(plugin, "spin")
                    while rig.host.sandbox.statistics.running == 0 { await Task.yield() }
                    for pid in rig.host.sandbox.processes(of: hash) { kill(pid, SIGSEGV) }
                    _ = try await again
                }
                restarting = try await rig.call(plugin, "hello").failure
            }

            #expect(overloaded?.code == .rateLimited && overloaded?.outcome == .notSent && overloaded?.isRetryable == true)
            #expect(overloaded?.retryAfterSeconds == 1)
            #expect(crashed?.outcome == .notSent && crashed?.message.contains("signal 11") == true)
            #expect(waited == nil || waited?.code == .pluginRestarting && waited?.outcome == .notSent)
            #expect(restarting?.code == .pluginRestarting && restarting?.outcome == .notSent && restarting?.isRetryable == true)
            #expect((1...7).contains(restarting?.retryAfterSeconds ?? 0))
        }
    }
}
