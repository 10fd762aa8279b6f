// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors

import HTTPServer
import HTTPTypes
import NIOHTTP1
import Security
import Testing
import Values

/// Sessions of browsers: tokens in cookies, and requests that other sites' pages make a browser send.
@Suite("Sessions in cookies")
struct CookieTests {
    private static let origin = "https://panel.example"
    private static let own = [("origin", origin), ("panelhost-browser-session", "1")]

    private func served(_ body: (Panel) async throws -> Void) async throws {
        try await Panel.with(edge: EdgeRules(origins: try BrowserOrigins([Self.origin], allowsLoopback: false)), body)
    }

    private func signIn(_ panel: Panel, _ headers: [(String, String)] = own) async throws -> Answer {
        try await panel.send(
            .post, "/v1/auth/login", .json(["tenant": "acme", "email": .string(Panel.email), "password": .string(Panel.password)]),
            headers: headers)
    }

    /// What a browser would send back.
    private func cookies(_ answer: Answer) -> [(name: String, value: String)] {
        answer.headers["set-cookie"].compactMap { line in
            let pair = line.split(separator: ";")[0].split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            return pair.count == 2 ? (String(pair[0]), String(pair[1])) : nil
        }
    }

    private func header(_ answer: Answer) -> (String, String) {
        ("cookie", cookies(answer).map { "\($0.name)=\($0.value)" }.joined(separator: "; "))
    }

    @Test("tokens stand in cookies that no script can read and nowhere else, work, follow each other, and are taken back")
    func lifeCycle() async throws {
        try await served { panel in
            let login = try await signIn(panel)
            #expect(login.status == 200 && login.json["token_type"] == "Cookie" && login.json["access_token"] == nil)
            #expect(login.json["refresh_token"] == nil)
            let set = login.headers["set-cookie"]
            #expect(set.count == 3)
            for line in set {
                #expect(line.hasPrefix("__Host-panelhost-") && line.contains("; Path=/; Secure; HttpOnly; SameSite=Strict; Max-Age="))
                #expect(!line.lowercased().contains("domain"))
            }
            #expect(try await panel.send(.get, "/v1/plugins", headers: [header(login)]).status == 200)

            let next = try await panel.send(.post, "/v1/auth/refresh", .json([:]), headers: Self.own + [header(login)])
            #expect(next.status == 200 && next.json["access_token"] == nil && cookies(next).count == 2)
            #expect(cookies(next)[1].value != cookies(login)[1].value)
            #expect(try await panel.send(.get, "/v1/plugins", headers: [header(next)]).status == 200)

            let logout = try await panel.send(.post, "/v1/auth/logout", headers: Self.own + [header(next)])
            #expect(logout.status == 204 && logout.headers["set-cookie"].allSatisfy { $0.contains("=; ") && $0.contains("Max-Age=0") })
            expectProblem(try await panel.send(.get, "/v1/plugins", headers: [header(next)]), 401, "unauthorized", "after logout")
        }
    }

    @Test("what another site makes a browser send is refused on every route that changes something, and changes nothing")
    func crossSite() async throws {
        try await served { panel in
            let session = header(try await signIn(panel))
            let strangers: [(String, [(String, String)])] = [
                ("a form", [("origin", "https://evil.example")]),
                ("a form without an origin", []),
                ("our header from elsewhere", [("origin", "https://evil.example"), ("panelhost-browser-session", "1")]),
                ("our header without an origin", [("panelhost-browser-session", "1")]),
                ("an opaque origin", [("origin", "null"), ("panelhost-browser-session", "1")]),
                ("our origin without our header", [("origin", Self.origin)]),
                ("our origin over http", [("origin", "http://panel.example"), ("panelhost-browser-session", "1")]),
                ("our origin with another port", [("origin", Self.origin + ":444"), ("panelhost-browser-session", "1")]),
                ("our origin with more behind it", [("origin", Self.origin + ".evil.example"), ("panelhost-browser-session", "1")]),
                ("a subdomain", [("origin", "https://a.panel.example"), ("panelhost-browser-session", "1")]),
                ("two origins", [("origin", Self.origin), ("origin", "https://evil.example"), ("panelhost-browser-session", "1")]),
                ("a cross-site fetch", Self.own + [("sec-fetch-site", "cross-site")]),
                ("a fetch site that is unknown", Self.own + [("sec-fetch-site", "?")]),
            ]
            try await panel.unchanged("requests of other sites") {
                for route in RouteTable.panel.routes where !route.isOpen && route.method != .get {
                    for (name, headers) in strangers {
                        let answer = try await panel.send(
                            route.method, route.examplePath, route.exampleBody, headers: route.exampleHeaders + headers + [session])
                        expectProblem(answer, 403, "cross_site", "\(route.name): \(name)")
                    }
                }
                for (name, headers) in strangers where headers.contains(where: { $0.0 == "panelhost-browser-session" }) {
                    expectProblem(try await signIn(panel, headers), 403, "cross_site", "login: \(name)")
                    expectProblem(
                        try await panel.send(.post, "/v1/auth/refresh", .json([:]), headers: headers + [session]), 403, "cross_site", name)
                }
            }
            let read = try await panel.send(.get, "/v1/plugins", headers: [session, ("sec-fetch-site", "cross-site")])
            expectProblem(read, 403, "cross_site", "a read from another site")
        }
    }

    @Test("a cookie that is there twice, quoted or odd is refused, and one of another kind is no credential")
    func odd() async throws {
        try await served { panel in
            let login = try await signIn(panel)
            let (access, refresh) = (cookies(login)[0].value, cookies(login)[1].value)
            let name = "__Host-panelhost-access"
            for cookie in [
                "\(name)=\(access); \(name)=\(access)", "\(name)=x; a=b; \(name)=\(access)", "\(name)=\"\(access)\"",
                "\(name)=\(access) ; a=b",
                "\(name)=", "\(name)=\(access)=", "\(name)=\(panel.key)", "\(name)=\(refresh)", "__host-panelhost-access=\(access)",
                "panelhost-access=\(access)", " \(name) =\(access)", "\(name)=\(access)%00",
            ] {
                expectProblem(try await panel.send(.get, "/v1/plugins", headers: [("cookie", cookie)]), 401, "unauthorized", cookie)
            }
            let two = try await panel.send(.get, "/v1/plugins", headers: [("cookie", "\(name)=\(access)"), ("cookie", "a=b")])
            expectProblem(two, 401, "unauthorized", "two fields")
            let others = "theme=\"dark;x=\(name)\"; =; ;; a; \(name)=\(access);b=c"
            #expect(try await panel.send(.get, "/v1/plugins", headers: [("cookie", others)]).status == 200)
            // A bearer is who it says; the cookie that a browser adds is not looked at.
            let bearer = try await panel.send(.post, "/v1/auth/logout", bearer: panel.key, headers: [("cookie", "\(name)=\(access)")])
            expectProblem(bearer, 400, "invalid_request", "an API key has no session")
        }
    }

    @Test("where no origin is named there are no sessions in cookies")
    func off() async throws {
        try await Panel.with { panel in
            expectProblem(try await signIn(panel), 403, "cookies_off", "login")
            let token = try #require(try await panel.signIn().json["access_token"]?.stringValue)
            let cookie = ("cookie", "__Host-panelhost-access=\(token)")
            expectProblem(try await panel.send(.get, "/v1/plugins", headers: [cookie]), 401, "unauthorized", "a cookie")
            expectProblem(
                try await panel.send(.post, "/v1/auth/refresh", .json([:]), headers: Self.own + [cookie]), 400, "invalid_request", "refresh"
            )
        }
    }

    @Test(
        "an origin is a scheme, a host and perhaps a port",
        arguments: [
            "panel.example", "http://panel.example", "https://panel.example/", "https://panel.example/a", "https://a@b.example", "*",
            "null", "",
        ])
    func invalidOrigins(text: String) {
        #expect(throws: BrowserOrigins.Invalid.self) { try BrowserOrigins([text], allowsLoopback: true) }
    }

    @Test("an origin is compared in the spelling of browsers")
    func originSpelling() throws {
        #expect(
            try BrowserOrigins(["https://Panel.Example:443", "http://127.0.0.1:3000"], allowsLoopback: true).texts == [
                Self.origin, "http://127.0.0.1:3000",
            ])
        #expect(throws: BrowserOrigins.Invalid.self) { try BrowserOrigins(["http://127.0.0.1:3000"], allowsLoopback: false) }
    }
}
