// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors

import HTTPTypes
import Host
import PluginAPI
import Security
import Storage
import Values

extension RouteTable {
    /// One's own second factors, and showing them.
    static let factors: [Route] = [
        .open(
            .post, "/v1/auth/login/factor", "loginFactor", "Show a second factor and be signed in", tag: "Authentication",
            reason: "the token of the sign-in, whose password was right, is the first proof and the code the second",
            body: .json(
                .object(
                    "",
                    [
                        .required("sign_in_token", .string(1...512), "From the sign-in that asked for a factor."),
                        .required("factor", .string(1...80), "One of those that it named.", example: "totp"),
                        .required("code", .string(1...64), "What the user typed.", example: "123456"),
                        .optional("remember_device", .boolean, "Ask for no factor on this device for as long as the tenant allows."),
                    ])),
            success: .init(.ok, "Signed in.", tokens), rateClass: .mfa
        ) { call, host in
            try call.limits.require(signIn: call.text("sign_in_token"))
            let cookies = call.browser.wantsCookies
            if cookies { try call.browser.requireCookieMode() }
            let pair = try await host.factors.completeSignIn(
                token: call.text("sign_in_token"), factor: call.text("factor"), code: call.code, device: call.browser.device,
                remembers: call.input["remember_device"]?.boolValue ?? false, origin: call.origin
            )
            await call.settleOrigin(of: pair.tenant, host)
            return pair.reply(cookies)
        },
        .open(
            .post, "/v1/auth/login/challenge", "loginChallenge", "Have a code sent for the second factor of a sign-in",
            tag: "Authentication",
            reason: "the token of the sign-in, whose password was right, is the proof; how many codes are sent is limited",
            body: .json(
                .object(
                    "",
                    [
                        .required("sign_in_token", .string(1...512), "From the sign-in that asked for a factor."),
                        .required("factor", .string(1...80), "One of those that it named.", example: "plugin:sms-twilio"),
                        .optional("locale", .string(2...16), "The user's language; `en` unless said otherwise."),
                    ])),
            success: .init(.ok, "Sent, or not needed for this factor.", sentSchema), rateClass: .mfa
        ) { call, host in
            try call.limits.require(signIn: call.text("sign_in_token"))
            return try await Self.sent(
                host.factors.challengeSignIn(
                    token: call.text("sign_in_token"), factor: call.text("factor"), idempotencyKey: call.ownKey, locale: call.locale,
                    origin: call.origin))
        },
        .signedIn(
            .post, "/v1/auth/step-up", "stepUp", "Show a second factor in this session", tag: "Second factors",
            body: .json(
                .object(
                    "",
                    [
                        .required("factor", .string(1...80), "One of one's own.", example: "totp"),
                        .required("code", .string(1...64), "What the user typed.", example: "123456"),
                    ])),
            success: .init(.noContent, "What wants a fresh factor may be done now."), whileFactorMissing: true, rateClass: .mfa
        ) { principal, call, host in
            try await host.factors.stepUp(principal, factor: call.text("factor"), code: call.code, origin: call.origin)
            return Reply(.noContent)
        },
        .signedIn(
            .post, "/v1/auth/step-up/challenge", "stepUpChallenge", "Have a code sent to show a second factor in this session",
            tag: "Second factors",
            body: .json(
                .object(
                    "",
                    [
                        .required("factor", .string(1...80), "One of one's own.", example: "plugin:sms-twilio"),
                        .optional("locale", .string(2...16), "The user's language; `en` unless said otherwise."),
                    ])),
            success: .init(.ok, "Sent, or not needed for this factor.", sentSchema), whileFactorMissing: true, rateClass: .mfa
        ) { principal, call, host in
            try await Self.sent(
                host.factors.challengeStepUp(
                    principal, factor: call.text("factor"), idempotencyKey: call.ownKey, locale: call.locale, origin: call.origin))
        },
        .signedIn(
            .get, "/v1/auth/factors", "factors", "One's own second factors", tag: "Second factors",
            success: .init(.ok, "Also those that were begun; and how many backup codes are left.", .any), whileFactorMissing: true
        ) { principal, call, host in
            let (factors, left) = try await host.factors.list(principal)
            return .ok([
                "factors": .array(factors.map(\.json)), "backup_codes_left": .int(left),
                "required": .bool(principal.assurance?.isFactorRequired ?? false),
                "missing": .bool(principal.assurance?.gap != nil),
            ])
        },
        .signedIn(
            .post, "/v1/auth/factors/totp", "enrollTOTP", "Begin to set up an authenticator app", tag: "Second factors",
            body: .json(.object("", [.optional("password", .string(1...1024), "Needed where the sign-in was more than ten minutes ago.")])),
            success: .init(
                .created, "Shown once; it counts once a code of it was confirmed.",
                .object(
                    "",
                    [
                        .required("uri", .string(max: 2048), "For authenticator apps."),
                        .required("svg", .string(max: 131_072), "The same as a picture (QR code)."),
                        .required("secret", .string(max: 64), "To type in where nothing can be scanned."),
                        .required("expires_at", .milliseconds, "Until when it may be confirmed."),
                    ])), whileFactorMissing: true
        ) { principal, call, host in
            let new = try await host.factors.enrollTOTP(principal, try await call.confirmed(principal, host), origin: call.origin)
            return .created([
                "uri": .string(new.uri.revealedText() ?? ""), "svg": .string(new.svg.revealedText() ?? ""),
                "secret": .string(new.secret.revealedText() ?? ""), "expires_at": .int(new.expiresAt),
            ])
        },
        .signedIn(
            .post, "/v1/auth/factors/delivered", "enrollDelivered", "Begin to set up a factor whose codes a plugin delivers",
            tag: "Second factors",
            body: .json(
                .object(
                    "",
                    [
                        .required("plugin", .string(2...63), "The second-factor plugin.", example: "sms-twilio"),
                        .required("destination", .string(1...254), "Where codes go, as the user typed it.", example: "+49 151 12345678"),
                        .optional("country", .string(2...2), "ISO 3166 code, for numbers without a country prefix."),
                        .optional("locale", .string(2...16), "The user's language; `en` unless said otherwise."),
                        .optional("password", .string(1...1024), "Needed where the sign-in was more than ten minutes ago."),
                    ])),
            success: .init(
                .created, "A code is on its way; confirm the factor `plugin:` and the plugin's id with it.", ChallengeView.schema),
            whileFactorMissing: true
        ) { principal, call, host in
            .created(
                try await host.factors.enrollDelivered(
                    principal, try await call.confirmed(principal, host), plugin: try call.input.plugin(),
                    destination: call.text("destination"), country: call.input["country"]?.stringValue, locale: call.locale,
                    idempotencyKey: call.ownKey, origin: call.origin
                ).json)
        },
        .signedIn(
            .post, "/v1/auth/factors/{factor}/confirm", "confirmFactor", "Show that a factor works that was begun", tag: "Second factors",
            body: .json(.object("", [.required("code", .string(1...64), "What the user typed.", example: "123456")])),
            success: .init(.ok, "It counts from now on. Backup codes come with the first one, shown once.", codesSchema),
            whileFactorMissing: true,
            rateClass: .mfa
        ) { principal, call, host in
            Self.codes(
                try await host.factors.confirm(
                    principal, factor: call.parameters["factor"] ?? "", code: call.code, origin: call.origin))
        },
        .signedIn(
            .post, "/v1/auth/factors/{factor}/remove", "removeFactor", "Give a factor up", tag: "Second factors",
            body: .json(.object("", [.required("password", .string(1...1024), "The password, shown again.")])),
            success: .init(.noContent, "With the last one the backup codes are gone as well."), whileFactorMissing: true
        ) { principal, call, host in
            let recent = try await host.authenticator.confirmPassword(
                principal, Secret(Array(call.text("password").utf8)), from: call.origin.client, correlation: call.origin.correlation)
            try await host.factors.remove(principal, recent, factor: call.parameters["factor"] ?? "", origin: call.origin)
            return Reply(.noContent)
        },
        .signedIn(
            .post, "/v1/auth/factors/backup-codes", "renewBackupCodes", "Get a new set of backup codes", tag: "Second factors",
            success: .init(.ok, "Shown once; those before are no good any more.", codesSchema)
        ) { principal, call, host in
            Self.codes(try await host.factors.regenerateBackupCodes(principal, origin: call.origin))
        },
        .permitted(
            .factorReset, .delete, "/v1/tenants/{tenant}/users/{user}/factors", "resetFactors",
            "Take somebody's second factors away who has lost them", tag: "Second factors",
            success: .init(
                .ok, "How many there were; the user is signed out everywhere.", .object("", [.required("removed", .integer(0...Int64.max))])
            )
        ) { permit, call, host in
            let removed = try await host.factors.administration.reset(call.identifier("user"), permit, origin: call.origin)
            return .ok(["removed": .int(Int64(removed))])
        },
        .permitted(
            .factorPolicy, .get, "/v1/tenants/{tenant}/factor-policy", "factorPolicy", "What the tenant wants of second factors",
            tag: "Second factors", success: .init(.ok, "The policy in force.", .any)
        ) { permit, _, host in
            .ok(try await host.factors.administration.policy(permit).policy.value)
        },
        .permitted(
            .factorPolicy, .put, "/v1/tenants/{tenant}/factor-policy", "setFactorPolicy", "Say what the tenant wants of second factors",
            tag: "Second factors",
            body: .json(
                .object(
                    "",
                    [
                        .required("required_roles", .array(.string(1...64), 0...64), "Whoever has one of these must have a factor."),
                        .required("step_up_for", .enumeration(FactorPolicy.Reach.self), "Whom `step_up` binds."),
                        .required(
                            "step_up",
                            .array(
                                .object(
                                    "",
                                    [
                                        .required("action", .string(1...200), example: "role.manage"),
                                        .required("max_age_s", .integer(30...86_400), "How old a factor may be for it."),
                                    ]), 0...64)),
                        .required("trusted_device_days", .integer(0...90), "How long a device may be remembered; 0 for not at all."),
                    ])),
            success: .init(.ok, "It holds from the next request on.", .any)
        ) { permit, call, host in
            let policy: FactorPolicy
            do {
                policy = try FactorPolicy(call.input)
            } catch {
                throw Problem.invalidField("body", "\(error)")
            }
            try await host.factors.administration.setPolicy(policy, permit, origin: call.origin)
            return .ok(policy.value)
        },
    ]

    private static let sentSchema = Schema.object(
        "What was sent.",
        [
            .required("status", .enumeration(["sent", "failed", "not_needed"])),
            .optional("hint", .string(max: 64), "What may be shown of the destination."),
            .optional("expires_at", .milliseconds),
        ])

    private static func sent(_ view: ChallengeView?) -> Reply {
        guard let view else { return .ok(["status": "not_needed"]) }
        let arrived = [.created, .sent, .accepted].contains(view.status)
        return .ok(["status": .string(arrived ? "sent" : "failed"), "hint": .string(view.hint), "expires_at": .int(view.expiresAt)])
    }

    private static let codesSchema = Schema.object(
        "", [.required("backup_codes", .array(.string(max: 64), 0...10), "Empty where there are some already.")])

    private static func codes(_ codes: [Secret]) -> Reply {
        .ok(["backup_codes": .array(codes.compactMap { $0.revealedText().map(Value.string) })])
    }
}

extension RouteCall {
    fileprivate var code: Secret { Secret(Array(text("code").utf8)) }
    fileprivate var locale: String { input["locale"]?.stringValue ?? "en" }
    /// The caller's key, or one that repeats nothing.
    fileprivate var ownKey: String { idempotencyKey ?? CallID.make().description }

    /// The password shown again, where the body has one.
    fileprivate func confirmed(_ principal: Principal, _ host: Host) async throws -> RecentAuthentication? {
        guard let password = input["password"]?.stringValue else { return nil }
        return try await host.authenticator.confirmPassword(
            principal, Secret(Array(password.utf8)), from: origin.client, correlation: origin.correlation)
    }
}

extension UserFactorRecord {
    fileprivate var json: Value {
        var members: [String: Value] = [
            "factor": .string(factor.rawValue), "status": .string(status.rawValue), "created_at": .int(createdAt),
        ]
        if !hint.isEmpty { members["hint"] = .string(hint) }
        if let confirmedAt { members["confirmed_at"] = .int(confirmedAt) }
        if let usedAt { members["used_at"] = .int(usedAt) }
        return .map(members)
    }
}
