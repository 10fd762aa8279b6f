// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors

import HTTPServer
import HTTPTypes
import Host
import Security
import Storage
import Testing
import Values

/// Operators of the installation inside a tenant: explicit, short, narrowed by the tenant, and seen by it.
@Suite("Acting in a tenant", .timeLimit(.minutes(5)))
struct ActingTests {
    /// An operator who is signed in, and an administrator of acme.
    private struct Stage {
        let panel: Panel
        let operatorToken: String
        let operatorUser: UserID
        let admin: String

        init(_ panel: Panel) async throws {
            self.panel = panel
            let operators = try await MatrixCaller.roles(of: panel.platform, panel)
            let superAdmin = try #require(operators.first { $0.name == BuiltInRole.superAdmin.rawValue })
            (operatorToken, operatorUser) = (try #require(superAdmin.bearer), try #require(superAdmin.user))
            admin = try #require(try await panel.signIn().json["access_token"]?.stringValue)
        }

        func begin(_ tenant: String = "acme", minutes: Int64 = 30, bearer: String? = nil) async throws -> Answer {
            try await panel.send(
                .post, "/v1/auth/act-as", bearer: bearer ?? operatorToken,
                .json(["tenant": .string(tenant), "reason": "ticket 4711: invoices do not arrive", "minutes": .int(minutes)]))
        }

        func token() async throws -> (token: String, act: String, reason: String) {
            let answer = try await begin()
            #expect(answer.status == 201, "\(answer.text)")
            return (
                try #require(answer.json["access_token"]?.stringValue), try #require(answer.json["act"]?.stringValue),
                try #require(answer.json["reason_event"]?.stringValue)
            )
        }

        func decide(_ body: Value, bearer: String? = nil) async throws -> Answer {
            try await panel.send(.put, "/v1/tenants/acme/operators", bearer: bearer ?? admin, .json(body))
        }

        func plugins(_ token: String) async throws -> Int {
            try await panel.send(.get, "/v1/tenants/acme/plugins/probe", bearer: token).status
        }
    }

    @Test("without an act an operator gets 404 in a tenant; with one exactly what the tenant's role gives, and the tenant sees every step")
    func whole() async throws {
        try await Panel.with { panel in
            let stage = try await Stage(panel)
            #expect(try await stage.plugins(stage.operatorToken) == 404)

            let (token, act, reason) = try await stage.token()
            #expect(try await stage.plugins(token) == 200)
            expectProblem(
                try await panel.send(.put, "/v1/tenants/acme/plugins/probe/config", bearer: token, .json(["room": "x"])), 403, "forbidden",
                "more than the role gives")
            expectProblem(try await panel.send(.get, "/v1/tenants/globex/plugins/probe", bearer: token), 404, "not_found", "another tenant")
            expectProblem(
                try await panel.send(.get, "/v1/tenants/platform/plugins/probe", bearer: token), 404, "not_found", "its own tenant")
            expectProblem(try await panel.send(.get, "/v1/auth/sessions", bearer: token), 403, "forbidden", "own account")
            expectProblem(try await panel.send(.get, "/v1/tenants", bearer: token), 403, "forbidden", "operators' routes")
            expectProblem(try await stage.begin(bearer: token), 403, "forbidden", "an act out of an act")
            #expect(try await panel.send(.get, "/v1/auth/act-as", bearer: stage.operatorToken).json["acts"]?.arrayValue?.count == 1)
            #expect(try await panel.send(.delete, "/v1/auth/act-as/\(act)", bearer: stage.operatorToken).status == 204)
            #expect(try await stage.plugins(token) == 401)
            expectProblem(
                try await panel.send(.delete, "/v1/auth/act-as/\(act)", bearer: stage.operatorToken), 404, "not_found", "ended twice")

            let chain = "user:\(stage.operatorUser)@platform acting in acme under \(reason)"
            let trail = try await panel.trail(panel.acme).reversed().filter { $0.actor == chain }
            let kinds = trail.filter { $0.action == "tenant.act_as" }.map { event in
                ["started", "ended", ".act\""].first { event.detail.contains($0 == ".act\"" ? $0 : "act_as.\($0)") } ?? "?"
            }
            #expect(kinds.first == "started" && kinds.last == "ended" && kinds.contains(".act\""))
            #expect(trail.first?.row.id == reason && trail.first?.detail.contains("ticket 4711") == true)
            #expect(trail.contains { $0.outcome == "denied" })
            #expect(try await panel.trail(panel.platform, action: "tenant.act_as").count == 2)
            // The other tenant's trail knows nothing of it.
            #expect(try await panel.trail(panel.globex).allSatisfy { !$0.actor.contains("acting") })
        }
    }

    @Test("the tenant narrows, widens and forbids, and each works at the next request; nobody gives more than they hold")
    func tenantDecides() async throws {
        try await Panel.with { panel in
            let stage = try await Stage(panel)
            let (token, _, _) = try await stage.token()
            #expect(try await stage.plugins(token) == 200)
            #expect(try await stage.decide(["allowed": true, "role": "READ_ONLY"]).status == 200)
            #expect(try await stage.plugins(token) == 403)
            expectProblem(try await stage.decide(["allowed": true, "role": "NO_SUCH"]), 400, "invalid_request", "no such role")

            #expect(try await stage.decide(["allowed": true, "role": "ADMIN"]).status == 200)
            #expect(try await panel.send(.put, "/v1/tenants/acme/plugins/probe/config", bearer: token, .json(["room": "x"])).status == 200)
            // Accounts and credentials outlast the act, and are withheld whatever the role.
            expectProblem(
                try await panel.send(
                    .post, "/v1/tenants/acme/memberships", bearer: token, .json(["email": "me@platform.example", "roles": ["ADMIN"]])), 403,
                "forbidden", "an account for oneself")
            expectProblem(try await stage.decide(["allowed": true, "role": "ADMIN"], bearer: token), 403, "forbidden", "for oneself")
            expectProblem(try await stage.decide(["allowed": false], bearer: stage.operatorToken), 404, "not_found", "from outside")

            #expect(try await stage.decide(["allowed": false]).status == 200)
            #expect(try await stage.plugins(token) == 401)
            expectProblem(try await stage.begin(), 403, "forbidden", "forbidden")
            let view = try await panel.send(.get, "/v1/tenants/acme/operators", bearer: stage.admin)
            #expect(view.json["allowed"] == false && view.json["acts"]?[0]?["ended_at"] != nil)
            #expect(view.json["acts"]?[0]?["reason"] == "ticket 4711: invoices do not arrive")
        }
    }

    @Test("a role that operators act with, or whose holders need a factor, is not deleted, so that none of its name inherits that")
    func namedRole() async throws {
        try await Panel.with { panel in
            let stage = try await Stage(panel)
            let made = try await panel.send(.post, "/v1/tenants/acme/authz/roles", bearer: stage.admin, .json(["name": "DESK"]))
            #expect(made.status < 300, "\(made.text)")
            func delete() async throws -> Int {
                try await panel.send(.delete, "/v1/tenants/acme/authz/roles/DESK", bearer: stage.admin).status
            }
            #expect(try await stage.decide(["allowed": true, "role": "DESK"]).status == 200)
            #expect(try await delete() == 409)
            #expect(try await stage.decide(["allowed": true, "role": "READ_ONLY"]).status == 200)
            let factors = panel.host.factors.administration
            let permit = panel.authority.permit(.factorPolicy, in: panel.acme.id, as: "test")
            try await factors.setPolicy(FactorPolicy(requiredRoles: ["DESK"], stepUps: []), permit, origin: Panel.trace)
            #expect(try await delete() == 409)
            try await factors.setPolicy(FactorPolicy(stepUps: []), permit, origin: Panel.trace)
            #expect(try await delete() < 300)
            #expect(try await stage.decide(["allowed": true, "role": "DESK"]).status == 400)
        }
    }

    @Test("an act ends with the operator's session, account and permission, and with the tenant")
    func ends() async throws {
        for end in ["session", "user", "permission", "tenant"] {
            try await Panel.with { panel in
                let stage = try await Stage(panel)
                let (token, _, _) = try await stage.token()
                #expect(try await stage.plugins(token) == 200)
                let scope = panel.authority.permit(.userManage, in: panel.platform.id, as: "test").scope
                let user = stage.operatorUser
                switch end {
                case "session": #expect(try await panel.send(.post, "/v1/auth/logout", bearer: stage.operatorToken).status == 204)
                case "user":
                    try await panel.database.transaction(scope) { try UserRepository($0).setStatus(.suspended, of: user, at: 5) }
                case "permission":
                    _ = try await panel.database.transaction(scope) { try UserRepository($0).revoke("SUPER_ADMIN", from: user) }
                default:
                    try await panel.database.platform(panel.authority.platform("test")) { tx in
                        _ = try TenantLife(tx).suspend(TenantLife(tx).lock(panel.acme.slug), at: 5)
                    }
                }
                #expect(try await stage.plugins(token) == 401, "\(end)")
                if end != "permission" {
                    #expect(try await panel.host.authenticator.endActsThatAreOver() == 1, "\(end)")
                    #expect(try await panel.trail(panel.acme, action: "tenant.act_as").first?.actor == "system:acting")
                }
            }
        }
    }

    @Test("neither an API key, nor a role of a tenant with every pattern, nor nonsense begins an act")
    func refused() async throws {
        try await Panel.with { panel in
            let stage = try await Stage(panel)
            let key = try await panel.key(for: panel.platform, ["tenant.act_as"])
            expectProblem(try await stage.begin(bearer: key), 400, nil, "an API key")
            let wide = try await panel.key(for: panel.acme, ["*.*", "*.*.*", "tenant.act_as"])
            expectProblem(try await stage.begin("globex", bearer: wide), 403, "forbidden", "from a tenant")
            expectProblem(try await stage.begin("nobody"), 403, "forbidden", "no such tenant")
            expectProblem(try await stage.begin("platform"), 404, nil, "its own")
            for minutes: Int64 in [0, 61, -1] { expectProblem(try await stage.begin(minutes: minutes), 400, nil, "\(minutes) minutes") }
        }
    }

    @Test("what an operator may hand on in a tenant is at most what the role gives, and no longer than the act")
    func ceiling() async throws {
        try await Panel.with { panel in
            let stage = try await Stage(panel)
            #expect(try await stage.decide(["allowed": true, "role": "ADMIN"]).status == 200)
            let (token, _, _) = try await stage.token()
            let principal = try await panel.host.authenticator.principal(bearer: token)
            let scope = panel.authority.permit(.roleRead, in: panel.acme.id, as: "test").scope
            let policy = try await panel.database.read(scope) { try PolicyRepository($0).load().policy }
            let now = WallClock.system.now()

            func allows(_ action: String, until: Int64?) throws -> Bool {
                let rule = Policy.Rule(id: "r", .permit, .role("CLIENT"), try ActionPattern(action), expiresAt: until)
                return (try? policy.applying(.setRule(rule), within: principal.ceiling(in: policy, at: now), at: now)) != nil
            }
            #expect(try allows("plugin.read", until: now + 60_000))
            #expect(try !allows("plugin.read", until: nil))
            #expect(try !allows("plugin.read", until: now + 2 * 3_600_000))
            #expect(try !allows("user.manage", until: now + 60_000))
            #expect(try !allows("plugin.kill", until: now + 60_000))
        }
    }

    @Test("what outlasts the act is withheld whatever the role, and what is looked at or configured is not")
    func policy() async throws {
        try await Panel.with { panel in
            let stage = try await Stage(panel)
            #expect(try await stage.decide(["allowed": true, "role": "ADMIN"]).status == 200)
            let (token, act, _) = try await stage.token()
            func send(_ method: HTTPRequest.Method, _ path: String, _ body: Value? = nil) async throws -> Answer {
                try await panel.send(method, "/v1/tenants/acme/\(path)", bearer: token, body.map { .json($0) } ?? .none)
            }
            // A plugin that asks the host for something while it works for an operator is given it.
            let tested = try await send(.post, "plugins/probe/test")
            #expect(tested.status == 200, "\(tested.text)")

            let user = try #require(try await panel.user())
            let withheld: [(HTTPRequest.Method, String, Value?)] = [
                (.post, "authz/roles", ["name": "DESK"]), (.put, "authz/roles/CLIENT", ["inherits": ["ADMIN"]]),
                (.put, "authz/rules/deny", ["deny": "network.manage", "role": "ADMIN"]), (.delete, "authz/separations/any", nil),
                (.post, "network", ["list": "deny", "range": "192.0.2.0/24", "keep": "203.0.113.1"]),
                (.put, "authz/roles/READ_ONLY/holders/\(user)", [:]), (.get, "users/\(user)/sessions", nil),
                (.delete, "users/\(user)/sessions", nil), (.get, "session-rules", nil), (.put, "session-rules", MutationStage.rules),
                (.delete, "session-rules", nil), (.get, "account-rules", nil), (.put, "account-rules", MutationExamples.accountRules),
                (.put, "factor-policy", ["required_roles": [], "step_up_for": "enrolled", "step_up": [], "trusted_device_days": 0]),
                (.delete, "users/\(user)/factors", nil), (.post, "access-reviews", ["name": "mine"]),
                (.post, "users/\(user)/suspend", [:]),
                (.post, "api-keys", ["name": "k", "permissions": ["plugin.read"], "expires_in_days": 1]),
            ]
            for (method, path, body) in withheld {
                expectProblem(try await send(method, path, body), 403, "forbidden", "\(method) \(path)")
            }
            // Whoever looks at who holds what may, by a role that lets them.
            #expect(try await send(.get, "access-reviews").status == 200)
            #expect(try await panel.send(.delete, "/v1/auth/act-as/\(act)", bearer: stage.operatorToken).status == 204)
            #expect(try await send(.get, "access-reviews").status == 401)
        }
    }
}
