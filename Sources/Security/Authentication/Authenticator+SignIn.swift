// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors

internal import Values

extension Authenticator {
    /// Signs a user in with a password.
    ///
    /// An unknown tenant or user, a wrong password, an inactive account and an attempt that came too early all cost one
    /// hash and give the same answer. Every attempt that was judged is in the audit trail.
    public func signIn(
        slug: String, email: String, password: Secret, device shown: DeviceClaim = .none, from address: ClientAddress = .unknown,
        correlation: String = CallID.make().description
    ) async throws(AuthenticationError) -> SignInOutcome {
        let (lookup, attempt, isLetIn) = try await attempt(slug: slug, email: email, password: password, device: shown, from: address)
        let account = lookup.account
        let (verdict, isAllowed) = (attempt.verdict, attempt.isAllowed)
        var rehashed: String?
        if verdict.isCorrect, verdict.needsRehash, isAllowed, isLetIn { rehashed = await rehash(password) }
        // Answered like a wrong password: a stranger elsewhere must not learn that it was right.
        guard isLetIn,
            let proof = PasswordProof.checked(account, attemptAllowed: isAllowed, verdict: verdict, rehashed: rehashed)
        else {
            let reason =
                account == nil
                ? "unknown_account"
                : !isLetIn ? Denial.addressNotAllowed.code : !isAllowed ? "too_early" : !verdict.isCorrect ? "wrong_credential" : "inactive"
            try await recordRefusal(lookup, email: email, reason: reason, address: address, correlation: correlation)
            throw .refused
        }
        if try await isDormant(proof.account, during: "session.sign_in", address: address, correlation: correlation) { throw .refused }
        let device = try await self.device(shown, of: proof.account)
        // Read after the password was right, and not kept: whoever has a factor by now shows it.
        let (scope, user) = (TenantScope(proof.account.tenant), proof.account.user)
        let factors = try await reading { try await self.store.factors(scope, of: user) }
        // Too old or too short to be the only factor; beside another one it may stay.
        if factors.isEmpty, proof.account.needsNewPassword(at: clock.now()) {
            try await recordRefusal(lookup, email: email, reason: "password_expired", address: address, correlation: correlation)
            throw .passwordExpired
        }
        if factors.isEmpty {
            let standing = try await self.standing(of: proof.account, device, from: address)
            if let proof = AssuranceProof.password(proof, on: device, standing, rule: rules(standing).newDevices) {
                return .session(try await openSession(proof, device, standing, address: address, correlation: correlation))
            }
            try await passwordWasRight(proof, attempt)
            return .deviceUnconfirmed(
                try await demandConfirmation(proof.account, device, address: address, correlation: correlation))
        }
        if let trusted = try await trusted(proof, device) {
            return .session(try await openSession(trusted, device, address: address, correlation: correlation))
        }
        try await passwordWasRight(proof, attempt)
        return .factorNeeded(try await demandFactor(proof.account, factors, address: address, correlation: correlation))
    }

    /// The password was no failure, though it opens nothing yet; how often anything else may be tried is counted by itself.
    private func passwordWasRight(_ proof: PasswordProof, _ attempt: PasswordAttempt) async throws(AuthenticationError) {
        if let lane = attempt.lane { await release(proof.account, lane) }
        guard let rehashed = proof.rehashedPassword else { return }
        let account = proof.account
        try await reading {
            try await self.store.storeRehash(
                TenantScope(account.tenant), user: account.user, hash: rehashed, epoch: account.epoch, now: self.clock.now())
        }
    }

    func lookUp(slug: String, email: String) async throws(AuthenticationError) -> AccountLookup {
        // What cannot be a slug or an address is looked up as one that does not exist: the same way, the same time.
        let slug = TenantSlug(slug) ?? TenantSlug.system
        let email = email.utf8.count <= 254 ? email : ""
        var lookup = try await reading {
            try await self.store.account(PlatformScope(reason: "sign-in look-up"), slug: slug, email: email)
        }
        // A guest signs in at home, with the password of the account that it belongs to.
        if let guest = lookup.account, let home = guest.home {
            let account = try await reading { try await self.store.account(TenantScope(home.tenant), user: home.user) }
            lookup.account = guest.isActive && account?.home == nil ? account : nil
        }
        return lookup
    }

    func recordRefusal(
        _ lookup: AccountLookup, email: String, reason: String, address: ClientAddress, correlation: String
    ) async throws(AuthenticationError) {
        guard let tenant = lookup.account?.tenant ?? lookup.tenant ?? lookup.platform else { return }
        let who = lookup.account.map { "user:\($0.user)" } ?? "anonymous"
        let event = AuditEvent(
            occurredAt: clock.now(), tenant: tenant, actor: who, action: "session.sign_in", resource: who, outcome: .denied,
            detail: ["reason": .string(reason)], correlation: correlation, address: address.audited,
            personal: lookup.account == nil ? Self.typed(email) : [:])
        try await reading { try await self.store.record(TenantScope(tenant), event) }
    }

    /// What somebody without an account called himself; not what may be a password in the wrong field.
    private static func typed(_ email: String) -> [String: Value] {
        email.utf8.count <= 254 && email.contains("@") ? ["email": .string(email)] : [:]
    }
}
