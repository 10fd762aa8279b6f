// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors

import HTTPTypes
import Host
import PluginAPI
import Security
import Storage
import Values

/// The users of a tenant, for those who look after them.
extension RouteTable {
    static let users: [Route] = [
        .listed(
            .userRead, "/v1/tenants/{tenant}/users", "users", "Who has an account", tag: "Users", query: .pages(),
            success: .init(
                .ok, "Those whom the caller may see, in the order in which they were made; `next` goes on, where there may be more.", .any)
        ) { permit, call, host in
            let (users, next) = try await host.users(permit, after: call.page.cursor, limit: call.page.limit)
            return .page("users", users.map(\.json), next)
        },
        .permitted(
            .userManage, .post, "/v1/tenants/{tenant}/users", "inviteUser", "Invite somebody", tag: "Users",
            body: .json(
                .object(
                    "",
                    [
                        .required("email", .string(3...254), "What they will sign in with.", example: "ann@acme.example"),
                        .optional("name", .string(1...200), "A name for people; the address unless said otherwise."),
                        .optional("roles", .array(.string(1...64), 0...20), "Roles that you hold yourself.", example: .array([])),
                    ])),
            success: .init(
                .created, "Invited. `invitation_sent` says whether a notifier of the tenant carries the invitation; it never stands here.",
                view)
        ) { permit, call, host in
            let roles = (call.input["roles"]?.arrayValue ?? []).compactMap(\.stringValue)
            let (user, isSent) = try await host.accounts.invite(
                permit, email: call.text("email"), name: call.input["name"]?.stringValue, roles: roles, origin: call.origin)
            return .created(user.json(adding: ["invitation_sent": .bool(isSent)]))
        },
        .permitted(
            .userRead, .get, "/v1/tenants/{tenant}/users/{user}", "user", "One user", tag: "Users",
            success: .init(.ok, "As they stand.", view)
        ) { permit, call, host in .ok(try await host.accounts.user(permit, call.identifier("user")).json) },
        .permitted(
            .userManage, .patch, "/v1/tenants/{tenant}/users/{user}", "updateUser", "Change a name or an address", tag: "Users",
            body: .json(
                .object(
                    "",
                    [
                        .optional("email", .string(3...254), "From now on they sign in with it.", example: "ann@acme.example"),
                        .optional("name", .string(1...200)),
                    ])), success: .init(.ok, "As they stand now.", view)
        ) { permit, call, host in
            .ok(
                try await host.accounts.update(
                    permit, call.identifier("user"), email: call.input["email"]?.stringValue, name: call.input["name"]?.stringValue,
                    origin: call.origin
                ).json)
        },
        .permitted(
            .userManage, .delete, "/v1/tenants/{tenant}/users/{user}", "deleteUser", "Delete a user for good", tag: "Users",
            success: .init(.noContent, "Nothing is left but the id, which never comes again; the address is free.")
        ) { permit, call, host in
            try await host.accounts.delete(permit, call.identifier("user"), origin: call.origin)
            return Reply(.noContent)
        },
        .permitted(
            .userManage, .post, "/v1/tenants/{tenant}/users/{user}/suspend", "suspendUser", "Keep a user out", tag: "Users",
            body: .json(.object("", [.optional("reason", .string(1...200), "Why, for the trail and the list.")])),
            success: .init(.ok, "Suspended: their next request is refused.", view)
        ) { permit, call, host in
            let reason = call.input["reason"]?.stringValue
            return .ok(try await host.accounts.suspend(permit, call.identifier("user"), reason: reason, origin: call.origin).json)
        },
        .permitted(
            .userManage, .post, "/v1/tenants/{tenant}/users/{user}/activate", "activateUser", "Let a user in again", tag: "Users",
            success: .init(.ok, "Active, or invited where they never chose a password.", view)
        ) { permit, call, host in .ok(try await host.accounts.activate(permit, call.identifier("user"), origin: call.origin).json) },
        .permitted(
            .userManage, .post, "/v1/tenants/{tenant}/users/{user}/invite", "inviteUserAgain", "Send an invitation again", tag: "Users",
            success: .init(.accepted, "The token before is void.", .object("", [.required("invitation_sent", .boolean)]))
        ) { permit, call, host in
            let isSent = try await host.accounts.inviteAgain(permit, call.identifier("user"), origin: call.origin)
            return Reply(.accepted, .json(["invitation_sent": .bool(isSent)]))
        },
    ]

    private static let view = Schema.type(
        "User", "Somebody who signs in.",
        [
            .required("id", .string(36...36, format: .uuid)),
            .required("email", .string(max: 254)),
            .required("name", .string(max: 200)),
            .required("status", .enumeration(["invited", "active", "suspended"])),
            .required("roles", .array(.string(max: 64), 0...1000)),
            .required("created_at", .milliseconds),
            .optional("reason", .string(max: 200), "Why they are suspended; `dormant` where nobody had signed in for long."),
            .optional("last_signed_in_at", .milliseconds),
            .optional("invitation_sent", .boolean, "Of an invitation: whether a notifier carries it."),
        ])
}

extension UserRecord {
    fileprivate var json: Value { json(adding: [:]) }

    fileprivate func json(adding more: [String: Value]) -> Value {
        var members: [String: Value] = [
            "id": .string(id.description), "email": .string(email), "name": .string(name), "status": .string(status.rawValue),
            "roles": .array(roles.map(Value.string)), "created_at": .int(createdAt),
        ]
        if let reason { members["reason"] = .string(reason) }
        if let lastSignedInAt { members["last_signed_in_at"] = .int(lastSignedInAt) }
        return .map(members.merging(more) { $1 })
    }
}
