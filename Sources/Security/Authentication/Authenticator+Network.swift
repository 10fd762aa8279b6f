// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors

internal import Values

extension Authenticator {
    /// The principal, when its tenant lets requests from that address in; a refusal stands in the tenant's trail.
    func admitted(
        _ principal: Principal, at revision: String, from address: ClientAddress, correlation: String
    ) async throws(AuthenticationError) -> Principal {
        let edge = try await edge(of: principal.tenant, at: revision)
        guard edge.network.admit(address.ip) else {
            try await recordKeptOut(principal.actor, principal.tenant, address, correlation)
            throw .denied(.addressNotAllowed)
        }
        var principal = principal
        (principal.origins, principal.budget) = (edge.origins, edge.budget)
        return principal
    }

    /// Whether an account's tenant lets somebody sign in from that address; read anew each time.
    func letsIn(_ account: AccountRecord?, from address: ClientAddress) async -> Result<Bool, AuthenticationError> {
        guard let account else { return .success(true) }
        do throws(AuthenticationError) {
            let edge = try await reading { try await self.store.edge(TenantScope(account.tenant)) }
            return .success(edge.network.admit(address.ip))
        } catch {
            return .failure(error)
        }
    }

    /// What a tenant says about where requests come from, in the state that a request has read.
    private func edge(of tenant: TenantID, at revision: String) async throws(AuthenticationError) -> TenantEdge {
        try await reading { [store] in
            try await self.edges.edge(of: tenant, at: revision) { try await store.edge(TenantScope(tenant)) }
        }
    }

    private func recordKeptOut(
        _ actor: String, _ tenant: TenantID, _ address: ClientAddress, _ correlation: String
    ) async throws(AuthenticationError) {
        let event = AuditEvent(
            occurredAt: clock.now(), tenant: tenant, actor: actor, action: "network.refuse", resource: "tenant:\(tenant)",
            outcome: .denied, detail: ["reason": .string(Denial.addressNotAllowed.code)], correlation: correlation,
            address: address.audited)
        try await reading { try await self.store.record(TenantScope(tenant), event) }
    }
}
