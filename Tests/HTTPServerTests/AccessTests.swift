// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors

import HTTPServer
import HTTPTypes
import Host
import NIOHTTP1
import PluginAPI
import Security
import Storage
import Testing
import Values

/// Who gets in, on every route of the table.
@Suite("Access")
struct AccessTests {
    private static let closed = RouteTable.panel.routes.filter { !$0.isOpen }

    @Test("every bad credential gets the same 401 on every route that is not open")
    func badCredentials() async throws {
        try await Panel.with { panel in
            let credentials = try await Self.badCredentials(panel)
            try await panel.unchanged("bad credentials") {
                for route in Self.closed {
                    var bodies: Set<Value> = []
                    for (name, headers) in credentials {
                        let answer = try await panel.send(
                            route.method, route.examplePath, route.exampleBody, headers: headers + route.exampleHeaders)
                        expectProblem(answer, 401, "unauthorized", "\(route.name) with \(name)")
                        #expect(answer.headers["www-authenticate"] == ["Bearer"], "\(route.name) with \(name)")
                        #expect(answer.fields.isEmpty, "\(route.name) with \(name)")
                        // What is sent is never repeated.
                        for (_, value) in headers where value.count > 12 { #expect(!answer.text.contains(value.suffix(12))) }
                        bodies.insert(.map(answer.withoutCorrelation))
                    }
                    // One for what is no bearer credential at all, one for those that are not good: nothing says why.
                    #expect(bodies.count <= 2, "\(route.name): \(bodies)")
                }
            }
        }
    }

    @Test("without a credential nothing is said about the request")
    func refusedBeforeInput() async throws {
        try await Panel.with { panel in
            for route in Self.closed {
                let answer = try await panel.send(
                    route.method, route.path(tenant: "no such tenant".replacing(" ", with: "-")) + "?unknown=1",
                    .bytes(Array("{\"unknown\"".utf8), type: "text/plain"), headers: [("idempotency-key", "a b")])
                expectProblem(answer, 401, "unauthorized", route.name)
                #expect(answer.fields.isEmpty, "\(route.name)")
            }
        }
    }

    @Test("a body over the limit without a credential is not worth more than a 401")
    func oversizedWithoutCredential() async throws {
        try await Panel.with { panel in
            for route in Self.closed where route.jsonBody != nil {
                let answer = try await panel.send(
                    route.method, route.examplePath, .bytes(Array(repeating: 0x20, count: 100_000), type: "application/json"))
                expectProblem(answer, 401, "unauthorized", route.name)
            }
        }
    }

    @Test("a missing permission is a 403 that names it, and stands in the trail")
    func missingPermission() async throws {
        try await Panel.with { panel in
            for route in Self.closed {
                guard let permission = route.permission else { continue }
                let others = Panel.everything.filter { !PermissionSet(patterns: [$0]).covers(permission) }
                let key = try await panel.key(for: panel.acme, others)
                try await panel.unchanged(auditing: 1, route.name) {
                    let answer = try await panel.send(route, bearer: key)
                    expectProblem(answer, 403, "forbidden", route.name)
                    #expect(answer.json["detail"]?.stringValue?.contains(permission.rawValue) == true, "\(route.name)")
                    let event = try #require(try await panel.trail(panel.acme).first)
                    #expect(event.action == permission.rawValue && event.outcome == "denied", "\(route.name)")
                    #expect(event.actor.hasPrefix("api_key:") || event.actor.hasPrefix("apiKey:"), "\(event.actor)")
                    #expect(event.correlation == answer.headers["panelhost-correlation-id"].first, "\(route.name)")
                    #expect(event.address == "127.0.0.1", "\(route.name)")
                }
            }
        }
    }

    @Test("somebody else's tenant is a 404 like one that does not exist, and stands in the caller's trail alone")
    func foreignTenant() async throws {
        try await Panel.with { panel in
            let foreign = [
                "globex", panel.globex.id.description, "platform", "system", "no-such", "ACME", "acme%00", "%61cme", "acme%2Fplugins", "*",
                panel.acme.id.description.uppercased(), "acme.", String(repeating: "a", count: 200),
            ]
            for route in Self.closed where route.path.contains("{tenant}") {
                var bodies: Set<Value> = []
                for tenant in foreign {
                    try await panel.unchanged(auditing: 1, "\(route.name) in \(tenant)") {
                        let answer = try await panel.send(route, path: route.path(tenant: tenant))
                        expectProblem(answer, 404, "not_found", "\(route.name) in \(tenant)")
                        bodies.insert(.map(answer.withoutCorrelation))
                    }
                }
                #expect(bodies.count == 1, "\(route.name): \(bodies)")
            }
            let mine = try await panel.trail(panel.acme)
            #expect(mine.contains { $0.outcome == "denied" && $0.resource == "tenant:globex" })
            let theirs = try await panel.trail(panel.globex)
            #expect(!theirs.contains { $0.outcome == "denied" })
        }
    }

    @Test("installing for the whole host is for the operators' tenant, whatever a key of another one may do")
    func platformOnly() async throws {
        try await Panel.with { panel in
            let archive = SentBody.bytes(try Probe.archive(version: "1.1.0"), type: "application/x-tar")
            try await panel.unchanged(auditing: 1, "install") {
                let answer = try await panel.send(.post, "/v1/plugins", bearer: panel.key, archive)
                expectProblem(answer, 403, "forbidden", "install")
                let event = try #require(try await panel.trail(panel.acme, action: "plugin.install").first)
                #expect(event.outcome == "denied" && event.correlation == answer.headers["panelhost-correlation-id"].first)
            }
            let operators = try await panel.key(for: panel.platform, ["plugin.install"])
            #expect(try await panel.send(.post, "/v1/plugins", bearer: operators, archive).status == 201)
            expectProblem(try await panel.send(.post, "/v1/plugins", bearer: operators, archive), 409, "conflict", "the same again")
        }
    }

    @Test("enabling does not include approving")
    func approvalIsSeparate() async throws {
        try await Panel.with { panel in
            let key = try await panel.key(for: panel.acme, ["plugin.enable"])
            try await panel.unchanged(auditing: 1, "approve") {
                let answer = try await panel.send(
                    .put, "/v1/tenants/acme/plugins/probe", bearer: key, .json(["enabled": true, "approved_capabilities": [:]]))
                expectProblem(answer, 403, "forbidden", "approve")
                #expect(answer.json["detail"]?.stringValue?.contains("plugin.approve_capabilities") == true)
            }
        }
    }

    @Test("open routes take no notice of a credential")
    func openRoutes() async throws {
        try await Panel.with { panel in
            for path in ["/healthz", "/openapi.json"] {
                for bearer in [nil, "garbage", panel.key] {
                    let answer = try await panel.send(.get, path, bearer: bearer)
                    #expect(answer.status == 200, "\(path)")
                }
            }
        }
    }

    @Test("what a tenant owns is not there for another one, by identifier either")
    func foreignResource() async throws {
        try await Panel.with { panel in
            let sent = try await panel.send(
                .post, "/v1/tenants/acme/notifications", bearer: panel.key,
                .json(["plugin": "probe", "event_type": "invoice.paid", "title": "Paid", "text": "Thank you"]),
                headers: [("idempotency-key", "n-1")])
            let id = try #require(sent.json["notification_id"]?.stringValue)
            #expect(try await panel.send(.get, "/v1/tenants/acme/notifications/\(id)", bearer: panel.key).status == 200)

            let other = try await panel.key(for: panel.globex, Panel.everything)
            expectProblem(
                try await panel.send(.get, "/v1/tenants/globex/notifications/\(id)", bearer: other), 404, "not_found", "by identifier")
            expectProblem(try await panel.send(.get, "/v1/tenants/acme/notifications/\(id)", bearer: other), 404, "not_found", "by path")
        }
    }

    /// Headers that prove nothing.
    private static func badCredentials(_ panel: Panel) async throws -> [(String, [(String, String)])] {
        let bearer = { (name: String, token: String) in (name, [("authorization", "Bearer \(token)")]) }
        let login = try await panel.signIn()
        let token = try #require(login.json["access_token"]?.stringValue)
        let refresh = try #require(login.json["refresh_token"]?.stringValue)
        let session = try #require(login.json["session_id"]?.stringValue.flatMap { SessionID($0) })
        let user = try #require(try await panel.user())
        let parts = token.split(separator: ".").map(String.init)
        let claims = try JSON.parse(try #require(Base64.decode(parts[1], url: true)))
        let epoch = try #require(claims["ver"]?.intValue)
        let now = WallClock.system.now() / 1000
        func forged(
            ring: KEKRing? = nil, issuer: String = "test", audience: String = "test", age: Int64 = 0, tenant: TenantID? = nil,
            older: Int64 = 0
        ) throws -> String {
            try AccessTokenSigner(
                keys: TokenKeyRing(ring: ring ?? panel.ring),
                rules: AccessTokenRules(issuer: issuer, audience: audience, maximumLifetime: 600)
            ).sign(
                AccessTokenClaims(
                    subject: user, tenant: tenant ?? panel.acme.id, session: session, id: .make(), issuedAt: now - age,
                    expiresAt: now - age + 600,
                    authenticatedAt: now - age, methods: ["pwd"], epoch: epoch - older))
        }
        // The forger's tools work: with the right claims such a token is good.
        let accepted = try await panel.send(.get, "/v1/plugins", bearer: try forged())
        #expect(accepted.status == 200)

        let unsigned = Base64.encode(Array(#"{"alg":"none","typ":"at+jwt"}"#.utf8), url: true)
        let flipped = String(token.dropLast()) + (token.last == "A" ? "B" : "A")
        let otherRing = try KEKRing(parsing: KEKRing.generate().revealedBytes())
        let revoked = try await panel.revokedKey()
        return [
            ("no header", []),
            ("an empty header", [("authorization", "")]),
            ("the scheme alone", [("authorization", "Bearer")]),
            bearer("nothing behind the scheme", ""),
            bearer("garbage", "garbage"),
            bearer("two spaces", " \(panel.key)"),
            bearer("something behind it", "\(panel.key) x"),
            ("another scheme", [("authorization", "Basic \(Base64.encode(Array("admin:\(panel.key)".utf8)))")]),
            ("no scheme", [("authorization", panel.key)]),
            ("the scheme with a tab", [("authorization", "Bearer\t\(panel.key)")]),
            ("two headers, both good", [("authorization", "Bearer \(panel.key)"), ("authorization", "Bearer \(panel.key)")]),
            ("two headers, one good", [("authorization", "Bearer x"), ("authorization", "Bearer \(panel.key)")]),
            ("two in one header", [("authorization", "Bearer \(panel.key), Bearer \(panel.key)")]),
            ("a cookie", [("cookie", "access_token=\(panel.key)")]),
            ("x-api-key", [("x-api-key", panel.key)]),
            ("proxy-authorization", [("proxy-authorization", "Bearer \(panel.key)")]),
            bearer("a flipped signature", flipped),
            bearer("no signature", parts.dropLast().joined(separator: ".") + "."),
            bearer("alg none", unsigned + "." + parts[1] + "."),
            bearer("an expired token", try forged(age: 3600)),
            bearer("a token of tomorrow", try forged(age: -86_400)),
            bearer("a token of another installation", try forged(ring: otherRing)),
            bearer("a token of another issuer", try forged(issuer: "evil")),
            bearer("a token for another audience", try forged(audience: "other")),
            bearer("a token moved to another tenant", try forged(tenant: panel.globex.id)),
            bearer("a token of an older epoch", try forged(older: 1)),
            bearer("a refresh token", refresh),
            bearer("a revoked API key", revoked),
            bearer("an API key with another end", String(panel.key.dropLast()) + (panel.key.last == "a" ? "b" : "a")),
            bearer("an API key of another environment", panel.key.replacing("ph_test_", with: "ph_live_")),
            bearer("a long one", String(repeating: "a", count: 6000)),
        ]
    }
}

extension Panel {
    func signIn(tenant: String = "acme", email: String = Panel.email, password: String = Panel.password) async throws -> Answer {
        try await send(
            .post, "/v1/auth/login", .json(["tenant": .string(tenant), "email": .string(email), "password": .string(password)]))
    }

    /// The access token of acme's administrator, who is signed in anew.
    func admin() async throws -> String {
        let answer = try await signIn()
        return try #require(answer.json["access_token"]?.stringValue, "\(answer.text)")
    }

    /// The one user of acme.
    func user() async throws -> UserID? {
        try await database.read(authority.permit(.userManage, in: acme.id, as: "test").scope) { tx in try UserRepository(tx).all().first?.id
        }
    }

    fileprivate func revokedKey() async throws -> String {
        let permit = authority.permit(.userManage, in: acme.id, as: "test")
        let issued = try await host.authenticator.issueAPIKey(
            permit, name: "revoked", permissions: Panel.everything, expiresAt: WallClock.system.now() + 60_000)
        #expect(try await host.authenticator.revokeAPIKey(permit, id: issued.record.id))
        return try #require(issued.text.revealedText())
    }
}
