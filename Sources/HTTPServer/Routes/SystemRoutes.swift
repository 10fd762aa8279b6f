// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors

import HTTPTypes
import Host
import PluginAPI
import Security
import Storage
import Values

extension RouteTable {
    static let system: [Route] = [
        .open(
            .get, "/healthz", "health", "Is the process alive", tag: "System", reason: "asked by supervisors; says nothing",
            success: .init(.ok, "It is.", .object("", [.required("status", .enumeration(["ok"]))]))
        ) { _, _ in .ok(["status": "ok"]) },
        .open(
            .get, "/readyz", "readiness", "Can calls be served", tag: "System", reason: "asked by load balancers; names parts, no details",
            success: .init(.ok, "All parts work.", .any)
        ) { _, host in
            let parts = await host.health.parts()
            let ready = parts.allSatisfy { $0.problem == nil }
            let states = Dictionary(uniqueKeysWithValues: parts.map { ($0.name, Value.string($0.problem ?? "ok")) })
            return Reply(ready ? .ok : .serviceUnavailable, .json(["status": ready ? "ok" : "unavailable", "parts": .map(states)]))
        },
        .open(
            .get, "/openapi.json", "openapi", "This description", tag: "System", reason: "it describes the API and holds no data",
            success: .init(.ok, "OpenAPI 3.1.", .any)
        ) { _, _ in .ok(OpenAPI.document(of: .panel, version: Product.version)) },
    ]

    static let audit: [Route] = [
        .permitted(
            .auditRead, .get, "/v1/tenants/{tenant}/audit", "searchAudit", "The tenant's audit trail, newest first", tag: "Audit",
            query: .object(
                "",
                [
                    .optional("limit", .integer(1...500), "Events a page; 50 unless said otherwise."),
                    .optional("before", .string(36...36), "Only events before this one: the `next` of the page before."),
                    .optional("action", .string(1...160), "Only this action, for example payment.create."),
                    .optional("actor", .string(1...160), "Only this actor, for example user:…"),
                    .optional("outcome", .enumeration(AuditOutcome.self), "Only this outcome."),
                ]),
            success: .init(.ok, "A page; `next` is there when more follow.", .any)
        ) { permit, call, host in
            let limit = call.query["limit"]?.intValue.map { Int($0) } ?? 50
            let rows = try await host.audit.search(
                AuditQuery(
                    action: call.query["action"]?.stringValue, actor: call.query["actor"]?.stringValue,
                    outcome: call.query["outcome"]?.stringValue.flatMap(AuditOutcome.init(rawValue:)),
                    before: call.query["before"]?.stringValue,
                    limit: limit), permit)
            var page: [String: Value] = ["events": .array(rows.map(\.json))]
            if rows.count == limit, let last = rows.last { page["next"] = .string(last.id) }
            return .ok(.map(page))
        }
    ]
}

extension AuditRow {
    /// One record as an auditor reads it; `index` is its place in the tree, which a new one gets in less than a second.
    fileprivate var json: Value {
        var view: [String: Value] = [
            "id": .string(id), "occurred_at": .int(occurredAt), "actor": .string(actor),
            "action": .string(action),
            "resource": .string(resource), "outcome": .string(outcome), "detail": detailValue, "correlation_id": .string(correlation),
            "leaf_hash": .string(Hex.encode(leafHash)),
        ]
        if let index { view["index"] = .int(index) }
        if let address { view["address"] = .string(address) }
        return .map(view)
    }
}
