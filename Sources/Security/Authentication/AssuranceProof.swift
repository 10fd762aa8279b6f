// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors

/// Proof that somebody showed enough to be given a session.
///
/// There is one function that opens sessions, and it takes one of these: a new way to sign in cannot get around the checks.
struct AssuranceProof: Sendable {
    let account: AccountRecord
    let methods: [String]
    let rehashedPassword: String?

    private init(account: AccountRecord, methods: [String], rehashedPassword: String?) {
        self.account = account
        self.methods = methods
        self.rehashedPassword = rehashedPassword
    }

    /// What a checked password proves: an active account, an attempt that was not too early, the right password.
    static func password(
        _ account: AccountRecord?, attemptAllowed: Bool, verdict: PasswordHasher.Verdict, rehashed: String?
    ) -> AssuranceProof? {
        guard let account, account.isActive, attemptAllowed, verdict.isCorrect else { return nil }
        return AssuranceProof(account: account, methods: ["pwd"], rehashedPassword: rehashed)
    }
}
