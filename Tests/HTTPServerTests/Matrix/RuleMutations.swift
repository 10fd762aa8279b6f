// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors

import HTTPServer
import HTTPTypes
import Security
import Storage
import Testing
import Values

extension MutationStage {
    /// A person of acme with these roles, signed in.
    func person(_ roles: [String]) async throws -> (user: UserRecord, token: String) {
        let user = try await user()
        try await panel.database.transaction(manage().scope) { tx in
            for role in roles { try UserRepository(tx).grant(role, to: user.id, at: WallClock.system.now()) }
        }
        return (user, try #require(try await panel.signIn(email: user.email).json["access_token"]?.stringValue))
    }

    /// A new review, by an administrator who is signed in.
    func review(_ bearer: String? = nil) async throws -> (path: String, answer: Answer, bearer: String) {
        var bearer = bearer
        if bearer == nil { bearer = try await token() }
        let answer = try await send(.post, "~/access-reviews", .json(["name": "2027-Q1"]), bearer: bearer)
        let id = try #require(answer.json["id"]?.stringValue, "\(answer.text)")
        return ("~/access-reviews/\(id)", answer, bearer ?? "")
    }

    func lines(_ path: String, _ bearer: String) async throws -> [Value] {
        let answer = try await send(.get, path, bearer: bearer)
        return try #require(answer.json["lines"]?.arrayValue, "\(answer.text)")
    }
}

extension MutationExamples {
    static let accountRules: Value = ["passwords": "pci", "dormant_days": 60, "messenger": "probe"]

    /// What tenants decide about accounts, and reviews of who holds what.
    static let rules: [String: Example] = [
        "setAccountRules": { stage in
            let answer = try await stage.send(.put, "~/account-rules", .json(accountRules))
            // What comes after this goes by the usual rules again.
            _ = try await stage.send(.delete, "~/account-rules")
            return answer
        },
        "removeAccountRules": { try await $0.send(.delete, "~/account-rules") },
        "createAccessReview": { try await $0.review().answer },
        "decideAccessReview": { stage in
            let other = try await stage.person(["READ_ONLY"])
            let review = try await stage.review()
            let line = try #require(
                try await stage.lines(review.path, review.bearer).first { $0["user"]?.stringValue == other.user.id.description })
            return try await stage.send(
                .post, "\(review.path)/decisions",
                .json(["decisions": [["line": line["line"] ?? .null, "decision": "keep"]]]), bearer: review.bearer)
        },
        "closeAccessReview": { stage in
            let review = try await stage.review()
            let all = try await stage.lines(review.path, review.bearer).compactMap { $0["line"]?.intValue }
            // Decided by somebody else, so that nothing is lost by it.
            let other = try await stage.person(["ADMIN"])
            let decided = try await stage.send(
                .post, "\(review.path)/decisions",
                .json(["decisions": .array(all.map { ["line": .int($0), "decision": "keep"] })]), bearer: other.token)
            #expect(decided.status == 200, "\(decided.text)")
            return try await stage.send(.post, "\(review.path)/close", .json(["revoke_undecided": false]), bearer: review.bearer)
        },
    ]
}
