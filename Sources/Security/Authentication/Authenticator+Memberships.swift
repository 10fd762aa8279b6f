// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors

internal import Values

extension Authenticator {
    /// A session as it stands, with what its home account has to say about it where it is a guest's.
    ///
    /// A guest's session ends with the home account, and with whatever ends the sessions there: another password, another status.
    func liveSession(_ scope: TenantScope, id: SessionID) async throws(AuthenticationError) -> SessionRecord? {
        guard var session = try await reading({ try await self.store.session(scope, id: id) }) else { return nil }
        guard let home = session.home else { return session }
        let account = try await reading { try await self.store.account(TenantScope(home.tenant), user: home.user) }
        if account?.isActive != true || account?.home != nil || account?.epoch != session.homeEpoch { session.isActive = false }
        return session
    }

    /// Where the person behind a session can work.
    package func memberships(of principal: Principal) async throws(AuthenticationError) -> [Membership] {
        let (_, home) = try await person(principal)
        return try await reading { try await self.store.memberships(PlatformScope(reason: "memberships"), of: home) }
    }

    /// Opens a session in another tenant of the same person, by what the live session has proved: the methods, and when.
    ///
    /// Anything that does not fit is a tenant that does not exist.
    package func switchTenant(
        _ principal: Principal, to slug: String, device claim: DeviceClaim = .none, from address: ClientAddress = .unknown,
        correlation: String = CallID.make().description
    ) async throws(AuthenticationError) -> TokenPair {
        let (session, home) = try await person(principal)
        guard let slug = TenantSlug(slug), slug != session.slug else { throw .denied(.foreignTenant) }
        let member = try await reading {
            try await self.store.member(PlatformScope(reason: "switch tenant"), slug: slug, of: home)
        }
        guard let member, member.isActive else { throw .denied(.foreignTenant) }
        let account = try await reading { try await self.store.account(TenantScope(home.tenant), user: home.user) }
        guard let account, account.isActive, let proof = AssuranceProof.carried(session, to: member, home: account) else { throw .refused }
        let left = AuditEvent(
            occurredAt: clock.now(), tenant: session.tenant, actor: "user:\(session.user)", action: "session.switch",
            resource: "session:\(session.id)", outcome: .success, detail: ["change": "left"], correlation: correlation,
            address: address.audited)
        try await reading { try await self.store.record(TenantScope(session.tenant), left) }
        return try await openSession(proof, try await device(claim, of: member), address: address, correlation: correlation)
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
