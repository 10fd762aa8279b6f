// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors

import Values

/// A token by which an operator acts in a tenant; there is none to prolong it with.
package struct ActingToken: Sendable {
    package let acting: ActingRecord
    package let accessToken: String
    /// Seconds.
    package let expiresIn: Int64
}

extension Authenticator {
    /// Minutes that an act may last at most.
    package static let longestAct: Int64 = 60

    /// Lets an operator of the installation act in a tenant: for a reason, for a while, and only as far as the tenant allows.
    ///
    /// The start stands in both trails before there is a token.
    package func actAs(
        _ permit: Permit, in tenant: String, reason: String, minutes: Int64, from address: ClientAddress = .unknown,
        correlation: String = CallID.make().description
    ) async throws(AuthenticationError) -> ActingToken {
        let (user, session) = try operatorSession(permit)
        guard let slug = TenantSlug(tenant), slug != .platform else { throw .denied(.foreignTenant) }
        guard (1...Self.longestAct).contains(minutes) else { throw .invalid("minutes: use 1 to \(Self.longestAct)") }
        guard reason.contains(where: { !$0.isWhitespace }), reason.count <= 200,
            !reason.unicodeScalars.contains(where: { $0.properties.generalCategory == .control })
        else { throw .invalid("reason: say why in one line of at most 200 characters") }
        let now = clock.now()
        let acting = NewActing(
            id: .make(), operatorTenant: permit.scope.tenant, user: user, session: session, reason: .make(), reasonText: reason,
            createdAt: now, expiresAt: now + minutes * 60_000)
        let begun = try await reading {
            try await self.store.beginActing(PlatformScope(reason: "act in a tenant"), in: slug, acting) { record in
                Self.events(record, "started", by: permit.principal.actor, correlation, address, at: now)
            }
        }
        guard let begun else { throw .denied(.actingForbidden) }
        return try await token(for: begun)
    }

    /// Another token for an act that runs, until it is over.
    package func renewActing(
        _ permit: Permit, id: SessionID, from address: ClientAddress = .unknown, correlation: String = CallID.make().description
    ) async throws(AuthenticationError) -> ActingToken {
        let (user, session) = try operatorSession(permit)
        let running = try await runningActs(permit)
        guard let acting = running.first(where: { $0.id == id && $0.user == user && $0.session == session }) else {
            throw .denied(.foreignTenant)
        }
        let renewed = Self.events(acting, "renewed", by: permit.principal.actor, correlation, address, at: clock.now())
        for event in renewed { try await reading { try await self.store.record(TenantScope(event.tenant), event) } }
        return try await token(for: acting)
    }

    /// The acts that run, in every tenant.
    package func runningActs(_ permit: Permit) async throws(AuthenticationError) -> [ActingRecord] {
        guard permit.action == .tenantActAs, permit.principal.slug == .platform else { throw .denied(.platformOnly(.tenantActAs)) }
        let now = clock.now()
        return try await reading { try await self.store.runningActs(PlatformScope(reason: "list acts"), now: now) }.filter {
            $0.isLive(at: now)
        }
    }

    /// Ends an act: its operator's own, or anybody's for those who may act themselves. False when it was over.
    package func endAct(
        _ permit: Permit, id: SessionID, from address: ClientAddress = .unknown, correlation: String = CallID.make().description
    ) async throws(AuthenticationError) -> Bool {
        guard permit.action == .tenantActAs, permit.principal.slug == .platform else { throw .denied(.platformOnly(.tenantActAs)) }
        return try await endActs(.only(id), by: permit.principal.actor, address, correlation) == 1
    }

    /// Ends what the principal itself is: the act that its token stands for.
    package func endOwnAct(
        _ principal: Principal, from address: ClientAddress = .unknown, correlation: String = CallID.make().description
    ) async throws(AuthenticationError) {
        guard let session = principal.session, principal.isActing else { throw .refused }
        _ = try await endActs(.only(session), by: principal.actor, address, correlation)
    }

    /// Ends the acts of a tenant that forbids them from now on.
    package func endActs(
        in tenant: TenantID, by actor: String, correlation: String = CallID.make().description
    ) async throws(AuthenticationError) -> Int {
        try await endActs(.ofTenant(tenant), by: actor, .unknown, correlation)
    }

    /// Writes down the ends of acts whose time is over, or whose operator, session or tenant is gone; answers how many there were.
    package func endActsThatAreOver() async throws(AuthenticationError) -> Int {
        try await endActs(.over, by: "system:acting", .unknown, CallID.make().description)
    }

    private func endActs(
        _ which: ActingChoice, by actor: String, _ address: ClientAddress, _ correlation: String
    ) async throws(AuthenticationError) -> Int {
        let now = clock.now()
        return try await reading {
            try await self.store.endActs(PlatformScope(reason: "end acts"), which, now: now, by: actor) { record in
                Self.events(record, "ended", by: actor, correlation, address, at: now)
            }
        }.count
    }

    /// Whoever acts is a person who is signed in at home: nothing that outlives a session can begin an act.
    private func operatorSession(_ permit: Permit) throws(AuthenticationError) -> (UserID, SessionID) {
        guard permit.action == .tenantActAs, permit.principal.slug == .platform else { throw .denied(.platformOnly(.tenantActAs)) }
        guard case .user(let user) = permit.principal.kind, let session = permit.principal.session else {
            throw .invalid("an API key cannot act in a tenant: a person signs in for it")
        }
        return (user, session)
    }

    private func token(for acting: ActingRecord) async throws(AuthenticationError) -> ActingToken {
        guard let home = try await liveSession(TenantScope(acting.operatorTenant), id: acting.session) else { throw .refused }
        _ = try await livePrincipal(home)
        let now = clock.now() / 1000
        let life = min(policy.accessLifetime, acting.expiresAt / 1000 - now)
        guard life > 0 else { throw .refused }
        let claims = AccessTokenClaims(
            subject: acting.user, tenant: acting.tenant, session: acting.id, id: .make(), issuedAt: now, expiresAt: now + life,
            authenticatedAt: home.createdAt / 1000, methods: home.methods, epoch: acting.epoch)
        return ActingToken(acting: acting, accessToken: try signed(claims), expiresIn: life)
    }

    /// The principal behind a token that stands for an act, looked at anew for every request: tenant, operator, session and both policies.
    func principal(
        acting claims: AccessTokenClaims, from address: ClientAddress, correlation: String
    ) async throws(AuthenticationError) -> Principal {
        let acting = try await liveAct(in: claims.tenant, claims.session)
        guard acting.user == claims.subject, acting.epoch == claims.epoch else { throw .refused }
        // From where both tenants let anybody in, operators included.
        let admit = { (principal: Principal, policy: String) async throws(AuthenticationError) in
            try await self.admitted(principal, at: policy, from: address, correlation: correlation)
        }
        return try await admit(try await principal(of: acting, admit), acting.policy)
    }

    /// A permit as the act behind it is now; throws where that is over, or its rights no longer reach.
    package func renewed(act permit: Permit) async throws(AuthenticationError) -> Permit {
        guard let id = permit.principal.session, permit.principal.isActing else { throw .refused }
        do throws(AuthenticationError) {
            return try permit.renewed(for: try await principal(of: try await liveAct(in: permit.scope.tenant, id)))
        } catch {
            if case .refused = error { throw .denied(.actingForbidden) }
            throw error
        }
    }

    private func liveAct(in tenant: TenantID, _ id: SessionID) async throws(AuthenticationError) -> ActingRecord {
        let found = try await reading {
            try await self.store.acting(PlatformScope(reason: "act look-up"), tenant: tenant, id: id)
        }
        guard let acting = found, acting.id == id, acting.tenant == tenant, acting.isLive(at: clock.now()) else { throw .refused }
        return acting
    }

    /// - Parameter admit: asks the operators' own tenant as well from where its people may come; nil while a request of theirs is served.
    private func principal(
        of acting: ActingRecord, _ admit: ((Principal, String) async throws(AuthenticationError) -> Principal)? = nil
    ) async throws(AuthenticationError) -> Principal {
        let home = try await liveSession(TenantScope(acting.operatorTenant), id: acting.session)
        guard let home, let role = acting.role else { throw .refused }
        // As the operator stands at home at this moment: with every rule there that is about who they are and what they have shown.
        let live = try await livePrincipal(home)
        let own = try await admit?(live, home.policy) ?? live
        guard own.permissions.covers(.tenantActAs) else { throw .refused }
        let policy = try await snapshot(of: acting.tenant, at: acting.policy)
        let whoever = ActingOperator(user: acting.user, reason: acting.reason, role: role, until: acting.expiresAt)
        return Principal(
            kind: .acting(whoever), tenant: acting.tenant, slug: acting.slug, session: acting.id,
            permissions: Rights(policy, whoever, at: clock.now()), name: acting.name, assurance: own.assurance)
    }

    /// What both trails say: the tenant's first, whose id is the act's reason.
    private static func events(
        _ record: ActingRecord, _ change: String, by actor: String, _ correlation: String, _ address: ClientAddress, at now: Int64
    ) -> [AuditEvent] {
        let isStart = change == "started"
        var detail: [String: Value] = [
            "event": .string("tenant.act_as.\(change)"), "reason": .string(record.reasonText), "act": .string(record.id.description),
            "reason_event": .string(record.reason.description), "expires_at": .int(record.expiresAt),
        ]
        if let role = record.role { detail["role"] = .string(role) }
        func event(_ id: EventID, _ trail: TenantID, _ who: String, _ more: [String: Value], _ address: String?) -> AuditEvent {
            AuditEvent(
                id: id, occurredAt: now, tenant: trail, actor: who, action: Action.tenantActAs.rawValue,
                resource: "tenant:\(record.tenant)", outcome: .success, detail: detail.merging(more) { own, _ in own },
                correlation: correlation, address: address)
        }
        let isOperator = actor.hasPrefix("user:") && !actor.contains("@")
        return [
            event(isStart ? record.reason : .make(), record.tenant, isOperator ? record.actor : actor, [:], nil),
            event(.make(), record.operatorTenant, actor, ["slug": .string(record.slug.description)], isOperator ? address.audited : nil),
        ]
    }
}
