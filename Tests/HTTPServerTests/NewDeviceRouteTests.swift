// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors

import HTTPServer
import HTTPTypes
import Host
import NIOHTTP1
import Security
import Storage
import Testing
import Values

@Suite("New devices and addresses over HTTP", .timeLimit(.minutes(10)))
struct NewDeviceRouteTests {
    private func confirm(_ panel: Panel, _ signIn: String, _ token: String, _ headers: [(String, String)] = []) async throws -> Answer {
        try await panel.send(
            .post, "/v1/auth/login/device", .json(["sign_in_token": .string(signIn), "token": .string(token)]), headers: headers)
    }

    @Test("a device is confirmed by both tokens, once, and is known from then on")
    func device() async throws {
        try await Panel.with { panel in
            let stage = try await MutationStage(panel)
            let (one, other) = (try await stage.unconfirmed(), try await stage.unconfirmed())
            let wrong = try await panel.send(
                .post, "/v1/auth/login/factor", .json(["sign_in_token": "x", "factor": "totp", "code": "123456"]))
            for (signIn, token) in [
                (one.signIn, other.token), (other.signIn, one.token), (one.token, one.signIn), (one.signIn, one.signIn), ("x", "x"),
                (one.signIn, String(one.token.dropLast())), (one.signIn, one.token.uppercased()),
            ] {
                let answer = try await confirm(panel, signIn, token)
                // One answer for everything, the same as for a factor.
                expectProblem(answer, 401, "unauthorized", "\(signIn.prefix(8)) \(token.prefix(8))")
                #expect(answer.json["detail"] == wrong.json["detail"] && answer.json["title"] == wrong.json["title"])
            }
            let done = try await confirm(panel, one.signIn, one.token, [("panelhost-device", "new")])
            #expect(done.status == 200 && done.json["new_device"] == true && done.json["device_id"] != nil)
            let kept = try #require(done.headers["panelhost-device"].first)
            expectProblem(try await confirm(panel, one.signIn, one.token), 401, "unauthorized", "twice")
            let login: Value = ["tenant": "acme", "email": .string(Panel.email), "password": .string(Panel.password)]
            let again = try await panel.send(.post, "/v1/auth/login", .json(login), headers: [("panelhost-device", kept)])
            #expect(again.json["new_device"] == false && again.json["access_token"] != nil)
        }
    }

    @Test("rules that leave the new devices out keep what is set, and where nobody carries messages confirming is refused")
    func rules() async throws {
        try await Panel.with { panel in
            let stage = try await MutationStage(panel)
            func put(_ more: [String: Value]) async throws -> Answer {
                try await stage.send(
                    .put, "~/session-rules", .json(.map(MutationStage.rules.mapValue?.merging(more) { $1 } ?? [:])))
            }
            let refused = try await put(["new_devices": "confirm"])
            #expect(refused.status == 400 && refused.text.contains("notifier"), "\(refused.text)")
            expectProblem(try await put(["new_devices": "never"]), 400, "invalid_request", field: "new_devices", "no such rule")
            try await stage.messenger()
            #expect(try await put(["new_devices": "confirm"]).json["in_force"]?["new_devices"] == "confirm")
            #expect(try await put([:]).json["in_force"]?["new_devices"] == "confirm")
            #expect(try await put(["new_devices": "notify"]).json["in_force"]?["new_devices"] == "notify")
        }
    }

    @Test("an address has one answer, whether somebody has it or not, and an API key has none")
    func address() async throws {
        try await Panel.with { panel in
            let stage = try await MutationStage(panel)
            try await stage.messenger()
            let user = try await stage.user()
            let bearer = try #require(try await panel.signIn(email: user.email).json["access_token"]?.stringValue)
            func ask(_ email: String, _ password: String = Panel.password, bearer: String) async throws -> Answer {
                try await stage.send(
                    .post, "/v1/auth/email", .json(["email": .string(email), "password": .string(password)]), bearer: bearer)
            }
            let (taken, free) = (try await ask(Panel.email, bearer: bearer), try await ask("free@new.example", bearer: bearer))
            #expect(taken.status == 202 && free.status == 202 && taken.text == free.text)
            expectProblem(try await ask("x", bearer: bearer), 400, "invalid_request", field: "email", "no address")
            #expect(try await ask("other@new.example", bearer: panel.key).status == 400)
            #expect(try await ask("other@new.example", "not the password", bearer: bearer).status != 202)
            #expect(try await panel.state().values.flatMap(\.self).allSatisfy { !"\($0.values)".contains("free@new.example") })
        }
    }

    @Test("a token of each purpose is refused wherever another one is wanted")
    func purposes() async throws {
        try await Panel.with { panel in
            let stage = try await MutationStage(panel)
            let (waiting, change) = (try await stage.unconfirmed(), try await stage.newAddress())
            let (user, invited) = (try await stage.user(), try await stage.invited())
            let tokens: [OneTimeToken.Purpose: Value] = [
                .passwordReset: try await stage.token(.passwordReset, for: user.id),
                .invitation: try await stage.token(.invitation, for: invited), .emailVerification: .string(change.token),
                .signIn: .string(waiting.signIn), .device: .string(waiting.token),
                .bootstrap: .string(
                    try #require(
                        try await panel.host.accounts.bootstrapToken(in: panel.platform.id, origin: Panel.trace).revealedText())),
            ]
            #expect(Set(tokens.keys) == Set(OneTimeToken.Purpose.allCases))
            let new: Value = "tulip sofa lamp orchard"
            typealias Use = (_ token: Value) async throws -> Answer
            let uses: [(wanted: OneTimeToken.Purpose, name: String, use: Use)] = [
                (
                    .passwordReset, "reset",
                    { try await panel.send(.post, "/v1/auth/password-reset/complete", .json(["token": $0, "new_password": new])) }
                ),
                (
                    .invitation, "accept",
                    { try await panel.send(.post, "/v1/auth/invitations/accept", .json(["token": $0, "password": new])) }
                ),
                (
                    .invitation, "membership",
                    { try await stage.send(.post, "/v1/auth/memberships", .json(["token": $0]), bearer: change.bearer) }
                ),
                (
                    .emailVerification, "address",
                    { try await stage.send(.post, "/v1/auth/email/confirm", .json(["token": $0]), bearer: change.bearer) }
                ),
                (
                    .bootstrap, "bootstrap",
                    {
                        try await panel.send(
                            .post, "/v1/auth/bootstrap", .json(["token": $0, "email": "o@panel.example", "password": new]))
                    }
                ),
                (
                    .device, "device",
                    {
                        try await panel.send(
                            .post, "/v1/auth/login/device", .json(["sign_in_token": .string(waiting.signIn), "token": $0]))
                    }
                ),
                (
                    .signIn, "sign-in",
                    { try await panel.send(.post, "/v1/auth/login/device", .json(["sign_in_token": $0, "token": .string(waiting.token)])) }
                ),
                (
                    .signIn, "factor",
                    {
                        try await panel.send(
                            .post, "/v1/auth/login/factor", .json(["sign_in_token": $0, "factor": "totp", "code": "123456"]))
                    }
                ),
                (
                    .signIn, "challenge",
                    { try await panel.send(.post, "/v1/auth/login/challenge", .json(["sign_in_token": $0, "factor": "totp"])) }
                ),
            ]
            for (wanted, name, use) in uses {
                for (purpose, token) in tokens where purpose != wanted {
                    #expect((400..<405).contains(try await use(token).status), "a token for \(purpose) as \(name)")
                }
            }
            // What waits for its device is nothing for a factor to complete.
            #expect(try await uses[7].use(.string(waiting.signIn)).status == 401)
            // And all of them are as good as before for what they were made for.
            for index in [0, 1, 3, 4, 5] {
                let (wanted, name, use) = uses[index]
                #expect((200..<205).contains(try await use(try #require(tokens[wanted])).status), "\(name)")
            }
        }
    }
}
