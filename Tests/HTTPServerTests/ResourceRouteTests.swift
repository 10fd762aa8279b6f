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
            // What names nothing needs a right to everything.
            expectProblem(try await panel.send(.get, "/v1/plugins", bearer: ann.token), 403, "forbidden", "a list")
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
