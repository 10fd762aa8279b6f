// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors

import HTTPServer
import HTTPTypes
import Host
import NIOHTTP1
import Security
import Testing
import Values

/// What is decided before anybody looks at what a request wants: where it came from, and whether it is one too many.
@Suite("The edge")
struct EdgeTests {
    private func edge(proxies: [String] = ["127.0.0.1"], _ limits: [RateClass: String] = [:]) throws -> EdgeRules {
        EdgeRules(
            proxies: TrustedProxies(try proxies.map { try #require(NetworkPrefix($0)) }),
            limits: RateLimits(try limits.mapValues { try #require(RateLimit($0)) }))
    }

    private func signIn(_ panel: Panel, from address: String, password: String = "wrong-password-here") async throws -> Answer {
        try await panel.send(
            .post, "/v1/auth/login", .json(["tenant": "acme", "email": .string(Panel.email), "password": .string(password)]),
            headers: [("x-forwarded-for", address)])
    }

    private func expectLimited(_ answer: Answer, _ name: String, _ comment: String) {
        expectProblem(answer, 429, "rate_limited", comment)
        let seconds = answer.headers["retry-after"].first.flatMap { Int($0) } ?? 0
        #expect((1...60).contains(seconds), "\(comment)")
        #expect(answer.headers["ratelimit"] == ["\"\(name)\";r=0;t=\(seconds)"], "\(comment)")
        #expect(answer.json["limit"]?.stringValue == name, "\(comment)")
        #expect(answer.headers["ratelimit-policy"].first?.hasPrefix("\"\(name)\";q=") == true, "\(comment)")
    }

    @Test("passwords are limited by address, before they are looked at, and whatever the client itself writes in front")
    func login() async throws {
        try await Panel.with(edge: try edge([.login: "2/600:2"])) { panel in
            let first = try await signIn(panel, from: "203.0.113.7")
            #expect(first.status == 401 && first.headers["ratelimit"].first?.hasPrefix("\"login\";r=1;t=") == true)
            #expect(first.headers["ratelimit-policy"] == ["\"login\";q=2;w=600"])
            #expect(try await signIn(panel, from: "203.0.113.7").status == 401)
            let audited = try await panel.auditCount()
            for spoofed in ["203.0.113.7", "1.1.1.1, 203.0.113.7", "x, 203.0.113.7", "::ffff:203.0.113.7"] {
                let refused = try await signIn(panel, from: spoofed, password: Panel.password)
                expectProblem(refused, 429, "rate_limited", spoofed)
                #expect((1...300).contains(refused.headers["retry-after"].first.flatMap { Int($0) } ?? 0))
            }
            #expect(try await panel.auditCount() == audited, "a flood is not written down one by one")
            #expect(try await signIn(panel, from: "203.0.113.8", password: Panel.password).status == 200, "somebody else")
            #expect(try await panel.send(.get, "/healthz", headers: [("x-forwarded-for", "203.0.113.7")]).status == 200, "another class")
        }
    }

    @Test("a /64 of IPv6 counts as one")
    func prefix() async throws {
        try await Panel.with(edge: try edge([.login: "1/60:1"])) { panel in
            #expect(try await signIn(panel, from: "2001:db8:0:1::1").status == 401)
            expectLimited(try await signIn(panel, from: "2001:db8:0:1:ffff::2"), "login", "the same /64")
            #expect(try await signIn(panel, from: "2001:db8:0:2::1").status == 401)
        }
    }

    @Test("whoever is recognised is counted as one from however many addresses; a bad credential counts for its address")
    func caller() async throws {
        try await Panel.with(edge: try edge([.caller: "3/60:3", .api: "5/60:5"])) { panel in
            for number in 1...3 {
                let answer = try await panel.send(
                    .get, "/v1/plugins", bearer: panel.key, headers: [("x-forwarded-for", "203.0.113.\(number)")])
                #expect(answer.status == 200)
            }
            let fourth = try await panel.send(.get, "/v1/plugins", bearer: panel.key, headers: [("x-forwarded-for", "203.0.113.9")])
            expectLimited(fourth, "caller", "the fourth of one key")
            let other = try await panel.key(for: panel.acme, ["plugin.read"])
            #expect(try await panel.send(.get, "/v1/plugins", bearer: other).status == 200)

            for _ in 1...5 {
                let guess = try await panel.send(.get, "/v1/plugins", bearer: "guess", headers: [("x-forwarded-for", "198.51.100.1")])
                #expect(guess.status == 401)
            }
            let sixth = try await panel.send(.get, "/v1/plugins", bearer: "guess", headers: [("x-forwarded-for", "198.51.100.1")])
            expectLimited(sixth, "api", "the sixth guess")
        }
    }

    @Test("all of one tenant count together, as the credential says and nothing else, and another tenant has its own")
    func tenant() async throws {
        try await Panel.with(edge: try edge([.tenant: "3/60:3"])) { panel in
            let others = try await [panel.key(for: panel.acme, ["plugin.read"]), panel.key(for: panel.acme, ["plugin.read"])]
            let globex = try await panel.key(for: panel.globex, ["plugin.read"])
            func ask(_ bearer: String, _ number: Int, _ path: String = "/v1/plugins") async throws -> Answer {
                try await panel.send(.get, path, bearer: bearer, headers: [("x-forwarded-for", "203.0.113.\(number)")])
            }
            // Whom a path or a header names does not matter: it is globex's own budget that is used up here.
            for number in 1...3 { #expect(try await ask(globex, number, "/v1/tenants/acme/plugins/probe").status == 404) }
            expectLimited(try await ask(globex, 4), "tenant", "the fourth of globex")
            for (number, bearer) in [panel.key, others[0], others[1]].enumerated() { #expect(try await ask(bearer, number).status == 200) }
            let fourth = try await ask(panel.key, 9)
            expectLimited(fourth, "tenant", "the fourth of acme")
            #expect(fourth.json["limit"] == "tenant")
            #expect(try await ask("guess", 9).status == 401, "who is nobody takes nothing of any tenant")
            let login = try await signIn(panel, from: "203.0.113.20", password: Panel.password)
            #expect(login.status == 200, "a sign-in is counted by address and account")
        }
    }

    @Test("operators give a tenant a budget of its own, which it cannot change, from the next request on")
    func budget() async throws {
        try await Panel.with(edge: try edge([.tenant: "3/60:3"])) { panel in
            let operators = try await panel.key(for: panel.platform, ["tenant.manage"])
            func ask() async throws -> Int { try await panel.send(.get, "/v1/plugins", bearer: panel.key).status }
            func set(_ body: Value, _ bearer: String) async throws -> Answer {
                try await panel.send(.put, "/v1/tenants/acme/budget", bearer: bearer, .json(body))
            }
            for _ in 1...3 { #expect(try await ask() == 200) }
            #expect(try await ask() == 429)
            let given = try await set(["limit": "600/60:100", "reason": "contract"], operators)
            #expect(given.status == 200 && given.json["budget"] == "600/60:100")
            for _ in 1...20 { #expect(try await ask() == 200) }
            #expect(try await set(["limit": "999999/60", "reason": "more"], panel.key).status == 403, "the tenant itself")
            #expect(try await set(["limit": "lots", "reason": "x"], operators).status == 400)
        }
    }

    @Test("second factors are limited by address and by whose they are, apart from passwords")
    func factors() async throws {
        try await Panel.with(edge: try edge([.mfa: "3/60:3", .login: "2/60:2"])) { panel in
            func show(_ path: String, _ token: String, from number: Int) async throws -> Answer {
                var body: [String: Value] = ["sign_in_token": .string(token), "factor": "totp"]
                if path.hasSuffix("factor") { body["code"] = "1" }
                return try await panel.send(.post, path, .json(.map(body)), headers: [("x-forwarded-for", "203.0.113.\(number)")])
            }
            // One sign-in from everywhere.
            for number in 1...3 { #expect(try await show("/v1/auth/login/factor", "one", from: number).status == 401) }
            expectLimited(try await show("/v1/auth/login/challenge", "one", from: 4), "mfa", "one sign-in")
            // Many sign-ins from one address.
            for token in ["a", "b", "c"] { #expect(try await show("/v1/auth/login/challenge", token, from: 50).status == 401) }
            expectLimited(try await show("/v1/auth/login/factor", "d", from: 50), "mfa", "one address")
            let session = try await signIn(panel, from: "203.0.113.50", password: Panel.password)
            #expect(session.status == 200, "passwords are another class")
            let token = session.json["access_token"]?.stringValue
            for number in 61...63 {
                let answer = try await panel.send(
                    .post, "/v1/auth/step-up", bearer: token, .json(["factor": "totp", "code": "1"]),
                    headers: [("x-forwarded-for", "203.0.113.\(number)")])
                #expect(answer.status != 429 && answer.status >= 400, "\(answer.status)")
            }
            for path in ["step-up", "factors/totp/confirm"] {
                let body: Value = path == "step-up" ? ["factor": "totp", "code": "1"] : ["code": "1"]
                let answer = try await panel.send(
                    .post, "/v1/auth/\(path)", bearer: token, .json(body), headers: [("x-forwarded-for", "203.0.113.70")])
                expectLimited(answer, "mfa", path)
            }
        }
    }

    @Test("only a named proxy is believed, and the trail has the address that it names")
    func trail() async throws {
        try await Panel.with(edge: try edge()) { panel in
            _ = try await signIn(panel, from: "6.6.6.6, 203.0.113.7")
            #expect(try await panel.trail(panel.acme, action: "session.sign_in").first?.address == "203.0.113.7")
            for nonsense in ["203.0.113.7:443", "unknown", "", "203.0.113.7,"] {
                expectProblem(try await signIn(panel, from: nonsense), 400, "bad_forwarded_for", nonsense)
            }
        }
        try await Panel.with(edge: try edge(proxies: [], [.login: "1/60:1"])) { panel in
            for _ in 1...3 {
                let answer = try await signIn(panel, from: "203.0.113.7")
                #expect(answer.status == 401, "loopback is not counted")
            }
            #expect(try await panel.trail(panel.acme, action: "session.sign_in").first?.address == "127.0.0.1")
        }
    }
}
