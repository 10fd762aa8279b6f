// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors

import HTTPTypes
import Host
import PluginAPI
import Security
import Storage
import Values

extension RouteTable {
    /// JavaScript's largest exact integer: more events than a trail will ever have.
    private static let maximumPlace: Int64 = 9_007_199_254_740_991

    private static let proofMediaType = "text/plain; charset=utf-8"

    static let audit: [Route] = [
        .permitted(
            .auditRead, .get, "/v1/tenants/{tenant}/audit", "searchAudit", "The tenant's audit trail, newest first", tag: "Audit",
            query: .object(
                "",
                [
                    .optional("limit", .integer(1...500), "Events a page; 50 unless said otherwise."),
                    .optional("cursor", .string(1...256), "The `next` of the page before; good for the same filters only."),
                    .optional("from", .integer(0...Int64.max), "Only events from this time on, in milliseconds since 1970."),
                    .optional("until", .integer(0...Int64.max), "Only events before this time, in milliseconds since 1970."),
                    .optional("action", .string(1...160), "Only this action, for example payment.create."),
                    .optional("actor", .string(1...160), "Only this actor, for example user:…"),
                    .optional("resource", .string(1...256), "Only what was done to this, for example payment:…"),
                    .optional("correlation", .string(1...160), "Only the events of one request, by the correlation id in its answer."),
                    .optional("address", .string(1...64), "Only requests from this network address."),
                    .optional("outcome", .enumeration(AuditOutcome.self), "Only this outcome."),
                ]),
            success: .init(.ok, "A page; `next` is there when more follow.", .any)
        ) { permit, call, host in
            func text(_ name: String) -> String? { call.query[name]?.stringValue }
            let query = AuditQuery(
                from: call.query["from"]?.intValue, until: call.query["until"]?.intValue, action: text("action"), actor: text("actor"),
                resource: text("resource"), correlation: text("correlation"),
                outcome: text("outcome").flatMap(AuditOutcome.init(rawValue:)), address: text("address"),
                limit: call.query["limit"]?.intValue.map { Int($0) } ?? 50)
            let (rows, next) = try await host.audit.page(query, after: text("cursor"), permit)
            var page: [String: Value] = ["events": .array(rows.map(\.json))]
            if let next { page["next"] = .string(next) }
            return .ok(.map(page))
        },
        .permitted(
            .auditRead, .get, "/v1/tenants/{tenant}/audit/events/{event}/proof", "proveAuditEvent",
            "The proof that an event is in the trail", tag: "Audit",
            success: .init(
                .ok, "A .proof file: 'panelhost audit verify FILE --public-key KEY' checks it offline.", mediaTypes: [proofMediaType])
        ) { permit, call, host in
            guard let event = EventID(call.parameters["event"] ?? "") else { throw Problem.notFound }
            return Reply(
                .ok, .bytes(Array(try await host.audit.proof(of: event, permit).text.utf8), contentType: proofMediaType))
        },
        .permitted(
            .auditRead, .get, "/v1/tenants/{tenant}/audit/checkpoint", "auditCheckpoint",
            "The newest signed checkpoints, to be kept elsewhere", tag: "Audit",
            success: .init(
                .ok, "`trail` is the tenant's, `host` that of the tree over all tenants; each is null before there is one.", .any)
        ) { permit, _, host in
            let (trail, over) = try await host.audit.checkpoints(permit)
            return .ok(["trail": trail.map { .string($0.note) } ?? .null, "host": over.map { .string($0.note) } ?? .null])
        },
        .permitted(
            .auditRead, .get, "/v1/tenants/{tenant}/audit/consistency", "auditConsistency",
            "The proof that the trail at one size is the beginning of the trail at another", tag: "Audit",
            query: .object(
                "",
                [
                    .required("from", .integer(1...Int64.max), "The size in the older checkpoint."),
                    .required("to", .integer(1...Int64.max), "The size in the newer checkpoint."),
                ]), success: .init(.ok, "The hashes of RFC 9162 §2.1.4, in base64.", .any)
        ) { permit, call, host in
            let (older, newer) = (call.query["from"]?.intValue ?? 0, call.query["to"]?.intValue ?? 0)
            let path = try await host.audit.consistency(from: older, to: newer, permit)
            return .ok(["from": .int(older), "to": .int(newer), "path": .array(path.map { .string($0.base64) })])
        },
        .permitted(
            .auditRead, .get, "/v1/tenants/{tenant}/audit/export", "exportAudit",
            "All events that the newest checkpoint covers, in the order of their places, as a stream", tag: "Audit",
            query: .object(
                "",
                [
                    .optional("format", .enumeration(AuditExportFormat.self), "jsonl unless said otherwise."),
                    .optional(
                        "from_index", .integer(0...maximumPlace), "The first place, 0 unless said otherwise; to go on, the last one plus 1."
                    ),
                    .optional("limit", .integer(1...maximumPlace), "Events at most; all of them unless said otherwise."),
                    .optional("proofs", .boolean, "Whether each event carries its .proof file."),
                ]),
            success: .init(
                .ok, "One event a line. A response that breaks off, without the last chunk of HTTP/1.1, is not the whole range.",
                mediaTypes: AuditExportFormat.allCases.map(\.mediaType))
        ) { permit, call, host in
            let format = call.query["format"]?.stringValue.flatMap(AuditExportFormat.init(rawValue:)) ?? .jsonLines
            let export = try await host.audit.export(
                from: call.query["from_index"]?.intValue ?? 0, limit: call.query["limit"]?.intValue,
                proofs: call.query["proofs"]?.boolValue ?? false, permit)
            let lines = export.map { rows in rows.flatMap { format.line($0) } }
            return Reply(.ok, .stream(ByteStream(head: format.head, lines), contentType: format.mediaType))
        },
        .open(
            .get, "/v1/audit/public-keys", "auditPublicKeys", "The keys that verify audit checkpoints and proofs", tag: "Audit",
            reason: "public keys, for auditors who have no account",
            success: .init(.ok, "In the form NAME+ID+KEY, the one in use first.", .any)
        ) { _, host in
            .ok(["keys": .array(try await host.audit.publicKeys().map { .string($0.description) })])
        },
    ]
}

extension AuditEntry {
    /// One record as an auditor reads it; `index` is its place in the tree, which a new one gets in less than a second.
    fileprivate var json: Value {
        var view: [String: Value] = [
            "id": .string(row.id), "occurred_at": .int(row.occurredAt), "actor": .string(row.actor), "action": .string(row.action),
            "resource": .string(row.resource), "outcome": .string(row.outcome), "detail": row.detailValue,
            "correlation_id": .string(row.correlation), "leaf_hash": .string(Hex.encode(row.leafHash)),
        ]
        if let index = row.index { view["index"] = .int(index) }
        if let address { view["address"] = .string(address) }
        view["personal"] = personal.shown
        return .map(view)
    }
}
