// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors

/// Proof that somebody showed the password of an active account, by an attempt that was not too early. It opens nothing by itself.
struct PasswordProof: Sendable {
    let account: AccountRecord
    let rehashedPassword: String?

    private init(_ account: AccountRecord, _ rehashed: String?) { (self.account, rehashedPassword) = (account, rehashed) }

    static func checked(
        _ account: AccountRecord?, attemptAllowed: Bool, verdict: PasswordHasher.Verdict, rehashed: String?
    ) -> PasswordProof? {
        guard let account, account.isActive, attemptAllowed, verdict.isCorrect else { return nil }
        return PasswordProof(account, rehashed)
    }
}

/// Why a session may be opened on the device that it is opened on.
enum DeviceGround: Sendable {
    /// It, or where it is, is known; or there is nothing yet to compare it with.
    case familiar
    /// It is new, and its owner is told.
    case notified
    /// It is new, and its owner has shown a token that was sent to them for this very sign-in.
    case confirmed
    /// A second factor was shown on it.
    case factor
    /// What was proved on it before counts.
    case carried
}

/// Proof that somebody showed enough to be given a session.
///
/// There is one function that opens sessions, and it takes one of these: a new way to sign in cannot get around the checks.
struct AssuranceProof: Sendable {
    let account: AccountRecord
    let methods: [String]
    let rehashedPassword: String?
    /// When a second factor was shown, if one was.
    let factorAt: Int64?
    /// The session at home that all this was proved for, where the account is a guest's.
    let carried: SessionRecord?
    /// What lets the device in.
    let device: DeviceGround

    private init(
        account: AccountRecord, methods: [String], rehashedPassword: String?, device: DeviceGround, factorAt: Int64? = nil,
        carried: SessionRecord? = nil
    ) {
        self.account = account
        self.device = device
        self.methods = methods
        self.rehashedPassword = rehashedPassword
        self.factorAt = factorAt
        self.carried = carried
    }

    /// What a live session at home proves where the same person is a guest. Nothing ever goes the other way.
    ///
    /// What was shown is read at home at each request (``SessionRecord/going(on:)``); the other tenant's own rules about it hold.
    static func carried(_ session: SessionRecord, to guest: AccountRecord) -> AssuranceProof? {
        guard session.isActive, session.revokedAt == nil, session.home == nil, guest.isActive,
            guest.home == HomeLink(tenant: session.tenant, user: session.user)
        else { return nil }
        return AssuranceProof(
            account: guest, methods: session.carriedMethods, rehashedPassword: nil, device: .carried, carried: session)
    }

    /// What a password proves on the device that it comes from; nil where that is new and has to be confirmed.
    static func password(
        _ password: PasswordProof, on device: SignInDevice, _ standing: SignInStanding, rule: SessionRules.NewDevices
    ) -> AssuranceProof? {
        let isFamiliar = device.isFamiliar(standing, to: password.account)
        guard isFamiliar || rule == .notify else { return nil }
        return AssuranceProof(
            account: password.account, methods: ["pwd"], rehashedPassword: password.rehashedPassword,
            device: isFamiliar ? .familiar : .notified)
    }

    /// What a password and the confirmation of its device prove together, unless the account has changed between the two.
    static func passwordAndDevice(_ account: AccountRecord, passwordEpoch: Int64, _ shown: DeviceConfirmation) -> AssuranceProof? {
        guard account.isActive, account.epoch == passwordEpoch, shown.user == account.user, shown.tenant == account.tenant else {
            return nil
        }
        return AssuranceProof(
            account: account, methods: ["pwd", Assurance.confirmedDevice], rehashedPassword: nil, device: .confirmed)
    }

    /// What a password proves on a device that its owner told the host to remember when a factor was shown.
    ///
    /// - Parameter longest: milliseconds for which a tenant lets devices be remembered, counted from now.
    static func passwordOnTrustedDevice(
        _ password: PasswordProof, _ device: SignInDevice, longest: Int64, at now: Int64
    ) -> AssuranceProof? {
        guard longest > 0, device.isTrusted(for: password.account, at: now), let until = device.known?.trustedUntil, until - now <= longest
        else { return nil }
        return AssuranceProof(
            account: password.account, methods: ["pwd", Assurance.trustedDevice], rehashedPassword: password.rehashedPassword,
            device: .familiar)
    }

    /// What a password and a factor of the same user prove together, unless the account has changed between the two.
    static func passwordAndFactor(_ account: AccountRecord, passwordEpoch: Int64, _ shown: FactorProof) -> AssuranceProof? {
        guard account.isActive, account.epoch == passwordEpoch, shown.user == account.user, shown.tenant == account.tenant else {
            return nil
        }
        return AssuranceProof(
            account: account, methods: Authenticator.methods(["pwd"], with: shown), rehashedPassword: nil, device: .factor,
            factorAt: shown.shownAt)
    }
}
