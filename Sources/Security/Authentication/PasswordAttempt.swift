// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors

/// What became of one look at a password.
struct PasswordAttempt: Sendable {
    /// The lane in which it was counted; nil when it came too early.
    let lane: SignInOrigin?
    let verdict: PasswordHasher.Verdict

    var isAllowed: Bool { lane != nil }
    var isGood: Bool { isAllowed && verdict.isCorrect }
}

/// One counter and one pool for every path that looks at a password.
extension Authenticator {
    /// Looks up who somebody says they are, and at their password, and whether the tenant lets anybody in from there.
    func attempt(
        slug: String, email: String, password: Secret, device shown: DeviceClaim = .none, from address: ClientAddress
    ) async throws(AuthenticationError) -> (lookup: AccountLookup, attempt: PasswordAttempt, isLetIn: Bool) {
        let lookup = try await lookUp(slug: slug, email: email)
        let account = lookup.account
        let origin = account.map { self.origin(of: $0.user, in: $0.tenant, address) } ?? SignInOrigin.stranger
        // For the reason that an attempt is claimed beside the hash: whether there is a list to read must not be heard.
        async let letIn = letsIn(account, from: address)
        let attempt = try await attempt(password, account, from: origin, device: shown)
        return (lookup, attempt, try await letIn.get())
    }

    /// Claims an attempt and looks at the password; for nobody's account it costs the same.
    ///
    /// - Parameter shown: the device that the client says it is; one that is this account's has a lane of its own.
    func attempt(
        _ password: Secret, _ account: AccountRecord?, from origin: SignInOrigin, device shown: DeviceClaim = .none
    ) async throws(AuthenticationError) -> PasswordAttempt {
        // Every attempt is claimed, so that a thousand parallel guesses are not all the first one; and beside the hash
        // rather than before it, so that the write for an account that exists cannot be timed.
        async let claimed = claim(account, origin, shown)
        let verdict: PasswordHasher.Verdict
        do throws(AuthenticationError) {
            verdict = try await check(password, account?.passwordHash)
        } catch {
            if let lane = await (try? claimed.get()) ?? nil { await release(account, lane) }
            throw error
        }
        return PasswordAttempt(lane: try await claimed.get(), verdict: verdict)
    }

    /// The lane in which the attempt is counted; nil when it came too early.
    private func claim(
        _ account: AccountRecord?, _ origin: SignInOrigin, _ shown: DeviceClaim
    ) async -> Result<SignInOrigin?, AuthenticationError> {
        guard let account else { return .success(origin) }
        let policy = self.policy
        do throws(AuthenticationError) {
            var lane = origin
            lane.device = try await device(shown, of: account).known?.id
            let from = lane
            let isAllowed = try await reading {
                try await self.store.claimSignIn(
                    TenantScope(account.tenant), user: account.user, from: from, now: self.clock.now(),
                    delay: { account.profile.delay(afterFailures: $0, policy) })
            }
            return .success(isAllowed ? from : nil)
        } catch {
            return .failure(error)
        }
    }

    /// Takes back a claim that was no failure: nobody looked at the password.
    func release(_ account: AccountRecord?, _ origin: SignInOrigin) async {
        guard let account else { return }
        // A failure that stays counted is the safe side.
        try? await store.releaseSignIn(TenantScope(account.tenant), user: account.user, from: origin, now: clock.now())
    }

    private func check(_ password: Secret, _ stored: String?) async throws(AuthenticationError) -> PasswordHasher.Verdict {
        // Longer than any password that was ever taken: hash something else of the usual size.
        let candidate = password.count <= PasswordPolicy.maximumByteCount ? password : Secret("")
        do throws(PasswordHasher.Failure) {
            return try await hasher.verify(candidate, against: stored)
        } catch {
            throw .overloaded
        }
    }

    /// The PHC string of a password that was right, under the cost and pepper in force; nil when there is no room now.
    func rehash(_ password: Secret) async -> String? {
        // The password was right; the better hash can wait for the next sign-in.
        try? await hasher.hash(password)
    }
}
