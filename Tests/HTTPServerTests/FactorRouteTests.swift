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

/// Second factors over HTTP, with codes that other programs make.
@Suite("Second factors of accounts")
struct FactorRouteTests {
    @Test("an authenticator app is set up, asked at sign-in, and a code of it works once")
    func totp() async throws {
        try await Panel.with { panel in
            let (access, secret, uri, codes) = try await panel.setUpTOTP()
            #expect(uri.hasPrefix("otpauth://totp/Panelhost%20%28acme%29:Admin?secret=\(secret)&issuer="))
            #expect(codes.count == 10)
            let listed = try await panel.send(.get, "/v1/auth/factors", bearer: access)
            #expect(listed.json["backup_codes_left"] == 10 && listed.json["missing"] == false)
            #expect(listed.json["factors"]?.arrayValue?.map { $0["status"] } == ["active"])

            // The code that confirmed it is used up; the one of the next period is good, once.
            let first = try await panel.signIn()
            #expect(first.status == 200 && first.json["status"] == "factor_required" && first.json["access_token"] == nil)
            #expect(first.json["factors"] == ["totp", "backup_code"])
            let token = try #require(first.json["sign_in_token"]?.stringValue)
            let code = try FactorClients.oathtool(secret, ahead: 30)
            let done = try await panel.show("totp", code, token)
            #expect(done.status == 200, "\(done.text)")
            let second = try #require(try await panel.signIn().json["sign_in_token"]?.stringValue)
            expectProblem(try await panel.show("totp", code, second), 401, "unauthorized", "a code twice")
            expectProblem(try await panel.show("totp", code, token), 401, "unauthorized", "a token twice")
            let sessions = try await panel.send(.get, "/v1/auth/sessions", bearer: done.json["access_token"]?.stringValue)
            let current = sessions.json["sessions"]?.arrayValue?.first { $0["current"] == true }
            #expect(current?["methods"] == ["pwd", "otp", "mfa"])
        }
    }

    @Test("pyotp reads the address that is shown, and oathtool makes the same code of it")
    func clients() async throws {
        try await Panel.with { panel in
            let access = try #require(try await panel.signIn().json["access_token"]?.stringValue)
            let begun = try await panel.send(.post, "/v1/auth/factors/totp", bearer: access, .json([:]))
            let uri = try #require(begun.json["uri"]?.stringValue)
            let code = try FactorClients.pyotp(uri)
            let confirmed = try await panel.send(.post, "/v1/auth/factors/totp/confirm", bearer: access, .json(["code": .string(code)]))
            #expect(confirmed.status == 200, "\(confirmed.text)")
            #expect(begun.json["svg"]?.stringValue?.hasPrefix("<svg xmlns=") == true)
            // What was shown once is not shown again, and stands nowhere in clear.
            let secret = try #require(begun.json["secret"]?.stringValue)
            let stored = try await panel.state().values.flatMap(\.self).map { "\($0.values)" }.joined()
            #expect(!stored.contains(secret))
            #expect(try await !panel.send(.get, "/v1/auth/factors", bearer: access).text.contains(secret))
        }
    }

    @Test("a code on paper opens a session once, and a new set ends the old one")
    func backupCodes() async throws {
        try await Panel.with { panel in
            let (access, _, _, codes) = try await panel.setUpTOTP()
            let shown = try await panel.show("backup_code", codes[0].lowercased().replacing("-", with: " "), try await panel.signInToken())
            #expect(shown.status == 200, "\(shown.text)")
            expectProblem(try await panel.show("backup_code", codes[0], try await panel.signInToken()), 401, "unauthorized", "twice")
            #expect(try await panel.send(.get, "/v1/auth/factors", bearer: access).json["backup_codes_left"] == 9)

            let renewed = try await panel.send(.post, "/v1/auth/factors/backup-codes", bearer: access)
            let fresh = renewed.json["backup_codes"]?.arrayValue?.compactMap(\.stringValue) ?? []
            #expect(fresh.count == 10 && Set(fresh).isDisjoint(with: codes))
            expectProblem(try await panel.show("backup_code", codes[1], try await panel.signInToken()), 401, "unauthorized", "an old one")
            #expect(try await panel.show("backup_code", fresh[1], try await panel.signInToken()).status == 200)
        }
    }

    @Test("a device that was remembered is asked for no factor, and one that was not is")
    func rememberedDevice() async throws {
        try await Panel.with { panel in
            let (_, _, _, codes) = try await panel.setUpTOTP()
            let body: Value = [
                "sign_in_token": .string(try await panel.signInToken()), "factor": "backup_code", "code": .string(codes[0]),
                "remember_device": true,
            ]
            let first = try await panel.send(.post, "/v1/auth/login/factor", .json(body), headers: [("panelhost-device", "new")])
            let kept = try #require(first.headers["panelhost-device"].first, "\(first.text)")
            let login: Value = ["tenant": "acme", "email": .string(Panel.email), "password": .string(Panel.password)]
            let known = try await panel.send(.post, "/v1/auth/login", .json(login), headers: [("panelhost-device", kept)])
            #expect(known.json["access_token"] != nil && known.json["new_device"] == false, "\(known.text)")
            #expect(try await panel.signIn().json["status"] == "factor_required")
            let access = known.json["access_token"]?.stringValue
            expectProblem(
                try await panel.send(.get, "/v1/tenants/acme/factor-policy", bearer: access), 401, "step_up_required", "no factor")
        }
    }

    @Test("sixty-four guesses at once over HTTP are looked at four times, and the trail holds every one")
    func parallel() async throws {
        try await Panel.with { panel in
            let (_, secret, _, _) = try await panel.setUpTOTP()
            var tokens: [String] = []
            for _ in 0..<8 { tokens.append(try await panel.signInToken()) }
            let statuses = try await withThrowingTaskGroup(of: Int.self) { group in
                for guess in 0..<64 {
                    group.addTask { [tokens] in try await panel.show("totp", "\(100_000 + guess)", tokens[guess % 8]).status }
                }
                return try await group.reduce(into: [Int]()) { $0.append($1) }
            }
            #expect(statuses.allSatisfy { $0 == 401 })
            let failures = try await panel.database.read(panel.authority.permit(.auditRead, in: panel.acme.id, as: "test").scope) { tx in
                try tx.query("SELECT failures FROM login_counters WHERE tenant_id = $1 AND factor = 'totp'", [tx.tenant])[0].int("failures")
            }
            #expect(failures == 4)
            // The right code has to wait like every other.
            let right = try await panel.show("totp", try FactorClients.oathtool(secret, ahead: 30), try await panel.signInToken())
            expectProblem(right, 401, "unauthorized", "too early")
        }
    }

    @Test("a sign-in token does nothing but end its sign-in")
    func misuse() async throws {
        try await Panel.with { panel in
            _ = try await panel.setUpTOTP()
            let token = try await panel.signInToken()
            expectProblem(try await panel.send(.get, "/v1/auth/factors", bearer: token), 401, "unauthorized", "as an access token")
            expectProblem(try await panel.refresh(token), 401, "unauthorized", "as a refresh token")
            for factor in ["sms", "plugin:probe", "password"] {
                expectProblem(try await panel.show(factor, "123456", token), 401, "unauthorized", factor)
                let sent = try await panel.send(
                    .post, "/v1/auth/login/challenge", .json(["sign_in_token": .string(token), "factor": .string(factor)]))
                expectProblem(sent, 401, "unauthorized", factor)
            }
            let needless = try await panel.send(
                .post, "/v1/auth/login/challenge", .json(["sign_in_token": .string(token), "factor": "totp"]))
            #expect(needless.json == ["status": "not_needed"])
        }
    }

    @Test("a code that a plugin delivers opens the sign-in that it was asked for, and no other")
    func delivered() async throws {
        try await Panel.with { panel in
            try await panel.enable(.factor, for: panel.acme)
            let access = try #require(try await panel.signIn().json["access_token"]?.stringValue)
            let begun = try await panel.send(
                .post, "/v1/auth/factors/delivered", bearer: access, .json(["plugin": "silent", "destination": "+4915112345678"]))
            #expect(begun.status == 201 && begun.json["hint"] == "…78", "\(begun.text)")
            let confirmed = try await panel.send(
                .post, "/v1/auth/factors/plugin:silent/confirm", bearer: access, .json(["code": .string(try await panel.lastCode())]))
            #expect(confirmed.status == 200 && confirmed.json["backup_codes"]?.arrayValue?.count == 10, "\(confirmed.text)")
            try await panel.forgetSends()

            let (token, other) = (try await panel.signInToken(), try await panel.signInToken())
            let asked = try await panel.send(
                .post, "/v1/auth/login/challenge", .json(["sign_in_token": .string(token), "factor": "plugin:silent"]))
            #expect(asked.json["status"] == "sent" && asked.json["hint"] == "…78", "\(asked.text)")
            let again = try await panel.send(
                .post, "/v1/auth/login/challenge", .json(["sign_in_token": .string(token), "factor": "plugin:silent"]))
            expectProblem(again, 429, "rate_limited", "another one at once")
            let code = try await panel.lastCode()
            expectProblem(try await panel.show("plugin:silent", code, other), 401, "unauthorized", "another sign-in")
            let done = try await panel.show("plugin:silent", code.map { "\($0) " }.joined(), token)
            #expect(done.status == 200, "\(done.text)")
            expectProblem(try await panel.show("plugin:silent", code, try await panel.signInToken()), 401, "unauthorized", "twice")
        }
    }

    @Test("a dangerous action wants a fresh factor, and gets it by a step-up")
    func stepUp() async throws {
        try await Panel.with { panel in
            let (access, secret, _, _) = try await panel.setUpTOTP()
            let read = { try await panel.send(.get, "/v1/tenants/acme/factor-policy", bearer: access) }
            #expect(try await read().status == 200)
            try await panel.age()
            let refused = try await read()
            expectProblem(refused, 401, "step_up_required", "a stale factor")
            #expect(refused.json["max_age"] == 900)
            #expect(
                refused.headers["www-authenticate"] == [
                    #"Bearer error="insufficient_user_authentication", error_description="a second factor is wanted", max_age=900"#
                ])
            #expect(try await panel.send(.get, "/v1/plugins", bearer: access).status == 200, "what is not dangerous")
            let wrong = try await panel.send(.post, "/v1/auth/step-up", bearer: access, .json(["factor": "totp", "code": "000000"]))
            expectProblem(wrong, 401, "unauthorized", "a wrong code")
            let right = try await panel.send(
                .post, "/v1/auth/step-up", bearer: access,
                .json(["factor": "totp", "code": .string(try FactorClients.oathtool(secret, ahead: 30))]))
            #expect(right.status == 204, "\(right.text)")
            #expect(try await read().status == 200)
        }
    }

    @Test("who must have a factor and has none may do nothing but set one up")
    func mustHave() async throws {
        try await Panel.with { panel in
            let before = try #require(try await panel.signIn().json["access_token"]?.stringValue)
            let policy = panel.authority.permit(.factorPolicy, in: panel.acme.id, as: "test")
            var wanted = FactorPolicy.standard
            wanted.requiredRoles = ["ADMIN"]
            try await panel.host.factors.administration.setPolicy(wanted, policy, origin: Panel.trace)
            for access in [before, try #require(try await panel.signIn().json["access_token"]?.stringValue)] {
                for route in RouteTable.panel.routes where !route.isOpen && !Self.isForEnrolment(route) {
                    expectProblem(try await panel.send(route, bearer: access), 403, "factor_missing", route.name)
                }
            }
            let (access, _, _, _) = try await panel.setUpTOTP()
            #expect(try await panel.send(.get, "/v1/plugins", bearer: access).status == 200)
        }
    }

    /// To set a factor up, to show it, or to leave.
    private static func isForEnrolment(_ route: Route) -> Bool {
        ["/v1/auth/factors", "/v1/auth/step-up"].contains(where: route.path.hasPrefix) && !route.path.hasSuffix("backup-codes")
            || route.path == "/v1/auth/logout"
    }

    @Test("a factor is given up for the password and the factor, and taken away by another administrator")
    func removal() async throws {
        try await Panel.with { panel in
            let (access, _, _, codes) = try await panel.setUpTOTP()
            let remove = { (password: String) in
                try await panel.send(.post, "/v1/auth/factors/totp/remove", bearer: access, .json(["password": .string(password)]))
            }
            expectProblem(try await remove("wrong"), 403, "not_confirmed", "a wrong password")
            try await panel.age()
            expectProblem(try await remove(Panel.password), 401, "step_up_required", "a stale factor")
            let shown = try await panel.send(
                .post, "/v1/auth/step-up", bearer: access, .json(["factor": "backup_code", "code": .string(codes[0])]))
            #expect(shown.status == 204)
            #expect(try await remove(Panel.password).status == 204)
            #expect(try await panel.signIn().json["access_token"] != nil, "the password is enough again")

            let (again, _, _, _) = try await panel.setUpTOTP()
            let user = try #require(try await panel.user())
            let path = "/v1/tenants/acme/users/\(user)/factors"
            expectProblem(try await panel.send(.delete, path, bearer: again), 409, "conflict", "one's own")
            let weak = try await panel.key(for: panel.acme, ["user.manage"])
            expectProblem(try await panel.send(.delete, path, bearer: weak), 403, "forbidden", "without the permission")
            let foreign = try await panel.key(for: panel.globex, ["user.factor.reset"])
            expectProblem(try await panel.send(.delete, path, bearer: foreign), 404, "not_found", "of another tenant")
            // A key ends, and an administrator's rights do not: who holds less takes no charge of the account.
            expectProblem(try await panel.send(.delete, path, bearer: panel.key), 409, "conflict", "who holds less")
            let reset = try await panel.send(.delete, path, bearer: try await Person(panel, roles: ["ADMIN"]).token)
            #expect(reset.json == ["removed": 1])
            expectProblem(try await panel.send(.get, "/v1/plugins", bearer: again), 401, "unauthorized", "signed out")
            #expect(try await panel.signIn().json["access_token"] != nil)
            #expect(try await panel.trail(panel.acme, action: "user.factor.reset").first { $0.outcome == "success" } != nil)
        }
    }

    @Test("a session from a while ago sets up a factor for the password only")
    func oldSession() async throws {
        try await Panel.with { panel in
            let access = try #require(try await panel.signIn().json["access_token"]?.stringValue)
            try await panel.age()
            let begin = { (body: Value) in try await panel.send(.post, "/v1/auth/factors/totp", bearer: access, .json(body)) }
            expectProblem(try await begin([:]), 401, "step_up_required", "an old session")
            expectProblem(try await begin(["password": "wrong"]), 403, "not_confirmed", "a wrong password")
            #expect(try await begin(["password": .string(Panel.password)]).status == 201)
        }
    }
}

extension Panel {
    fileprivate func setUpTOTP() async throws -> (access: String, secret: String, uri: String, codes: [String]) {
        let access = try #require(try await signIn().json["access_token"]?.stringValue)
        let begun = try await send(.post, "/v1/auth/factors/totp", bearer: access, .json([:]))
        let secret = try #require(begun.json["secret"]?.stringValue, "\(begun.text)")
        let body: Value = ["code": .string(try FactorClients.oathtool(secret))]
        let confirmed = try await send(.post, "/v1/auth/factors/totp/confirm", bearer: access, .json(body))
        #expect(confirmed.status == 200, "\(confirmed.text)")
        return (
            access, secret, begun.json["uri"]?.stringValue ?? "",
            confirmed.json["backup_codes"]?.arrayValue?.compactMap(\.stringValue) ?? []
        )
    }

    fileprivate func signInToken() async throws -> String { try #require(try await signIn().json["sign_in_token"]?.stringValue) }

    fileprivate func show(_ factor: String, _ code: String, _ token: String) async throws -> Answer {
        try await send(
            .post, "/v1/auth/login/factor",
            .json(["sign_in_token": .string(token), "factor": .string(factor), "code": .string(code)]))
    }

    /// The code that was made last, as only the host can read it.
    fileprivate func lastCode() async throws -> String {
        let scope = authority.permit(.invokeTwoFactor, in: acme.id, as: "test").scope
        let row = try await database.read(scope) { tx in
            try #require(
                try tx.query("SELECT * FROM factor_challenges WHERE tenant_id = $1 ORDER BY created_at DESC, id DESC LIMIT 1", [tx.tenant])
                    .first)
        }
        let place = SealedLocation(
            tenant: acme.id, plugin: try #require(PluginID("silent")), field: "factor_challenges.code", record: try row.text("id"))
        let sealed = Sealed(text: try row.text("code"), keyID: try row.text("key_id"), keyVersion: Int(try row.int("key_version")))
        return try #require(try await host.encryption.open(sealed, at: place).revealedText())
    }

    fileprivate func forgetSends() async throws {
        try await database.transaction(authority.permit(.invokeTwoFactor, in: acme.id, as: "test").scope) { tx in
            _ = try tx.execute("DELETE FROM factor_sends WHERE tenant_id = $1", [tx.tenant])
        }
    }

    /// Makes every sign-in and every factor that was shown an hour older.
    fileprivate func age() async throws {
        try await database.transaction(authority.permit(.userManage, in: acme.id, as: "test").scope) { tx in
            _ = try tx.execute(
                "UPDATE sessions SET created_at = created_at - 3600000, factor_at = factor_at - 3600000 WHERE tenant_id = $1", [tx.tenant])
        }
    }
}
