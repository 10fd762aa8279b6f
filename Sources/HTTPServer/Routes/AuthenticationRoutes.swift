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
            success: .init(.ok, "Signed in, or asked for more.", .union([tokens, factorRequired, deviceRequired])), rateClass: .login
        ) { call, host in
            let cookies = call.browser.wantsCookies
            if cookies { try call.browser.requireCookieMode() }
            let outcome = try await host.signIns.signIn(
                slug: call.text("tenant"), email: call.text("email"), password: Secret(Array(call.text("password").utf8)),
                device: call.browser.device, origin: call.origin)
            switch outcome {
            case .session(let pair):
                await call.settleOrigin(of: pair.tenant, host)
                return pair.reply(cookies)
            case .factorNeeded(let demand):
                await call.settleOrigin(of: demand.tenant, host)
                return .ok(demand.json)
            case .deviceUnconfirmed(let demand):
                await call.settleOrigin(of: demand.tenant, host)
                return .ok(demand.json)
            }
        },
        .open(
            .post, "/v1/auth/login/device", "loginDevice", "Confirm a new device and be signed in", tag: "Authentication",
            reason:
                "the token of the sign-in, whose password was right, is the first proof, and the one that was sent to the user the second",
            body: .json(
                .object(
                    "",
                    [
                        .required("sign_in_token", .string(1...512), "From the sign-in that asked for it."),
                        .required("token", .string(1...64), "From the message to the account's own address."),
                    ])),
            success: .init(.ok, "Signed in; the device is known from now on.", tokens), rateClass: .login
        ) { call, host in
            let cookies = call.browser.wantsCookies
            if cookies { try call.browser.requireCookieMode() }
            let pair = try await host.signIns.confirmDevice(
                signIn: call.text("sign_in_token"), token: Secret(Array(call.text("token").utf8)), device: call.browser.device,
                origin: call.origin)
            await call.settleOrigin(of: pair.tenant, host)
            return pair.reply(cookies)
        },
        .open(
            .post, "/v1/auth/refresh", "refresh", "Exchange a refresh token for a new pair", tag: "Authentication",
            reason: "the refresh token is the proof; each works once",
            body: .json(
                .object(
                    "",
                    [.optional("refresh_token", .string(1...512), "From the last sign-in or refresh; left out when it is in a cookie.")])),
            success: .init(.ok, "A new pair; the old refresh token is used up.", tokens), rateClass: .login
        ) { call, host in
            let given = call.input["refresh_token"]?.stringValue
            let kept = try given == nil ? call.browser.refreshToken() : nil
            guard let token = given ?? kept else { throw Problem.invalidField("refresh_token", "is required where it is not in a cookie") }
            let pair = try await host.authenticator.refresh(
                token, device: call.browser.device, from: call.origin.client, correlation: call.origin.correlation)
            await call.settleOrigin(of: pair.tenant, host)
            return pair.reply(given == nil)
        },
        .signedIn(
            .post, "/v1/auth/logout", "logout", "End this session", tag: "Authentication", success: .init(.noContent, "Signed out."),
            whileFactorMissing: true, actors: .everybody
        ) { principal, call, host in
            if principal.isActing {
                try await host.authenticator.endOwnAct(principal, from: call.origin.client, correlation: call.origin.correlation)
                return Reply(.noContent)
            }
            guard principal.session != nil else {
                throw Problem.invalidField("authorization", "an API key has no session to end; it is withdrawn instead")
            }
            try await host.authenticator.signOut(principal, from: call.origin.client, correlation: call.origin.correlation)
            return Reply(.noContent, headers: call.browser.wantsCookies ? .noSessionCookies : [:])
        },
        .signedIn(
            .get, "/v1/auth/sessions", "sessions", "Where one is signed in", tag: "Authentication",
            success: .init(.ok, "The newest first; `current` is the one that asks.", .any)
        ) { principal, call, host in
            let sessions = try await host.authenticator.sessions(of: principal)
            return .ok(["sessions": .array(sessions.map { $0.json(isCurrent: $0.id == principal.session) })])
        },
        .signedIn(
            .delete, "/v1/auth/sessions/{session}", "endSession", "Sign out elsewhere", tag: "Authentication",
            success: .init(.noContent, "Its tokens are refused from now on.")
        ) { principal, call, host in
            let id = try call.identifier("session", as: SessionID.self)
            let ended = try await host.authenticator.endSessions(
                of: principal, .only(id), from: call.origin.client, correlation: call.origin.correlation)
            guard ended == [id] else { throw Problem.notFound }
            return Reply(.noContent)
        },
        .signedIn(
            .post, "/v1/auth/logout-others", "endOtherSessions", "Sign out everywhere else", tag: "Authentication",
            success: .init(.ok, "How many there were.", .object("", [.required("ended", .integer(0...Int64.max))]))
        ) { principal, call, host in
            guard let session = principal.session else {
                throw Problem.invalidField("authorization", "an API key has no sessions; it is withdrawn instead")
            }
            let ended = try await host.authenticator.endSessions(
                of: principal, .allBut(session), from: call.origin.client, correlation: call.origin.correlation)
            return .ok(["ended": .int(Int64(ended.count))])
        },
    ]

    private static let factorRequired = Schema.type(
        "FactorRequired", "What a sign-in gives when a second factor is wanted.",
        [
            .required("status", .enumeration(["factor_required"])),
            .required("sign_in_token", .string(max: 64), "To be shown with the factor; good once, and for nothing else."),
            .required("factors", .array(.string(max: 80), 1...100), "What may be shown: `totp`, `backup_code`, `plugin:<id>`."),
            .required("expires_in", .integer(1...900), "Seconds that the token is good."),
        ])

    private static let deviceRequired = Schema.type(
        "DeviceConfirmationRequired", "What a sign-in gives when its device is new and has to be confirmed.",
        [
            .required("status", .enumeration(["device_confirmation_required"])),
            .required("sign_in_token", .string(max: 64), "To be shown with the token that was sent to the user; good once."),
            .required("expires_in", .integer(1...900), "Seconds that both are good."),
        ])

    static let tokens = Schema.type(
        "Tokens", "What a sign-in gives.",
        [
            .optional("access_token", .string(max: 4096), "For the `Authorization` header; left out when it is in a cookie."),
            .required("token_type", .enumeration(["Bearer", "Cookie"])),
            .required("expires_in", .integer(1...3600), "Seconds that the access token is good."),
            .optional("refresh_token", .string(max: 512), "Works once; left out when it is in a cookie."),
            .required("session_id", .string(max: 36)),
            .required("tenant", .string(max: 63)),
            .optional("device_id", .string(max: 36), "The device that the session belongs to, if the client keeps one."),
            .required("new_device", .boolean, "Whether the user signed in with a device that was not known before."),
        ])
}

extension SessionSummary {
    func json(isCurrent: Bool) -> Value {
        [
            "id": .string(id.description), "created_at": .int(createdAt), "renewed_at": .int(renewedAt), "expires_at": .int(expiresAt),
            "last_seen_at": .int(lastSeenAt), "device_id": device.map { .string($0.description) } ?? .null,
            "methods": .array(methods.map(Value.string)), "current": .bool(isCurrent),
        ]
    }
}

extension FactorDemand {
    fileprivate var json: Value {
        [
            "status": "factor_required", "sign_in_token": .string(token.revealedText() ?? ""),
            "factors": .array(factors.map { .string($0.rawValue) }), "expires_in": .int(expiresIn),
        ]
    }
}

extension DeviceDemand {
    fileprivate var json: Value {
        [
            "status": "device_confirmation_required", "sign_in_token": .string(token.revealedText() ?? ""),
            "expires_in": .int(expiresIn),
        ]
    }
}

extension TokenPair {
    /// The tokens in the body, or in cookies and then nowhere else.
    func reply(_ cookies: Bool) -> Reply {
        var members: [String: Value] = [
            "token_type": cookies ? "Cookie" : "Bearer", "expires_in": .int(expiresIn), "session_id": .string(session.description),
            "tenant": .string(slug.description), "new_device": .bool(isNewDevice),
        ]
        if let device { members["device_id"] = .string(device.description) }
        if !cookies { (members["access_token"], members["refresh_token"]) = (.string(accessToken), .string(refreshToken)) }
        var headers: HTTPFields = cookies ? .sessionCookies(self) : [:]
        if !cookies { headers[.device] = deviceCookie }
        return Reply(.ok, .json(.map(members)), headers: headers)
    }
}
