// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors

internal import Values

extension AccountRecord {
    /// Whether nobody has signed in for as long as the tenant says; a session may have been used since.
    func mayBeDormant(at now: Int64) -> Bool { dormantDays > 0 && now - lastSignInAt >= dormantDays * 86_400_000 }
}

extension Authenticator {
    /// Milliseconds that no tenant's rules about dormant accounts go below: a session that was used since needs no look at them.
    static let shortestDormancy: Int64 = 86_400_000

    /// Suspends an account that nobody has used for as long as its tenant says, and answers true: in the moment in which somebody comes,
    /// whether or not the hourly job was there first. The last administrator is let in.
    ///
    /// One transaction, as for a wrong password: the suspension and the refusal stand in the trail together.
    func isDormant(
        _ account: AccountRecord, during action: String, address: ClientAddress, correlation: String
    ) async throws(AuthenticationError) -> Bool {
        let now = clock.now()
        guard account.mayBeDormant(at: now) else { return false }
        let who = "user:\(account.user)"
        func event(_ action: String, by actor: String, _ outcome: AuditOutcome, _ detail: [String: Value]) -> AuditEvent {
            AuditEvent(
                occurredAt: now, tenant: account.tenant, actor: actor, action: action, resource: who, outcome: outcome, detail: detail,
                correlation: correlation, address: address.audited)
        }
        let events = [
            event("user.dormant", by: "system:dormant", .success, ["last_signed_in_at": .int(account.lastSignInAt)]),
            event(action, by: who, .denied, ["reason": "dormant"]),
        ]
        let scope = TenantScope(account.tenant)
        return try await reading { try await self.store.suspendDormant(scope, user: account.user, now: now, audit: events) }
    }

    /// The same for a session that is to go on: its renewal alone is no use of the account.
    func isDormant(
        _ session: SessionRecord, address: ClientAddress, correlation: String
    ) async throws(AuthenticationError) -> Bool {
        guard clock.now() - session.lastSeenAt >= Self.shortestDormancy else { return false }
        let account = try await reading { try await self.store.account(TenantScope(session.tenant), user: session.user) }
        guard let account else { return true }
        return try await isDormant(account, during: "session.refresh", address: address, correlation: correlation)
    }
}
