// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors

import HTTPTypes
import Host
import PluginAPI
import Security
import Values

extension RouteTable {
    static let twoFactor: [Route] = [
        .permitted(
            .invokeTwoFactor, .post, "/v1/tenants/{tenant}/2fa/enrollments", "enrollFactor",
            "Set up a second factor and send its first code",
            tag: "Second factors", body: .json(EnrollFactor.schema), needsIdempotencyKey: true,
            success: .init(.created, "The factor is active once this challenge was verified.", ChallengeView.schema)
        ) { permit, call, host in
            .created(
                try await host.twoFactor.enroll(
                    permit, EnrollFactor(call.input), idempotencyKey: call.requiredIdempotencyKey(), origin: call.origin
                ).json)
        },
        .permitted(
            .invokeTwoFactor, .post, "/v1/tenants/{tenant}/2fa/challenges", "beginChallenge", "Send a code to an active factor",
            tag: "Second factors", body: .json(BeginChallenge.schema), needsIdempotencyKey: true,
            success: .init(.created, "The question; the same key gives the same one and sends nothing again.", ChallengeView.schema)
        ) { permit, call, host in
            .created(
                try await host.twoFactor.begin(
                    permit, BeginChallenge(call.input), idempotencyKey: call.requiredIdempotencyKey(), origin: call.origin
                ).json)
        },
        .permitted(
            .invokeTwoFactor, .post, "/v1/tenants/{tenant}/2fa/challenges/{challenge}/verify", "verifyChallenge",
            "Check what the user typed",
            tag: "Second factors", body: .json(VerifyChallenge.schema),
            success: .init(
                .ok, "`accepted` once; `rejected` for every other reason: wrong, used, expired, another session, or no attempt left.",
                Verdict.schema)
        ) { permit, call, host in
            .ok(try await host.twoFactor.verify(permit, call.identifier("challenge"), VerifyChallenge(call.input), origin: call.origin))
        },
    ]
}
