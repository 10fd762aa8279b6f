// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors

internal import Values

extension Authenticator {
    /// Signs a user in with a password.
    ///
    /// An unknown tenant or user, a wrong password, an inactive account and an attempt that came too early all cost one
    /// hash and give the same answer. Every attempt that was judged is in the audit trail.
    public func signIn(
        slug: String, email: String, password: Secret, from address: ClientAddress = .unknown,
        correlation: String = CallID.make().description
    ) async throws(AuthenticationError) -> TokenPair {
        let lookup = try await lookUp(slug: slug, email: email)
        let account = lookup.account
        let attempt = try await attempt(password, account)
        let (verdict, isAllowed) = (attempt.verdict, attempt.isAllowed)
        var rehashed: String?
        if verdict.isCorrect, verdict.needsRehash, isAllowed { rehashed = await rehash(password) }
        guard
            let proof = AssuranceProof.password(account, attemptAllowed: isAllowed, verdict: verdict, rehashed: rehashed)
        else {
            let reason =
                account == nil
                ? "unknown_account"
                : !isAllowed ? "too_early" : !verdict.isCorrect ? "wrong_credential" : "inactive"
            try await recordRefusal(lookup, email: email, reason: reason, address: address, correlation: correlation)
            throw .refused
        }
        return try await openSession(proof, address: address, correlation: correlation)
    }

    private func lookUp(slug: String, email: String) async throws(AuthenticationError) -> AccountLookup {
        // What cannot be a slug or an address is looked up as one that does not exist: the same way, the same time.
        let slug = TenantSlug(slug) ?? TenantSlug.system
        let email = email.utf8.count <= 254 ? email : ""
        return try await reading {
            try await self.store.account(PlatformScope(reason: "sign-in look-up"), slug: slug, email: email)
        }
    }

    private func recordRefusal(
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

    /// The one function that opens sessions.
    private func openSession(
        _ proof: AssuranceProof, address: ClientAddress, correlation: String
    ) async throws(AuthenticationError) -> TokenPair {
        let account = proof.account
        let now = clock.now()
        let token = RefreshToken.random()
        let id = SessionID.make()
        let expiresAt = now + policy.sessionLifetime
        let session = NewSession(
            id: id, user: account.user, createdAt: now, expiresAt: expiresAt, methods: proof.methods,
            refresh: RefreshRecord(
                hash: token.hash, tenant: account.tenant, session: id, state: .active,
                expiresAt: min(expiresAt, now + policy.refreshIdle)),
            epoch: account.epoch, rehashedPassword: proof.rehashedPassword)
        let actor = "user:\(account.user)"
        let event = AuditEvent(
            occurredAt: now, tenant: account.tenant, actor: actor, action: "session.sign_in", resource: "session:\(id)",
            outcome: .success, detail: ["methods": .array(proof.methods.map(Value.string))], correlation: correlation,
            address: address.audited)
        try await reading { try await self.store.openSession(TenantScope(account.tenant), session, audit: event) }
        return try pair(
            token, user: account.user, tenant: account.tenant, slug: account.slug, session: id, authenticatedAt: now,
            methods: proof.methods, epoch: account.epoch)
    }

    func pair(
        _ refresh: RefreshToken, user: UserID, tenant: TenantID, slug: TenantSlug, session: SessionID, authenticatedAt: Int64,
        methods: [String], epoch: Int64
    ) throws(AuthenticationError) -> TokenPair {
        let now = clock.now() / 1000
        let claims = AccessTokenClaims(
            subject: user, tenant: tenant, session: session, id: .make(), issuedAt: now, expiresAt: now + policy.accessLifetime,
            authenticatedAt: authenticatedAt / 1000, methods: methods, epoch: epoch)
        return TokenPair(
            accessToken: try signed(claims), expiresIn: policy.accessLifetime, refreshToken: refresh.text,
            refreshExpiresIn: policy.refreshIdle / 1000, session: session,
            tenant: tenant, slug: slug, user: user)
    }

    private func signed(_ claims: AccessTokenClaims) throws(AuthenticationError) -> String {
        do {
            return try signer.sign(claims)
        } catch {
            throw .unavailable(Redacted("an access token cannot be signed: \(error)"))
        }
    }
}
