// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors

import HTTPTypes
import Host
import PluginAPI
import Security
import Storage
import Values

/// What a tenant decides about its accounts.
extension RouteTable {
    private static let path = "/v1/tenants/{tenant}/account-rules"

    private static let view = Schema.type(
        "AccountRules", "What holds for a tenant's accounts.",
        [
            .required("passwords", .enumeration(PasswordProfile.self), "The rules for passwords."),
            .required(
                "dormant_days", .integer(0...3650), "Days without a sign-in or a request after which an account is suspended; 0 for never."),
            .optional(
                "messenger", .string(max: 63),
                "The notifier that resets and invitations go out through; without it one whose channel is e-mail."),
            .optional("messenger_label", .string(max: 63), "Which instance of it."),
            .optional("account_url", .string(max: 1000), "The page that takes a token, which is added as its fragment."),
            .required("own", .boolean, "Whether the tenant has decided this itself."),
        ])

    static let accountRules: [Route] = [
        .permitted(
            .userPolicy, .get, path, "accountRules", "What a tenant's accounts go by", tag: "Users",
            success: .init(.ok, "What is in force.", view)
        ) { permit, _, host in .ok(try await view(permit, host)) },
        .permitted(
            .userPolicy, .put, path, "setAccountRules", "Decide what a tenant's accounts go by", tag: "Users",
            body: .json(
                .object(
                    "",
                    [
                        .required(
                            "passwords", .enumeration(PasswordProfile.self),
                            "`nist`: at least 15 characters, or 8 beside a second factor. `pci`: PCI DSS 4.0.1.", example: "nist"),
                        .required("dormant_days", .integer(0...3650), "0 for never.", example: 90),
                        .optional("messenger", .string(2...63), "A notifier that is set up here, and that reaches the person alone."),
                        .optional("messenger_label", .string(1...63), "Which instance of it."),
                        .optional(
                            "account_url", .string(9...1000), "An https address without a fragment.",
                            example: "https://panel.example/account"),
                    ])),
            success: .init(.ok, "What is in force from now on; a password that is there stays until it is changed.", view)
        ) { permit, call, host in
            try await host.accountRules.set(try AccountPolicy(call.input), permit, origin: call.origin)
            return .ok(try await view(permit, host))
        },
        .permitted(
            .userPolicy, .delete, path, "removeAccountRules", "Go back to what holds where a tenant has said nothing", tag: "Users",
            success: .init(.noContent, "In force from now on.")
        ) { permit, call, host in
            try await host.accountRules.set(nil, permit, origin: call.origin)
            return Reply(.noContent)
        },
    ]

    private static func view(_ permit: Permit, _ host: Host) async throws -> Value {
        let (policy, isOwn) = try await host.accountRules.show(permit)
        return .map((policy.value.mapValue ?? [:]).merging(["own": .bool(isOwn)]) { $1 })
    }
}
