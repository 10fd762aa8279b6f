// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors

/// What somebody answers when asked for a second factor.
package struct FactorAnswer: Sendable {
    /// What is to be allowed.
    package enum Purpose: String, Sendable {
        case login
        case stepUp = "step_up"
    }

    package let user: UserID
    package let tenant: TenantID
    package let factor: FactorName
    /// As it was typed.
    package let code: Secret
    package let purpose: Purpose
    /// What a delivered code was asked for by: this one sign-in, or this one session.
    package let binding: String
    package let correlation: String
    package let address: String?
}

/// Decides whether an answer is right, and uses up what works once; the host's.
package protocol FactorJudge: Sendable {
    func isRight(_ answer: FactorAnswer) async throws -> Bool
}

/// Proof that a user has just shown one of their second factors.
///
/// Only Authenticator makes one, after the one counter of that user and factor let the answer be looked at.
struct FactorProof: Sendable {
    let user: UserID
    let tenant: TenantID
    let factor: FactorName
    let shownAt: Int64

    private init(_ answer: FactorAnswer, _ now: Int64) {
        (user, tenant, factor, shownAt) = (answer.user, answer.tenant, answer.factor, now)
    }

    /// Judges an answer; nil when it is wrong or came too early.
    static func judged(
        _ answer: FactorAnswer, by judge: any FactorJudge, _ store: any FactorStore, policy: AuthenticationPolicy, clock: WallClock
    ) async throws -> FactorProof? {
        let scope = TenantScope(answer.tenant)
        let (user, factor, now) = (answer.user, answer.factor, clock.now())
        // First the claim: of any number of guesses at once, no more are looked at than the counter lets through.
        guard
            try await store.claimFactor(
                scope, user: user, factor: factor, now: now, delay: { policy.delay(afterFailures: $0) })
        else { return nil }
        // An answer that could not be judged stays counted: trouble must not buy another look.
        guard try await judge.isRight(answer) else { return nil }
        try await store.resetFactor(scope, user: user, factor: factor)
        return FactorProof(answer, now)
    }
}
