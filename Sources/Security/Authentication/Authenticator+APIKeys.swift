// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors

internal import Values

extension Authenticator {
    /// Makes an API key for the permit's tenant.
    ///
    /// The text is shown once and never stored.
    ///
    /// One can grant only what one holds, and every key ends.
    public func issueAPIKey(
        _ permit: Permit, name: String, permissions: [String], expiresAt: Int64, from address: ClientAddress = .unknown,
        correlation: String = CallID.make().description
    ) async throws(AuthenticationError) -> (record: APIKeyRecord, text: Secret) {
        guard permit.action == .userManage else { throw .denied(.missingPermission(.userManage)) }
        let now = clock.now()
        guard (1...100).contains(name.utf8.count) else { throw .invalid("name: use 1 to 100 bytes") }
        let wanted = PermissionSet(patterns: permissions)
        guard !permissions.isEmpty, wanted.patterns.count == Set(permissions).count else {
            throw .invalid("permissions: give at least one, each as resource.action")
        }
        try checkAPIKey(permit, wanted, until: expiresAt, at: now)
        let (text, stored) = APIKeyFormat.make(environment: policy.environment)
        let record = APIKeyRecord(
            id: stored.id, tenant: permit.scope.tenant, slug: permit.principal.slug, name: name, hash: stored.hash,
            patterns: wanted.patterns, issuedBy: permit.principal.actor, createdAt: now, expiresAt: expiresAt)
        let event = AuditEvent(
            of: permit, resource: "api_key:\(stored.id)", outcome: .success,
            detail: ["change": "created", "permissions": .array(wanted.patterns.map(Value.string)), "expires_at": .int(expiresAt)],
            correlation: correlation, address: address.audited)
        try await reading { try await self.store.insertAPIKey(permit.scope, record, audit: event) }
        return (record, text)
    }

    /// Withdraws an API key of the permit's tenant; false when there is none that is still valid.
    public func revokeAPIKey(
        _ permit: Permit, id: APIKeyID, from address: ClientAddress = .unknown, correlation: String = CallID.make().description
    ) async throws(AuthenticationError) -> Bool {
        guard permit.action == .userManage else { throw .denied(.missingPermission(.userManage)) }
        let event = AuditEvent(
            of: permit, resource: "api_key:\(id)", outcome: .success, detail: ["change": "withdrawn"], correlation: correlation,
            address: address.audited)
        return try await reading {
            try await self.store.revokeAPIKey(permit.scope, id: id, now: self.clock.now(), audit: event)
        }
    }
}
