// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors

internal import Values

extension Authenticator {
    /// Exchanges a refresh token for the next pair.
    ///
    /// A token is good once. Shown again within moments by a client that lost the answer, it gives the same child;
    /// shown again later, it is a copy in the wrong hands, and the whole session ends. A session of a device goes on there only.
    public func refresh(
        _ token: String, device claim: DeviceClaim = .none, from address: ClientAddress = .unknown,
        correlation: String = CallID.make().description
    ) async throws(AuthenticationError) -> TokenPair {
        guard let parent = RefreshToken(token) else { throw .refused }
        let platform = PlatformScope(reason: "refresh look-up")
        guard let record = try await reading({ try await self.store.refreshToken(platform, hash: parent.hash) }),
            let session = try await liveSession(TenantScope(record.tenant), id: record.session)
        else { throw .refused }
        // Before the token is used up: from where it may be used it is still good.
        _ = try await admitted(try await livePrincipal(session), at: session.policy, from: address, correlation: correlation)
        if try await isDormant(session, address: address, correlation: correlation) { throw .refused }
        let now = clock.now()
        let candidates = refreshKeys.map { parent.child(key: $0) }
        guard let child = candidates.first else { throw .refused }
        let actor = "user:\(session.user)"
        func event(_ action: String, _ outcome: AuditOutcome) -> AuditEvent {
            AuditEvent(
                occurredAt: now, tenant: record.tenant, actor: actor, action: action, resource: "session:\(record.session)",
                outcome: outcome, correlation: correlation, address: address.audited)
        }
        guard isDevice(claim, of: session) else {
            // Of no use to whoever has only the token; the device itself goes on.
            let refused = event("session.refresh_other_device", .denied)
            try await reading { try await self.store.record(TenantScope(record.tenant), refused) }
            throw .refused
        }
        let rotation = RefreshRotation(
            parent: parent.hash, child: self.record(of: child, for: session, at: now), now: now, grace: policy.refreshGrace,
            rotated: event("session.refresh", .success),
            reused: event("session.refresh_reused", .denied))
        let outcome = try await reading { try await self.store.rotate(TenantScope(record.tenant), rotation) }
        let issued: RefreshToken
        switch outcome {
        case .rotated: issued = child
        case .replayed(let hash):
            // Made under an older root key perhaps; otherwise it is the one just derived.
            guard let known = candidates.first(where: { ConstantTime.equals($0.hash, hash) }) else { throw .refused }
            issued = known
        case .reused, .refused: throw .refused
        }
        return try pair(issued, rotation.child, for: session)
    }

    /// The sessions of the user behind a session, the newest first.
    public func sessions(of principal: Principal) async throws(AuthenticationError) -> [SessionSummary] {
        let user = try owner(principal)
        return try await sessions(of: user, in: principal.tenant)
    }

    /// Ends sessions of the user behind a session; answers which ones were still open.
    ///
    /// Their tokens are refused from the next request on, on every host.
    public func endSessions(
        of principal: Principal, _ which: SessionChoice, from address: ClientAddress = .unknown,
        correlation: String = CallID.make().description
    ) async throws(AuthenticationError) -> [SessionID] {
        let (user, now) = (try owner(principal), clock.now())
        let event: @Sendable ([SessionID]) -> AuditEvent = { ended in
            AuditEvent(
                occurredAt: now, tenant: principal.tenant, actor: principal.actor, action: Action.sessionOwn.rawValue,
                resource: principal.actor, outcome: .success,
                detail: ["change": "ended", "sessions": .array(ended.map { .string($0.description) })], correlation: correlation,
                address: address.audited)
        }
        return try await reading {
            try await self.store.endSessions(TenantScope(principal.tenant), of: user, which, now: now, audit: event)
        }
    }

    func owner(_ principal: Principal) throws(AuthenticationError) -> UserID {
        guard case .user(let user) = principal.kind else { throw .invalid("an API key has no sessions: it is withdrawn instead") }
        return user
    }

    /// Ends the principal's session; its access and refresh tokens are refused from now on.
    public func signOut(
        _ principal: Principal, from address: ClientAddress = .unknown, correlation: String = CallID.make().description
    ) async throws(AuthenticationError) {
        guard let session = principal.session else { throw .invalid("there is no session to end: an API key is withdrawn instead") }
        let event = AuditEvent(
            occurredAt: clock.now(), tenant: principal.tenant, actor: principal.actor, action: "session.sign_out",
            resource: "session:\(session)", outcome: .success, correlation: correlation, address: address.audited)
        let scope = TenantScope(principal.tenant)
        _ = try await reading { try await self.store.endSession(scope, id: session, now: self.clock.now(), audit: event) }
    }
}
