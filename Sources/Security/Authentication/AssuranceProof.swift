// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors

/// Proof that somebody showed enough to be given a session.
///
/// There is one function that opens sessions, and it takes one of these: a new way to sign in cannot get around the checks.
struct AssuranceProof: Sendable {
    let account: AccountRecord
    let methods: [String]
    let rehashedPassword: String?
    /// When a second factor was shown, if one was.
    let factorAt: Int64?

    private init(account: AccountRecord, methods: [String], rehashedPassword: String?, factorAt: Int64? = nil) {
        self.account = account
        self.methods = methods
        self.rehashedPassword = rehashedPassword
        self.factorAt = factorAt
    }

    /// What a checked password proves: an active account, an attempt that was not too early, the right password.
    static func password(
        _ account: AccountRecord?, attemptAllowed: Bool, verdict: PasswordHasher.Verdict, rehashed: String?
    ) -> AssuranceProof? {
        guard let account, account.isActive, attemptAllowed, verdict.isCorrect else { return nil }
        return AssuranceProof(account: account, methods: ["pwd"], rehashedPassword: rehashed)
    }

    /// What a password proves on a device that its owner told the host to remember when a factor was shown.
    ///
    /// - Parameter longest: milliseconds for which a tenant lets devices be remembered, counted from now.
    static func passwordOnTrustedDevice(
        _ password: AssuranceProof, _ device: SignInDevice, longest: Int64, at now: Int64
    ) -> AssuranceProof? {
        guard longest > 0, device.isTrusted(for: password.account, at: now), let until = device.known?.trustedUntil, until - now <= longest
        else { return nil }
        return AssuranceProof(
            account: password.account, methods: password.methods + [Assurance.trustedDevice], rehashedPassword: password.rehashedPassword)
    }

    /// What a password and a factor of the same user prove together, unless the account has changed between the two.
    static func passwordAndFactor(_ account: AccountRecord, passwordEpoch: Int64, _ shown: FactorProof) -> AssuranceProof? {
        guard account.isActive, account.epoch == passwordEpoch, shown.user == account.user, shown.tenant == account.tenant else {
            return nil
        }
        return AssuranceProof(
            account: account, methods: Authenticator.methods(["pwd"], with: shown), rehashedPassword: nil, factorAt: shown.shownAt)
    }
}
