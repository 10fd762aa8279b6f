// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors

import HTTPServer
import HTTPTypes
import Host
import Security
import Storage
import Testing
import Values

/// The life of tenants over HTTP: who may, and what becomes of those who are inside.
@Suite("Tenants over HTTP", .timeLimit(.minutes(5)))
struct TenantRouteTests {
    private static let why = ("reason", Value.string("unpaid since March"))

    /// Does something to a tenant as an operator.
    @discardableResult
    private func act(_ panel: Panel, _ verb: String, _ slug: String = "acme", _ more: [String: Value] = [:]) async throws -> Answer {
        let key = try await panel.key(for: panel.platform, ["tenant.manage"])
        return try await panel.send(
            .post, "/v1/tenants/\(slug)/\(verb)", bearer: key, .json(.map(["reason": Self.why.1].merging(more) { $1 })))
    }

    @Test("only operators decide about tenants: the permission alone, in a tenant of its own, is refused and recorded")
    func platformOnly() async throws {
        try await Panel.with { panel in
            let everything = try await panel.key(for: panel.acme, ["tenant.manage", "*.*", "*.*.*"])
            for (method, path, body) in [
                (HTTPRequest.Method.get, "/v1/tenants", SentBody.none), (.get, "/v1/tenants/acme", .none),
                (.post, "/v1/tenants", .json(["slug": "mine", "reason": "x"])),
                (.post, "/v1/tenants/globex/suspend", .json(["reason": "x"])),
                (.patch, "/v1/tenants/globex", .json(["name": "x", "reason": "x"])),
                (.post, "/v1/tenants/acme/purge", .json(["reason": "x", "confirm": "acme"])),
            ] {
                try await panel.unchanged(auditing: 1, "\(method) \(path)") {
                    expectProblem(try await panel.send(method, path, bearer: everything, body), 403, "forbidden", "\(method) \(path)")
                }
                #expect(try await panel.trail(panel.acme).first?.outcome == "denied")
            }
        }
    }

    @Test(
        "a suspended tenant is refused at the very next request: session, refresh, key, sign-in and webhook; and is let in again when resumed"
    )
    func suspend() async throws {
        try await Panel.with { panel in
            let login = try await panel.signIn()
            let (access, refresh) = (login.json["access_token"]?.stringValue, login.json["refresh_token"]?.stringValue ?? "")
            #expect(try await panel.send(.get, "/v1/plugins", bearer: access).status == 200)

            let suspended = try await act(panel, "suspend")
            #expect(suspended.status == 200 && suspended.json["status"] == "suspended")

            for bearer: String? in [access, panel.key] {
                expectProblem(try await panel.send(.get, "/v1/plugins", bearer: bearer), 401, "unauthorized", "suspended")
            }
            expectProblem(
                try await panel.send(.post, "/v1/auth/refresh", .json(["refresh_token": .string(refresh)])), 401, "unauthorized",
                "refresh while suspended")
            expectProblem(try await panel.signIn(), 401, "unauthorized", "sign-in while suspended")
            // The other tenant notices nothing.
            #expect(try await panel.send(.get, "/v1/plugins", bearer: panel.key(for: panel.globex, ["plugin.read"])).status == 200)

            let resumed = try await act(panel, "resume")
            #expect(resumed.status == 200 && resumed.json["status"] == "active")
            #expect(try await panel.send(.get, "/v1/plugins", bearer: panel.key).status == 200)
            expectProblem(try await panel.send(.get, "/v1/plugins", bearer: access), 401, "unauthorized", "a token from before")
            #expect(try await panel.signIn().status == 200)

            let events = try await panel.trail(panel.acme, action: "tenant.manage")
            #expect(events.prefix(2).map(\.actor).allSatisfy { $0.hasPrefix("api_key:") && $0.hasSuffix("@platform") })
            #expect(events.first?.detail.contains("unpaid since March") == true)
            #expect(try await panel.trail(panel.platform, action: "tenant.manage").count >= 2)
        }
    }

    @Test("50 requests run while the tenant is suspended: each is answered as before or refused, and every later one is refused")
    func race() async throws {
        try await Panel.with { panel in
            let (statuses, suspended) = try await withThrowingTaskGroup(of: Int.self) { group in
                for _ in 0..<50 { group.addTask { try await panel.send(.get, "/v1/plugins", bearer: panel.key).status } }
                let suspended = try await act(panel, "suspend").status
                // Sent after the answer: not one of them may pass.
                for _ in 0..<20 { group.addTask { try await panel.send(.get, "/v1/plugins", bearer: panel.key).status + 1000 } }
                return (try await group.reduce(into: []) { $0.append($1) }, suspended)
            }
            #expect(suspended == 200)
            #expect(statuses.filter { $0 < 1000 }.allSatisfy { [200, 401].contains($0) })
            #expect(statuses.filter { $0 >= 1000 } == Array(repeating: 1401, count: 20))
        }
    }

    @Test("deleting and purging want a reason and the slug once more, and nothing happens without")
    func confirmation() async throws {
        try await Panel.with { panel in
            let key = try await panel.key(for: panel.platform, ["tenant.manage"])
            for verb in ["delete", "purge"] {
                for body: Value in [
                    ["reason": "x"], ["reason": "x", "confirm": "globex"], ["reason": "", "confirm": "acme"], ["confirm": "acme"],
                    ["reason": "a\nb", "confirm": "acme"],
                ] {
                    try await panel.unchanged("\(verb) \(body)") {
                        expectProblem(
                            try await panel.send(.post, "/v1/tenants/acme/\(verb)", bearer: key, .json(body)), 400, "invalid_request",
                            "\(verb)")
                    }
                }
            }
            expectProblem(try await act(panel, "purge", "acme", ["confirm": "acme"]), 409, "conflict", "not deleted yet")
            expectProblem(try await act(panel, "suspend", "platform"), 409, "conflict", "the operators' own")
            expectProblem(try await act(panel, "suspend", "nobody"), 404, "not_found", "no such tenant")
            expectProblem(try await act(panel, "suspend", "No/Such"), 404, nil, "no slug")
        }
    }

    @Test("a deleted tenant can be taken back, a purged one cannot: its rows are gone, its trail is proven, its slug is taken")
    func purge() async throws {
        try await Panel.with { panel in
            _ = try await panel.signIn()
            _ = try await panel.signIn(password: "wrong-password-here")
            #expect(try await act(panel, "delete", "acme", ["confirm": "acme"]).json["status"] == "deleted")
            expectProblem(try await act(panel, "purge", "acme", ["confirm": "acme"]), 409, "conflict", "within the grace period")
            #expect(try await act(panel, "resume").json["status"] == "active")
            #expect(try await panel.send(.get, "/v1/plugins", bearer: panel.key).status == 200)
            #expect(try await act(panel, "delete", "acme", ["confirm": "acme", "grace_days": 0]).json["status"] == "deleted")

            let purged = try await act(panel, "purge", "acme", ["confirm": "acme"])

            #expect(purged.status == 200 && purged.json["status"] == "purged", "\(purged.text)")
            #expect((purged.json["keys_destroyed"]?.intValue ?? 0) > 0 && (purged.json["rows_removed"]?.intValue ?? 0) > 10)
            #expect(purged.json["purge_completed_at"] != nil && purged.json["name"] == "")
            #expect(panel.host.encryption.keysInMemory(of: panel.acme.id) == 0)
            let scope = panel.authority.permit(.auditRead, in: panel.acme.id, as: "test").scope
            #expect(try await panel.database.read(scope) { try TenantSweep.remains($0) } == [:])
            // Nobody gets in, and the trails of others do not fail over it.
            expectProblem(try await panel.send(.get, "/v1/plugins", bearer: panel.key), 401, "unauthorized", "purged")
            expectProblem(try await panel.signIn(), 401, "unauthorized", "sign-in to a purged tenant")
            expectProblem(try await act(panel, "resume"), 409, "conflict", "nothing brings it back")
            expectProblem(try await act(panel, "purge", "acme", ["confirm": "acme"]), 409, "conflict", "a second time")
            let key = try await panel.key(for: panel.platform, ["tenant.manage"])
            expectProblem(
                try await panel.send(.post, "/v1/tenants", bearer: key, .json(["slug": "acme", "reason": "x"])), 409, "conflict", "the slug"
            )
            let events = try await panel.trail(panel.acme)
            #expect(!events.isEmpty && events.allSatisfy { $0.address == nil && $0.personal.facts.isEmpty })
            let size = purged.json["trail_size"]?.intValue ?? 0
            #expect(size == Int64(events.count))
            for event in events.prefix(3) {
                let id = try #require(EventID(event.id))
                _ = try await panel.host.audit.proof(of: id, panel.authority.permit(.auditRead, in: panel.acme.id, as: "test"))
            }
            #expect(try await panel.trail(panel.platform, action: "tenant.manage").first?.detail.contains("purge_completed") == true)
        }
    }
}
