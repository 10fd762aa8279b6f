// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors

import Host
import PluginAPI
import Security
import Storage
import Testing
import Values

@Suite("The plugin registry", .timeLimit(.minutes(10)))
struct PluginRegistryTests {
    private let probe = TestPlugin(
        capabilities: [
            "http": [["host": "api.example.com", "methods": ["GET", "POST"], "path_prefix": "/v1/"]], "storage": ["max_bytes": 1000],
        ],
        properties: [
            "api_key": ["type": "string", "x-secret": true, "pattern": "^sk_"], "greeting": ["type": "string", "default": "hi"],
            "note": ["type": "string"],
        ], required: ["api_key"], actions: ["hello": "return ctx.config.greeting"])

    private func id() throws -> PluginID { try #require(PluginID("probe")) }

    private func code(_ body: () async throws -> Void) async -> String {
        do {
            try await body()
            return "done"
        } catch let error as HostError {
            return error.code.description
        } catch let error as Denial {
            return error.code
        } catch {
            return "\(error)"
        }
    }

    private func install(_ plugin: TestPlugin, _ rig: Rig, signedBy key: Ed25519.PrivateKey? = nil) async throws {
        _ = try await rig.host.plugins.install(try plugin.archive(signedBy: key), as: rig.authority, trail: rig.platform.id, Rig.trace)
    }

    private func approve(_ rig: Rig, _ value: Value, version: String? = nil) async throws {
        _ = try await rig.host.plugins.approve(
            try id(), version: version, capabilities: try Capabilities(validating: value), rig.permit(.pluginApproveCapabilities), Rig.trace
        )
    }

    @Test("installs a version once, and records it in the platform's trail")
    func installs() async throws {
        try await Rig.with { rig in
            try await install(probe, rig)

            #expect(await code { try await install(probe, rig) } == "conflict")
            #expect(try await rig.trail(rig.platform, action: "plugin.install").map(\.resource) == ["plugin:probe"])
            #expect(try await rig.trail(action: "plugin.install").isEmpty)
        }
    }

    @Test("installs nothing of a broken archive")
    func broken() async throws {
        try await Rig.with { rig in
            let archive = try probe.archive()
            for bytes in [Array(archive.dropLast(600)), [], Array("PK".utf8), archive + [1]] {
                let result = await code {
                    _ = try await rig.host.plugins.install(bytes, as: rig.authority, trail: rig.platform.id, Rig.trace)
                }
                #expect(result == "archive_refused")
            }

            #expect(try await rig.host.plugins.list(ListPermit(rig.permit(.pluginRead))).isEmpty)
            #expect(try await rig.trail(rig.platform, action: "plugin.install").isEmpty)
        }
    }

    @Test("lets only the platform's administrators install")
    func platformOnly() async throws {
        try await Rig.with { rig in
            let archive = try probe.archive()

            let other = await code { _ = try await rig.host.plugins.install(archive, rig.permit(.pluginRead), Rig.trace) }
            let tenant = await code { _ = try await rig.host.plugins.install(archive, rig.permit(.pluginInstall), Rig.trace) }

            #expect(other == "missing_permission")
            #expect(tenant == "platform_only")
        }
    }

    @Test("an approval that is narrowed stays narrow, and a plugin that is switched off stays off, whoever decides at the same time")
    func racing() async throws {
        try await Rig.with { rig in
            try await install(probe, rig)
            let (id, plugins) = (try id(), rig.host.plugins)
            let wide = probe.capabilities
            for _ in 0..<15 {
                try await approve(rig, wide)
                async let enabled = code { _ = try await plugins.enable(id, rig.permit(.pluginEnable), Rig.trace) }
                async let narrowed = code { try await approve(rig, [:]) }
                let results = await (enabled, narrowed)
                let row = try #require(try await rig.database.read(rig.manage.scope) { try PluginRepository($0).find(id) })
                #expect([results.0, results.1].allSatisfy { $0 == "done" || $0 == "conflict" }, "\(results)")
                if results.1 == "done" { #expect(row.approved == .map([:]), "\(results)") }

                async let disabled = code { _ = try await plugins.disable(id, rig.permit(.pluginEnable), Rig.trace) }
                async let approved = code { try await approve(rig, wide) }
                let second = await (disabled, approved)
                let after = try await rig.database.read(rig.manage.scope) { try PluginRepository($0).find(id)?.status }
                #expect(second.0 == "done" && after == .disabled, "\(second)")
            }
        }
    }

    @Test("pins the first publisher of a plugin")
    func publisher() async throws {
        try await Rig.with { rig in
            let (key, other) = (try Ed25519.PrivateKey.generate(), try Ed25519.PrivateKey.generate())
            var next = probe
            next.version = "1.1.0"
            try await install(probe, rig, signedBy: key)

            #expect(await code { try await install(next, rig, signedBy: other) } == "archive_refused")
            #expect(await code { try await install(next, rig) } == "archive_refused")
            #expect(await code { try await install(next, rig, signedBy: key) } == "done")
        }
    }

    @Test("approves what was asked for or less, never more")
    func approval() async throws {
        try await Rig.with { rig in
            try await install(probe, rig)
            let http: Value = [["host": "api.example.com", "methods": ["GET"], "path_prefix": "/v1/charges/"]]

            for more: Value in [
                ["http": [["host": "evil.example.com", "methods": ["GET"], "path_prefix": "/"]]],
                ["http": [["host": "api.example.com", "methods": ["GET"], "path_prefix": "/"]]],
                ["http": [["host": "api.example.com", "methods": ["DELETE"], "path_prefix": "/v1/"]]], ["storage": ["max_bytes": 1001]],
                ["emit": ["plugin.probe.x"]],
            ] {
                #expect(await code { try await approve(rig, more) } == "capability_exceeded", "\(more)")
            }
            #expect(await code { try await approve(rig, ["http": http]) } == "done")
            let listing = try await rig.host.plugins.get(try id(), rig.permit(.pluginRead))
            #expect(listing.decision?.approved == (try Capabilities(validating: ["http": http]).value))
            #expect(listing.decision?.status == .disabled)
            #expect(try await rig.trail(action: "plugin.approve_capabilities").count == 1)
        }
    }

    @Test("does not enable what nobody has approved, nor a version that asks for more")
    func increase() async throws {
        try await Rig.with { rig in
            try await install(probe, rig)
            let plugin = try id()
            let enable: (String?) async -> String = { version in
                await self.code { _ = try await rig.host.plugins.enable(plugin, version: version, rig.permit(.pluginEnable), Rig.trace) }
            }
            #expect(await enable(nil) == "approval_required")
            try await approve(rig, ["storage": ["max_bytes": 500]])
            #expect(await enable(nil) == "done")

            var greedy = probe
            greedy.version = "2.0.0"
            greedy.capabilities = ["storage": ["max_bytes": 2000]]
            var modest = probe
            modest.version = "1.1.0"
            modest.capabilities = ["storage": ["max_bytes": 100]]
            try await install(greedy, rig)
            try await install(modest, rig)

            #expect(await enable("2.0.0") == "approval_required")
            #expect(await enable("1.1.0") == "done")
            let listing = try await rig.host.plugins.get(plugin, rig.permit(.pluginRead))
            #expect(listing.decision?.version == "1.1.0")
            #expect(listing.decision?.approved == Capabilities(storageBytes: 100).value)
            try await approve(rig, ["storage": ["max_bytes": 2000]], version: "2.0.0")
            #expect(await enable("2.0.0") == "done")
        }
    }

    @Test("keeps secrets write-only, and plain settings readable")
    func configures() async throws {
        try await Rig.with { rig in
            let plugin = try await rig.enable(probe, config: ["api_key": "sk_live_hidden", "note": "n"])

            let listing = try await rig.host.plugins.get(plugin, rig.permit(.pluginRead))
            let settings = try #require(listing.instances.first?.settings)

            #expect(settings["note"] == .plain("n"))
            #expect(settings["greeting"] == .plain("hi"))
            guard case .secret(_, let fingerprint)? = settings["api_key"] else {
                Issue.record("the secret is not shown as one")
                return
            }
            #expect(fingerprint.utf8.count == 8)
            #expect(!"\(listing)".contains("hidden"))
            #expect(!"\(try await rig.trail())".contains("hidden"))
            let rows = try await rig.database.platform(rig.authority.platform("test")) { tx in
                try tx.query("SELECT plain, sealed FROM plugin_config", []).map { "\($0)" }
            }
            #expect(!rows.joined().contains("hidden"))
        }
    }

    @Test("changes what is in the input, clears what is null, keeps the rest")
    func updates() async throws {
        try await Rig.with { rig in
            let plugin = try await rig.enable(probe, config: ["api_key": "sk_1", "note": "n", "greeting": "hello"])

            let changed = try await rig.host.plugins.configure(
                plugin, input: ["greeting": "salut", "note": nil], rig.permit(.pluginConfigure), Rig.trace)
            let settings = try await rig.host.plugins.get(plugin, rig.permit(.pluginRead)).instances.first?.settings

            #expect(changed.sorted() == ["greeting", "note"])
            #expect(settings?["note"] == nil)
            #expect(settings?["api_key"] != nil)
            #expect(try await rig.answer(plugin, "hello") == "salut", "a change works at once")
        }
    }

    @Test(
        "refuses a wrong configuration and names the fields",
        arguments: [
            (["api_key": "wrong"], "config.api_key"), (["api_key": 7], "config.api_key"), (["api_kee": "sk_1"], "config.api_kee"),
            (["api_key": nil], "config.api_key"), ("text", "config"), (["note": "4242424242424242", "api_key": "sk_1"], "config.note"),
        ] as [(Value, String)])
    func wrongConfig(input: Value, field: String) async throws {
        try await Rig.with { rig in
            try await install(probe, rig)
            try await approve(rig, [:])

            let error = await #expect(throws: HostError.self) {
                try await rig.host.plugins.configure(try id(), input: input, rig.permit(.pluginConfigure), Rig.trace)
            }

            #expect(error?.code == .invalidRequest)
            #expect(error?.fields.contains { $0.field == field } == true, "\(error?.fields ?? [])")
            #expect(try await rig.trail(action: "plugin.configure").isEmpty)
        }
    }

    @Test("does not call a plugin whose configuration is incomplete, or that is disabled")
    func unusable() async throws {
        try await Rig.with { rig in
            try await install(probe, rig)
            try await approve(rig, [:])
            let plugin = try id()
            _ = try await rig.host.plugins.enable(plugin, rig.permit(.pluginEnable), Rig.trace)

            #expect(await code { _ = try await rig.call(plugin, "hello") } == "config_invalid")
            _ = try await rig.host.plugins.configure(plugin, input: ["api_key": "sk_1"], rig.permit(.pluginConfigure), Rig.trace)
            #expect(try await rig.answer(plugin, "hello") == "hi")
            _ = try await rig.host.plugins.disable(plugin, rig.permit(.pluginEnable), Rig.trace)
            #expect(await code { _ = try await rig.call(plugin, "hello") } == "plugin_not_enabled")
        }
    }

    @Test("shows one tenant nothing of another's decisions")
    func isolation() async throws {
        try await Rig.with { rig in
            let plugin = try await rig.enable(probe, config: ["api_key": "sk_1"])

            let theirs = try await rig.host.plugins.get(plugin, rig.permit(.pluginRead, rig.globex))

            #expect(theirs.decision == nil)
            #expect(theirs.instances.isEmpty)
            #expect(try await rig.host.plugins.list(ListPermit(rig.permit(.pluginRead, rig.globex))).count == 1)
            #expect(await code { _ = try await rig.call(plugin, "hello", tenant: rig.globex) } == "plugin_not_enabled")
        }
    }

    @Test("runs only the files that were approved")
    func tampered() async throws {
        try await Rig.with { rig in
            let plugin = try await rig.enable(probe, config: ["api_key": "sk_1"])
            _ = try await rig.database.platform(rig.authority.platform("attack")) { tx in
                try tx.execute(
                    "UPDATE plugin_files SET content_hex = $1 WHERE path = 'main.lua'", [.text(Hex.encode(Array("return {}".utf8)))])
            }
            let fresh = PluginDirectory(database: rig.database)

            let error = await #expect(throws: HostError.self) { try await fresh.instance(for: rig.permit(.invokeNotifier), plugin: plugin) }

            #expect(error?.code == .unavailable)
        }
    }
}
