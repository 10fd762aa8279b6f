// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors

import HTTPTypes
import Host
import PluginAPI
import Security
import Values

extension RouteTable {
    static let authentication: [Route] = [
        .open(
            .post, "/v1/auth/login", "login", "Sign in with a password", tag: "Authentication", reason: "this is how one signs in",
            body: .json(
                .object(
                    "",
                    [
                        .required("tenant", .string(1...63), "The tenant's slug.", example: "acme"),
                        .required("email", .string(3...254), "The user's e-mail address.", example: "admin@acme.example"),
                        .required("password", .string(1...1024), "The password."),
                    ])),
            success: .init(.ok, "Signed in.", tokens)
        ) { call, host in
            let pair = try await host.authenticator.signIn(
                slug: call.text("tenant"), email: call.text("email"), password: Secret(Array(call.text("password").utf8)),
                from: call.origin.client, correlation: call.origin.correlation)
            return .ok(pair.json)
        },
        .open(
            .post, "/v1/auth/refresh", "refresh", "Exchange a refresh token for a new pair", tag: "Authentication",
            reason: "the refresh token is the proof; each works once",
            body: .json(.object("", [.required("refresh_token", .string(1...512), "From the last sign-in or refresh.")])),
            success: .init(.ok, "A new pair; the old refresh token is used up.", tokens)
        ) { call, host in
            .ok(
                try await host.authenticator.refresh(
                    call.text("refresh_token"), from: call.origin.client, correlation: call.origin.correlation
                ).json)
        },
        .signedIn(
            .post, "/v1/auth/logout", "logout", "End this session", tag: "Authentication", success: .init(.noContent, "Signed out.")
        ) { principal, call, host in
            guard principal.session != nil else {
                throw Problem.invalidField("authorization", "an API key has no session to end; it is withdrawn instead")
            }
            try await host.authenticator.signOut(principal, from: call.origin.client, correlation: call.origin.correlation)
            return Reply(.noContent)
        },
    ]

    private static let tokens = Schema.type(
        "Tokens", "What a sign-in gives.",
        [
            .required("access_token", .string(max: 4096), "For the `Authorization` header."),
            .required("token_type", .enumeration(["Bearer"])),
            .required("expires_in", .integer(1...3600), "Seconds that the access token is good."),
            .required("refresh_token", .string(max: 512), "Works once."),
            .required("session_id", .string(max: 36)),
            .required("tenant", .string(max: 63)),
        ])
}

extension TokenPair {
    fileprivate var json: Value {
        [
            "access_token": .string(accessToken), "token_type": "Bearer", "expires_in": .int(expiresIn),
            "refresh_token": .string(refreshToken),
            "session_id": .string(session.description), "tenant": .string(slug.description),
        ]
    }
}
