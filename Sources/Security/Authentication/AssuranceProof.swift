// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors

/// Proof that somebody showed enough to be given a session.
///
/// There is one function that opens sessions, and it takes one of these: a new way to sign in cannot get around the checks.
struct AssuranceProof: Sendable {
    let account: AccountRecord
    let methods: [String]
    let rehashedPassword: String?
    /// The session that all this was proved for, in another tenant of the same person.
    let carried: SessionRecord?
    /// The epoch of the home account, where the account is its guest's.
    let homeEpoch: Int64?

    private init(
        account: AccountRecord, methods: [String], rehashedPassword: String?, carried: SessionRecord? = nil, homeEpoch: Int64? = nil
    ) {
        self.account = account
        self.methods = methods
        self.rehashedPassword = rehashedPassword
        self.carried = carried
        self.homeEpoch = homeEpoch
    }

    /// What a live session proves in another tenant of the same person: the same methods, shown at the same time.
    ///
    /// The other tenant's own rules about second factors are looked at by whoever opens the session.
    static func carried(_ session: SessionRecord, to account: AccountRecord, home: AccountRecord) -> AssuranceProof? {
        guard session.isActive, session.revokedAt == nil, account.isActive, home.isActive else { return nil }
        return AssuranceProof(
            account: account, methods: session.methods, rehashedPassword: nil, carried: session,
            homeEpoch: account.home == nil ? nil : home.epoch)
    }

    /// What a checked password proves: an active account, an attempt that was not too early, the right password.
    static func password(
        _ account: AccountRecord?, attemptAllowed: Bool, verdict: PasswordHasher.Verdict, rehashed: String?
    ) -> AssuranceProof? {
        guard let account, account.isActive, attemptAllowed, verdict.isCorrect else { return nil }
        return AssuranceProof(account: account, methods: ["pwd"], rehashedPassword: rehashed)
    }
}
