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

/// Rules that are about some resources only, at the routes that name one.
@Suite("Resources at the routes", .timeLimit(.minutes(10)))
struct ResourceRouteTests {
    @Test("who may act on their own payments creates and handles those, and learns of no other, nor whether there is one")
    func owner() async throws {
        try await Panel.with { panel in
            try await panel.enable(.gateway, for: panel.acme)
            let (ann, bob) = (try await Person(panel, roles: []), try await Person(panel, roles: []))
            for person in [ann, bob] {
                try await panel.rule("pay-\(person.id)", "permit", "plugin.invoke.payment", person, on: "owner")
                try await panel.rule("see-\(person.id)", "permit", "plugin.read", person, on: "owner")
            }
            let (hers, his) = (try await panel.charge(ann), try await panel.charge(bob))
            let nothing = PaymentID.make().description
            for (person, own, other) in [(ann, hers, his), (bob, his, hers)] {
                #expect(try await panel.send(.get, "/v1/tenants/acme/payments/\(own)", bearer: person.token).status == 200)
                let synced = try await panel.send(.post, "/v1/tenants/acme/payments/\(own)/sync", bearer: person.token)
                #expect(synced.status == 200, "\(synced.text)")
                for (method, path, body) in [
                    (.get, "", .none), (.post, "/sync", .none), (.post, "/refunds", .json([:])), (.post, "/cancel", .json([:])),
                ] as [(HTTPRequest.Method, String, SentBody)] {
                    let answers = try await [other, nothing].asyncMap {
                        try await panel.send(
                            method, "/v1/tenants/acme/payments/\($0)\(path)", bearer: person.token, body,
                            headers: [("idempotency-key", "k")])
                    }
                    for answer in answers { expectProblem(answer, 403, "forbidden", "\(path)") }
                    #expect(answers[0].withoutCorrelation == answers[1].withoutCorrelation, "\(path)")
                }
            }
            let denied = try await panel.trail(panel.acme, action: "plugin.read").first { $0.outcome == "denied" }
            #expect(denied?.resource.hasPrefix("payment:") == true)
            // Of a list each sees their own part; what is no list and names nothing needs a right to everything.
            #expect(try await panel.listed("/v1/plugins", "plugins", ann) == [])
            expectProblem(try await panel.send(.get, "/v1/tenants/acme/authz/rules", bearer: ann.token), 403, "forbidden", "the policy")
        }
    }

    @Test("of a list everybody sees what their rules let them see, page by page, and learns nothing of the rest")
    func lists() async throws {
        try await Panel.with { panel in
            try await panel.enable(.gateway, for: panel.acme)
            let (ann, bob) = (try await Person(panel, roles: []), try await Person(panel, roles: ["ADMIN"]))
            try await panel.rule("pay", "permit", "plugin.invoke.payment", ann, on: "owner")
            let list = "/v1/tenants/acme/payments"
            for path in [list, "/v1/tenants/acme/notifications", "/v1/plugins", "/v1/tenants/acme/users", "/v1/tenants/acme/api-keys"] {
                expectProblem(
                    try await panel.send(.get, path, bearer: ann.token), 403, "forbidden", "\(path): nothing at all is hers to see")
            }
            #expect(try await panel.trail(panel.acme, action: "plugin.read").first?.outcome == "denied")
            var (hers, all): ([String], [String]) = ([], [])
            for number in 0..<7 {
                let payment = try await panel.charge(number % 2 == 0 ? ann : bob, currency: number == 4 ? "USD" : "EUR")
                all.insert(payment, at: 0)
                if number % 2 == 0 { hers.insert(payment, at: 0) }
            }
            #expect(try await panel.listed(list, "payments", bob) == all)
            try await panel.rule("see", "permit", "plugin.read", ann, on: "owner")
            #expect(try await panel.listed(list, "payments", ann) == hers)
            #expect(try await panel.pages(list, "payments", ann, limit: 2) == [Array(hers[0..<2]), Array(hers[2..<4]), []])
            #expect(try await panel.pages(list, "payments", ann, limit: 3) == [Array(hers[0..<3]), Array(hers[3...])])

            // A cursor is good for its list, its filters, whom it was made for, and nobody reads it.
            let first = try await panel.send(.get, list + "?limit=1", bearer: ann.token)
            let cursor = try #require(first.json["next"]?.stringValue)
            #expect(!all.contains { cursor.contains($0) })
            for (path, bearer) in [
                (list + "?cursor=\(cursor)", bob.token), (list + "?cursor=\(cursor)&invoice=x", ann.token),
                ("/v1/tenants/acme/notifications?cursor=\(cursor)", ann.token), (list + "?cursor=\(cursor.dropLast())", ann.token),
                (list + "?cursor=\(all[0])", ann.token),
            ] {
                expectProblem(try await panel.send(.get, path, bearer: bearer), 400, "invalid_request", path)
            }

            // Rules that deny win, also where it cannot be told whether they are meant.
            try await panel.rule("not", "deny", "plugin.read", ann, on: "currency = USD")
            #expect(try await panel.listed(list, "payments", ann) == hers.filter { $0 != hers[1] })
            try await panel.rule("not", "deny", "plugin.read", bob, on: "id = payment:\(all[2])")
            #expect(try await panel.listed(list, "payments", bob) == all.filter { $0 != all[2] })
            try await panel.rule("not", "deny", "plugin.read", bob, on: "segment = vip")
            #expect(try await panel.listed(list, "payments", bob) == [])
            #expect(try await panel.send(.get, list, bearer: bob.token).json["next"] == nil)
            try await panel.rule("not", "deny", "plugin.read", bob, on: "all")
            expectProblem(try await panel.send(.get, list, bearer: bob.token), 403, "forbidden", "denied on everything")
        }
    }

    @Test("plugins, users and keys are listed by the same rules")
    func otherLists() async throws {
        try await Panel.with { panel in
            try await panel.enable(.gateway, for: panel.acme)
            let (ann, bob) = (try await Person(panel, roles: []), try await Person(panel, roles: []))
            try await panel.rule("p", "permit", "plugin.read", ann, on: "plugin = books")
            #expect(try await panel.listed("/v1/plugins", "plugins", ann) == ["books"])
            try await panel.rule("p", "permit", "plugin.read", ann, on: "id = plugin:probe")
            #expect(try await panel.listed("/v1/plugins", "plugins", ann) == ["probe"])
            #expect(try await panel.listed("/v1/tenants/acme/notifications", "notifications", ann) == [])

            try await panel.rule("u", "permit", "user.read", ann, on: "owner")
            #expect(try await panel.listed("/v1/tenants/acme/users", "users", ann) == [ann.id.description])
            try await panel.rule("u2", "permit", "user.read", ann, on: "id = user:\(bob.id)")
            #expect(try await panel.listed("/v1/tenants/acme/users", "users", ann) == [ann.id, bob.id].map(\.description).sorted())

            try await panel.rule("k", "permit", "user.manage", ann, on: "owner")
            #expect(try await panel.listed("/v1/tenants/acme/api-keys", "api_keys", ann) == [])
            let key =
                try await panel.send(.get, "/v1/tenants/acme/api-keys", bearer: panel.key).json["api_keys"]?[0]?["id"]?.stringValue ?? ""
            try await panel.rule("k", "permit", "user.manage", ann, on: "id = api_key:\(key)")
            #expect(try await panel.listed("/v1/tenants/acme/api-keys", "api_keys", ann) == [key])
            // What a rule was needed for is counted by what was listed.
            await panel.host.usage.flush()
            let unused = try await panel.send(.get, "/v1/tenants/acme/authz/unused?days=1", bearer: panel.key).text
            #expect(!unused.contains("\"u\"") && !unused.contains("\"u2\""), "\(unused)")
        }
    }

    @Test("who may manage one user changes and suspends that one, takes their factors away, and touches nobody else")
    func oneUser() async throws {
        try await Panel.with { panel in
            let (ann, bob, carol) = (
                try await Person(panel, roles: []), try await Person(panel, roles: []), try await Person(panel, roles: [])
            )
            for action in ["user.manage", "user.factor.reset"] {
                try await panel.rule(action, "permit", action, ann, on: "id = user:\(bob.id)")
            }
            for (person, status) in [(bob, 200), (carol, 403)] {
                for (method, path, body) in [
                    (.patch, "", .json(["name": "Other"])), (.delete, "/factors", .none), (.post, "/suspend", .json([:])),
                ] as [(HTTPRequest.Method, String, SentBody)] {
                    let answer = try await panel.send(method, "/v1/tenants/acme/users/\(person.id)\(path)", bearer: ann.token, body)
                    #expect(answer.status == status, "\(method) \(path): \(answer.text)")
                }
            }
            let invited = try await panel.send(
                .post, "/v1/tenants/acme/users", bearer: ann.token, .json(["email": "new@acme.example"]))
            #expect(invited.status == 403)
        }
    }

    @Test("rules by id and by attribute open and close just what they mean")
    func selectors() async throws {
        try await Panel.with { panel in
            try await panel.enable(.gateway, for: panel.acme)
            let (ann, bob) = (try await Person(panel, roles: []), try await Person(panel, roles: ["ADMIN"]))
            let (one, two) = (try await panel.charge(bob), try await panel.charge(bob, currency: "USD"))
            func statuses(_ person: Person) async throws -> [Int] {
                try await ["payments/\(one)", "payments/\(two)", "plugins/probe", "plugins/books"].asyncMap {
                    try await panel.send(.get, "/v1/tenants/acme/\($0)", bearer: person.token).status
                }
            }
            #expect(try await statuses(ann) == [403, 403, 403, 403])
            try await panel.rule("a", "permit", "plugin.read", ann, on: "id = payment:\(one)")
            #expect(try await statuses(ann) == [200, 403, 403, 403])
            try await panel.rule("a", "permit", "plugin.read", ann, on: "currency in USD, CHF")
            #expect(try await statuses(ann) == [403, 200, 403, 403])
            try await panel.rule("a", "permit", "plugin.read", ann, on: "plugin = books")
            #expect(try await statuses(ann) == [200, 200, 403, 200])
            try await panel.rule("b", "deny", "plugin.read", ann, on: "id = plugin:books")
            #expect(try await statuses(ann) == [200, 200, 403, 403])
            #expect(try await statuses(bob) == [200, 200, 200, 200])
            try await panel.rule("c", "deny", "plugin.read", bob, on: "currency = EUR")
            // A plugin has no currency: whether the rule means it is not known, so it does.
            #expect(try await statuses(bob) == [403, 200, 403, 403])
        }
    }
}

extension Panel {
    /// Makes a rule about somebody.
    fileprivate func rule(_ id: String, _ effect: String, _ action: String, _ person: Person, on selector: String) async throws {
        // A key that ends hands on nothing without an end.
        let administrator = try await signIn().json["access_token"]?.stringValue
        let answer = try await send(
            .put, "/v1/tenants/acme/authz/rules/\(id)", bearer: administrator,
            .json([effect: .string(action), "user": .string(person.id.description), "on": .string(selector)]))
        #expect(answer.status == 200, "\(answer.text)")
    }

    /// The ids in a list that somebody reads in one page.
    fileprivate func listed(_ path: String, _ name: String, _ person: Person) async throws -> [String] {
        let answer = try await send(.get, path, bearer: person.token)
        #expect(answer.status == 200, "\(path): \(answer.text)")
        return Self.ids(answer, name)
    }

    /// The ids in a list, page by page.
    fileprivate func pages(_ path: String, _ name: String, _ person: Person, limit: Int) async throws -> [[String]] {
        var (pages, next): ([[String]], String?) = ([], "")
        while let cursor = next {
            let answer = try await send(
                .get, "\(path)?limit=\(limit)" + (cursor.isEmpty ? "" : "&cursor=\(cursor)"), bearer: person.token)
            #expect(answer.status == 200, "\(answer.text)")
            pages.append(Self.ids(answer, name))
            next = answer.json["next"]?.stringValue
        }
        return pages
    }

    private static func ids(_ answer: Answer, _ name: String) -> [String] {
        (answer.json[name]?.arrayValue ?? []).compactMap {
            ($0["id"] ?? $0["payment_id"] ?? $0["notification_id"] ?? $0["plugin"])?.stringValue
        }
    }

    /// A payment that somebody made.
    fileprivate func charge(_ person: Person, currency: String = "EUR") async throws -> String {
        let answer = try await send(
            .post, "/v1/tenants/acme/payments", bearer: person.token,
            .json([
                "plugin": .string(SamplePlugin.gateway.id), "amount": ["amount_minor": 1230, "currency": .string(currency)],
                "invoice": ["id": .string(CallID.make().description)], "customer": ["ref": "client-1"],
            ]), headers: [("idempotency-key", CallID.make().description)])
        return try #require(answer.json["payment_id"]?.stringValue ?? answer.json["id"]?.stringValue, "\(answer.text)")
    }
}

extension Array {
    fileprivate func asyncMap<T>(_ body: (Element) async throws -> T) async rethrows -> [T] {
        var results: [T] = []
        for element in self { results.append(try await body(element)) }
        return results
    }
}
