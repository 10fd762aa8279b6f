// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors

import HTTPTypes
import Host
import PluginAPI
import Security
import Values

/// One person in several tenants.
extension RouteTable {
    private static let membership = Schema.type(
        "Membership", "A tenant where one can work.",
        [
            .required("tenant", .string(max: 63)), .required("name", .string(max: 200)), .required("user", .string(max: 36)),
            .required("home", .boolean, "Whether the account itself is there."), .optional("current", .boolean),
        ])

    static let memberships: [Route] = [
        .signedIn(
            .get, "/v1/auth/tenants", "memberships", "Where one can work", tag: "Authentication",
            success: .init(.ok, "One's home first.", .object("", [.required("tenants", .array(membership))]))
        ) { principal, _, host in
            let all = try await host.authenticator.memberships(of: principal)
            return .ok([
                "tenants": .array(
                    all.map { .map($0.members.merging(["current": .bool($0.tenant == principal.tenant)]) { $1 }) })
            ])
        },
        .signedIn(
            .post, "/v1/auth/switch", "switchTenant", "Go on in another tenant", tag: "Authentication",
            body: .json(.object("", [.required("tenant", .string(1...63), "The tenant's slug.", example: "globex")])),
            success: .init(.ok, "A session there, proved by the one that asks; it ends with it at the latest.", tokens)
        ) { principal, call, host in
            let cookies = call.browser.wantsCookies
            if cookies { try call.browser.requireCookieMode() }
            let pair = try await host.authenticator.switchTenant(
                principal, to: call.text("tenant"), device: call.browser.device, from: call.origin.client,
                correlation: call.origin.correlation)
            return pair.reply(cookies)
        },
        .signedIn(
            .post, "/v1/auth/memberships", "acceptMembership", "Accept an invitation into another tenant", tag: "Authentication",
            body: .json(
                .object("", [.required("token", .string(1...128), "From the invitation; it was made for this account's address.")])),
            success: .init(.created, "One can work there from now on.", membership)
        ) { principal, call, host in
            .created(
                .map(
                    try await host.authenticator.acceptMembership(
                        principal, token: call.text("token"), from: call.origin.client, correlation: call.origin.correlation
                    ).members))
        },
        .signedIn(
            .delete, "/v1/auth/tenants/{slug}", "leaveTenant", "Leave another tenant", tag: "Authentication",
            success: .init(.noContent, "One's sessions there are refused from now on.")
        ) { principal, call, host in
            try await host.authenticator.leave(
                principal, call.parameters["slug"] ?? "", from: call.origin.client, correlation: call.origin.correlation)
            return Reply(.noContent)
        },
        .permitted(
            .userManage, .post, "/v1/tenants/{tenant}/memberships", "offerMembership", "Invite somebody of another tenant", tag: "Users",
            body: .json(
                .object(
                    "",
                    [
                        .required("email", .string(3...254), "The address of their account.", example: "ann@globex.example"),
                        .required("roles", .array(.string(1...64), 0...32), "Roles of this tenant, within what one holds."),
                    ])),
            success: .init(
                .created, "The token is shown once; it works for an account of this address only.",
                .object(
                    "",
                    [
                        .required("user", .string(max: 36)), .required("token", .string(max: 128)),
                        .required("expires_at", .integer(0...Int64.max)),
                    ]))
        ) { permit, call, host in
            let roles = call.input["roles"]?.arrayValue?.compactMap(\.stringValue) ?? []
            let offer = try await host.recordingDenial(of: permit, at: call.origin) {
                try await host.membershipOffers.offer(email: call.text("email"), roles: roles, permit, call.origin)
            }
            return .created([
                "user": .string(offer.user.description), "token": .string(offer.token.revealedText() ?? ""),
                "expires_at": .int(offer.expiresAt),
            ])
        },
    ]
}

extension Membership {
    fileprivate var members: [String: Value] {
        [
            "tenant": .string(slug.description), "name": .string(name), "user": .string(user.description), "home": .bool(isHome),
        ]
    }
}
