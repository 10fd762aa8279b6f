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
