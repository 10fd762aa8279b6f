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

/// The policy, looked at and changed over HTTP, and what comes of it.
@Suite("The policy over HTTP", .timeLimit(.minutes(10)))
struct PolicyRouteTests {
    private static let base = "/v1/tenants/acme/authz"

    @Test("a change works at the very next request, on every host")
    func effective() async throws {
        try await Panel.with { panel in
            // A key that ends hands on nothing without an end.
            let key = try await Person(panel, roles: ["ADMIN"]).token
            let ann = try await Person(panel, roles: [])
            try await panel.beside { other in
                for host in [panel, other] {
                    #expect(try await host.send(.get, "/v1/plugins", bearer: ann.token).status == 403)
                }
                let steps: [(HTTPRequest.Method, String, SentBody, Int)] = [
                    (.post, "/roles", .json(["name": "DESK"]), 403),
                    (.put, "/rules/desk-reads", .json(["permit": "plugin.read", "role": "DESK"]), 403),
                    (.put, "/roles/DESK/holders/\(ann.id)", .json([:]), 200),
                    (.put, "/rules/not-ann", .json(["deny": "plugin.read", "user": .string(ann.id.description)]), 403),
                    (.delete, "/rules/not-ann", .none, 200),
                    (.delete, "/roles/DESK/holders/\(ann.id)", .none, 403),
                    (.put, "/roles/READ_ONLY/holders/\(ann.id)", .json([:]), 403),
                    (.put, "/roles/READ_ONLY", .json(["inherits": ["DESK"]]), 200),
                    (.delete, "/rules/desk-reads", .none, 403),
                ]
                for (index, (method, path, body, status)) in steps.enumerated() {
                    // By one host, then by the other.
                    let answer = try await (index.isMultiple(of: 2) ? panel : other).send(
                        method, Self.base + path, bearer: key, body)
                    #expect(answer.status == 200, "\(path): \(answer.text)")
                    for host in [panel, other] {
                        #expect(try await host.send(.get, "/v1/plugins", bearer: ann.token).status == status, "after \(method) \(path)")
                    }
                }
            }
            let events = try await panel.trail(panel.acme).filter { $0.outcome == "success" && $0.action == "role.manage" }
            #expect(events.count == 6)
        }
    }

    @Test("what was looked at is what is changed: the second of two who saw the same policy is told")
    func lostUpdate() async throws {
        try await Panel.with { panel in
            let seen = try await panel.send(.get, Self.base + "/roles", bearer: panel.key)
            let tag = try #require(seen.headers["etag"].first)
            #expect(seen.json["revision"] == .string(tag.filter { $0 != "\"" }))
            let statuses = try await withThrowingTaskGroup(of: Answer.self) { group in
                for number in 0..<8 {
                    group.addTask {
                        try await panel.send(
                            .post, Self.base + "/roles", bearer: panel.key, .json(["name": .string("R\(number)")]),
                            headers: [("if-match", tag)])
                    }
                }
                return try await group.reduce(into: []) { $0.append($1.status) }
            }
            #expect(statuses.filter { $0 == 200 }.count == 1 && statuses.filter { $0 == 412 }.count == 7, "\(statuses)")
            let now = try await panel.send(.get, Self.base + "/policy", bearer: panel.key)
            let names = now.json["roles"]?.arrayValue?.compactMap { $0["name"]?.stringValue } ?? []
            #expect(names.filter { $0.hasPrefix("R") && $0.count == 2 }.count == 1)
            let next = try #require(now.headers["etag"].first)
            for (value, status) in [(next, 200), (next, 412), ("*", 200), ("W/\(next)", 400), ("x", 400), ("\"\"", 400)] {
                let answer = try await panel.send(
                    .put, Self.base + "/separations/S", bearer: panel.key, .json(["roles": ["MANAGER", "READ_ONLY"]]),
                    headers: [("if-match", value)])
                #expect(answer.status == status, "\(value): \(answer.text)")
                if status == 412 { expectProblem(answer, 412, "policy_changed", value) }
            }
        }
    }

    @Test("nobody hands out over HTTP what they do not hold, and that stands in the trail")
    func ceiling() async throws {
        try await Panel.with { panel in
            let admin = try await Person(panel, roles: ["ADMIN"])
            let ann = try await Person(panel, roles: ["READ_ONLY"])
            for (path, body) in [
                ("/rules/up", ["permit": "tenant.manage", "user": .string(admin.id.description)]),
                ("/rules/up", ["permit": "*", "role": "READ_ONLY"]), ("/rules/up", ["permit": "plugin.manage", "role": "ADMIN"]),
            ] as [(String, Value)] {
                try await panel.unchanged(auditing: 1, path) {
                    let answer = try await panel.send(.put, Self.base + path, bearer: admin.token, .json(body))
                    expectProblem(answer, 403, "above_ceiling", "\(body)")
                    let event = try #require(try await panel.trail(panel.acme, action: "role.manage").first)
                    #expect(event.outcome == "denied" && event.resource == "rule:up" && event.detailValue["reason"] == "above_ceiling")
                }
            }
            // A key that may change roles hands on no more than it holds.
            let key = try await panel.key(for: panel.acme, ["role.manage", "user.manage", "session.own"])
            #expect(
                try await panel.send(
                    .put, Self.base + "/rules/own", bearer: key, .json(["permit": "plugin.read", "role": "CLIENT"])
                ).status == 403)
            expectProblem(
                try await panel.send(.put, Self.base + "/roles/ADMIN/holders/\(ann.id)", bearer: key, .json([:])), 403, "above_ceiling",
                "a role")
            // What both hold may be handed on.
            let shared = try await panel.send(
                .put, Self.base + "/rules/shared", bearer: admin.token, .json(["permit": "audit.read", "role": "READ_ONLY"]))
            #expect(shared.status == 200, "\(shared.text)")
            #expect(try await panel.send(.get, "/v1/tenants/acme/audit", bearer: ann.token).status == 200)
        }
    }

    @Test("what is kept apart is refused, and what is wrong is said")
    func refusals() async throws {
        try await Panel.with { panel in
            // A key that ends hands on nothing without an end.
            let key = try await Person(panel, roles: ["ADMIN"]).token
            let ann = try await Person(panel, roles: ["MANAGER"])
            _ = try await panel.send(
                .put, Self.base + "/separations/EYES", bearer: key, .json(["roles": ["MANAGER", "BILLING_AGENT"]]))
            let nobody = UserID.make()
            for (method, path, body, status, code) in [
                (.put, "/roles/BILLING_AGENT/holders/\(ann.id)", ["expires_at": 4_102_444_800_000], 409, "separation_of_duties"),
                (.put, "/roles/CLIENT/holders/\(nobody)", [:], 404, "not_found"),
                (.put, "/roles/CLIENT/holders/x", [:], 400, "invalid_request"),
                (.put, "/roles/CLIENT/holders/\(ann.id)", ["expires_at": 5], 400, "invalid_request"),
                (.put, "/roles/NONE/holders/\(ann.id)", [:], 404, "not_found"),
                (.post, "/roles", ["name": "A B"], 400, "invalid_request"), (.post, "/roles", ["name": "ADMIN"], 409, "conflict"),
                (.post, "/roles", ["name": "X", "inherits": ["NONE"]], 400, "invalid_request"),
                (.put, "/roles/READ_ONLY", ["inherits": ["READ_ONLY"]], 400, "invalid_request"),
                (.put, "/rules/x", ["permit": "a", "deny": "b", "role": "CLIENT"], 400, "invalid_request"),
                (.put, "/rules/x", ["permit": "A b", "role": "CLIENT"], 400, "invalid_request"),
                (.put, "/rules/x", ["permit": "session.own", "role": "CLIENT", "on": "region"], 400, "invalid_request"),
                (.put, "/rules/a%20b", ["permit": "session.own", "role": "CLIENT"], 404, "not_found"),
                (.put, "/separations/ONE", ["roles": ["MANAGER", "MANAGER"]], 400, "invalid_request"),
            ] as [(HTTPRequest.Method, String, Value, Int, String)] {
                let answer = try await panel.send(method, Self.base + path, bearer: key, .json(body))
                expectProblem(answer, status, code, "\(method) \(path) \(body)")
            }
            for path in ["/roles/NONE", "/rules/none", "/separations/NONE", "/roles/ADMIN", "/roles/CLIENT/holders/\(ann.id)"] {
                let answer = try await panel.send(.delete, Self.base + path, bearer: key)
                #expect([404, 409].contains(answer.status), "\(path): \(answer.text)")
            }
        }
    }

    @Test("questions and previews are answered, and change nothing")
    func questions() async throws {
        try await Panel.with { panel in
            // A key that ends hands on nothing without an end.
            let key = try await Person(panel, roles: ["ADMIN"]).token
            let ann = try await Person(panel, roles: ["READ_ONLY"])
            let change = FormText.encode(#"{"set_rule":{"id":"r","permit":"plugin.read","role":"READ_ONLY","on":"region = eu"}}"#)
            try await panel.unchanged("questions") {
                let ask = "user=\(ann.id)&action=plugin.read"
                let plain = try await panel.send(.get, "\(Self.base)/explain?\(ask)", bearer: key)
                #expect(plain.status == 200 && plain.json["permitted"] == false && plain.json["reason"] == "unmatched", "\(plain.text)")
                let eu = "\(ask)&resource=plugin:probe&attributes=region%3Deu"
                let preview = try await panel.send(.get, "\(Self.base)/simulate?\(eu)&change=\(change)", bearer: key)
                #expect(preview.json["now"]?["permitted"] == false && preview.json["then"]?["permitted"] == true, "\(preview.text)")
                #expect(preview.json["then"]?["deciding"]?["rule"]?["id"] == "r" && preview.json["refused"] == nil)
                let difference = try await panel.send(.get, "\(Self.base)/diff?change=\(change)", bearer: key)
                #expect(difference.json["rights"]?.arrayValue?.isEmpty == false, "\(difference.text)")
                #expect(difference.json["rights"]?.arrayValue?.allSatisfy { $0["user"] == .string(ann.id.description) } == true)
                let up = FormText.encode(#"{"set_rule":{"id":"r","permit":"tenant","role":"READ_ONLY"}}"#)
                let refused = try await panel.send(.get, "\(Self.base)/diff?change=\(up)", bearer: key)
                #expect(refused.json["refused"]?.stringValue?.contains("one can grant only what one holds") == true)
                for query in [
                    "user=x&action=plugin.read", "user=\(ann.id)&action=*", "\(ask)&owner=\(ann.id)", "\(ask)&resource=a&attributes=b",
                ] {
                    expectProblem(
                        try await panel.send(.get, "\(Self.base)/explain?\(query)", bearer: key), 400, "invalid_request", query)
                }
                for change in ["x", "{}", "[]", #"{"a":1}"#, #"{"delete_role":1}"#, #"{"delete_role":"NONE"}"#] {
                    let answer = try await panel.send(
                        .get, "\(Self.base)/diff?change=\(FormText.encode(change))", bearer: key)
                    #expect([400, 404].contains(answer.status), "\(change): \(answer.text)")
                }
            }
        }
    }

    @Test("what nobody needed is named, and counting it writes nothing while requests are answered")
    func unused() async throws {
        try await Panel.with { panel in
            let (ann, bob) = (try await Person(panel, roles: ["MANAGER"]), try await Person(panel, roles: ["MANAGER"]))
            try await panel.database.transaction(panel.authority.permit(.userManage, in: panel.acme.id, as: "test").scope) { tx in
                _ = try tx.execute("UPDATE user_roles SET granted_at = 1 WHERE tenant_id = $1", [tx.tenant])
            }
            for (path, status) in [("/v1/plugins", 200), ("/v1/plugins", 200), ("/v1/tenants/acme/plugins/probe", 200)] {
                try await panel.unchanged("counting") {
                    let answer = try await panel.send(.get, path, bearer: ann.token)
                    #expect(answer.status == status, "\(answer.text)")
                }
            }
            await panel.host.usage.flush()
            let answer = try await panel.send(.get, Self.base + "/unused?days=1", bearer: panel.key)
            let names = answer.json["unused"]?.arrayValue?.compactMap { $0["name"]?.stringValue } ?? []
            #expect(Set(names).isSuperset(of: ["ADMIN", "ADMIN:audit.read", "MANAGER:session.own", "\(bob.id)/MANAGER"]), "\(answer.text)")
            #expect(Set(names).isDisjoint(with: ["MANAGER", "MANAGER:plugin.read", "\(ann.id)/MANAGER"]), "\(answer.text)")
            #expect(answer.json["counted_long_enough"] == false && answer.json["counted_since"]?.intValue != nil)
            let rows = try await panel.database.platformRead(panel.authority.platform("tests")) { tx in
                try tx.query("SELECT name, uses FROM policy_usage ORDER BY name", []).map { "\(try $0.text("name")) \(try $0.int("uses"))" }
            }
            #expect(Set(rows) == ["MANAGER 3", "MANAGER:plugin.read 3", "\(ann.id)/MANAGER 3"])
            await panel.host.usage.flush()
            #expect(try await panel.send(.get, Self.base + "/unused?days=0", bearer: panel.key).status == 400)
        }
    }
}

/// Somebody of acme who has signed in.
struct Person {
    let id: UserID
    let token: String

    init(_ panel: Panel, roles: [String]) async throws {
        let hash = try await PasswordHasher(ring: panel.ring).hash(Secret(Panel.password))
        let email = "p\(CallID.make())@acme.example"
        id = try await panel.database.transaction(panel.authority.permit(.userManage, in: panel.acme.id, as: "test").scope) { tx in
            try UserRepository(tx).create(email: email, name: email, passwordHash: hash, roles: roles, at: WallClock.system.now()).id
        }
        let answer = try await panel.signIn(email: email)
        token = try #require(answer.json["access_token"]?.stringValue, "\(answer.text)")
    }
}

extension FormText {
    /// With everything escaped that is not a letter or a digit.
    static func encode(_ text: String) -> String {
        text.utf8.map { byte in
            Character(UnicodeScalar(byte)).isLetter || Character(UnicodeScalar(byte)).isNumber
                ? String(UnicodeScalar(byte)) : "%" + Hex.encode([byte])
        }.joined()
    }
}
