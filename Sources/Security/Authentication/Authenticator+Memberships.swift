// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors

internal import Values

extension Authenticator {
    /// A session as it stands; a guest's with what its session at home has shown, and ended where that one has.
    func liveSession(_ scope: TenantScope, id: SessionID) async throws(AuthenticationError) -> SessionRecord? {
        guard let session = try await reading({ try await self.store.session(scope, id: id) }) else { return nil }
        guard session.home != nil else { return session }
        guard let home = try await homeSession(of: session), try await isLive(home) else { return session.over }
        return session.going(on: home)
    }

    /// The session at home behind a guest's; nil when the account has changed since.
    func homeSession(of session: SessionRecord) async throws(AuthenticationError) -> SessionRecord? {
        guard let link = session.home, let origin = session.origin,
            let home = try await reading({ try await self.store.session(TenantScope(link.tenant), id: origin.session) }),
            home.user == link.user, home.home == nil, home.isActive, home.epoch == origin.epoch
        else { return nil }
        return home
    }

    private func isLive(_ session: SessionRecord) async throws(AuthenticationError) -> Bool {
        do throws(AuthenticationError) {
            _ = try await livePrincipal(session)
            return true
        } catch {
            if case .refused = error { return false }
            throw error
        }
    }

    /// Where the person behind a session can work.
    package func memberships(of principal: Principal) async throws(AuthenticationError) -> [Membership] {
        let (_, home) = try await person(principal)
        return try await reading { try await self.store.memberships(PlatformScope(reason: "memberships"), of: home) }
    }

    /// Goes on in another tenant of the same person: as a guest by what the live session at home has shown, or at home in that session.
    ///
    /// Anything that does not fit is a tenant that does not exist.
    package func switchTenant(
        _ principal: Principal, to slug: String, device claim: DeviceClaim = .none, from address: ClientAddress = .unknown,
        correlation: String = CallID.make().description
    ) async throws(AuthenticationError) -> TokenPair {
        let (session, link) = try await person(principal)
        guard let slug = TenantSlug(slug), slug != session.slug else { throw .denied(.foreignTenant) }
        let member = try await reading {
            try await self.store.member(PlatformScope(reason: "switch tenant"), slug: slug, of: link)
        }
        guard let member, member.isActive else { throw .denied(.foreignTenant) }
        let home = session.home == nil ? session : try await homeSession(of: session)
        guard let home else { throw .refused }
        if try await isDormant(member, during: "session.switch", address: address, correlation: correlation) {
            throw .denied(.foreignTenant)
        }
        let left = switched(session, "left", address, correlation)
        try await reading { try await self.store.record(TenantScope(session.tenant), left) }
        guard member.home != nil else { return try await goOn(home, claim, from: address, correlation: correlation) }
        guard let proof = AssuranceProof.carried(home, to: member) else { throw .refused }
        return try await openSession(proof, try await device(claim, of: member), address: address, correlation: correlation)
    }

    /// Another pair of tokens for a session that goes on: on its device, and from where its tenant lets it in.
    private func goOn(
        _ session: SessionRecord, _ claim: DeviceClaim, from address: ClientAddress, correlation: String
    ) async throws(AuthenticationError) -> TokenPair {
        _ = try await admitted(try await livePrincipal(session), at: session.policy, from: address, correlation: correlation)
        guard isDevice(claim, of: session) else { throw .refused }
        let (now, token) = (clock.now(), RefreshToken.random())
        let record = self.record(of: token, for: session, at: now)
        let back = switched(session, "returned", address, correlation)
        let isOpen = try await reading {
            try await self.store.prolong(TenantScope(session.tenant), with: record, now: now, audit: back)
        }
        guard isOpen else { throw .refused }
        return try pair(token, record, for: session)
    }

    private func switched(_ session: SessionRecord, _ change: String, _ address: ClientAddress, _ correlation: String) -> AuditEvent {
        AuditEvent(
            occurredAt: clock.now(), tenant: session.tenant, actor: "user:\(session.user)", action: "session.switch",
            resource: "session:\(session.id)", outcome: .success, detail: ["change": .string(change)], correlation: correlation,
            address: address.audited)
    }

    /// Accepts an invitation into another tenant for the home account behind a session.
    ///
    /// The invited address must be the account's own: a token in the wrong hands makes nobody a guest.
    package func acceptMembership(
        _ principal: Principal, token: String, from address: ClientAddress = .unknown, correlation: String = CallID.make().description
    ) async throws(AuthenticationError) -> Membership {
        let (_, home) = try await person(principal)
        guard let token = OneTimeToken(token, for: .invitation) else { throw .denied(.foreignTenant) }
        let found = try await reading {
            try await self.store.oneTimeToken(PlatformScope(reason: "invitation look-up"), hash: token.hash, purpose: .invitation)
        }
        let email = try await reading { try await self.store.email(TenantScope(home.tenant), of: home.user) }
        guard let found, found.tenant != home.tenant, let email else { throw .denied(.foreignTenant) }
        let now = clock.now()
        @Sendable func event(_ tenant: TenantID, _ user: UserID, _ address: String?) -> AuditEvent {
            // Neither trail names the other tenant; the correlation ties them together for who operates both.
            AuditEvent(
                occurredAt: now, tenant: tenant, actor: "user:\(user)", action: "membership.accept", resource: "user:\(user)",
                outcome: .success, correlation: correlation, address: address)
        }
        let guest = try await reading {
            try await self.store.acceptMembership(TenantScope(found.tenant), token: token.hash, email: email, home: home, now: now) {
                user in
                event(found.tenant, user, nil)
            }
        }
        guard let guest else { throw .denied(.foreignTenant) }
        let own = event(home.tenant, home.user, address.audited)
        try await reading { try await self.store.record(TenantScope(home.tenant), own) }
        let all = try await reading { try await self.store.memberships(PlatformScope(reason: "memberships"), of: home) }
        guard let membership = all.first(where: { $0.user == guest }) else { throw .denied(.foreignTenant) }
        return membership
    }

    /// Leaves another tenant for good; its sessions there end at once.
    package func leave(
        _ principal: Principal, _ slug: String, from address: ClientAddress = .unknown, correlation: String = CallID.make().description
    ) async throws(AuthenticationError) {
        let (_, home) = try await person(principal)
        let all = try await reading { try await self.store.memberships(PlatformScope(reason: "memberships"), of: home) }
        guard let membership = all.first(where: { $0.slug.description == slug }) else { throw .denied(.foreignTenant) }
        guard !membership.isHome else { throw .invalid("this is the account's home: it is deleted, not left") }
        let now = clock.now()
        func event(_ tenant: TenantID, _ user: UserID, _ address: String?) -> AuditEvent {
            AuditEvent(
                occurredAt: now, tenant: tenant, actor: "user:\(user)", action: "membership.end", resource: "user:\(user)",
                outcome: .success, correlation: correlation, address: address)
        }
        let theirs = event(membership.tenant, membership.user, nil)
        let ended = try await reading {
            try await self.store.endMembership(
                TenantScope(membership.tenant), user: membership.user, home: home, now: now, audit: theirs)
        }
        guard ended else { throw .denied(.foreignTenant) }
        let own = event(home.tenant, home.user, address.audited)
        try await reading { try await self.store.record(TenantScope(home.tenant), own) }
    }

    /// The live session of a person, and the account that it belongs to in the end.
    private func person(_ principal: Principal) async throws(AuthenticationError) -> (SessionRecord, HomeLink) {
        guard case .user = principal.kind, let id = principal.session else {
            throw .invalid("only a person who is signed in belongs to several tenants")
        }
        guard let session = try await liveSession(TenantScope(principal.tenant), id: id) else { throw .refused }
        _ = try await livePrincipal(session)
        return (session, session.home ?? HomeLink(tenant: session.tenant, user: session.user))
    }
}

extension SessionRecord {
    /// What another tenant is told of how its person signed in: not that a device is remembered, which is a word of this tenant's.
    var carriedMethods: [String] { methods.filter { $0 != Assurance.trustedDevice } }

    /// A guest's session with what is shown at home: a guest has no second factor besides.
    func going(on home: SessionRecord) -> SessionRecord {
        var session = self
        (session.methods, session.factorAt, session.hasFactor) = (home.carriedMethods, home.factorAt, home.hasFactor)
        return session
    }

    /// The session as one that has ended.
    var over: SessionRecord {
        var session = self
        session.isActive = false
        return session
    }
}
