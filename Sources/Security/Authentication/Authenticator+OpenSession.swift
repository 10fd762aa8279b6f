// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors

internal import Values

extension Authenticator {
    /// The one function that opens sessions.
    ///
    /// - Parameters:
    ///   - standing: what is known of the account's sign-ins, where it was just looked at.
    ///   - trust: milliseconds for which the device shall stand in for the second factor that was just shown.
    func openSession(
        _ proof: AssuranceProof, _ device: SignInDevice, _ standing: SignInStanding? = nil, trust: Int64 = 0, address: ClientAddress,
        correlation: String
    ) async throws(AuthenticationError) -> TokenPair {
        let account = proof.account
        let now = clock.now()
        let token = RefreshToken.random()
        let id = SessionID.make()
        let standing = if let standing { standing } else { try await self.standing(of: account, device, from: address) }
        let rules = self.rules(standing)
        let limits = try await self.limits(rules, of: account.user, in: account.tenant, at: standing.policy)
        let notice = try await notice(of: proof, device, standing, at: now, address: address, correlation: correlation)
        // What is carried over is no older and no younger than where it comes from.
        let begun = proof.carried?.createdAt ?? now
        let expiresAt = min(begun + limits.lifetime, proof.carried?.expiresAt ?? .max)
        let use = use(of: device, trust: proof.factorAt == nil ? 0 : trust, at: now)
        let session = NewSession(
            id: id, user: account.user, createdAt: begun, expiresAt: expiresAt, methods: proof.methods,
            refresh: RefreshRecord(
                hash: token.hash, tenant: account.tenant, session: id, state: .active,
                expiresAt: min(expiresAt, now + policy.refreshIdle)),
            epoch: account.epoch, rehashedPassword: proof.rehashedPassword, device: use, factorAt: proof.factorAt,
            place: origin(of: account.user, in: account.tenant, address, device: device.known?.id),
            origin: proof.carried.map { SessionOrigin(session: $0.id, epoch: $0.epoch) },
            openedAt: now, rules: rules, limits: limits)
        @Sendable func event(_ action: String, _ detail: [String: Value], _ outcome: AuditOutcome = .success) -> AuditEvent {
            AuditEvent(
                occurredAt: now, tenant: account.tenant, actor: "user:\(account.user)", action: action, resource: "session:\(id)",
                outcome: outcome, detail: detail, correlation: correlation, address: address.audited)
        }
        var facts: [String: Value] = ["methods": .array(proof.methods.map(Value.string))]
        if let use { facts["device"] = .string(use.id.description) }
        if case .confirmed = proof.device { facts["confirmed"] = true }
        if let until = use?.trustedUntil { facts["trusted_until"] = .int(until) }
        let (known, isNew, kind) = (facts, device.known == nil, proof.carried == nil ? "session.sign_in" : "session.switch")
        let methods: [String: Value] = ["methods": .array(proof.methods.map(Value.string))]
        let opening = try await reading {
            try await self.store.openSession(TenantScope(account.tenant), session) { ended in
                let made =
                    ended.isEmpty ? methods : methods.merging(["ended": .array(ended.map { .string($0.description) })]) { one, _ in one }
                let device = isNew ? [event("session.new_device", known)] : []
                return device + [event(kind, known.merging(made) { one, _ in one })]
            }
        }
        if opening == .full {
            let refused = event(kind, ["reason": "too_many_sessions"], .denied)
            try await reading { try await self.store.record(TenantScope(account.tenant), refused) }
            throw .tooManySessions
        }
        if let notice { newDevices.add(notice(use?.id)) }
        return try pair(
            token, user: account.user, tenant: account.tenant, slug: account.slug, session: id, authenticatedAt: begun,
            methods: proof.methods, epoch: account.epoch, refreshExpiresAt: session.refresh.expiresAt, device: use?.id,
            deviceCookie: use.flatMap { cookie($0.id, of: account, device.claim)?.text }, isNewDevice: device.known == nil)
    }

    private func use(of device: SignInDevice, trust: Int64, at now: Int64) -> DeviceUse? {
        guard device.claim.keeps else { return nil }
        let until = trust > 0 ? now + trust : nil
        if let known = device.known { return DeviceUse(id: known.id, newName: nil, trustedUntil: until) }
        return DeviceUse(id: .make(), newName: device.claim.name, trustedUntil: until)
    }

    func pair(
        _ refresh: RefreshToken, user: UserID, tenant: TenantID, slug: TenantSlug, session: SessionID, authenticatedAt: Int64,
        methods: [String], epoch: Int64, refreshExpiresAt: Int64, device: DeviceID?, deviceCookie: String? = nil, isNewDevice: Bool = false
    ) throws(AuthenticationError) -> TokenPair {
        let now = clock.now() / 1000
        let claims = AccessTokenClaims(
            subject: user, tenant: tenant, session: session, id: .make(), issuedAt: now, expiresAt: now + policy.accessLifetime,
            authenticatedAt: authenticatedAt / 1000, methods: methods, epoch: epoch)
        return TokenPair(
            accessToken: try signed(claims), expiresIn: policy.accessLifetime, refreshToken: refresh.text,
            refreshExpiresIn: max(0, refreshExpiresAt / 1000 - now), session: session,
            tenant: tenant, slug: slug, user: user, device: device, deviceCookie: deviceCookie, isNewDevice: isNewDevice)
    }

    /// Another pair for a session that goes on.
    func pair(_ refresh: RefreshToken, _ record: RefreshRecord, for session: SessionRecord) throws(AuthenticationError) -> TokenPair {
        try pair(
            refresh, user: session.user, tenant: session.tenant, slug: session.slug, session: session.id,
            authenticatedAt: session.createdAt, methods: session.methods, epoch: session.epoch, refreshExpiresAt: record.expiresAt,
            device: session.device)
    }

    /// What is stored of another refresh token of a session.
    func record(of token: RefreshToken, for session: SessionRecord, at now: Int64) -> RefreshRecord {
        RefreshRecord(
            hash: token.hash, tenant: session.tenant, session: session.id, state: .active,
            expiresAt: min(session.expiresAt, now + policy.refreshIdle))
    }

    func signed(_ claims: AccessTokenClaims) throws(AuthenticationError) -> String {
        do {
            return try signer.sign(claims)
        } catch {
            throw .unavailable(Redacted("an access token cannot be signed: \(error)"))
        }
    }
}
