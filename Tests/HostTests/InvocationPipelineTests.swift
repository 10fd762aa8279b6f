// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors

import Host
import PluginAPI
import Sandbox
import Security
import Storage
import Testing
import Values

@Suite("The invocation pipeline", .timeLimit(.minutes(10)))
struct InvocationPipelineTests {
    @Test("records the beginning and the end of a call in the tenant's own trail")
    func records() async throws {
        try await Rig.with { rig in
            let plugin = try await rig.enable(TestPlugin(actions: ["hello": "return 'hello ' .. with.name"]))

            let answer = try await rig.answer(plugin, "hello", ["name": "you"])
            let mine = try await rig.trail(action: "plugin.invoke.notifier")
            let theirs = try await rig.trail(rig.globex, action: "plugin.invoke.notifier")

            #expect(answer == "hello you")
            #expect(mine.map(\.outcome) == ["success", "started"])
            #expect(theirs.isEmpty)
        }
    }

    @Test("runs nothing when the beginning cannot be recorded")
    func noRecordNoRun() async throws {
        try await LoopbackPeer.with { peer in
            try await Rig.with(peer.configuration) { rig in
                let plugin = try await rig.enable(
                    TestPlugin(capabilities: LoopbackPeer.capability, actions: ["post": "ctx.http.post(with.url) return 'done'"]))
                let permit = rig.permit(.invokeNotifier)
                let instance = try await rig.host.directory.instance(for: permit, plugin: plugin)
                let invocation = Invocation(
                    permit: permit, instance: instance, operation: "send",
                    request: ["do": "post", "with": ["url": LoopbackPeer.url("/echo")]],
                    subject: AuditSubject(resource: "notification:test", correlation: "test"))

                await #expect(throws: HostError.self) {
                    try await rig.host.pipeline.run(
                        invocation, begin: { _ in throw HostError(.conflict, "no") }, record: { report, _ in report })
                }

                #expect(peer.seen.isEmpty)
                #expect(try await rig.trail(action: "plugin.invoke.notifier").isEmpty)
            }
        }
    }

    @Test("does nothing at the provider while the disk is full, and goes on when there is room again")
    func diskFull() async throws {
        try await LoopbackPeer.with { peer in
            try await Rig.with(peer.configuration) { rig in
                let plugin = try await rig.enable(
                    TestPlugin(capabilities: LoopbackPeer.capability, actions: ["post": "ctx.http.post(with.url) return 'done'"]))
                let scope = rig.authority.platform("test")
                let event = AuditEvent(
                    tenant: rig.acme.id, actor: "system:test", action: "test.filler", resource: "x", outcome: .success, correlation: "c")
                _ = try await rig.database.platform(scope) { tx in
                    let pages = try tx.query("PRAGMA page_count", [])[0].int("page_count")
                    return try tx.query("PRAGMA max_page_count = \(pages)", [])
                }
                var full: StorageError?
                while full == nil {
                    do {
                        try await rig.database.platform(scope) { tx in for _ in 0..<50 { try tx.append(event.again()) } }
                    } catch let error as StorageError { full = error }
                }
                #expect(full?.code == .diskFull)
                // What still fits is used up too.
                while (try? await rig.database.platform(scope) { tx in try tx.append(event.again()) }) != nil {}

                await #expect(throws: StorageError.self) {
                    _ = try await rig.answer(plugin, "post", ["url": LoopbackPeer.url("/echo")])
                }
                #expect(peer.seen.isEmpty)

                _ = try await rig.database.platform(scope) { tx in try tx.query("PRAGMA max_page_count = 1000000", []) }
                #expect(try await rig.answer(plugin, "post", ["url": LoopbackPeer.url("/echo")]) == "done")
                #expect(peer.seen.count == 1)
            }
        }
    }

    @Test("leaves an abandoned record when the end cannot be recorded")
    func abandoned() async throws {
        try await Rig.with { rig in
            let plugin = try await rig.enable(TestPlugin(actions: ["hello": "return 'x'"]))
            let permit = rig.permit(.invokeNotifier)
            let instance = try await rig.host.directory.instance(for: permit, plugin: plugin)
            let invocation = Invocation(
                permit: permit, instance: instance, operation: "send", request: ["do": "hello"],
                subject: AuditSubject(resource: "notification:test", correlation: "test"))

            await #expect(throws: HostError.self) {
                try await rig.host.pipeline.run(invocation) { _, _ in throw HostError(.conflict, "no") }
            }

            #expect(rig.fallback.count == 1)
            await rig.host.shutdown()
            #expect(try await rig.trail(action: "plugin.invoke.notifier").map(\.outcome) == ["abandoned", "started"])
        }
    }

    @Test("refuses an instance of another tenant")
    func foreignInstance() async throws {
        try await Rig.with { rig in
            let plugin = try await rig.enable(TestPlugin(actions: ["hello": "return 'x'"]))
            let instance = try await rig.host.directory.instance(for: rig.permit(.invokeNotifier), plugin: plugin)
            let invocation = Invocation(
                permit: rig.permit(.invokeNotifier, rig.globex), instance: instance, operation: "send", request: [:],
                subject: AuditSubject(resource: "notification:test", correlation: "test"))

            await #expect(throws: Denial.foreignTenant) { try await rig.host.pipeline.run(invocation) { report, _ in report } }
            await #expect(throws: HostError.self) {
                try await rig.host.directory.instance(for: rig.permit(.invokeNotifier, rig.globex), plugin: plugin)
            }
        }
    }

    @Test(
        "turns every way to fail into a typed failure with an outcome that the wire allows",
        arguments: [
            ("raise", "internal", "not_sent"), ("loop", "timeout", "not_sent"), ("nothing", "contract_violation", "not_sent"),
            ("wrong", "contract_violation", "not_sent"), ("claim", "provider_error", "rejected"), ("postRaise", "internal", "unknown"),
            ("postClaim", "provider_error", "unknown"), ("getClaim", "provider_error", "not_sent"),
            ("card", "contract_violation", "not_sent"),
            ("func", "contract_violation", "not_sent"), ("postLoop", "timeout", "unknown"),
        ])
    func failures(action: String, code: String, outcome: String) async throws {
        let claim = #"{ok = false, error = {code = "provider_error", message = "m", retryable = true, outcome = "not_sent"}}"#
        try await LoopbackPeer.with { peer in
            try await Rig.with(peer.configuration) { rig in
                let plugin = try await rig.enable(
                    TestPlugin(
                        capabilities: LoopbackPeer.capability,
                        actions: [
                            "raise": "error('no')", "loop": "while true do end", "nothing": "return {}",
                            "wrong": "return {ok = true, status = 7}",
                            "claim":
                                #"return {ok = false, error = {code = "provider_error", message = "m", retryable = true, outcome = "rejected"}}"#,
                            "postRaise": "ctx.http.post(with.url) error('no')", "postClaim": "ctx.http.post(with.url) return \(claim)",
                            "getClaim": "ctx.http.get(with.url) return \(claim)", "card": "return '4242424242424242'",
                            "func": "return {ok = true, status = print}", "postLoop": "ctx.http.post(with.url) while true do end",
                        ]))

                let report = try await rig.call(plugin, action, ["url": LoopbackPeer.url("/echo")])

                #expect(report.failure?.code.rawValue == code, "\(report.failure?.message ?? "")")
                #expect(report.failure?.outcome.rawValue == outcome)
                #expect(try await rig.trail(action: "plugin.invoke.notifier").first?.outcome == "failure")
                #expect(try await rig.answer(plugin, "raise").hasPrefix("internal"), "the next call works")
            }
        }
    }

    @Test("survives a plugin that is killed in the middle of a call, and the next call works")
    func killed() async throws {
        try await LoopbackPeer.with { peer in
            try await Rig.with(peer.configuration) { rig in
                let plugin = try await rig.enable(
                    TestPlugin(
                        capabilities: LoopbackPeer.capability,
                        actions: ["hang": "ctx.http.post(with.url, {timeout_ms = 1000}) return 'x'", "hello": "return 'hello'"]))
                let hash = try await rig.host.directory.instance(for: rig.permit(.invokeNotifier), plugin: plugin).program.hash

                async let report = rig.call(plugin, "hang", ["url": LoopbackPeer.url("/hang")])
                while peer.seen.isEmpty { await Task.yield() }
                rig.host.sandbox.kill(program: hash)
                rig.host.sandbox.revive(program: hash)
                let failure = try await report.failure

                #expect(failure?.code == .pluginKilled)
                #expect(failure?.outcome == .unknown)
                #expect(try await rig.answer(plugin, "hello") == "hello")
                #expect(try await rig.trail(action: "plugin.invoke.notifier").map(\.outcome).filter { $0 == "started" }.count == 2)
            }
        }
    }

    @Test("records the end of a call whose caller has gone away")
    func cancelled() async throws {
        try await LoopbackPeer.with { peer in
            try await Rig.with(peer.configuration) { rig in
                let plugin = try await rig.enable(
                    TestPlugin(capabilities: LoopbackPeer.capability, actions: ["hang": "ctx.http.post(with.url) return 'x'"]))

                let failure = try await withThrowingTaskGroup(of: PluginFailure?.self) { group in
                    group.addTask { try await rig.call(plugin, "hang", ["url": LoopbackPeer.url("/hang")]).failure }
                    while peer.seen.isEmpty { await Task.yield() }
                    group.cancelAll()
                    return try await group.next() ?? nil
                }

                #expect(failure?.outcome == .unknown)
                #expect(try await rig.trail(action: "plugin.invoke.notifier").map(\.outcome) == ["failure", "started"])
                #expect(rig.fallback.count == 0)
            }
        }
    }

    @Test("gives a plugin its context and its plain configuration only")
    func context() async throws {
        try await Rig.with { rig in
            let plugin = try await rig.enable(
                TestPlugin(
                    properties: ["greeting": ["type": "string", "default": "hi"], "api_key": ["type": "string", "x-secret": true]],
                    actions: [
                        "show": """
                        return table.concat({ctx.plugin_id, ctx.tenant_id, ctx.config.greeting, tostring(ctx.config.api_key),
                          tostring(ctx.secret.api_key), tostring(ctx.attempt), ctx.locale, ctx.mode}, " ")
                        """
                    ]), config: ["api_key": "sk_very_secret"])

            let answer = try await rig.answer(plugin, "show")

            #expect(answer == "probe \(rig.acme.id) hi nil [secret] 1 en live")
        }
    }

    @Test("refuses secrets that were copied from another tenant's row, and records it")
    func copiedConfig() async throws {
        try await Rig.with { rig in
            let probe = TestPlugin(properties: ["api_key": ["type": "string", "x-secret": true]], actions: ["hello": "return 'hello'"])
            let plugin = try await rig.enable(probe, config: ["api_key": "sk_acme_secret"])
            try await rig.enable(probe, config: ["api_key": "sk_globex_secret"], for: rig.globex)
            // What somebody with access to the database file could do.
            try await rig.database.platform(rig.authority.platform("attack")) { tx in
                let rows = try tx.query(
                    "SELECT sealed, key_id, key_version FROM plugin_config WHERE tenant_id = $1", [.text(rig.acme.id.description)])
                try tx.execute(
                    "UPDATE plugin_config SET sealed = $2, key_id = $3, key_version = $4 WHERE tenant_id = $1",
                    [.text(rig.globex.id.description)] + ["sealed", "key_id", "key_version"].map { try rows[0].value($0) })
            }

            let error = await #expect(throws: HostError.self) { try await rig.call(plugin, "hello", tenant: rig.globex) }

            #expect(error?.code == .configUnreadable)
            #expect(try await rig.trail(rig.globex, action: "plugin.config.decrypt_failed").map(\.outcome) == ["failure"])
            #expect(try await rig.trail(rig.globex, action: "plugin.invoke.notifier").map(\.outcome) == ["failure", "started"])
            #expect(try await rig.trail(action: "plugin.config.decrypt_failed").isEmpty)
            #expect(try await rig.answer(plugin, "hello") == "hello", "acme's own still opens")
        }
    }
}

extension AuditEvent {
    /// The same event with an identity of its own.
    fileprivate func again() -> AuditEvent {
        AuditEvent(tenant: tenant, actor: actor, action: action, resource: resource, outcome: outcome, correlation: correlation)
    }
}
