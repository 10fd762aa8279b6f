// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors

import HTTPTypes
import Host
import PluginAPI
import Security
import Storage
import Values

/// Operators of the installation inside a tenant, and the tenant's say in it.
extension RouteTable {
    private static let act = Schema.type(
        "Act", "An operator of the installation in a tenant.",
        [
            .required("act", .string(max: 36)), .required("tenant", .string(max: 63)), .required("operator", .string(max: 36)),
            .required("role", .string(max: 64), "Whose rights the operator has; some are withheld whatever the role."),
            .required("reason", .string(max: 200)),
            .required("reason_event", .string(max: 36), "The event in the tenant's trail that it began with; each act names it."),
            .required("started_at", .integer(0...Int64.max)), .required("expires_at", .integer(0...Int64.max)),
            .optional("access_token", .string(max: 4096), "For the `Authorization` header; there is none to prolong it with."),
            .optional("token_type", .enumeration(["Bearer"])), .optional("expires_in", .integer(1...3600)),
        ])

    private static let operators = Schema.object(
        "",
        [
            .required("allowed", .boolean), .optional("role", .string(max: 64)),
            .required("acts", .array(.any), "What operators did, the newest first."),
        ])

    static let acting: [Route] = [
        .permitted(
            .tenantActAs, .post, "/v1/auth/act-as", "actAs", "Act in a tenant as an operator", tag: "Tenants",
            body: .json(
                .object(
                    "",
                    [
                        .required("tenant", .string(2...63), "The tenant's slug.", example: "acme"),
                        .required("reason", .string(1...200), "Why, in one line; the tenant reads it."),
                        .required("minutes", .integer(1...60), "For how long."),
                    ])),
            success: .init(.created, "A token for this tenant, with the rights of the role that the tenant allows.", act)
        ) { permit, call, host in
            let token = try await host.recordingDenial(of: permit, at: call.origin) {
                _ = try host.authorizer.platform(permit)
                return try await host.authenticator.actAs(
                    permit, in: call.text("tenant"), reason: call.text("reason"), minutes: call.input["minutes"]?.intValue ?? 0,
                    from: call.origin.client, correlation: call.origin.correlation)
            }
            return .created(token.json)
        },
        .permitted(
            .tenantActAs, .get, "/v1/auth/act-as", "listActs", "Who acts where at this moment", tag: "Tenants",
            success: .init(.ok, "The acts that run, in every tenant.", .object("", [.required("acts", .array(act))]))
        ) { permit, call, host in
            let acts = try await host.recordingDenial(of: permit, at: call.origin) {
                _ = try host.authorizer.platform(permit)
                return try await host.authenticator.runningActs(permit)
            }
            return .ok(["acts": .array(acts.map(\.json))])
        },
        .permitted(
            .tenantActAs, .post, "/v1/auth/act-as/{act}/token", "renewAct", "Another token for an act of one's own", tag: "Tenants",
            success: .init(.ok, "Good until the act is over at the latest.", act)
        ) { permit, call, host in
            let id = try call.identifier("act", as: SessionID.self)
            let token = try await host.recordingDenial(of: permit, at: call.origin) {
                _ = try host.authorizer.platform(permit)
                return try await host.authenticator.renewActing(
                    permit, id: id, from: call.origin.client, correlation: call.origin.correlation)
            }
            return .ok(token.json)
        },
        .permitted(
            .tenantActAs, .delete, "/v1/auth/act-as/{act}", "endAct", "End an act", tag: "Tenants",
            success: .init(.noContent, "Its tokens are refused from now on.")
        ) { permit, call, host in
            let id = try call.identifier("act", as: SessionID.self)
            let ended = try await host.recordingDenial(of: permit, at: call.origin) {
                _ = try host.authorizer.platform(permit)
                return try await host.authenticator.endAct(
                    permit, id: id, from: call.origin.client, correlation: call.origin.correlation)
            }
            guard ended else { throw Problem.notFound }
            return Reply(.noContent)
        },
        .permitted(
            .roleRead, .get, "/v1/tenants/{tenant}/operators", "getOperators", "Whether operators may act here, and what they did",
            tag: "Tenants", success: .init(.ok, "The role that they act with, and their acts.", operators)
        ) { permit, call, host in
            .ok(try await host.operators.show(permit).json)
        },
        .permitted(
            .roleManage, .put, "/v1/tenants/{tenant}/operators", "setOperators", "Allow operators to act here, or forbid it",
            tag: "Tenants",
            body: .json(
                .object(
                    "",
                    [
                        .required("allowed", .boolean),
                        .optional("role", .string(1...64), "A role of the tenant's; SUPPORT_AGENT unless said otherwise."),
                    ])),
            success: .init(.ok, "Decided; forbidding ends what runs.", operators)
        ) { permit, call, host in
            try await host.recordingDenial(of: permit, at: call.origin) {
                guard call.input["allowed"]?.boolValue == true else {
                    return .ok(try await host.operators.set(nil, permit, call.origin).json)
                }
                let role = call.input["role"]?.stringValue ?? TenantRecord.defaultOperatorRole
                return .ok(try await host.operators.set(role, permit, call.origin).json)
            }
        },
    ]
}

extension ActingRecord {
    fileprivate var members: [String: Value] {
        [
            "act": .string(id.description), "tenant": .string(slug.description), "operator": .string(user.description),
            "role": .string(role ?? ""), "reason": .string(reasonText), "reason_event": .string(reason.description),
            "started_at": .int(createdAt), "expires_at": .int(expiresAt),
        ]
    }

    fileprivate var json: Value { .map(members) }
}

extension ActingToken {
    fileprivate var json: Value {
        .map(acting.members.merging(["access_token": .string(accessToken), "token_type": "Bearer", "expires_in": .int(expiresIn)]) { $1 })
    }
}

extension OperatorAccess.View {
    fileprivate var json: Value {
        var members: [String: Value] = ["allowed": .bool(role != nil), "acts": .array(acts.map(\.json))]
        if let role { members["role"] = .string(role) }
        return .map(members)
    }
}

extension ActingRepository.Act {
    fileprivate var json: Value {
        var members: [String: Value] = [
            "act": .string(id.description), "operator": .string(user.description), "reason": .string(reason),
            "reason_event": .string(reasonEvent.description), "started_at": .int(createdAt), "expires_at": .int(expiresAt),
        ]
        if let endedAt { members["ended_at"] = .int(endedAt) }
        return .map(members)
    }
}
