// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors

import HTTPTypes
import Host
import PluginAPI
import Security
import Values

/// What somebody does about their own account: change or reset a password, accept an invitation, become the first operator.
extension RouteTable {
    static let accounts: [Route] = [
        .signedIn(
            .post, "/v1/auth/password", "changePassword", "Change one's password", tag: "Accounts",
            body: .json(.object("", [.required("password", password, "The current one."), .required("new_password", password)])),
            success: .init(
                .noContent, "Changed. Every other session has ended; this one gets its next access token by its refresh token.")
        ) { principal, call, host in
            try await host.accounts.changePassword(
                principal, current: call.secret("password"), new: call.secret("new_password"), origin: call.origin)
            return Reply(.noContent)
        },
        .signedIn(
            .post, "/v1/auth/email", "changeEmail", "Change one's e-mail address", tag: "Accounts",
            body: .json(
                .object(
                    "",
                    [
                        .required("email", .string(3...254), "The new one.", example: "ann@acme.example"),
                        .required("password", password, "The current one."),
                    ])),
            success: .init(
                .accepted, "A token is on its way to the new address, unless that is not free; the account keeps its own until it is shown."
            ), rateClass: .reset
        ) { principal, call, host in
            try await host.addressChanges.request(
                principal, email: call.text("email"), password: call.secret("password"), origin: call.origin)
            return Reply(.accepted, .json(["status": "accepted"]))
        },
        .signedIn(
            .post, "/v1/auth/email/confirm", "confirmEmail", "Show that a new e-mail address is one's own", tag: "Accounts",
            body: .json(.object("", [.required("token", token, "From the message to the new address.")])),
            success: .init(.noContent, "It is the account's address: sign in with it from now on. The one before is told."), rateClass: .reset
        ) { principal, call, host in
            try await host.addressChanges.confirm(principal, token: call.secret("token"), origin: call.origin)
            return Reply(.noContent)
        },
        .open(
            .post, "/v1/auth/password/renew", "renewPassword", "Replace a password that is too old to sign in with", tag: "Accounts",
            reason: "the old password is the proof, and it opens nothing",
            body: .json(
                .object("", account + [.required("password", password, "The old one."), .required("new_password", password)])),
            success: .init(.noContent, "Changed. Sign in with the new one."), rateClass: .login
        ) { call, host in
            try await host.accounts.renewPassword(
                slug: call.text("tenant"), email: call.text("email"), current: call.secret("password"), new: call.secret("new_password"),
                device: call.browser.device, origin: call.origin)
            return Reply(.noContent)
        },
        .open(
            .post, "/v1/auth/password-reset", "requestPasswordReset", "Ask for a token to reset a password", tag: "Accounts",
            reason: "whoever asks cannot sign in; the token goes to the account's own address, and the answer is the same for everybody",
            body: .json(.object("", account)), success: .init(.accepted, "If there is such an account, a message is on its way."),
            rateClass: .reset
        ) { call, host in
            try await host.passwordResets.ask(slug: call.text("tenant"), email: call.text("email"), origin: call.origin)
            return Reply(.accepted, .json(["status": "accepted"]))
        },
        .open(
            .post, "/v1/auth/password-reset/complete", "completePasswordReset", "Set a new password by a token", tag: "Accounts",
            reason: "the token is the proof; it works once, and opens no session",
            body: .json(.object("", [.required("token", token), .required("new_password", password)])),
            success: .init(.noContent, "Changed, and every session has ended. Sign in, with the second factor where there is one."),
            rateClass: .reset
        ) { call, host in
            try await host.accounts.completeReset(call.secret("token"), password: call.secret("new_password"), origin: call.origin)
            return Reply(.noContent)
        },
        .open(
            .post, "/v1/auth/invitations/accept", "acceptInvitation", "Choose a password for the account that one was invited to",
            tag: "Accounts", reason: "the token is the proof; it works once, and opens no session",
            body: .json(
                .object(
                    "",
                    [
                        .required("token", token), .optional("name", .string(1...200), "A name for people, if the one given is wrong."),
                        .required("password", password),
                    ])),
            success: .init(.noContent, "The account is active: sign in."), rateClass: .reset
        ) { call, host in
            try await host.accounts.accept(
                call.secret("token"), name: call.input["name"]?.stringValue, password: call.secret("password"), origin: call.origin)
            return Reply(.noContent)
        },
        .open(
            .post, "/v1/auth/bootstrap", "bootstrap", "Become the first operator of the installation", tag: "Accounts",
            reason: "there is nobody yet who could sign in; the token comes from the machine's own command line, and works once",
            body: .json(
                .object(
                    "",
                    [
                        .required("token", token, "From 'panelhost bootstrap'."),
                        .required("email", .string(3...254), "What you sign in with.", example: "operator@panel.example"),
                        .optional("name", .string(1...200)), .required("password", password),
                    ])),
            success: .init(.created, "You are SUPER_ADMIN of the tenant platform: sign in."), rateClass: .reset
        ) { call, host in
            try await host.accounts.bootstrap(
                call.secret("token"), email: call.text("email"), name: call.input["name"]?.stringValue, password: call.secret("password"),
                origin: call.origin)
            return Reply(.created, .json(["status": "created", "tenant": .string(TenantSlug.platform.description)]))
        },
    ]

    private static let password = Schema.string(1...1024)
    private static let token = Schema.string(1...64)
    private static let account: [Schema.Field] = [
        .required("tenant", .string(1...63), "The tenant's slug.", example: "acme"),
        .required("email", .string(3...254), "The user's e-mail address.", example: "admin@acme.example"),
    ]
}

extension RouteCall {
    /// A member of the body that the schema requires as text, and that nobody may print.
    fileprivate func secret(_ name: String) -> Secret { Secret(text(name)) }
}
