// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors

import Values

extension Operation {
    private static let userRef = Schema.Field.required("user_ref", .string(1...100), "A stable name for the user; says nothing about them.")
    private static let nonce = Schema.Field.required(
        "nonce", .string(16...128), "Belongs to this challenge; must come back with its result.")
    private static let state = Schema.Field.required(
        "state", .string(max: 4096), "What the last step answered; sealed by the host in between.")
    private static let credentialState = Schema.Field.required(
        "credential_state", .string(max: 4096), "What enrolment answered; sealed by the host in between.")
    private static let purpose = Schema.Field.required("purpose", .enumeration(FactorProfile.purposeNames), "What it is for.")

    static let display = Schema.choice(
        "Display", "What the user sees. Never HTML.",
        [
            .init("otpauth_uri", "A QR code for an authenticator app.", [.required("uri", .string(10...1024), "`otpauth://…`.")]),
            .init("code_sent", "A code is on its way.", [.required("hint", .string(max: 100, format: .text), "Where to: `…89`.")]),
            .init(
                "redirect", "Go on at a page.",
                [.required("url", .string(8...2048, format: .https), "The page; on a host that the manifest declares.")]),
            .init("instructions", "Lines of text.", [.required("lines", .array(.string(max: 256, format: .text), 1...20), "The lines.")]),
            .init(
                "webauthn_options", "Options for the browser's WebAuthn call.",
                [.required("options", .map(.any, 0...30), "As the browser takes them.")]),
        ])

    /// The contract of second factors.
    static let twoFactor: [Operation] = [
        Operation(
            .twoFactor, "validate_config", .required, "Tries the settings with read-only calls to the service.",
            request: [.optional("changed", .array(.string(1...64), 0...64), "The settings that have changed.")], result: ConfigCheck.schema),
        Operation(
            .twoFactor, "normalize_destination", .optional,
            "Brings what a user typed into the one form that the service takes. Style `delivered`.",
            request: [
                .required("raw", .string(1...320), "What the user typed."),
                .optional("country", .string(2...2, format: .country), "Where the user seems to be."),
            ],
            result: .object(
                "",
                [
                    .required("destination", .string(1...320), "The one form.", example: "+4915112345678"),
                    .required("hint", .string(1...100, format: .text), "What may be shown of it.", example: "…78"),
                ])),
        Operation(
            .twoFactor, "deliver_code", .when("`style` is delivered"), isMutating: true,
            "Delivers a code. The host made it and will check it; you only ever hold a handle, and cannot approve a sign-in.",
            request: [
                userRef,
                .required("destination", .string(1...320), "Where to."),
                .required("code", .secret, "The code, as a handle: put it into a text with `ctx.http.text{…}`."),
                .required("ttl_s", .integer(30...600), "Seconds that it is good."),
                purpose,
                .required("locale", .string(2...35, format: .locale), "The user's language."),
                .required("brand", .string(1...60, format: .text), "Who asks: the name that the user knows."),
                .required("dedupe_key", .string(1...128), "The same for the same message: hand it to the service if it takes one."),
            ], result: DeliverCodeResult.schema),
        Operation(
            .twoFactor, "begin_enrollment", .when("`style` is local or remote"), isMutating: true, "Starts enrolling a user.",
            request: [
                userRef,
                .required("display_name", .string(max: 100, format: .text), "What the user is called."),
                .required("account_label", .string(max: 100, format: .text), "What the account is called in an app."),
                .optional("params", .map(.string(max: 512), 0...20), "What the user typed."),
            ],
            result: .object(
                "",
                [
                    .required("state", .string(max: 4096), "Comes back in the next step; sealed by the host."),
                    .required("display", display, "What the user sees."),
                    .required("expires_at", .milliseconds, "Until when."),
                ])),
        Operation(
            .twoFactor, "complete_enrollment", .when("`style` is local or remote"), isMutating: true,
            "Finishes it with what the user answered.",
            request: [state, .required("response", .union([.string(max: 4096), .secret]), "What the user answered.")],
            result: .object(
                "",
                [
                    .required("result", .enumeration(["active", "rejected"]), "Whether it worked."),
                    .optional(
                        "credential_state", .string(max: 4096), "What later challenges need; sealed by the host. Give it with `active`."),
                    .optional("label", .string(max: 100, format: .text), "What the user calls it."),
                    .optional("hint", .string(max: 100, format: .text), "What may be shown of it."),
                ])),
        Operation(
            .twoFactor, "begin_challenge", .when("`style` is local or remote"), isMutating: true, "Asks the user to prove who they are.",
            request: [
                userRef, credentialState, purpose,
                .required(
                    "context",
                    .object(
                        "",
                        [
                            .optional("ip_prefix", .string(max: 64), "Where the user is, about."),
                            .optional("ua_family", .string(max: 64, format: .text), "The browser's family."),
                            .optional("country", .string(2...2, format: .country), "The country."),
                        ]), "What the user may be shown about the attempt."),
                nonce,
            ],
            result: .object(
                "",
                [
                    .required("status", .enumeration(["ready", "sent", "pending"]), "Where it stands."),
                    .required("state", .string(max: 4096), "Comes back in the next step; sealed by the host."),
                    .required("display", display, "What the user sees."),
                    .required("expires_at", .milliseconds, "Until when."),
                    .optional("poll_after_s", .integer(1...60), "When to ask."),
                    .optional("number_match", .string(max: 8), "The number that the user has to pick on the other device."),
                ])),
        Operation(
            .twoFactor, "verify_challenge", .when("`style` is local"),
            "Checks an answer. The host counts attempts and makes sure that a counter only grows.",
            request: [credentialState, state, .required("response", .secret, "What the user typed, as a handle."), nonce],
            result: .object(
                "",
                [
                    .required("result", .enumeration(["accepted", "rejected"]), "Whether it is right."),
                    .optional(
                        "matched_counter", .integer(0...Money.range.upperBound),
                        "The counter that matched; the host refuses it a second time."),
                    .optional("credential_state", .string(max: 4096), "The new state, if it has changed."),
                ])),
        Operation(
            .twoFactor, "poll_challenge", .when("`style` is remote"),
            "Asks the service whether the user has answered. Does not count as an attempt.",
            request: [state, nonce],
            result: .object("", [.required("result", .enumeration(["pending", "accepted", "rejected", "expired"]), "Where it stands.")])),
        Operation(
            .twoFactor, "cancel_challenge", .optional, isMutating: true, "Withdraws a challenge. Style `remote`.", request: [state, nonce],
            result: nothing),
        verifyWebhook(.twoFactor),
        Operation(
            .twoFactor, "parse_callback", .when("`webhook` is declared"), "Reads a callback whose signature the host has verified.",
            request: webhookRequest,
            result: .object(
                "",
                [
                    .required("challenge_ref", .string(1...255), "Which challenge."),
                    .required("result", .enumeration(["accepted", "rejected", "expired"]), "Where it stands."),
                    .required("nonce", .string(16...128), "The nonce of `begin_challenge`; the host believes no result without it."),
                ])),
        Operation(
            .twoFactor, "revoke_credential", .optional, isMutating: true, "Forgets a user at the service.", request: [credentialState],
            result: nothing),
    ]
}
