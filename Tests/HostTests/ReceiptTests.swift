// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors

import Host
import PluginAPI
import Sandbox
import Security
import Storage
import Testing
import Values

@Suite("Receipts", .timeLimit(.minutes(10)))
struct ReceiptTests {
    private static let plugin = TestPlugin(
        limits: ["wall_ms": 5000, "instructions": 5_000_000],
        actions: [
            "hash": "for i = 1, 3 do ctx.crypto.hash('sha256', 'a very particular text') end return ctx.random.uuid()",
            "spin": "while true do end",
        ])

    /// What the newest call's closing record says of its cost, and the whole record as text.
    private func newest(_ rig: Rig) async throws -> (resources: Value, text: String) {
        let row = try #require(try await rig.trail(action: "plugin.invoke.notifier").first)
        return (row.detailValue["resources"] ?? .null, row.detail)
    }

    @Test("every closing record says what the call has cost, and nothing of what it was about")
    func cost() async throws {
        try await Rig.with { rig in
            let plugin = try await rig.enable(Self.plugin)

            let report = try await rig.call(plugin, "hash", ["text": "payload-that-nobody-keeps"])

            #expect(report.failure == nil)
            let (resources, text) = try await newest(rig)
            #expect(
                Set(resources.mapValue?.keys.map { $0 } ?? []) == [
                    "cpu_us", "wall_us", "memory_peak", "host_calls", "bytes_in", "bytes_out",
                ])
            #expect(resources["host_calls"] == ["crypto.hash": 3, "random.uuid": 1])
            for name in ["cpu_us", "wall_us", "memory_peak", "bytes_in", "bytes_out"] {
                #expect(try #require(resources[name]?.intValue) > 0, "\(name)")
            }
            #expect(!text.contains("particular") && !text.contains("nobody-keeps"))
            #expect(report.receipt.hostCallCount == 4)
        }
    }

    @Test("a call that was ended by force has its receipt, and the place in the plugin where it was")
    func forced() async throws {
        try await Rig.with { rig in
            let plugin = try await rig.enable(Self.plugin)

            let failure = try await rig.call(plugin, "spin").failure

            #expect(failure?.code == .timeout && failure?.message.hasPrefix("main.lua:") == true)
            let (resources, text) = try await newest(rig)
            #expect(try #require(resources["cpu_us"]?.intValue) >= 50_000)
            #expect(text.contains("main.lua:"))
        }
    }
}
