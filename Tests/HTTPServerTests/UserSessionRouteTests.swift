// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors

import HTTPServer
import HTTPTypes
import Host
import NIOHTTP1
import Security
import Testing
import Values

/// What administrators do with sessions and keys, over HTTP.
@Suite("Administering sessions and API keys over HTTP")
struct UserSessionRouteTests {
    private static let rules: [String: Value] = [
        "idle_seconds": 3600, "lifetime_seconds": 86_400, "admin_idle_seconds": 600, "admin_lifetime_seconds": 3600, "concurrent": 5,
        "when_full": "refuse", "new_devices": "notify",
    ]

    @Test("an administrator sees a user's sessions, and ends one and all of them at once")
    func sessions() async throws {
        try await Panel.with { panel in
            var logins: [(access: String, id: String)] = []
            for _ in 0..<3 {
                let answer = try await panel.signIn()
                logins.append(
                    (try #require(answer.json["access_token"]?.stringValue), try #require(answer.json["session_id"]?.stringValue)))
            }
            let principal = try await panel.host.authenticator.principal(bearer: logins[0].access)
            let path = "/v1/tenants/acme/users/\(principal.actor.dropFirst("user:".count))/sessions"
            let listed = try #require(try await panel.send(.get, path, bearer: panel.key).json["sessions"]?.arrayValue)
            #expect(Set(listed.map { $0["id"]?.stringValue }) == Set(logins.map(\.id)))
            #expect(try await panel.send(.delete, "\(path)/\(logins[0].id)", bearer: panel.key).status == 204)
            expectProblem(try await panel.send(.get, "/v1/plugins", bearer: logins[0].access), 401, "unauthorized", "ended")
            expectProblem(try await panel.send(.delete, "\(path)/\(logins[0].id)", bearer: panel.key), 404, "not_found", "twice")
            #expect(try await panel.send(.delete, path, bearer: panel.key).json == ["ended": 2])
            for login in logins {
                expectProblem(try await panel.send(.get, "/v1/plugins", bearer: login.access), 401, "unauthorized", "all")
            }
            expectProblem(
                try await panel.send(.get, "/v1/tenants/acme/users/\(UserID.make())/sessions", bearer: panel.key), 404, "not_found",
                "nobody")
        }
    }

    @Test("rules of sessions are shown, set within the installation's, in force at once, and taken back")
    func rules() async throws {
        try await Panel.with { panel in
            let path = "/v1/tenants/acme/session-rules"
            let before = try await panel.send(.get, path, bearer: panel.key).json
            #expect(before["in_force"] == before["maximum"] && before["in_force"]?["admin_idle_seconds"] == 900)
            #expect(try await panel.send(.put, path, bearer: panel.key, .json(.map(Self.rules))).json == ["in_force": .map(Self.rules)])
            for (name, value) in [
                ("idle_seconds", 119), ("admin_idle_seconds", 901), ("lifetime_seconds", 3599), ("concurrent", 11),
                ("lifetime_seconds", 1 << 40),
            ] as [(String, Int64)] {
                let body = Self.rules.merging([name: .int(value)]) { $1 }
                let answer = try await panel.send(.put, path, bearer: panel.key, .json(.map(body)))
                expectProblem(answer, 400, "invalid_request", "\(name) \(value)")
            }
            for _ in 0..<5 { #expect(try await panel.signIn().status == 200) }
            expectProblem(try await panel.signIn(), 403, "too_many_sessions", "one too many")
            expectProblem(try await panel.signIn(password: "wrong-password-here"), 401, "unauthorized", "a stranger learns nothing")
            #expect(try await panel.send(.delete, path, bearer: panel.key).status == 204)
            #expect(try await panel.signIn().status == 200)
        }
    }

    @Test("an API key is made, listed, rotated with an overlap, and withdrawn")
    func keys() async throws {
        try await Panel.with { panel in
            let (path, admin) = ("/v1/tenants/acme/api-keys", try await panel.admin())
            let body: Value = ["name": "panel", "permissions": ["plugin.read"], "expires_in_days": 10]
            let made = try await panel.send(.post, path, bearer: admin, .json(body))
            #expect(made.status == 201)
            let (id, first) = (try #require(made.json["id"]?.stringValue), try #require(made.json["key"]?.stringValue))
            func works(_ key: String) async throws -> Bool { try await panel.send(.get, "/v1/plugins", bearer: key).status == 200 }
            #expect(try await works(first))
            await panel.host.authenticator.settleUses()

            let listed = try await panel.send(.get, path, bearer: panel.key)
            #expect(!listed.text.contains(first.suffix(20)) && listed.json["api_keys"]?.arrayValue?.allSatisfy { $0["key"] == nil } == true)
            let own = try #require(listed.json["api_keys"]?.arrayValue?.first { $0["id"] == .string(id) })
            #expect(own["expires_soon"] == true && own["active"] == true && own["last_used_at"]?.intValue != nil)

            let rotated = try await panel.send(.post, "\(path)/\(id)/rotate", bearer: admin, .json(["overlap_seconds": 600]))
            let second = try #require(rotated.json["key"]?.stringValue)
            for key in [first, second] { #expect(try await works(key)) }
            let third = try await panel.send(
                .post, "\(path)/\(id)/rotate", bearer: admin, .json(["overlap_seconds": 0, "expires_in_days": 90]))
            #expect(third.json["expires_soon"] == false)
            for key in [first, second] { #expect(try await !works(key)) }
            #expect(try await works(try #require(third.json["key"]?.stringValue)))
            #expect(try await panel.send(.delete, "\(path)/\(id)", bearer: panel.key).status == 204)
            expectProblem(try await panel.send(.delete, "\(path)/\(id)", bearer: panel.key), 404, "not_found", "twice")
            expectProblem(
                try await panel.send(.post, "\(path)/\(id)/rotate", bearer: admin, .json([:])), 404, "not_found", "a withdrawn key")
            let more: Value = ["name": "panel", "permissions": ["tenant.manage"], "expires_in_days": 10]
            expectProblem(try await panel.send(.post, path, bearer: admin, .json(more)), 400, "invalid_request", "more than one holds")
            // What a key made would outlive it.
            for (path, body) in [(path, body), ("\(path)/\(APIKeyID.make())/rotate", [:])] as [(String, Value)] {
                let refused = try await panel.send(.post, path, bearer: panel.key, .json(body))
                expectProblem(refused, 403, "forbidden", "a key")
                #expect(refused.json["detail"]?.stringValue?.contains("signed in") == true)
            }
            #expect(try await panel.trail(panel.acme, action: "user.manage").first?.outcome == "denied")
        }
    }
}
