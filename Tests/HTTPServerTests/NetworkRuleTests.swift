// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors

import HTTPServer
import HTTPTypes
import Host
import Security
import Testing
import Values

/// From which addresses a tenant is used, as requests see it.
@Suite("Address lists over HTTP")
struct NetworkRuleTests {
    private let home = "192.0.2.10"
    private let away = "203.0.113.7"

    private func with(_ body: (Panel) async throws -> Void) async throws {
        let edge = EdgeRules(proxies: TrustedProxies([try #require(NetworkPrefix("127.0.0.1"))]))
        try await Panel.with(edge: edge, body)
    }

    private func set(
        _ panel: Panel, _ range: String, _ verdict: String, from address: String, force: Bool = false
    ) async throws -> Answer {
        var body: [String: Value] = ["range": .string(range), "verdict": .string(verdict)]
        if force { body["force"] = true }
        return try await panel.send(
            .post, "/v1/tenants/acme/network", bearer: panel.key, .json(.map(body)), headers: [("x-forwarded-for", address)])
    }

    private func status(_ panel: Panel, from address: String, _ more: [(String, String)] = []) async throws -> Int {
        try await panel.send(.get, "/v1/plugins", bearer: panel.key, headers: [("x-forwarded-for", address)] + more).status
    }

    @Test("who is not let in gets a 403 that is audited; nothing that he writes into headers changes where he comes from")
    func denied() async throws {
        try await with { panel in
            #expect(try await status(panel, from: away) == 200)
            #expect(try await set(panel, "192.0.2.0/24", "allow", from: home).status == 204)
            #expect(try await status(panel, from: home) == 200)
            for (address, more) in [
                (away, []), ("\(home), \(away)", []), (away, [("x-real-ip", home)]), (away, [("forwarded", "for=\(home)")]),
                (away, [("x-client-ip", home), ("true-client-ip", home), ("cf-connecting-ip", home)]), ("::ffff:\(away)", []),
            ] as [(String, [(String, String)])] {
                let before = try await panel.trail(panel.acme, action: "network.refuse").count
                let refused = try await panel.send(
                    .get, "/v1/plugins", bearer: panel.key, headers: [("x-forwarded-for", address)] + more)
                expectProblem(refused, 403, "forbidden", address)
                let trail = try await panel.trail(panel.acme, action: "network.refuse")
                #expect(trail.count == before + 1 && trail.first?.address == away && trail.first?.outcome == "denied")
            }
            #expect(try await status(panel, from: "::ffff:\(home)") == 200)
            let session = try await panel.send(
                .post, "/v1/auth/login", .json(["tenant": "acme", "email": .string(Panel.email), "password": .string(Panel.password)]),
                headers: [("x-forwarded-for", away)])
            expectProblem(session, 401, "unauthorized", "like a wrong password")
            let globex = try await panel.key(for: panel.globex, ["plugin.read"])
            #expect(
                try await panel.send(.get, "/v1/plugins", bearer: globex, headers: [("x-forwarded-for", away)]).status == 200,
                "another tenant's list")
        }
    }

    @Test("a change that would lock out whoever makes it is refused, unless it is meant")
    func lockOut() async throws {
        try await with { panel in
            try await panel.unchanged("refused") {
                for (range, verdict) in [("192.0.2.0/24", "allow"), ("203.0.113.0/24", "deny"), ("0.0.0.0/0", "deny")] {
                    expectProblem(try await set(panel, range, verdict, from: away), 409, "would_lock_out", range)
                }
            }
            #expect(try await set(panel, "203.0.113.0/24", "allow", from: away).status == 204)
            #expect(try await set(panel, "192.0.2.0/24", "allow", from: away).status == 204)
            let path = "/v1/tenants/acme/network?range=203.0.113.0/24"
            let refused = try await panel.send(.delete, path, bearer: panel.key, headers: [("x-forwarded-for", away)])
            expectProblem(refused, 409, "would_lock_out", "removed")
            #expect(
                try await panel.send(.delete, path + "&force=true", bearer: panel.key, headers: [("x-forwarded-for", away)]).status == 204)
            #expect(try await status(panel, from: away) == 403)
            let listed = try await panel.send(
                .get, "/v1/tenants/acme/network", bearer: panel.key, headers: [("x-forwarded-for", home)])
            #expect(listed.json["rules"]?.arrayValue?.compactMap { $0["range"]?.stringValue } == ["192.0.2.0/24"])
            let changes = try await panel.trail(panel.acme, action: "network.manage").filter { $0.outcome == "success" }
            #expect(changes.count == 3)
        }
    }

    @Test("what is no range is refused with what to write")
    func ranges() async throws {
        try await with { panel in
            for wrong in ["10.0.0.1/8", "10.0.0.0/33", "localhost", "10.0.0.0/08", "::1%lo", "10.0.0.0 /8"] {
                let refused = try await set(panel, wrong, "allow", from: home)
                #expect(refused.status == 400 && refused.fields == ["range"], "\(wrong)")
            }
            #expect(try await set(panel, "::ffff:203.0.113.0/120", "deny", from: home).status == 204)
            #expect(try await status(panel, from: away) == 403)
            let removed = try await panel.send(
                .delete, "/v1/tenants/acme/network?range=203.0.113.0/24", bearer: panel.key, headers: [("x-forwarded-for", home)])
            #expect(removed.status == 204, "one spelling for both")
        }
    }
}
