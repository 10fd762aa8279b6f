// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors

import HTTPServer
import HTTPTypes
import NIOHTTP1
import PluginAPI
import Security
import Storage
import Testing
import Values

/// Bad bodies on every route of the table: each is refused by name, and nothing of it is stored.
@Suite("Bodies")
struct BodyTests {
    @Test("the examples that the faults are put into are good themselves")
    func examples() {
        for route in RouteTable.panel.routes {
            guard let (schema, _) = route.jsonBody else { continue }
            #expect(schema.validate(schema.example).isEmpty, "\(route.name): \(schema.validate(schema.example))")
        }
    }

    @Test("a body that is broken as a whole is refused on every route, and nothing is written")
    func wholeBodies() async throws {
        try await Panel.with { panel in
            for route in RouteTable.panel.routes {
                guard let (schema, _) = route.jsonBody else { continue }
                try await panel.unchanged(route.name) {
                    for probe in BodyProbe.whole(schema) { try await Self.expectRefused(probe, panel, route) }
                }
            }
        }
    }

    @Test("each wrong member is named on every route, and nothing is written")
    func members() async throws {
        try await Panel.with { panel in
            var count = 0
            for route in RouteTable.panel.routes {
                guard let (schema, most) = route.jsonBody else { continue }
                try await panel.unchanged(route.name) {
                    for probe in BodyProbe.members(schema) where probe.bytes.count <= most {
                        try await Self.expectRefused(probe, panel, route)
                        count += 1
                    }
                }
            }
            #expect(count > 300)
        }
    }

    @Test("all wrong members are named at once")
    func allAtOnce() async throws {
        try await Panel.with { panel in
            for route in RouteTable.panel.routes {
                guard let (schema, _) = route.jsonBody else { continue }
                let required = schema.fields.filter(\.isRequired).map(\.name)
                guard !required.isEmpty else { continue }
                let answer = try await panel.send(route, .json([:]), headers: [])
                expectProblem(answer, 400, "invalid_request", route.name)
                for name in required { #expect(answer.fields.contains(name), "\(route.name)") }
                if route.needsIdempotencyKey { #expect(answer.fields.contains("idempotency-key"), "\(route.name)") }
            }
        }
    }

    @Test("a body over the limit is a 413 on every route, announced or not, and nothing is written")
    func tooLarge() async throws {
        try await Panel.with { panel in
            for route in RouteTable.panel.routes {
                let (most, type): (Int, String) =
                    switch route.body {
                    case .none: (1024, "application/json")
                    case .json(_, let most): (most, "application/json")
                    case .raw(let type, let most): (most, type)
                    case .opaque(let most): (most, "application/json")
                    }
                try await panel.unchanged(route.name) {
                    let answer = try await panel.send(route, .bytes(Array(repeating: 0x20, count: most + 1), type: type))
                    expectProblem(answer, 413, "body_too_large", route.name)
                }
            }
        }
    }

    @Test("a route that takes no body says so")
    func unwanted() async throws {
        try await Panel.with { panel in
            for route in RouteTable.panel.routes {
                guard case .none = route.body else { continue }
                let answer = try await panel.send(route, .json(["a": 1]))
                expectProblem(answer, 400, "invalid_request", field: "body", route.name)
            }
        }
    }

    @Test("an archive is refused as a body of another type, empty or broken")
    func archives() async throws {
        try await Panel.with { panel in
            let good = try Probe.archive(version: "2.0.0")
            let key = try await panel.key(for: panel.platform, ["plugin.install"])
            try await panel.unchanged("archives") {
                for (fault, bytes, type) in [
                    ("another type", good, "application/json"), ("gzip", good, "application/gzip"), ("nothing", [], "application/x-tar"),
                    ("garbage", Array(repeating: 0x41, count: 5000), "application/x-tar"),
                    ("cut off", Array(good.prefix(700)), "application/x-tar"),
                    ("zeros", Array(repeating: 0, count: 10_240), "application/x-tar"),
                    ("a flipped byte", good.enumerated().map { $0 == 600 ? $1 ^ 1 : $1 }, "application/x-tar"),
                ] {
                    let answer = try await panel.send(.post, "/v1/plugins", bearer: key, .bytes(bytes, type: type))
                    expectProblem(answer, 400, nil, "archive \(fault)")
                }
            }
        }
    }

    @Test("a wrong configuration names its field, changes nothing and repeats no secret")
    func configuration() async throws {
        try await Panel.with { panel in
            let path = "/v1/tenants/acme/plugins/probe/config"
            let faults: [(Value, String)] = [
                (["token": 7], "token"), (["token": ["secret": "s3cr3t-in-a-map"]], "token"), (["room": 7], "room"),
                (["room": .string(String(repeating: "s3cr3t", count: 10))], "room"), (["retries": 6], "retries"),
                (["retries": "1"], "retries"),
                (["rooom": "x"], "rooom"), (["token": "s3cr3t-new", "zz": 1], "zz"), (["token": "s3cr3t\u{0}"], "token"),
            ]
            try await panel.unchanged("configuration") {
                for (input, field) in faults {
                    let answer = try await panel.send(.put, path, bearer: panel.key, .json(input))
                    expectProblem(answer, 400, nil, JSON.text(input))
                    #expect(answer.fields.contains { $0 == field || $0 == "config.\(field)" }, "\(JSON.text(input)): \(answer.fields)")
                    #expect(!answer.text.contains("s3cr3t"), "\(JSON.text(input))")
                }
            }
        }
    }

    @Test("wrong capabilities name their place, and nothing is approved")
    func capabilities() async throws {
        try await Panel.with { panel in
            let destination: Value = ["host": "api.example.com", "methods": ["GET"], "path_prefix": "/"]
            let faults: [Value] = [
                ["http": "all"], ["http": [["host": "*"]]], ["http": [["host": 7]]], ["htttp": []], ["storage": "much"],
                ["storage": ["quota": -1]],
                ["emit": [7]], ["http": .array(Array(repeating: destination, count: 300))], ["a\u{0}b": 1],
            ]
            try await panel.unchanged("capabilities") {
                for fault in faults {
                    let answer = try await panel.send(
                        .put, "/v1/tenants/acme/plugins/probe", bearer: panel.key, .json(["enabled": true, "approved_capabilities": fault]))
                    expectProblem(answer, 400, nil, JSON.text(fault))
                    #expect(answer.fields.contains { $0.hasPrefix("approved_capabilities") }, "\(JSON.text(fault)): \(answer.text)")
                }
                // Well-formed, but beyond what the plugin asks for.
                let answer = try await panel.send(
                    .put, "/v1/tenants/acme/plugins/probe", bearer: panel.key,
                    .json(["enabled": true, "approved_capabilities": ["http": [destination]]]))
                expectProblem(answer, 422, "capability_exceeded", "more than requested")
            }
        }
    }

    private static func expectRefused(_ probe: BodyProbe, _ panel: Panel, _ route: Route) async throws {
        let answer = try await panel.send(route, .bytes(probe.bytes, type: probe.type))
        expectProblem(answer, 400, "invalid_request", field: probe.field, "\(route.name): \(probe.fault)")
    }
}
