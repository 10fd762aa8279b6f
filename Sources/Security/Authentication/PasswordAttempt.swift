// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors

/// What became of one look at a password.
struct PasswordAttempt: Sendable {
    /// Whether it did not come too early.
    let isAllowed: Bool
    let verdict: PasswordHasher.Verdict

    var isGood: Bool { isAllowed && verdict.isCorrect }
}

/// One counter and one pool for every path that looks at a password.
extension Authenticator {
    /// Claims an attempt and looks at the password; for nobody's account it costs the same.
    func attempt(_ password: Secret, _ account: AccountRecord?) async throws(AuthenticationError) -> PasswordAttempt {
        // Every attempt is claimed, so that a thousand parallel guesses are not all the first one; and beside the hash
        // rather than before it, so that the write for an account that exists cannot be timed.
        async let claimed = claim(account)
        let verdict: PasswordHasher.Verdict
        do throws(AuthenticationError) {
            verdict = try await check(password, account?.passwordHash)
        } catch {
            if await (try? claimed.get()) == true { await release(account) }
            throw error
        }
        return PasswordAttempt(isAllowed: try await claimed.get(), verdict: verdict)
    }

    private func claim(_ account: AccountRecord?) async -> Result<Bool, AuthenticationError> {
        guard let account else { return .success(true) }
        let policy = self.policy
        do throws(AuthenticationError) {
            return .success(
                try await reading {
                    try await self.store.claimSignIn(
                        TenantScope(account.tenant), user: account.user, now: self.clock.now(),
                        delay: { policy.delay(afterFailures: $0) })
                })
        } catch {
            return .failure(error)
        }
    }

    /// Takes back a claim that was no failure: nobody looked at the password.
    func release(_ account: AccountRecord?) async {
        guard let account else { return }
        // A failure that stays counted is the safe side.
        try? await store.releaseSignIn(TenantScope(account.tenant), user: account.user, now: clock.now())
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
