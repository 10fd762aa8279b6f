// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors

import HTTPServer
import HTTPTypes
import Security
import Storage
import Testing
import Values

/// Somebody new in acme with second factors, for calls that change them.
struct FactorOwner {
    let stage: MutationStage
    let user: UserID
    let email: String
    let access: String
    var secret = ""

    init(_ stage: MutationStage) async throws {
        let panel = stage.panel
        let email = "\(CallID.make())@acme.example"
        let hash = try await PasswordHasher(ring: panel.ring).hash(Secret(Panel.password))
        user = try await panel.database.transaction(panel.authority.permit(.userManage, in: panel.acme.id, as: "test").scope) { tx in
            try UserRepository(tx).create(email: email, name: "Owner", passwordHash: hash, roles: ["READ_ONLY"], at: WallClock.system.now())
                .id
        }
        access = try #require(try await panel.signIn(email: email).json["access_token"]?.stringValue)
        (self.stage, self.email) = (stage, email)
    }

    /// With an authenticator app that was confirmed.
    static func withTOTP(_ stage: MutationStage) async throws -> FactorOwner {
        var owner = try await FactorOwner(stage)
        owner.secret = try #require(try await owner.send("factors/totp").json["secret"]?.stringValue)
        let answer = try await owner.send("factors/totp/confirm", ["code": .string(try FactorClients.oathtool(owner.secret))])
        #expect(answer.status == 200, "\(answer.text)")
        return owner
    }

    /// With a telephone that codes are sent to, as if the first one had been typed in.
    static func withTelephone(_ stage: MutationStage) async throws -> FactorOwner {
        let owner = try await FactorOwner(stage)
        let answer = try await owner.enroll()
        let enrollment = try #require(answer.json["enrollment_id"]?.stringValue.flatMap { EnrollmentID($0) }, "\(answer.text)")
        let panel = stage.panel
        let factor = FactorName.plugin(try #require(PluginID(SamplePlugin.factor.id)))
        try await panel.database.transaction(panel.authority.permit(.invokeTwoFactor, in: panel.acme.id, as: "test").scope) { tx in
            let factors = UserFactorRepository(tx)
            let record = try #require(try factors.find(factor, of: owner.user))
            #expect(try factors.activate(record, counter: 1, at: record.createdAt))
            #expect(try FactorRepository(tx).activate(enrollment, at: record.createdAt))
            try tx.execute("DELETE FROM factor_sends WHERE tenant_id = $1", [tx.tenant])
        }
        return owner
    }

    func enroll() async throws -> Answer {
        try await send("factors/delivered", ["plugin": .string(SamplePlugin.factor.id), "destination": .string("+49\(CallID.make())")])
    }

    /// Sends to one's own factors.
    func send(_ path: String, _ body: Value? = [:]) async throws -> Answer {
        try await stage.panel.send(.post, "/v1/auth/\(path)", bearer: access, body.map { .json($0) } ?? .none)
    }

    /// The code after the one that was used up.
    func code() throws -> Value { .string(try FactorClients.oathtool(secret, ahead: 30)) }

    func signInToken() async throws -> Value {
        .string(try #require(try await stage.panel.signIn(email: email).json["sign_in_token"]?.stringValue))
    }
}

extension MutationExamples {
    static let telephone = Value.string("plugin:\(SamplePlugin.factor.id)")

    static let factors: [String: Example] = [
        "loginFactor": { stage in
            let owner = try await FactorOwner.withTOTP(stage)
            return try await owner.send(
                "login/factor", ["sign_in_token": try await owner.signInToken(), "factor": "totp", "code": try owner.code()])
        },
        "loginChallenge": { stage in
            let owner = try await FactorOwner.withTelephone(stage)
            return try await owner.send("login/challenge", ["sign_in_token": try await owner.signInToken(), "factor": telephone])
        },
        "stepUp": { stage in
            let owner = try await FactorOwner.withTOTP(stage)
            return try await owner.send("step-up", ["factor": "totp", "code": try owner.code()])
        },
        "stepUpChallenge": { try await FactorOwner.withTelephone($0).send("step-up/challenge", ["factor": telephone]) },
        "enrollTOTP": { try await FactorOwner($0).send("factors/totp") },
        "enrollDelivered": { try await FactorOwner($0).enroll() },
        "confirmFactor": { stage in
            let owner = try await FactorOwner(stage)
            let secret = try #require(try await owner.send("factors/totp").json["secret"]?.stringValue)
            return try await owner.send("factors/totp/confirm", ["code": .string(try FactorClients.oathtool(secret))])
        },
        "removeFactor": { try await FactorOwner.withTOTP($0).send("factors/totp/remove", ["password": .string(Panel.password)]) },
        "renewBackupCodes": { try await FactorOwner.withTOTP($0).send("factors/backup-codes", nil) },
        "resetFactors": { stage in
            let owner = try await FactorOwner.withTOTP(stage)
            return try await stage.send(.delete, "~/users/\(owner.user)/factors", bearer: stage.token())
        },
        "setFactorPolicy": { try await $0.send(.put, "~/factor-policy", .json(FactorPolicy.standard.value)) },
    ]
}
