// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors

import HTTPServer
import HTTPTypes
import Host
import Security
import Storage
import Testing
import Values

@Suite("Access reviews over HTTP", .timeLimit(.minutes(10)))
struct AccessReviewRouteTests {
    private func decide(_ stage: MutationStage, _ path: String, _ lines: [Value], _ decision: String, _ bearer: String) async throws
        -> Answer
    {
        try await stage.send(
            .post, "\(path)/decisions",
            .json(["decisions": .array(lines.map { ["line": $0["line"] ?? .null, "decision": .string(decision)] })]),
            bearer: bearer)
    }

    @Test("people review what others hold, nobody their own, and closing takes away what was revoked")
    func whole() async throws {
        try await Panel.with { panel in
            let stage = try await MutationStage(panel)
            let (admin, manager) = (try await stage.token(), try await stage.person(["MANAGER"]))
            let clerk = try await stage.person(["BILLING_AGENT"])
            let key = try await stage.send(
                .post, "~/api-keys", .json(["name": "panel", "permissions": ["plugin.read"], "expires_in_days": 30]), bearer: admin)
            let review = try await stage.review(admin)
            let lines = try await stage.lines(review.path, manager.token)
            func line(_ test: @escaping (Value) -> Bool) throws -> Value { try #require(lines.first { test($0) }) }
            let own = try line { $0["user"]?.stringValue == manager.user.id.description }
            let clerks = try line { $0["user"]?.stringValue == clerk.user.id.description }
            let ofKey = try line { $0["api_key"] == key.json["id"] }
            #expect(clerks["email"]?.stringValue == clerk.user.email && clerks["name"] == "BILLING_AGENT")
            #expect(clerks["permissions"]?.arrayValue?.contains("permit plugin.invoke.payment") == true)
            #expect(ofKey["name"] == "panel" && ofKey["email"]?.stringValue == Panel.email && ofKey["permissions"] == ["plugin.read"])
            #expect(!lines.contains { "\($0)".contains("ph_") })

            expectProblem(try await decide(stage, review.path, [own], "keep", manager.token), 409, "conflict", "one's own")
            expectProblem(try await decide(stage, review.path, [ofKey], "keep", admin), 409, "conflict", "a key that one issued")
            expectProblem(try await decide(stage, review.path, [clerks], "keep", stage.key), 403, nil, "an API key")
            expectProblem(try await decide(stage, review.path, [clerks], "keep", clerk.token), 403, "forbidden", "no reviewer")
            expectProblem(try await decide(stage, review.path, [["line": 999]], "keep", manager.token), 404, "not_found", "no line")
            // One bad line, and none is taken.
            expectProblem(try await decide(stage, review.path, [clerks, own], "keep", manager.token), 409, "conflict", "one of two")
            #expect(try await stage.lines(review.path, admin).allSatisfy { $0["decision"] == nil })
            #expect(try await decide(stage, review.path, [clerks, ofKey], "revoke", manager.token).status == 200)
            expectProblem(
                try await stage.send(.post, "\(review.path)/close", .json(["revoke_undecided": false]), bearer: admin), 409, "conflict",
                "undecided")
            expectProblem(
                try await stage.send(.post, "\(review.path)/close", .json(["revoke_undecided": true]), bearer: manager.token), 403,
                "forbidden", "a reviewer")

            let rest = try await stage.lines(review.path, admin).filter { $0["decision"] == nil }
            for line in rest {
                let mine = line["email"]?.stringValue == Panel.email
                #expect(try await decide(stage, review.path, [line], "keep", mine ? manager.token : admin).status == 200)
            }
            let closed = try await stage.send(.post, "\(review.path)/close", .json(["revoke_undecided": false]), bearer: admin)
            #expect(closed.status == 200 && closed.json["results"]?["revoked"] == 2, "\(closed.text)")
            #expect(closed.json["review"]?["status"] == "closed" && closed.json["review"]?["undecided"] == 0)
            let after = try await stage.send(.get, "~/users/\(clerk.user.id)")
            #expect(after.json["roles"] == [])
            expectProblem(
                try await stage.send(.post, "\(review.path)/close", .json(["revoke_undecided": true]), bearer: admin), 409, "conflict",
                "twice")
        }
    }

    @Test("what a closer may not take away keeps the review open, and that stands in the trail")
    func rights() async throws {
        try await Panel.with { panel in
            let stage = try await MutationStage(panel)
            let review = try await stage.review()
            let weak = try await panel.key(for: panel.acme, ["access_review.manage"])
            expectProblem(
                try await stage.send(.post, "\(review.path)/close", .json(["revoke_undecided": true]), bearer: weak), 403, "forbidden",
                "without user.manage")
            #expect(try await stage.send(.get, review.path).json["review"]?["status"] == "open")
            #expect(try await panel.trail(panel.acme, action: "access_review.manage").first?.outcome == "denied")
        }
    }

    @Test("reviews and lines come page by page")
    func pages() async throws {
        try await Panel.with { panel in
            let stage = try await MutationStage(panel)
            for number in 1...4 { _ = try await stage.user("u\(number)") }
            for _ in 0..<3 { _ = try await stage.person(["READ_ONLY"]) }
            var names: [String] = []
            for number in 1...3 {
                names.append("r\(number)")
                _ = try await stage.send(.post, "~/access-reviews", .json(["name": .string("r\(number)")]))
            }
            let first = try await stage.send(.get, "~/access-reviews?limit=2")
            let next = try #require(first.json["next"]?.stringValue)
            let second = try await stage.send(.get, "~/access-reviews?limit=2&after=\(next)")
            let seen = [first, second].flatMap { $0.json["reviews"]?.arrayValue ?? [] }
            #expect(seen.compactMap { $0["name"]?.stringValue } == names.reversed() && second.json["next"] == nil)
            let id = try #require(seen.first?["id"]?.stringValue)
            var (lines, path) = ([Int64](), "~/access-reviews/\(id)?limit=2")
            for _ in 0..<10 {
                let page = try await stage.send(.get, path)
                lines += (page.json["lines"]?.arrayValue ?? []).compactMap { $0["line"]?.intValue }
                guard let next = page.json["next"]?.intValue else { break }
                path = "~/access-reviews/\(id)?limit=2&after=\(next)"
            }
            #expect(lines == Array(1...Int64(lines.count)) && lines.count == Int(seen.first?["lines"]?.intValue ?? 0) && lines.count > 4)
        }
    }
}

@Suite("Account rules over HTTP", .timeLimit(.minutes(10)))
struct AccountRuleRouteTests {
    @Test("a tenant says what its accounts go by, and whoever only looks after users does not")
    func rules() async throws {
        try await Panel.with { panel in
            let stage = try await MutationStage(panel)
            #expect(try await stage.send(.get, "~/account-rules").json == ["passwords": "nist", "dormant_days": 90, "own": false])
            let wanted: Value = [
                "passwords": "pci", "dormant_days": 60, "messenger": "probe", "account_url": "https://panel.acme.example/account",
            ]
            let set = try await stage.send(.put, "~/account-rules", .json(wanted))
            #expect(set.status == 200 && set.json["passwords"] == "pci" && set.json["own"] == true, "\(set.text)")
            #expect(try await stage.send(.get, "~/account-rules").json == set.json)
            for (field, value) in [
                ("account_url", "http://panel.acme.example"), ("account_url", "https://x#y"), ("account_url", "https://x y"),
                ("messenger", "nowhere"), ("messenger", "N O"), ("messenger_label", "other"),
            ] as [(String, Value)] {
                var body: [String: Value] = ["passwords": "nist", "dormant_days": 1]
                body[field] = value
                let answer = try await stage.send(.put, "~/account-rules", .json(.map(body)))
                expectProblem(answer, 400, "invalid_request", field: field, "\(field) \(value)")
            }
            #expect(try await stage.send(.put, "~/account-rules", .json(["passwords": "none", "dormant_days": 1])).status == 400)
            #expect(try await stage.send(.put, "~/account-rules", .json(["passwords": "nist", "dormant_days": 3651])).status == 400)
            // Whoever chose the way of the tokens could take any account over: that is more than to look after users.
            let clerk = try await panel.key(for: panel.acme, ["user.manage", "user.read"])
            #expect(try await stage.send(.put, "~/account-rules", .json(wanted), bearer: clerk).status == 403)
            #expect(try await stage.send(.get, "~/account-rules", bearer: clerk).status == 403)
            #expect(try await stage.send(.delete, "~/account-rules").status == 204)
            #expect(try await stage.send(.get, "~/account-rules").json["own"] == false)
            let trail = try await panel.trail(panel.acme, action: "user.policy").filter { $0.outcome == "success" }
            #expect(trail.count == 2 && trail[1].detail.contains("panel.acme.example"))
        }
    }

    @Test("a password that was taken beside a factor is replaced before anything else when the last factor goes")
    func shortPassword() async throws {
        try await Panel.with { panel in
            let stage = try await MutationStage(panel)
            for byAdministrator in [false, true] {
                let owner = try await FactorOwner.withTOTP(stage)
                let short = "vex9Qoruh2"
                let changed = try await stage.send(
                    .post, "/v1/auth/password", .json(["password": .string(Panel.password), "new_password": .string(short)]),
                    bearer: owner.access)
                #expect(changed.status == 204, "\(changed.text)")
                let waiting = try await panel.signIn(email: owner.email, password: short)
                let token = try #require(waiting.json["sign_in_token"]?.stringValue, "\(waiting.text)")
                let shown = try await panel.send(
                    .post, "/v1/auth/login/factor",
                    .json([
                        "sign_in_token": .string(token), "factor": "totp",
                        "code": .string(try FactorClients.oathtool(owner.secret, ahead: 30)),
                    ]))
                let bearer = try #require(shown.json["access_token"]?.stringValue, "\(shown.text)")
                if byAdministrator {
                    #expect(try await stage.send(.delete, "~/users/\(owner.user)/factors", bearer: stage.token()).status == 200)
                } else {
                    let removed = try await stage.send(
                        .post, "/v1/auth/factors/totp/remove", .json(["password": .string(short)]), bearer: bearer)
                    #expect(removed.status == 204, "\(removed.text)")
                }
                #expect(try await stage.send(.get, "/v1/auth/factors", bearer: bearer).status == 401)
                expectProblem(try await panel.signIn(email: owner.email, password: short), 403, "password_expired", "the short one")
                func renew(_ new: String) async throws -> Answer {
                    try await panel.send(
                        .post, "/v1/auth/password/renew",
                        .json([
                            "tenant": "acme", "email": .string(owner.email), "password": .string(short), "new_password": .string(new),
                        ]))
                }
                expectProblem(try await renew("kep4Wirut8"), 400, "invalid_request", field: "new_password", "as short again")
                #expect(try await renew("tulip sofa lamp orchard").status == 204)
                #expect(try await panel.signIn(email: owner.email, password: "tulip sofa lamp orchard").status == 200)
            }
        }
    }
}
