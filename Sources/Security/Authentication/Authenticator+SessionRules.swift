// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors

internal import Values

extension Authenticator {
    /// The principal behind a session; refused when anything, time included, has ended it.
    func livePrincipal(_ session: SessionRecord) async throws(AuthenticationError) -> Principal {
        guard session.isActive, session.revokedAt == nil, clock.now() < session.expiresAt else { throw .refused }
        let (principal, rights) = try await standing(session)
        let rules = session.rules?.within(policy.sessions) ?? policy.sessions
        let limits = rules.limits(isAdministrator: rights.isAdministrative)
        guard limits.covers(session.createdAt, session.lastSeenAt, at: clock.now()) else { throw .refused }
        return principal
    }

    /// What holds for a user's sessions now.
    func sessionLimits(
        of user: UserID, in tenant: TenantID
    ) async throws(AuthenticationError) -> (rules: SessionRules, limits: SessionRules.Limits) {
        let (own, revision) = try await reading { try await self.store.sessionRules(TenantScope(tenant)) }
        let rules = own?.within(policy.sessions) ?? policy.sessions
        return (rules, try await limits(rules, of: user, in: tenant, at: revision))
    }

    /// What rules say about a user's sessions, by the rights that they have now.
    func limits(
        _ rules: SessionRules, of user: UserID, in tenant: TenantID, at revision: String
    ) async throws(AuthenticationError) -> SessionRules.Limits {
        let rights = Rights(try await snapshot(of: tenant, at: revision), user, at: clock.now())
        return rules.limits(isAdministrator: rights.isAdministrative)
    }

    /// A user's sessions that go on, the newest first.
    func sessions(of user: UserID, in tenant: TenantID) async throws(AuthenticationError) -> [SessionSummary] {
        let limits = try await sessionLimits(of: user, in: tenant).limits
        let now = clock.now()
        return try await reading { try await self.store.openSessions(TenantScope(tenant), of: user, now: now) }
            .filter { limits.covers($0.createdAt, $0.lastSeenAt, at: now) }
    }

    /// What is in force for the sessions of the permit's tenant, and the most that may be.
    public func sessionRules(_ permit: Permit) async throws(AuthenticationError) -> (inForce: SessionRules, maximum: SessionRules) {
        guard permit.action == .sessionManage else { throw .denied(.missingPermission(.sessionManage)) }
        let own = try await reading { try await self.store.sessionRules(permit.scope).rules }
        return (own?.within(policy.sessions) ?? policy.sessions, policy.sessions)
    }

    /// Sets what holds for the sessions of the permit's tenant, from the next request on; nil brings back the installation's.
    ///
    /// - Parameter canTell: whether somebody can carry messages to the tenant's users. Where nobody can, new devices cannot be confirmed.
    public func setSessionRules(
        _ rules: SessionRules?, _ permit: Permit, canTell: Bool = false, from address: ClientAddress = .unknown,
        correlation: String = CallID.make().description
    ) async throws(AuthenticationError) {
        guard permit.action == .sessionManage else { throw .denied(.missingPermission(.sessionManage)) }
        if let problem = rules?.problem(within: policy.sessions) { throw .invalid(problem) }
        if rules?.newDevices == .confirm, !canTell {
            throw .invalid(
                "new_devices: nobody could confirm a device, since no notifier carries messages to the tenant's users. "
                    + "Enable one whose channel is e-mail, or name one with 'panelhost user rules --messenger'")
        }
        var detail: [String: Value] = ["change": rules == nil ? "rules_removed" : "rules_set"]
        if let rules {
            detail["idle"] = .int(rules.usual.idle)
            detail["lifetime"] = .int(rules.usual.lifetime)
            detail["admin_idle"] = .int(rules.administrators.idle)
            detail["admin_lifetime"] = .int(rules.administrators.lifetime)
            detail["concurrent"] = .int(rules.concurrent)
            detail["when_full"] = .string(rules.whenFull.rawValue)
            detail["new_devices"] = .string(rules.newDevices.rawValue)
        }
        let event = AuditEvent(
            of: permit, resource: "tenant:\(permit.scope.tenant)", outcome: .success, detail: detail, correlation: correlation,
            address: address.audited)
        try await reading { try await self.store.setSessionRules(permit.scope, rules, audit: event) }
    }
}

extension SessionRules.Limits {
    /// Whether a session of such times goes on at a moment.
    package func covers(_ createdAt: Int64, _ lastSeenAt: Int64, at now: Int64) -> Bool {
        now - createdAt < lifetime && now - lastSeenAt < idle
    }
}
