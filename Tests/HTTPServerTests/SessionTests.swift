// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors

import HTTPServer
import HTTPTypes
import Host
import NIOHTTP1
import Security
import Storage
import Testing
import Values

/// Signing in, going on, and signing out.
@Suite("Sessions over HTTP")
struct SessionTests {
    @Test("a password gives tokens that work until the session is ended, and not a moment longer")
    func signInAndOut() async throws {
        try await Panel.with { panel in
            let login = try await panel.signIn()
            #expect(login.status == 200)
            expectSafeHeaders(login, "login")
            let access = try #require(login.json["access_token"]?.stringValue)
            let refresh = try #require(login.json["refresh_token"]?.stringValue)
            #expect(login.json["token_type"] == "Bearer" && login.json["tenant"] == "acme")
            #expect(try await panel.send(.get, "/v1/plugins", bearer: access).status == 200)
            #expect(try await panel.send(.get, "/v1/plugins", headers: [("authorization", "bEaReR \(access)")]).status == 200)

            let logout = try await panel.send(.post, "/v1/auth/logout", bearer: access)
            #expect(logout.status == 204 && logout.body.isEmpty)
            expectSafeHeaders(logout, "logout")
            for path in ["/v1/plugins", "/v1/tenants/acme/audit"] {
                expectProblem(try await panel.send(.get, path, bearer: access), 401, "unauthorized", "after logout")
            }
            expectProblem(try await panel.send(.post, "/v1/auth/logout", bearer: access), 401, "unauthorized", "logout twice")
            expectProblem(try await panel.refresh(refresh), 401, "unauthorized", "refresh after logout")
        }
    }

    @Test("the trail of a session carries the correlation ids that its callers saw")
    func correlation() async throws {
        try await Panel.with { panel in
            let wrong = try await panel.signIn(password: "wrong-password-here")
            let login = try await panel.signIn()
            let next = try await panel.refresh(login.json["refresh_token"]?.stringValue ?? "")
            let logout = try await panel.send(.post, "/v1/auth/logout", bearer: next.json["access_token"]?.stringValue)
            #expect([wrong.status, login.status, next.status, logout.status] == [401, 200, 200, 204])
            let expected = [
                ("session.sign_out", "success", logout), ("session.refresh", "success", next), ("session.sign_in", "success", login),
                ("session.new_device", "success", login), ("session.sign_in", "denied", wrong),
            ]
            let events = try await panel.trail(panel.acme).filter { $0.action.hasPrefix("session.") }
            #expect(events.count == expected.count)
            for (event, (action, outcome, answer)) in zip(events, expected) {
                #expect(event.action == action && event.outcome == outcome)
                #expect(event.correlation == answer.headers["panelhost-correlation-id"].first, "\(action)")
                #expect(event.address == "127.0.0.1", "\(action)")
            }
        }
    }

    @Test("one sees where one is signed in, and ends one session or all others, at once and nobody else's")
    func list() async throws {
        try await Panel.with { panel in
            var tokens: [(access: String, session: String)] = []
            for _ in 0..<4 {
                let login = try await panel.signIn()
                tokens.append(
                    (try #require(login.json["access_token"]?.stringValue), try #require(login.json["session_id"]?.stringValue)))
            }
            let mine = tokens[3].access
            let listed = try #require(try await panel.send(.get, "/v1/auth/sessions", bearer: mine).json["sessions"]?.arrayValue)
            #expect(Set(listed.map { $0["id"]?.stringValue }) == Set(tokens.map(\.session)))
            #expect(listed.filter { $0["current"] == true }.map { $0["id"]?.stringValue } == [tokens[3].session])
            #expect(listed.allSatisfy { $0["methods"] == ["pwd"] && $0["renewed_at"] == $0["created_at"] })

            let ended = try await panel.send(.delete, "/v1/auth/sessions/\(tokens[0].session)", bearer: mine)
            #expect(ended.status == 204 && ended.body.isEmpty)
            expectProblem(try await panel.send(.get, "/v1/plugins", bearer: tokens[0].access), 401, "unauthorized", "the ended one")
            let again = try await panel.send(.delete, "/v1/auth/sessions/\(tokens[0].session)", bearer: mine)
            expectProblem(again, 404, "not_found", "twice")
            expectProblem(try await panel.send(.get, "/v1/auth/sessions", bearer: panel.key), 400, "invalid_request", "an API key")

            let others = try await panel.send(.post, "/v1/auth/logout-others", bearer: mine)
            #expect(others.json == ["ended": 2])
            for token in tokens[1...2] {
                expectProblem(try await panel.send(.get, "/v1/plugins", bearer: token.access), 401, "unauthorized", "another")
            }
            #expect(try await panel.send(.get, "/v1/plugins", bearer: mine).status == 200)
            let events = try await panel.trail(panel.acme, action: "session.own")
            #expect(events.map { $0.detailValue["sessions"]?.arrayValue?.count } == [2, 1])
        }
    }

    @Test("a refresh token that was used twice over ends the session")
    func reuse() async throws {
        try await Panel.with { panel in
            let login = try await panel.signIn()
            let first = try #require(login.json["refresh_token"]?.stringValue)
            let second = try #require(try await panel.refresh(first).json["refresh_token"]?.stringValue)
            #expect(second != first)
            let third = try await panel.refresh(second)
            #expect(third.status == 200)
            let access = try #require(third.json["access_token"]?.stringValue)
            #expect(try await panel.send(.get, "/v1/plugins", bearer: access).status == 200)

            // The first one again, when its child is used up already: a copy in the wrong hands.
            expectProblem(try await panel.refresh(first), 401, "unauthorized", "reuse")
            expectProblem(try await panel.send(.get, "/v1/plugins", bearer: access), 401, "unauthorized", "access after reuse")
            expectProblem(
                try await panel.refresh(third.json["refresh_token"]?.stringValue ?? ""), 401, "unauthorized", "refresh after reuse")
            let events = try await panel.trail(panel.acme, action: "session.refresh_reused")
            #expect(events.count == 1 && events.first?.outcome == "denied")
        }
    }

    @Test("a wrong password, an unknown user and an unknown tenant get one answer")
    func oneAnswer() async throws {
        try await Panel.with { panel in
            var bodies: Set<Value> = []
            for answer in [
                try await panel.signIn(password: "wrong-password-here"), try await panel.signIn(email: "nobody@acme.example"),
                try await panel.signIn(tenant: "globex"), try await panel.signIn(tenant: "no-such-tenant"),
                try await panel.signIn(tenant: "A B"),
                try await panel.signIn(password: String(repeating: "p", count: 1024)), try await panel.signIn(email: "' OR 1=1 --"),
            ] {
                expectProblem(answer, 401, "unauthorized", "sign-in")
                #expect(answer.headers["www-authenticate"] == ["Bearer"])
                bodies.insert(.map(answer.withoutCorrelation))
            }
            #expect(bodies.count == 1)
        }
    }

    @Test("garbage for a refresh token is refused, and an access token is none")
    func refreshGarbage() async throws {
        try await Panel.with { panel in
            let access = try #require(try await panel.signIn().json["access_token"]?.stringValue)
            try await panel.unchanged("refresh") {
                for token in ["x", " ", "phr_", String(access.prefix(512)), panel.key, String(repeating: "a", count: 512), "é"] {
                    expectProblem(try await panel.refresh(token), 401, "unauthorized", "refresh with \(token.prefix(20))")
                }
            }
        }
    }

    @Test("an API key has no session to end")
    func keyCannotSignOut() async throws {
        try await Panel.with { panel in
            try await panel.unchanged("logout") {
                expectProblem(
                    try await panel.send(.post, "/v1/auth/logout", bearer: panel.key), 400, "invalid_request", field: "authorization",
                    "logout")
            }
        }
    }
}

extension Panel {
    func refresh(_ token: String) async throws -> Answer {
        try await send(.post, "/v1/auth/refresh", .json(["refresh_token": .string(token)]))
    }
}
