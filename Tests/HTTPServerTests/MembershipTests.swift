// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors

import HTTPServer
import HTTPTypes
import Host
import Security
import Storage
import Testing
import Values

/// One person in two tenants that see nothing of each other.
@Suite("Memberships", .timeLimit(.minutes(5)))
struct MembershipTests {
    /// The administrator of acme, invited to globex.
    private struct Stage {
        let panel: Panel
        let home: String
        let globexAdmin: String

        init(_ panel: Panel) async throws {
            self.panel = panel
            home = try #require(try await panel.signIn().json["access_token"]?.stringValue)
            globexAdmin = try await panel.key(for: panel.globex, ["user.manage", "plugin.read", "session.own"])
        }

        func offer(_ email: String = Panel.email, roles: [Value] = []) async throws -> Answer {
            try await panel.send(
                .post, "/v1/tenants/globex/memberships", bearer: globexAdmin, .json(["email": .string(email), "roles": .array(roles)]))
        }

        func accept(_ token: String, bearer: String? = nil) async throws -> Answer {
            try await panel.send(.post, "/v1/auth/memberships", bearer: bearer ?? home, .json(["token": .string(token)]))
        }

        /// A guest of globex with what `READ_ONLY` gives.
        func join() async throws -> (guest: UserID, home: UserID) {
            let offered = try await offer(roles: [])
            #expect(offered.status == 201, "\(offered.text)")
            let accepted = try await accept(try #require(offered.json["token"]?.stringValue))
            #expect(accepted.status == 201, "\(accepted.text)")
            let guest = try #require(accepted.json["user"]?.stringValue.flatMap { UserID($0) })
            try await panel.database.transaction(scope(panel.globex)) { try UserRepository($0).grant("SUPPORT_AGENT", to: guest, at: 1) }
            let home = try await panel.database.read(scope(panel.acme)) { try UserRepository($0).find(email: Panel.email) }
            return (guest, try #require(home).id)
        }

        func scope(_ tenant: TenantRecord) -> TenantScope { panel.authority.permit(.userManage, in: tenant.id, as: "test").scope }

        func move(to slug: String, bearer: String? = nil) async throws -> Answer {
            try await panel.send(.post, "/v1/auth/switch", bearer: bearer ?? home, .json(["tenant": .string(slug)]))
        }

        func status(_ token: String, _ tenant: String = "globex") async throws -> Int {
            try await panel.send(.get, "/v1/tenants/\(tenant)/plugins/probe", bearer: token).status
        }
    }

    @Test("is offered and accepted, gives a session in the other tenant with that tenant's rights alone, and the way back")
    func whole() async throws {
        try await Panel.with { panel in
            let stage = try await Stage(panel)
            expectProblem(try await stage.move(to: "globex"), 404, "not_found", "before")
            let (guest, home) = try await stage.join()
            #expect(guest != home)

            let listed = try await panel.send(.get, "/v1/auth/tenants", bearer: stage.home).json["tenants"]?.arrayValue ?? []
            #expect(listed.map { $0["tenant"] } == ["acme", "globex"] && listed.map { $0["home"] } == [true, false])
            let there = try await stage.move(to: "globex")
            #expect(there.status == 200 && there.json["tenant"] == "globex", "\(there.text)")
            let token = try #require(there.json["access_token"]?.stringValue)
            // 404: globex has not enabled the plugin; what counts is that it is let in there, and not at home.
            #expect(try await panel.send(.get, "/v1/plugins", bearer: token).status == 200)
            expectProblem(
                try await panel.send(.get, "/v1/tenants/acme/plugins/probe", bearer: token), 404, "not_found", "home is elsewhere")
            let principal = try await panel.host.authenticator.principal(bearer: token)
            #expect(principal.tenant == panel.globex.id && principal.kind == .user(guest))
            #expect(!principal.permissions.covers(.userManage), "an administrator at home is none here")
            let back = try await stage.move(to: "acme", bearer: token)
            #expect(back.status == 200 && back.json["tenant"] == "acme")
            #expect(try await panel.host.authenticator.principal(bearer: back.json["access_token"]?.stringValue ?? "").kind == .user(home))
            let refreshed = try await panel.send(
                .post, "/v1/auth/refresh", .json(["refresh_token": there.json["refresh_token"] ?? .null]))
            #expect(refreshed.status == 200 && refreshed.json["tenant"] == "globex", "\(refreshed.text)")
        }
    }

    @Test("neither tenant's rows or trail names anything of the other")
    func isolation() async throws {
        try await Panel.with { panel in
            let stage = try await Stage(panel)
            let (guest, home) = try await stage.join()
            _ = try await stage.move(to: "globex")
            for (tenant, marks) in [
                (panel.globex, [home.description, "acme", panel.acme.id.description]),
                (panel.acme, [guest.description, "globex", panel.globex.id.description]),
            ] {
                let trail = try await panel.trail(tenant)
                #expect(trail.contains { $0.action == "session.switch" } && trail.contains { $0.action == "membership.accept" })
                for event in trail where ["session.switch", "membership.accept", "user.manage"].contains(event.action) {
                    for mark in marks where !(mark == "acme" && event.personal.facts["email"] != nil) {
                        #expect(
                            !"\(event.actor) \(event.resource) \(event.detail)".contains(mark),
                            "\(tenant.slug): \(event.action) names \(mark)")
                    }
                }
            }
        }
    }

    @Test(
        "ends at the next request, and for its refresh token, when either side says so",
        arguments: ["leave", "guest", "home", "password", "tenant", "home tenant"])
    func ends(how: String) async throws {
        try await Panel.with { panel in
            let stage = try await Stage(panel)
            let (guest, home) = try await stage.join()
            let there = try await stage.move(to: "globex")
            let token = try #require(there.json["access_token"]?.stringValue)
            #expect(try await panel.send(.get, "/v1/plugins", bearer: token).status == 200)
            func suspend(_ tenant: TenantRecord) async throws {
                try await panel.database.platform(panel.authority.platform("test")) { tx in
                    _ = try TenantLife(tx).suspend(TenantLife(tx).lock(tenant.slug), at: 5)
                }
            }
            switch how {
            case "leave": #expect(try await panel.send(.delete, "/v1/auth/tenants/globex", bearer: stage.home).status == 204)
            case "guest":
                try await panel.database.transaction(stage.scope(panel.globex)) {
                    try UserRepository($0).setStatus(.suspended, of: guest, at: 5)
                }
            case "home":
                try await panel.database.transaction(stage.scope(panel.acme)) {
                    try UserRepository($0).setStatus(.suspended, of: home, at: 5)
                }
            case "password":
                try await panel.database.transaction(stage.scope(panel.acme)) { try UserRepository($0).setPassword("x", of: home, at: 5) }
            case "tenant": try await suspend(panel.globex)
            default: try await suspend(panel.acme)
            }
            expectProblem(try await panel.send(.get, "/v1/plugins", bearer: token), 401, "unauthorized", how)
            let refresh = try await panel.send(.post, "/v1/auth/refresh", .json(["refresh_token": there.json["refresh_token"] ?? .null]))
            expectProblem(refresh, 401, "unauthorized", how)
            if how == "leave" { expectProblem(try await stage.move(to: "globex"), 404, "not_found", "left") }
        }
    }

    @Test("an invitation works once, for the account of its address only, and gives no more than its author holds")
    func invitation() async throws {
        try await Panel.with { panel in
            let stage = try await Stage(panel)
            let strangers = try await stage.offer("somebody@else.example")
            let token = try #require(strangers.json["token"]?.stringValue)
            expectProblem(try await stage.accept(token), 404, "not_found", "another address")
            expectProblem(try await stage.accept(token), 404, "not_found", "and it was not used up by that")
            for nonsense in ["pho_x", String(token.dropLast()), token + "a"] {
                expectProblem(try await stage.accept(nonsense), 404, "not_found", "nonsense")
            }
            expectProblem(try await stage.offer(roles: ["ADMIN"]), 400, nil, "more than the author holds")
            let first = try #require(try await stage.offer().json["token"]?.stringValue)
            let second = try #require(try await stage.offer().json["token"]?.stringValue)
            expectProblem(try await stage.accept(first), 404, "not_found", "asked again since")
            #expect(try await stage.accept(second).status == 201)
            expectProblem(try await stage.accept(second), 404, "not_found", "a second time")
            expectProblem(try await stage.offer(), 409, "conflict", "a guest already")
            // An API key is nobody who could accept.
            expectProblem(try await stage.accept(second, bearer: panel.key), 400, nil, "a key")
        }
    }

    @Test("a guest has no password of its own: with the other tenant's slug and the home password one is signed in at home")
    func signIn() async throws {
        try await Panel.with { panel in
            let stage = try await Stage(panel)
            expectProblem(try await panel.signIn(tenant: "globex", email: Panel.email), 401, "unauthorized", "before")
            _ = try await stage.join()
            let answer = try await panel.signIn(tenant: "globex", email: Panel.email)
            #expect(answer.status == 200 && answer.json["tenant"] == "acme", "\(answer.text)")
            for password in ["!", "", "wrong-password-here"] {
                let refused = try await panel.signIn(tenant: "globex", email: Panel.email, password: password)
                #expect([400, 401].contains(refused.status))
            }
        }
    }

    @Test(
        "a guest's session ends with the one at home that it came from, and switching back opens none",
        arguments: ["logout", "others", "limit"])
    func origin(how: String) async throws {
        try await Panel.with { panel in
            let stage = try await Stage(panel)
            _ = try await stage.join()
            let there = try await stage.move(to: "globex")
            let token = try #require(there.json["access_token"]?.stringValue)
            let back = try #require(try await stage.move(to: "acme", bearer: token).json["access_token"]?.stringValue)
            let open = try await panel.send(.get, "/v1/auth/sessions", bearer: back).json["sessions"]?.arrayValue ?? []
            #expect(open.count == 1 && open.first?["current"] == true, "the session at home goes on: \(open)")
            switch how {
            case "logout": #expect(try await panel.send(.post, "/v1/auth/logout", bearer: stage.home).status == 204)
            case "others":
                let other = try #require(try await panel.signIn().json["access_token"]?.stringValue)
                #expect(try await panel.send(.post, "/v1/auth/logout-others", bearer: other).status == 200)
            default:
                _ = try await panel.database.transaction(stage.scope(panel.acme)) { tx in
                    try tx.execute("UPDATE sessions SET last_seen_at = last_seen_at - 900001 WHERE tenant_id = $1", [tx.tenant])
                }
            }
            for bearer in [token, back, stage.home] {
                expectProblem(try await panel.send(.get, "/v1/plugins", bearer: bearer), 401, "unauthorized", how)
            }
            expectProblem(try await stage.move(to: "acme", bearer: token), 401, "unauthorized", how)
            let refresh = try await panel.send(.post, "/v1/auth/refresh", .json(["refresh_token": there.json["refresh_token"] ?? .null]))
            expectProblem(refresh, 401, "unauthorized", how)
        }
    }

    @Test("a guest sets up no second factor, and what is shown at home counts at once")
    func factors() async throws {
        try await Panel.with { panel in
            let stage = try await Stage(panel)
            let (_, home) = try await stage.join()
            let there = try #require(try await stage.move(to: "globex").json["access_token"]?.stringValue)
            expectProblem(try await panel.send(.post, "/v1/auth/factors/totp", bearer: there, .json([:])), 409, "conflict", "as a guest")
            let shown = try await panel.send(
                .post, "/v1/auth/step-up", bearer: there, .json(["factor": "totp", "code": "000000"]))
            expectProblem(shown, 409, "conflict", "it is shown at home")
            let before = try await panel.host.authenticator.principal(bearer: there)
            #expect(before.assurance?.factorAt == nil && before.assurance?.hasFactor == false)
            _ = try await panel.database.transaction(stage.scope(panel.acme)) { tx in
                try tx.execute(
                    "UPDATE sessions SET factor_at = created_at, methods = '[\"pwd\",\"otp\",\"device\"]' WHERE tenant_id = $1 AND user_id = $2",
                    [tx.tenant, .text(home.description)])
            }
            let after = try await panel.host.authenticator.principal(bearer: there)
            #expect(after.assurance?.factorAt != nil)
            #expect(after.assurance?.methods == ["pwd", "otp"], "that a device is remembered is the home tenant's word")
        }
    }

    @Test("switching shows no password: it forgives no failures and makes no place known")
    func lanes() async throws {
        try await Panel.with { panel in
            let stage = try await Stage(panel)
            _ = try await stage.join()
            func places() async throws -> Int64 {
                try await panel.database.platform(panel.authority.platform("test")) {
                    try $0.query("SELECT count(*) AS n FROM sign_in_places", []).first?.int("n") ?? -1
                }
            }
            let before = try await places()
            let there = try #require(try await stage.move(to: "globex").json["access_token"]?.stringValue)
            _ = try await stage.move(to: "acme", bearer: there)
            #expect(try await places() == before)
        }
    }

    @Test("who was a guest holds nothing, and who waits with a role is asked again only by those who hold it")
    func reach() async throws {
        try await Panel.with { panel in
            let stage = try await Stage(panel)
            let (guest, _) = try await stage.join()
            #expect(try await panel.send(.delete, "/v1/auth/tenants/globex", bearer: stage.home).status == 204)
            let left = try await panel.database.read(stage.scope(panel.globex)) { try PolicyRepository($0).load().policy }
            #expect(!left.assignments.contains { $0.user == guest })
            #expect(try await stage.offer().status == 201, "nothing is held")
            try await panel.database.transaction(stage.scope(panel.globex)) { try UserRepository($0).grant("ADMIN", to: guest, at: 1) }
            expectProblem(try await stage.offer(), 409, "conflict", "an administrator's account")
        }
    }

    @Test("the operators' tenant takes no guests, and an address is one")
    func refused() async throws {
        try await Panel.with { panel in
            let stage = try await Stage(panel)
            let platform = try await panel.key(for: panel.platform, ["user.manage"])
            let offer = try await panel.send(
                .post, "/v1/tenants/platform/memberships", bearer: platform, .json(["email": .string(Panel.email), "roles": []]))
            expectProblem(offer, 409, "conflict", "platform")
            expectProblem(try await stage.offer("a@b\n.example"), 400, nil, "a line break")
        }
    }
}
