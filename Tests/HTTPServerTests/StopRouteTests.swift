// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors

import HTTPTypes
import Host
import NIOHTTP1
import Security
import Storage
import Testing
import Values

/// What operators and administrators do about plugins that must not run.
@Suite("Stopping plugins over HTTP", .timeLimit(.minutes(10)))
struct StopRouteTests {
    private static let test = "/v1/tenants/acme/plugins/probe/test"

    @Test("operators kill and revive; callers are told what happened and who can undo it", arguments: ["probe", "probe@1.0.0", "hash"])
    func kill(name: String) async throws {
        try await Panel.with { panel in
            let operators = try await panel.key(for: panel.platform, ["plugin.kill"])
            let hash = try #require(
                try await panel.send(.get, "/v1/tenants/acme/plugins/probe", bearer: panel.key).json["hash"]?.stringValue)
            let path = "/v1/plugins/\(name == "hash" ? hash : name)"
            #expect(try await panel.send(.post, Self.test, bearer: panel.key).status == 200)

            let killed = try await panel.send(.post, path + "/kill", bearer: operators, .json(["reason": "sends keys elsewhere"]))

            #expect(killed.status == 200)
            #expect(killed.json["programs"] == [["program": .string(hash), "label": "probe 1.0.0", "changed": true]], "\(killed.text)")
            let refused = try await panel.send(.post, Self.test, bearer: panel.key)
            expectProblem(refused, 503, "plugin_killed", "a call")
            let detail = refused.json["detail"]?.stringValue ?? ""
            #expect(detail.contains("probe 1.0.0") && detail.contains("operators") && detail.contains("sends keys elsewhere"))
            let seen = try await panel.send(.get, "/v1/tenants/acme/plugins/probe", bearer: panel.key)
            #expect(seen.json["stopped"]?["kind"] == "killed" && seen.json["stopped"]?["reason"] == "sends keys elsewhere")
            let trail = try await panel.send(.get, "/v1/tenants/acme/audit?action=plugin.kill", bearer: panel.key)
            #expect(trail.json["events"]?[0]?["detail"]?["change"] == "killed", "\(trail.text)")

            #expect(try await panel.send(.post, path + "/revive", bearer: operators).json["programs"]?[0]?["changed"] == true)
            #expect(try await panel.send(.post, Self.test, bearer: panel.key).status == 200)
            #expect(try await panel.send(.post, path + "/revive", bearer: operators).json["programs"]?[0]?["changed"] == false)
            let again = try await panel.send(.get, "/v1/tenants/acme/plugins/probe", bearer: panel.key)
            #expect(again.json["stopped"] == nil)
        }
    }

    @Test("a tenant's key kills nothing, whatever permission it has, and stands in the trail")
    func operatorsOnly() async throws {
        try await Panel.with { panel in
            for verb in ["kill", "revive"] {
                try await panel.unchanged(auditing: 1, verb) {
                    let answer = try await panel.send(
                        .post, "/v1/plugins/probe/\(verb)", bearer: panel.key, verb == "kill" ? .json([:]) : .none)
                    expectProblem(answer, 403, "forbidden", verb)
                    let event = try #require(try await panel.trail(panel.acme, action: "plugin.kill").first)
                    #expect(event.outcome == "denied")
                }
            }
        }
    }

    @Test("what is not installed cannot be killed by name, but by hash")
    func unknown() async throws {
        try await Panel.with { panel in
            let operators = try await panel.key(for: panel.platform, ["plugin.kill"])
            for name in ["nothing", "probe@2.0.0", "Probe", "probe@x"] {
                expectProblem(
                    try await panel.send(.post, "/v1/plugins/\(name)/kill", bearer: operators, .json([:])), 404, "not_found", name)
            }
            let hash = String(repeating: "0a", count: 32)
            #expect(try await panel.send(.post, "/v1/plugins/\(hash)/kill", bearer: operators, .json([:])).status == 200)
            #expect(try await panel.send(.post, Self.test, bearer: panel.key).status == 200)
        }
    }

    @Test("a quarantine is a 503 that names who can release it, and is over when somebody does")
    func release() async throws {
        try await Panel.with { panel in
            let seen = try await panel.send(.get, "/v1/tenants/acme/plugins/probe", bearer: panel.key)
            let hash = try #require(seen.json["hash"]?.stringValue)
            try await panel.database.transaction(panel.authority.permit(.pluginInvoke, in: panel.acme.id, as: "test").scope) { tx in
                _ = try PluginStopRepository(tx).quarantine(
                    hash, reason: "its process died 3 times within an hour", by: "system:sandbox", at: 1)
            }

            let refused = try await panel.send(.post, Self.test, bearer: panel.key)
            let list = try await panel.send(.get, "/v1/plugins", bearer: panel.key)
            let released = try await panel.send(.post, "/v1/tenants/acme/plugins/probe/release", bearer: panel.key)

            expectProblem(refused, 503, "plugin_quarantined", "a call")
            #expect(refused.json["detail"]?.stringValue?.contains("plugin.enable") == true, "\(refused.text)")
            #expect(list.json["plugins"]?[0]?["stopped"]?["kind"] == "quarantined", "\(list.text)")
            #expect(released.status == 200 && released.json["released"] == ["1.0.0"], "\(released.text)")
            #expect(try await panel.send(.post, Self.test, bearer: panel.key).status == 200)
            #expect(
                try await panel.send(.post, "/v1/tenants/acme/plugins/probe/release", bearer: panel.key).json["released"] == .array([]))
            #expect(try await panel.trail(panel.acme, action: "plugin.released").count == 1)
        }
    }

    @Test("a call's cost stands in the trail that administrators read")
    func receipt() async throws {
        try await Panel.with { panel in
            #expect(try await panel.send(.post, Self.test, bearer: panel.key).status == 200)

            let trail = try await panel.send(.get, "/v1/tenants/acme/audit?outcome=success&action=plugin.configure", bearer: panel.key)

            #expect(try #require(trail.json["events"]?[0]?["detail"]?["resources"]?["wall_us"]?.intValue) > 0, "\(trail.text)")
        }
    }
}
