// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors

internal import Values

/// Proof that a signed-in user has shown their password again, in this very request.
///
/// What endangers an account, such as a new password or the end of a second factor, takes one: a session that was left open, or
/// stolen, is not enough for it.
package struct RecentAuthentication: Sendable {
    /// Who it was.
    package let user: UserID
    /// Their tenant.
    package let tenant: TenantID
    /// The session that asked; nil where there was none to ask.
    package let session: SessionID?
    /// The epoch that the password was good in; another one means that it has changed meanwhile.
    package let epoch: Int64

    fileprivate init(_ account: AccountRecord, _ session: SessionID?) {
        (user, tenant, self.session, epoch) = (account.user, account.tenant, session, account.epoch)
    }
}

extension Authenticator {
    /// Asks a signed-in user for the password again: by the counter and the pool that sign-in goes by.
    ///
    /// What is wrong with it is not told: the password, or an attempt that came too early. A refusal is in the audit trail.
    package func confirmPassword(
        _ principal: Principal, _ password: Secret, from address: ClientAddress = .unknown,
        correlation: String = CallID.make().description
    ) async throws(AuthenticationError) -> RecentAuthentication {
        guard case .user(let user) = principal.kind, let session = principal.session else {
            throw .invalid("only a person with a session can show a password again")
        }
        let scope = TenantScope(principal.tenant)
        let account = try await reading { try await self.store.account(scope, user: user) }
        guard account?.home == nil else { throw .invalid("a guest has no password here: go back to your own tenant and do it there") }
        let attempt = try await attempt(password, account, from: .session(session))
        guard let account, account.isActive, attempt.isGood else {
            let reason = !attempt.isAllowed ? "too_early" : "wrong_credential"
            let event = AuditEvent(
                occurredAt: clock.now(), tenant: principal.tenant, actor: principal.actor, action: "session.confirm",
                resource: "session:\(session)", outcome: .denied, detail: ["reason": .string(reason)], correlation: correlation,
                address: address.audited)
            try await reading { try await self.store.record(scope, event) }
            throw .notConfirmed
        }
        try await reading { try await self.store.resetSignIn(scope, user: user, from: .session(session), now: self.clock.now()) }
        return RecentAuthentication(account, session)
    }

    /// Asks somebody for a password that has expired, so that they may choose another one; nothing else is proved by it.
    ///
    /// Everything else is the one refusal of a sign-in, at the same cost: nobody changes a good password this way.
    package func confirmExpiredPassword(
        slug: String, email: String, password: Secret, device shown: DeviceClaim = .none, from address: ClientAddress = .unknown,
        correlation: String = CallID.make().description
    ) async throws(AuthenticationError) -> RecentAuthentication {
        let (lookup, attempt, isLetIn) = try await attempt(slug: slug, email: email, password: password, from: address)
        let account = lookup.account
        var (isExpired, isFamiliar) = (false, true)
        if isLetIn, let account, account.isActive, attempt.isGood, account.needsNewPassword(at: clock.now()) {
            if try await isDormant(account, during: "session.sign_in", address: address, correlation: correlation) { throw .refused }
            // Whoever has a second factor signs in with it, and changes the password then.
            isExpired = try await reading { try await self.store.factors(TenantScope(account.tenant), of: account.user) }.isEmpty
            let device = try await self.device(shown, of: account)
            let standing = try await self.standing(of: account, device, from: address)
            // Where new devices are confirmed, a stranger's changes no password either: a reset goes to the owner's address.
            isFamiliar = rules(standing).newDevices == .notify || device.isFamiliar(standing, to: account)
        }
        guard isExpired, isFamiliar, let account else {
            let reason =
                !isFamiliar
                ? "new_device"
                : account == nil
                    ? "unknown_account" : !attempt.isAllowed ? "too_early" : attempt.isGood ? "not_expired" : "wrong_credential"
            try await recordRefusal(lookup, email: email, reason: reason, address: address, correlation: correlation)
            throw .refused
        }
        return RecentAuthentication(account, nil)
    }
}
