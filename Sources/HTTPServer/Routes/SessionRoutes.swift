// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors

import HTTPTypes
import Host
import PluginAPI
import Security
import Values

extension RouteTable {
    private static let userSessions = "/v1/tenants/{tenant}/users/{user}/sessions"
    private static let sessionRules = "/v1/tenants/{tenant}/session-rules"

    /// Other people's sessions, for administrators.
    static let sessions: [Route] = [
        .permitted(
            .sessionManage, .get, userSessions, "userSessions", "Where a user is signed in", tag: "Sessions",
            success: .init(.ok, "The newest first.", .any)
        ) { permit, call, host in
            let user = try call.identifier("user", as: UserID.self)
            guard let sessions = try await host.authenticator.sessions(of: user, permit) else { throw Problem.notFound }
            return .ok(["sessions": .array(sessions.map { $0.json(isCurrent: $0.id == permit.principal.session) })])
        },
        .permitted(
            .sessionManage, .delete, userSessions, "endUserSessions", "Sign a user out everywhere", tag: "Sessions",
            success: .init(.ok, "How many sessions there were.", .object("", [.required("ended", .integer(0...Int64.max))]))
        ) { permit, call, host in
            let user = try call.identifier("user", as: UserID.self)
            let ended = try await host.authenticator.endSessions(
                of: user, .all, permit, from: call.origin.client, correlation: call.origin.correlation)
            guard let ended else { throw Problem.notFound }
            return .ok(["ended": .int(Int64(ended.count))])
        },
        .permitted(
            .sessionManage, .delete, userSessions + "/{session}", "endUserSession", "End one session of a user", tag: "Sessions",
            success: .init(.noContent, "Its tokens are refused from now on.")
        ) { permit, call, host in
            let (user, id) = (try call.identifier("user", as: UserID.self), try call.identifier("session", as: SessionID.self))
            let ended = try await host.authenticator.endSessions(
                of: user, .only(id), permit, from: call.origin.client, correlation: call.origin.correlation)
            guard ended == [id] else { throw Problem.notFound }
            return Reply(.noContent)
        },
        .permitted(
            .sessionManage, .get, sessionRules, "sessionRules", "How long sessions last, and how many a user may have", tag: "Sessions",
            success: .init(.ok, "What is in force, and the most that can be set.", .any)
        ) { permit, _, host in
            let (inForce, maximum) = try await host.authenticator.sessionRules(permit)
            return .ok(["in_force": inForce.json, "maximum": maximum.json])
        },
        .permitted(
            .sessionManage, .put, sessionRules, "setSessionRules", "Set how long sessions last, and how many a user may have",
            tag: "Sessions",
            body: .json(
                .object(
                    "",
                    [
                        .required("idle_seconds", .integer(1...1 << 40), "After the last request.", example: 3600),
                        .required("lifetime_seconds", .integer(1...1 << 40), "After the sign-in.", example: 86_400),
                        .required(
                            "admin_idle_seconds", .integer(1...1 << 40), "The same for whoever holds some `….manage` permission.",
                            example: 600),
                        .required("admin_lifetime_seconds", .integer(1...1 << 40), "The same.", example: 3600),
                        .required("concurrent", .integer(1...1000), "Sessions of one user at once.", example: 5),
                        .required(
                            "when_full", .enumeration(SessionRules.WhenFull.allCases.map(\.rawValue)),
                            "Whether the session that was not used for the longest time makes room, or the sign-in is refused."),
                        .optional(
                            "new_devices", .enumeration(SessionRules.NewDevices.allCases.map(\.rawValue)),
                            "Whether users are told of new devices, or those without a second factor confirm them by a token that is sent "
                                + "to them; left out, it stays as it is."),
                    ])),
            success: .init(.ok, "What is in force from the next request on, on every host.", .any)
        ) { permit, call, host in
            func milliseconds(_ name: String) -> Int64 { (call.input[name]?.intValue ?? 0) * 1000 }
            let before = try await host.authenticator.sessionRules(permit).inForce.newDevices
            let rules = SessionRules(
                usual: .init(idle: milliseconds("idle_seconds"), lifetime: milliseconds("lifetime_seconds")),
                administrators: .init(idle: milliseconds("admin_idle_seconds"), lifetime: milliseconds("admin_lifetime_seconds")),
                concurrent: call.input["concurrent"]?.intValue ?? 0,
                whenFull: SessionRules.WhenFull(rawValue: call.text("when_full")) ?? .endOldest,
                newDevices: call.input["new_devices"]?.stringValue.flatMap(SessionRules.NewDevices.init) ?? before)
            try await host.authenticator.setSessionRules(
                rules, permit, canTell: try await host.accountMessages.canCarry(in: permit.scope.tenant), from: call.origin.client,
                correlation: call.origin.correlation)
            return .ok(["in_force": try await host.authenticator.sessionRules(permit).inForce.json])
        },
        .permitted(
            .sessionManage, .delete, sessionRules, "removeSessionRules", "Go back to what the installation asks of sessions",
            tag: "Sessions", success: .init(.noContent, "In force from the next request on.")
        ) { permit, call, host in
            try await host.authenticator.setSessionRules(nil, permit, from: call.origin.client, correlation: call.origin.correlation)
            return Reply(.noContent)
        },
    ]
}

extension SessionRules {
    fileprivate var json: Value {
        [
            "idle_seconds": .int(usual.idle / 1000), "lifetime_seconds": .int(usual.lifetime / 1000),
            "admin_idle_seconds": .int(administrators.idle / 1000), "admin_lifetime_seconds": .int(administrators.lifetime / 1000),
            "concurrent": .int(concurrent), "when_full": .string(whenFull.rawValue),
            "new_devices": .string(newDevices.rawValue),
        ]
    }
}
