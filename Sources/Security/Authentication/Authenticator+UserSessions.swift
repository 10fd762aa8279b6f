// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors

internal import Values

extension Authenticator {
    /// The sessions of a user of the permit's tenant, the newest first; nil when there is no such user.
    public func sessions(of user: UserID, _ permit: Permit) async throws(AuthenticationError) -> [SessionSummary]? {
        guard permit.action == .sessionManage else { throw .denied(.missingPermission(.sessionManage)) }
        guard try await exists(user, permit.scope) else { return nil }
        return try await sessions(of: user, in: permit.scope.tenant)
    }

    /// Ends sessions of a user of the permit's tenant; answers which ones were still open, nil when there is no such user.
    public func endSessions(
        of user: UserID, _ which: SessionChoice, _ permit: Permit, from address: ClientAddress = .unknown,
        correlation: String = CallID.make().description
    ) async throws(AuthenticationError) -> [SessionID]? {
        guard permit.action == .sessionManage else { throw .denied(.missingPermission(.sessionManage)) }
        guard try await exists(user, permit.scope) else { return nil }
        let event: @Sendable ([SessionID]) -> AuditEvent = { ended in
            AuditEvent(
                of: permit, resource: "user:\(user)", outcome: .success,
                detail: ["change": "ended", "sessions": .array(ended.map { .string($0.description) })], correlation: correlation,
                address: address.audited)
        }
        return try await reading { try await self.store.endSessions(permit.scope, of: user, which, now: self.clock.now(), audit: event) }
    }

    private func exists(_ user: UserID, _ scope: TenantScope) async throws(AuthenticationError) -> Bool {
        try await reading { try await self.store.account(scope, user: user) } != nil
    }
}
