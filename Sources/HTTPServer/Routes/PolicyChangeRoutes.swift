// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors

import HTTPTypes
import Host
import PluginAPI
import Security
import Values

extension RouteTable {
    private static let inherits = Schema.Field.optional(
        "inherits", .array(.string(1...64), 0...64), "The roles whose rules it has as well.")
    private static let end = Schema.Field.optional(
        "expires_at", .integer(1...9_007_199_254_740_991), "When it ends, in milliseconds since 1970; never unless given.",
        example: 4_102_444_800_000)
    private static let changed = Route.Success(
        .ok,
        "Done, and in force at the very next request on every host. With `If-Match`, only if the policy still has that revision: 412 otherwise. `violations` names who has now what is kept apart.",
        .object("", [.required("revision", .string(max: 64)), .required("violations", .array(.string(max: 20_000)))]))

    static let policyChanges: [Route] = [
        .permitted(
            .roleManage, .post, "\(policyBase)/roles", "createRole", "Create a role", tag: "Authorization",
            body: .json(
                .object(
                    "", [.required("name", .string(1...64), "A letter and up to 63 letters, digits, _ and -.", example: "DESK"), inherits])),
            success: changed
        ) { permit, call, host in try await call.change("create_role", [:], permit, host) },
        .permitted(
            .roleManage, .put, "\(policyBase)/roles/{role}", "setRoleParents", "Say which roles a role inherits from",
            tag: "Authorization", body: .json(.object("", [inherits])), success: changed
        ) { permit, call, host in
            try await call.change("inherit", ["name": call.name("role")], permit, host)
        },
        .permitted(
            .roleManage, .delete, "\(policyBase)/roles/{role}", "deleteRole",
            "Delete a role that nobody has and no role inherits from, with its rules", tag: "Authorization", success: changed
        ) { permit, call, host in try await call.change("delete_role", naming: "role", permit, host) },
        .permitted(
            .roleManage, .put, "\(policyBase)/rules/{rule}", "setRule", "Make a rule, or make the one of that id anew",
            tag: "Authorization",
            body: .json(
                .object(
                    "",
                    [
                        .optional("permit", .string(1...200), "The action that it permits; this or `deny`.", example: "plugin.read"),
                        .optional("deny", .string(1...200), "The action that it denies, whatever permits it."),
                        .optional("role", .string(1...64), "The role that it is about; this or `user`.", example: "MANAGER"),
                        .optional("user", .string(36...36), "The user that it is about."),
                        .optional(
                            "on", .string(1...16_384),
                            "What is meant: `all`, `owner`, `id = payment:1`, `region = eu` or `region in eu, us`; all unless given.",
                            example: "all"),
                        end,
                    ])), success: changed
        ) { permit, call, host in
            try await call.change("set_rule", ["id": call.name("rule")], permit, host)
        },
        .permitted(
            .roleManage, .delete, "\(policyBase)/rules/{rule}", "removeRule", "Remove a rule", tag: "Authorization", success: changed
        ) { permit, call, host in try await call.change("remove_rule", naming: "rule", permit, host) },
        .permitted(
            .userManage, .put, "\(policyBase)/roles/{role}/holders/{user}", "assignRole",
            "Give somebody a role, for good or until a moment",
            tag: "Authorization", body: .json(.object("", [end])), success: changed
        ) { permit, call, host in
            try await call.change("assign", ["role": call.name("role"), "user": call.name("user")], permit, host)
        },
        .permitted(
            .userManage, .delete, "\(policyBase)/roles/{role}/holders/{user}", "unassignRole", "Take a role from somebody",
            tag: "Authorization", success: changed
        ) { permit, call, host in
            try await call.change("unassign", ["role": call.name("role"), "user": call.name("user")], permit, host)
        },
        .permitted(
            .roleManage, .put, "\(policyBase)/separations/{separation}", "setSeparation",
            "Say which roles or permissions nobody may have two of", tag: "Authorization",
            body: .json(
                .object(
                    "",
                    [
                        .optional(
                            "roles", .array(.string(1...64), 2...200), "Roles; these or `permissions`.", example: ["ADMIN", "CLIENT"]),
                        .optional("permissions", .array(.string(1...200), 2...200), "Permissions."),
                    ])), success: changed
        ) { permit, call, host in
            try await call.change("set_separation", ["name": call.name("separation")], permit, host)
        },
        .permitted(
            .roleManage, .delete, "\(policyBase)/separations/{separation}", "removeSeparation", "Remove a separation of duties",
            tag: "Authorization", success: changed
        ) { permit, call, host in try await call.change("remove_separation", naming: "separation", permit, host) },
    ]
}

extension RouteCall {
    /// A name in the path, as a path can hold it; another form is simply not found.
    fileprivate func name(_ parameter: String) throws(Problem) -> Value {
        let text = parameters[parameter] ?? ""
        let isPlain = text.utf8.allSatisfy {
            switch $0 {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "0")...UInt8(ascii: "9"): true
            default: "_.:*-".utf8.contains($0)
            }
        }
        guard isPlain, (1...64).contains(text.utf8.count) else { throw .notFound }
        return .string(text)
    }

    fileprivate func change(_ kind: String, naming parameter: String, _ permit: Permit, _ host: Host) async throws -> Reply {
        try await make([kind: name(parameter)], permit, host)
    }

    /// The change that the body describes, and the path with it.
    fileprivate func change(
        _ kind: String, _ named: [String: Value], _ permit: Permit, _ host: Host
    ) async throws -> Reply {
        try await make([kind: .map((input.mapValue ?? [:]).merging(named) { $1 })], permit, host)
    }

    private func make(_ document: [String: Value], _ permit: Permit, _ host: Host) async throws -> Reply {
        let change = try PolicyChange(parsing: .map(document))
        let (revision, violations) = try await host.policy.change(change, to: try expectedRevision(), permit, origin)
        return .policy(["violations": .array(violations.map { .string($0.description) })], revision)
    }

    /// What `If-Match` binds a change to; nil where it is bound to nothing.
    private func expectedRevision() throws(Problem) -> String? {
        let values = headers[values: .ifMatch]
        guard let value = values.first else { return nil }
        if values.count == 1, value == "*" { return nil }
        guard values.count == 1, value.utf8.count >= 3, value.utf8.count <= 66, value.first == "\"", value.last == "\"" else {
            throw .invalidField("if-match", "must be the ETag of one look at the policy, in its quotation marks")
        }
        return String(value.dropFirst().dropLast())
    }
}
