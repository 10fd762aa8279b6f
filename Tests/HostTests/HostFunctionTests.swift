// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors

import Host
import PluginAPI
import Security
import Testing
import Values

@Suite("Host functions", .timeLimit(.minutes(10)))
struct HostFunctionTests {
    private let storage: Value = ["storage": ["max_bytes": 500]]

    @Test("storage keeps values for one tenant and one plugin")
    func storageIsolation() async throws {
        let actions = [
            "set": "ctx.storage.set(with.key, with.value) return 'ok'", "get": "return ctx.json.encode(ctx.storage.get(with.key))",
            "delete": "return tostring(ctx.storage.delete(with.key))", "list": "return table.concat(ctx.storage.list(with.prefix), ',')",
        ]
        try await Rig.with { rig in
            let probe = TestPlugin(capabilities: storage, actions: actions)
            let plugin = try await rig.enable(probe)
            try await rig.enable(probe, for: rig.globex)
            var other = probe
            other.id = "other"
            let second = try await rig.enable(other)

            for key in ["a/1", "a/2", "b"] {
                #expect(try await rig.answer(plugin, "set", ["key": .string(key), "value": ["n": 1, "list": [true, "x"]]]) == "ok")
            }

            #expect(try await rig.answer(plugin, "get", ["key": "a/1"]) == #"{"list":[true,"x"],"n":1}"#)
            #expect(try await rig.answer(plugin, "list", ["prefix": "a/"]) == "a/1,a/2")
            #expect(try await rig.answer(plugin, "list") == "a/1,a/2,b")
            #expect(try await rig.answer(second, "get", ["key": "a/1"]) == "null")
            let theirs = try await rig.call(plugin, "get", ["key": "a/1"], tenant: rig.globex)
            #expect(try theirs.result.get()["provider_message_ids"]?[0] == "null")
            #expect(try await rig.answer(plugin, "delete", ["key": "b"]) == "true")
            #expect(try await rig.answer(plugin, "delete", ["key": "b"]) == "false")
        }
    }

    @Test(
        "storage refuses what is beyond the quota or not storable",
        arguments: [
            ("ctx.storage.set('k', string.rep('x', 600))", "limit_exceeded", "max_bytes"), ("ctx.storage.set('', 1)", "", "key"),
            ("ctx.storage.set(string.rep('k', 201), 1)", "", "key"), ("ctx.storage.set(7, 1)", "", "key"),
            ("ctx.storage.set('k', ctx.random.bytes(40))", "", "base64"), ("ctx.storage.set('a\\nb', 1)", "", "control"),
        ])
    func storageLimits(code: String, kind: String, named: String) async throws {
        try await Rig.with { rig in
            let plugin = try await rig.enable(TestPlugin(capabilities: storage, actions: ["act": "\(code) return 'stored'"]))

            let answer = try await rig.answer(plugin, "act")

            #expect(answer.hasPrefix("internal not_sent: main.lua"), "\(answer)")
            #expect(answer.contains(named), "\(answer)")
        }
    }

    @Test("storage does not exist without the capability")
    func storageDenied() async throws {
        try await Rig.with { rig in
            let plugin = try await rig.enable(TestPlugin(actions: ["act": "ctx.storage.get('k') return 'x'"]))

            #expect(try await rig.answer(plugin, "act").contains(#"add to "capabilities" in plugin.json: "storage": {"max_bytes""#))
        }
    }

    @Test("what was asked for and not approved is not there, and says so")
    func notApproved() async throws {
        try await Rig.with { rig in
            let plugin = try await rig.enable(
                TestPlugin(capabilities: storage, actions: ["act": "ctx.storage.get('k') return 'x'"]), approving: Capabilities.none)

            #expect(try await rig.answer(plugin, "act").contains("no administrator has approved it"))
        }
    }

    @Test(
        "crypto computes known values, with text and with secret keys",
        arguments: [
            ("ctx.crypto.hash('sha256', 'abc')", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"),
            ("ctx.crypto.hash('sha1', 'abc')", "a9993e364706816aba3e25717850c26c9cd0d89d"),
            ("ctx.crypto.hash('sha256', 'abc', 'base64')", "ungWv48Bz+pBQUDeXa4iI7ADYaOWF3qctBD/YfIAFa0="),
            (
                "ctx.crypto.hmac('sha256', 'key', 'The quick brown fox jumps over the lazy dog')",
                "f7bc83f430538424b13298e6aa6fb143ef4d59a14946175997479dbc2d1a3cd8"
            ),
            (
                "ctx.crypto.hmac('sha256', ctx.secret.key, 'The quick brown fox jumps over the lazy dog')",
                "f7bc83f430538424b13298e6aa6fb143ef4d59a14946175997479dbc2d1a3cd8"
            ),
            ("tostring(#ctx.crypto.hmac('sha512', 'k', 'm', 'raw'))", "64"),
        ])
    func crypto(code: String, expected: String) async throws {
        try await Rig.with { rig in
            let plugin = try await rig.enable(
                TestPlugin(properties: ["key": ["type": "string", "x-secret": true]], actions: ["act": "return \(code)"]),
                config: ["key": "key"])

            #expect(try await rig.answer(plugin, "act") == expected)
        }
    }

    @Test(
        "money is exact, and refuses what is not",
        arguments: [
            ("ctx.money.to_decimal(ctx.money.add(ctx.money.from_decimal('12.30', 'EUR'), ctx.money.new(70, 'EUR')))", "13.00"),
            ("ctx.money.to_decimal(ctx.money.new(1234, 'JPY'))", "1234"), ("ctx.money.to_decimal(ctx.money.new(1234, 'KWD'))", "1.234"),
            ("ctx.money.from_decimal('12.305', 'EUR')", "!decimals"),
            ("ctx.money.add(ctx.money.new(1, 'EUR'), ctx.money.new(1, 'USD'))", "!currencies"),
            ("ctx.money.subtract(ctx.money.new(1, 'EUR'), ctx.money.new(2, 'EUR'))", "!negative"),
            ("ctx.money.new(1.5, 'EUR')", "!integer"),
            ("ctx.money.new(1, 'ZZZ')", "!ISO 4217"), ("ctx.money.to_decimal(7)", "!money"),
        ])
    func money(code: String, expected: String) async throws {
        try await Rig.with { rig in
            let plugin = try await rig.enable(TestPlugin(actions: ["act": "return tostring(\(code))"]))

            let answer = try await rig.answer(plugin, "act")

            if expected.hasPrefix("!") {
                #expect(answer.hasPrefix("internal not_sent: main.lua"), "\(answer)")
                #expect(answer.contains(expected.dropFirst()), "\(answer)")
            } else {
                #expect(answer == expected)
            }
        }
    }

    @Test("random values differ from call to call")
    func random() async throws {
        try await Rig.with { rig in
            let plugin = try await rig.enable(
                TestPlugin(actions: ["act": "return ctx.random.uuid() .. ctx.random.hex(8) .. #ctx.random.bytes(9)"]))

            let answers = [try await rig.answer(plugin, "act"), try await rig.answer(plugin, "act")]

            #expect(answers[0] != answers[1])
            #expect(answers[0].utf8.count == 36 + 16 + 1)
        }
    }

    @Test("a secret of one call is filled in and forgotten")
    func transientSecret() async throws {
        try await LoopbackPeer.with { peer in
            try await Rig.with(peer.configuration) { rig in
                let plugin = try await rig.enable(
                    TestPlugin(
                        capabilities: LoopbackPeer.capability,
                        actions: ["act": "ctx.http.post(with.url, {form = {code = with.code}}) return tostring(with.code)"]))

                let report = try await rig.call(
                    plugin, "act", ["url": LoopbackPeer.url("/echo"), "code": .secret(SecretUse(name: "code"))],
                    secrets: ["code": Secret("837461")])

                #expect(try report.result.get()["provider_message_ids"]?[0] == "[secret]")
                #expect(peer.seen.first?.text == "code=837461")
            }
        }
    }
}

@Suite("The table of host functions")
struct HostFunctionTableTests {
    @Test("holds exactly what the contract promises to plugins")
    func complete() async throws {
        try await Rig.with { rig in
            let egress = EgressClient(policy: EgressPolicy())
            let table = HostFunctionTable(egress: egress, database: rig.database, clock: .system, caps: InvocationCaps())

            #expect(table.names == HostFunctions.hostCalls.map(\.name).sorted())
            for function in HostFunctions.hostCalls {
                #expect(table[function.name]?.capability == function.capability)
            }
        }
    }
}
