// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors

import HTTPServer
import HTTPTypes
import NIOHTTP1
import Security
import Testing
import Values

/// Other sites' pages: who may read what, and whom browsers are told about.
@Suite("Cross-origin requests")
struct CrossOriginTests {
    private let own = "https://panel.acme.example"
    private let operators = "https://panel.example"

    private func with(_ body: (Panel) async throws -> Void) async throws {
        let edge = EdgeRules(origins: try BrowserOrigins([operators], allowsLoopback: false))
        try await Panel.with(edge: edge) { panel in
            let added = try await panel.send(.post, "/v1/tenants/acme/origins", bearer: panel.key, .json(["origin": .string(own)]))
            #expect(added.status == 204, "\(added.text)")
            try await body(panel)
        }
    }

    private func ask(_ panel: Panel, _ origin: String, _ path: String = "/v1/plugins", method: String = "GET") async throws -> Answer {
        try await panel.send(
            .options, path,
            headers: [
                ("origin", origin), ("access-control-request-method", method), ("access-control-request-headers", "authorization"),
            ])
    }

    private func get(_ panel: Panel, _ key: String, _ origin: String, _ more: [(String, String)] = []) async throws -> Answer {
        try await panel.send(.get, "/v1/plugins", bearer: key, headers: [("origin", origin)] + more)
    }

    /// Nothing in an answer lets a page read it.
    private func expectUnreadable(_ answer: Answer, _ comment: Comment) {
        for name in ["access-control-allow-origin", "access-control-allow-credentials", "access-control-allow-methods"] {
            #expect(answer.headers[name].isEmpty, comment)
        }
        #expect(answer.headers["vary"] == ["Origin"], comment)
    }

    @Test("a browser's question is answered without credentials, for origins that somebody names and for no others")
    func preflight() async throws {
        try await with { panel in
            let answer = try await ask(panel, own)
            #expect(answer.status == 204 && answer.body.isEmpty)
            #expect(answer.headers["access-control-allow-origin"] == [own])
            #expect(answer.headers["access-control-allow-methods"] == ["GET, POST"])
            #expect(answer.headers["access-control-allow-headers"].first?.contains("authorization") == true)
            #expect(answer.headers["access-control-allow-credentials"].isEmpty, "no cookies of a tenant's page")
            #expect(answer.headers["vary"] == ["Origin"])
            let theirs = try await ask(panel, operators)
            #expect(theirs.headers["access-control-allow-origin"] == [operators])
            #expect(theirs.headers["access-control-allow-credentials"] == ["true"])
            for origin in [
                "null", "*", "https://evil.example", own + ".evil.example", "http://panel.acme.example", own + ":8443", own.uppercased(),
                own + "/", "https://panel.acme.example@evil.example", "", "https://\(String(repeating: "a", count: 400))",
            ] {
                let refused = try await ask(panel, origin)
                expectProblem(refused, 403, "foreign_origin", origin)
                expectUnreadable(refused, "\(origin)")
            }
            expectUnreadable(try await ask(panel, own, "/v1/nothing"), "no such path")
        }
    }

    @Test("an answer is for pages of the caller's own tenant: another's origin is refused before anything is done")
    func requests() async throws {
        try await with { panel in
            let globex = try await panel.key(for: panel.globex, Panel.everything)
            let answer = try await get(panel, panel.key, own)
            #expect(answer.status == 200 && answer.headers["access-control-allow-origin"] == [own])
            #expect(answer.headers["access-control-allow-credentials"].isEmpty)
            #expect(answer.headers["access-control-expose-headers"].first?.contains("retry-after") == true)
            for (key, origin) in [(globex, own), (panel.key, "https://evil.example"), (panel.key, "null")] {
                try await panel.unchanged("\(origin)") {
                    let refused = try await panel.send(
                        .post, "/v1/tenants/acme/origins", bearer: key, .json(["origin": "https://evil.example"]),
                        headers: [("origin", origin)])
                    expectProblem(refused, 403, "foreign_origin", origin)
                    expectUnreadable(refused, "\(origin)")
                }
            }
            let twice = try await get(panel, panel.key, own, [("origin", own)])
            expectProblem(twice, 403, "foreign_origin", "two origins")
            expectUnreadable(twice, "two origins")
            let operatorsPage = try await get(panel, globex, operators)
            #expect(operatorsPage.status == 200 && operatorsPage.headers["access-control-allow-credentials"] == ["true"])
            #expect(try await get(panel, globex, "http://127.0.0.1:\(panel.port)").status == 200, "a page of this very host")
            expectUnreadable(try await panel.send(.get, "/v1/plugins", bearer: panel.key), "no origin at all")
        }
    }

    @Test("a page reads why it was not let in, and gets tokens of its own tenant only")
    func signIn() async throws {
        try await with { panel in
            let refused = try await get(panel, "wrong", own)
            #expect(refused.status == 401 && refused.headers["access-control-allow-origin"] == [own])
            expectUnreadable(try await get(panel, "wrong", "https://evil.example"), "a stranger")
            let credentials: Value = ["tenant": "acme", "email": .string(Panel.email), "password": .string(Panel.password)]
            let mine = try await panel.send(.post, "/v1/auth/login", .json(credentials), headers: [("origin", own)])
            #expect(mine.status == 200 && mine.headers["access-control-allow-origin"] == [own])
            let other = "https://panel.globex.example"
            let globex = try await panel.key(for: panel.globex, Panel.everything)
            _ = try await panel.send(.post, "/v1/tenants/globex/origins", bearer: globex, .json(["origin": .string(other)]))
            let theirs = try await panel.send(.post, "/v1/auth/login", .json(credentials), headers: [("origin", other)])
            #expect(theirs.status == 200)
            expectUnreadable(theirs, "another tenant's page")
        }
    }

    @Test("what is taken out is refused from the next request on")
    func removal() async throws {
        try await with { panel in
            #expect(try await get(panel, panel.key, own).status == 200)
            #expect(try await panel.send(.delete, "/v1/tenants/acme/origins?origin=\(own)", bearer: panel.key).status == 204)
            expectProblem(try await get(panel, panel.key, own), 403, "foreign_origin", "removed")
            let again = try await panel.send(.delete, "/v1/tenants/acme/origins?origin=\(own)", bearer: panel.key)
            #expect(again.status == 404)
            for wrong in [
                "panel.example", "https://panel.example/", "https://*.example", "http://panel.example", "null", "https://a@b.example",
            ] {
                let refused = try await panel.send(.post, "/v1/tenants/acme/origins", bearer: panel.key, .json(["origin": .string(wrong)]))
                #expect(refused.status == 400 && refused.fields == ["origin"] || refused.status == 400 && wrong == "null", "\(wrong)")
            }
        }
    }
}
