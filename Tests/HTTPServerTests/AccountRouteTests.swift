// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors

import HTTPServer
import HTTPTypes
import Host
import Security
import Storage
import Testing
import Values

@Suite("Accounts over HTTP", .timeLimit(.minutes(10)))
struct AccountRouteTests {
    private let new = "tulip sofa lamp orchard"

    @Test("a request to reset a password has one answer for everybody, and never a token")
    func reset() async throws {
        try await Panel.with { panel in
            var answers: Set<String> = []
            for (tenant, email) in [
                ("acme", Panel.email), ("acme", "nobody@acme.example"), ("none", Panel.email), ("A B", "x@y"), ("acme", "' OR 1=1 --"),
            ] {
                let answer = try await panel.send(
                    .post, "/v1/auth/password-reset", .json(["tenant": .string(tenant), "email": .string(email)]))
                #expect(answer.status == 202)
                answers.insert(answer.text)
            }
            #expect(answers == [#"{"status":"accepted"}"#])
        }
    }

    @Test("a token that is not good is refused with one answer, and a weak password leaves a good one as it was")
    func tokens() async throws {
        try await Panel.with { panel in
            let stage = try await MutationStage(panel)
            let user = try await stage.user()
            let reset = try #require(try await stage.token(.passwordReset, for: user.id).stringValue)
            let invitation = try #require(try await stage.token(.invitation, for: stage.invited()).stringValue)
            func complete(_ token: String, _ password: String? = nil) async throws -> Answer {
                try await panel.send(
                    .post, "/v1/auth/password-reset/complete",
                    .json(["token": .string(token), "new_password": .string(password ?? new)]))
            }

            for bad in [
                "x", invitation, String(reset.dropLast()), reset + "A", reset.uppercased(), "pho_" + String(repeating: "A", count: 43),
            ] {
                expectProblem(try await complete(bad), 400, "invalid_request", field: "token", bad)
            }
            expectProblem(try await complete(reset, "passwordpassword"), 400, "invalid_request", field: "new_password", "weak")
            #expect(try await complete(reset).status == 204)
            expectProblem(try await complete(reset), 400, "invalid_request", field: "token", "used")
            #expect(try await panel.signIn(email: user.email, password: new).status == 200)
        }
    }

    @Test("an administrator invites, looks at, changes, suspends, lets in and deletes a user")
    func life() async throws {
        try await Panel.with { panel in
            let stage = try await MutationStage(panel)
            let made = try await stage.send(
                .post, "~/users", .json(["email": "Ann@Acme.example", "name": "Ann", "roles": []]))
            #expect(made.status == 201 && made.json["status"] == "invited" && made.json["invitation_sent"] == false)
            #expect(!made.text.contains("pho_"))
            let id = try #require(made.json["id"]?.stringValue)
            let user = try #require(UserID(id))
            expectProblem(try await stage.send(.post, "~/users", .json(["email": "ann@acme.example"])), 409, "conflict", "twice")
            expectProblem(
                try await stage.send(.post, "~/users", .json(["email": "x@acme.example", "roles": ["NOBODY"]])), 400, "invalid_request",
                field: "roles", "no such role")
            expectProblem(
                try await stage.send(.post, "~/users", .json(["email": "a@b@c"])), 400, "invalid_request", field: "email", "no address")
            // Nobody signs in as somebody who is invited.
            #expect(try await panel.signIn(email: "ann@acme.example").status == 401)

            let token = try await stage.token(.invitation, for: user)
            let accepted = try await panel.send(
                .post, "/v1/auth/invitations/accept", .json(["token": token, "password": .string(new)]))
            #expect(accepted.status == 204)
            let login = try await panel.signIn(email: "ann@acme.example", password: new)
            let bearer = try #require(login.json["access_token"]?.stringValue)
            func sessions() async throws -> Int { try await panel.send(.get, "/v1/auth/sessions", bearer: bearer).status }
            #expect(try await sessions() == 200)
            // Who may not look after users does not see them.
            #expect(try await panel.send(.get, "/v1/tenants/acme/users", bearer: bearer).status == 403)

            #expect(try await stage.send(.post, "~/users/\(id)/suspend", .json(["reason": "left"])).json["reason"] == "left")
            #expect(try await sessions() == 401)
            #expect(try await stage.send(.post, "~/users/\(id)/activate").json["status"] == "active")
            #expect(
                try await stage.send(.patch, "~/users/\(id)", .json(["email": "ann.b@acme.example"])).json["email"] == "ann.b@acme.example")
            #expect(try await panel.signIn(email: "ann@acme.example", password: new).status == 401)
            #expect(try await panel.signIn(email: "ann.b@acme.example", password: new).status == 200)
            #expect(try await stage.send(.delete, "~/users/\(id)").status == 204)
            #expect(try await panel.signIn(email: "ann.b@acme.example", password: new).status == 401)
            for (method, path) in [
                (HTTPRequest.Method.get, "~/users/\(id)"), (.delete, "~/users/\(id)"), (.post, "~/users/\(id)/activate"),
            ] { #expect(try await stage.send(method, path).status == 404, "\(method) \(path)") }
            #expect(try await stage.send(.post, "~/users", .json(["email": "ann.b@acme.example"])).status == 201)
        }
    }

    @Test("users come page by page")
    func pages() async throws {
        try await Panel.with { panel in
            let stage = try await MutationStage(panel)
            for number in 1...4 { _ = try await stage.user("u\(number)") }
            var (seen, path) = ([String](), "~/users?limit=2")
            for _ in 0..<5 {
                let page = try await stage.send(.get, path)
                seen += (page.json["users"]?.arrayValue ?? []).compactMap { $0["email"]?.stringValue }
                guard let next = page.json["next"]?.stringValue else { break }
                path = "~/users?limit=2&cursor=\(next)"
            }
            #expect(seen.count == 5 && Set(seen).count == 5)
            #expect(try await stage.send(.get, "~/users?limit=201").status == 400)
            #expect(try await stage.send(.get, "~/users?cursor=x").status == 400)
        }
    }

    @Test("a password is changed with the current one; every other session ends, and this one goes on by its refresh token")
    func change() async throws {
        try await Panel.with { panel in
            let stage = try await MutationStage(panel)
            let user = try await stage.user()
            let (one, two) = (try await panel.signIn(email: user.email), try await panel.signIn(email: user.email))
            let bearer = try #require(one.json["access_token"]?.stringValue)
            func change(_ current: String, _ next: String) async throws -> Answer {
                try await panel.send(
                    .post, "/v1/auth/password", bearer: bearer, .json(["password": .string(current), "new_password": .string(next)]))
            }
            expectProblem(try await change("wrong", new), 403, "not_confirmed", "wrong")
            expectProblem(try await change(Panel.password, "short"), 400, "invalid_request", field: "new_password", "short")
            expectProblem(
                try await change(Panel.password, "acme.example acme.example"), 400, "invalid_request", field: "new_password",
                "about the account")
            #expect(try await change(Panel.password, new).status == 204)

            func refresh(_ login: Answer) async throws -> Int {
                try await panel.send(.post, "/v1/auth/refresh", .json(["refresh_token": login.json["refresh_token"] ?? .null])).status
            }
            #expect(try await refresh(two) == 401)
            #expect(try await refresh(one) == 200)
            #expect(try await panel.signIn(email: user.email).status == 401)
            #expect(try await panel.signIn(email: user.email, password: new).status == 200)
        }
    }

    @Test("the first operator is made by a token from the machine itself, and by nothing else")
    func bootstrap() async throws {
        try await Panel.with { panel in
            func become(_ token: String) async throws -> Answer {
                try await panel.send(
                    .post, "/v1/auth/bootstrap",
                    .json(["token": .string(token), "email": "op@panel.example", "password": .string(new)]))
            }
            expectProblem(try await become("pho_" + String(repeating: "A", count: 43)), 400, "invalid_request", field: "token", "made up")
            let token = try #require(
                try await panel.host.accounts.bootstrapToken(in: panel.platform.id, origin: Panel.trace).revealedText())
            #expect(try await become(token).status == 201)
            expectProblem(try await become(token), 400, "invalid_request", field: "token", "again")
            #expect(try await panel.signIn(tenant: "platform", email: "op@panel.example", password: new).status == 200)
        }
    }
}
