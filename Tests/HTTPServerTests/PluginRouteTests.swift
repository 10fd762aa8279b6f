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

/// What good requests do: the way of a plugin, and a message through it.
@Suite("Plugins over HTTP")
struct PluginRouteTests {
    @Test("a plugin is installed, approved, configured and tested over HTTP, and its secret never comes back")
    func wayOfAPlugin() async throws {
        try await Panel.with { panel in
            let path = "/v1/tenants/globex/plugins/probe"
            let key = try await panel.key(for: panel.globex, Panel.everything)
            expectProblem(try await panel.send(.post, path + "/test", bearer: key), 409, "plugin_not_enabled", "not even approved")

            let enabled = try await panel.send(.put, path, bearer: key, .json(["enabled": true, "approved_capabilities": [:]]))
            #expect(enabled.status == 200 && enabled.json["status"] == "enabled", "\(enabled.text)")
            let secret = "globex-5up3rs3cr3t"
            let configured = try await panel.send(.put, path + "/config", bearer: key, .json(["token": .string(secret), "room": "ops"]))
            #expect(configured.status == 200 && configured.json["changed"] == ["room", "token"], "\(configured.text)")
            let tested = try await panel.send(.post, path + "/test", bearer: key)
            #expect(tested.status == 200 && tested.json["ok"] == true, "\(tested.text)")

            let seen = try await panel.send(.get, path, bearer: key)
            let instance = seen.json["instances"]?[0]
            #expect(instance?["config"]?["room"] == "ops" && instance?["config"]?["token"]?["set"] == true, "\(seen.text)")
            let list = try await panel.send(.get, "/v1/plugins", bearer: key)
            let trail = try await panel.send(.get, "/v1/tenants/globex/audit", bearer: key)
            for answer in [enabled, configured, tested, seen, list, trail] {
                #expect(!answer.text.contains(secret) && !answer.text.contains(Probe.secret))
                #expect(answer.headers["content-type"] == ["application/json"])
                expectSafeHeaders(answer, "plugin")
            }
            let actions = Set(trail.json["events"]?.arrayValue?.compactMap { $0["action"]?.stringValue } ?? [])
            #expect(actions.isSuperset(of: ["plugin.approve_capabilities", "plugin.enable", "plugin.configure"]), "\(actions)")

            let disabled = try await panel.send(.put, path, bearer: key, .json(["enabled": false]))
            #expect(disabled.status == 200 && disabled.json["status"] != "enabled")
            let message = try await panel.send(
                .post, "/v1/tenants/globex/notifications", bearer: key,
                .json(["plugin": "probe", "event_type": "invoice.paid", "title": "Paid", "text": "Thank you"]),
                headers: [("idempotency-key", "m-1")])
            expectProblem(message, 409, "plugin_not_enabled", "after")
        }
    }

    @Test("what a rule denies somebody, a notifier does not do for him")
    func deniedMessage() async throws {
        try await Panel.with { panel in
            let user = try #require(try await panel.user())
            let rule = try Policy.Rule(id: "no-probe", .deny, .user(user), ActionPattern("plugin.probe"))
            let permit = panel.authority.permit(.roleManage, in: panel.acme.id, as: "test")
            _ = try await panel.database.transaction(permit.scope) {
                try PolicyRepository($0).apply(.setRule(rule), permit, correlation: "c", at: 1)
            }
            let token = try await panel.signIn().json["access_token"]?.stringValue
            let message: SentBody = .json(["plugin": "probe", "event_type": "invoice.paid", "title": "Paid", "text": "Thank you"])

            let refused = try await panel.send(
                .post, "/v1/tenants/acme/notifications", bearer: token, message, headers: [("idempotency-key", "m-1")])

            #expect(refused.status == 403, "\(refused.text)")
            #expect(try await panel.trail(panel.acme, action: "plugin.invoke.notifier").first?.outcome == "denied")
            let allowed = try await panel.send(
                .post, "/v1/tenants/acme/notifications", bearer: panel.key, message, headers: [("idempotency-key", "m-1")])
            #expect(allowed.status == 202, "somebody else")
        }
    }

    @Test("the same message with the same key is one message, and another message with it is refused")
    func idempotentMessage() async throws {
        try await Panel.with { panel in
            let path = "/v1/tenants/acme/notifications"
            var message: Value = ["plugin": "probe", "event_type": "invoice.paid", "title": "Paid", "text": "Thank you"]
            let first = try await panel.send(.post, path, bearer: panel.key, .json(message), headers: [("idempotency-key", "m-1")])
            let again = try await panel.send(.post, path, bearer: panel.key, .json(message), headers: [("idempotency-key", "m-1")])
            #expect(first.status == 202 && again.status == 202)
            #expect(first.json["notification_id"] == again.json["notification_id"])
            message["title"] = "Something else"
            let other = try await panel.send(.post, path, bearer: panel.key, .json(message), headers: [("idempotency-key", "m-1")])
            expectProblem(other, 409, "idempotency_mismatch", "another message")
        }
    }

    @Test("the trail is read page by page, each event once")
    func auditPages() async throws {
        try await Panel.with { panel in
            for _ in 0..<5 { _ = try await panel.send(.get, "/v1/tenants/globex/audit", bearer: panel.key) }
            var ids: [String] = []
            var next: String?
            repeat {
                let before = next.map { "&cursor=\($0)" } ?? ""
                let page = try await panel.send(.get, "/v1/tenants/acme/audit?limit=2\(before)", bearer: panel.key)
                #expect(page.status == 200)
                ids += page.json["events"]?.arrayValue?.compactMap { $0["id"]?.stringValue } ?? []
                next = page.json["next"]?.stringValue
            } while next != nil
            #expect(ids == ids.sorted().reversed() && Set(ids).count == ids.count)
            let all = try await panel.trail(panel.acme)
            #expect(ids == all.map(\.id))
        }
    }

    @Test("the health of the parts is shown without details")
    func health() async throws {
        try await Panel.with { panel in
            let alive = try await panel.send(.get, "/healthz")
            #expect(alive.status == 200 && alive.json == ["status": "ok"])
            let ready = try await panel.send(.get, "/readyz")
            #expect(ready.status == 200 && ready.json["status"] == "ok", "\(ready.text)")
            for word in Answer.inside { #expect(!ready.text.contains(word)) }
        }
    }

    @Test("a provider's call with an unknown token is a 404 and leaves nothing")
    func unknownWebhook() async throws {
        try await Panel.with { panel in
            try await panel.unchanged("webhook") {
                for token in ["x", "%00", String(repeating: "a", count: 43), String(repeating: "a", count: 300), panel.key] {
                    let answer = try await panel.send(
                        .post, "/v1/webhooks/\(token)?a=1", .bytes(Array("{}".utf8), type: "application/json"))
                    expectProblem(answer, 404, "not_found", "webhook \(token.prefix(10))")
                    #expect(!answer.text.contains(token) || token == "x")
                }
            }
        }
    }
}
