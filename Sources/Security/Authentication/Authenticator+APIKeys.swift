// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors

internal import Values

/// Who hands out a key: the local operator, or a person, as long as they are signed in.
public struct APIKeyIssuer: Sendable, Hashable {
    /// Of somebody who is signed in.
    public struct Session: Sendable, Hashable {
        /// Who has to be active, in a tenant that is in service.
        public let user: UserID
        /// What must not have ended.
        public let id: SessionID
    }

    /// What has to go on while the key is written; nil for the local operator.
    public let session: Session?

    /// Throws for whoever is no person, such as a program with a key.
    init(_ permit: Permit) throws(AuthenticationError) {
        do throws(Denial) { try permit.requirePerson() } catch { throw .denied(error) }
        session =
            if let user = permit.principal.user, let id = permit.principal.session { Session(user: user, id: id) } else { nil }
    }
}

extension Permit {
    /// Throws unless it is somebody who is signed in, or the local operator.
    package func requirePerson() throws(Denial) {
        switch principal.kind {
        case .system: return
        case .user where principal.session != nil: return
        default: throw .personRequired
        }
    }
}

extension Authenticator {
    /// Makes an API key for the permit's tenant.
    ///
    /// The text is shown once and never stored.
    ///
    /// One can grant only what one holds, and every key ends. A key makes no keys: what it made would outlive its withdrawal.
    public func issueAPIKey(
        _ permit: Permit, name: String, permissions: [String], expiresAt: Int64, from address: ClientAddress = .unknown,
        correlation: String = CallID.make().description
    ) async throws(AuthenticationError) -> (record: APIKeyRecord, text: Secret) {
        guard permit.action == .userManage else { throw .denied(.missingPermission(.userManage)) }
        let issuer = try APIKeyIssuer(permit)
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
        let isStored = try await reading { try await self.store.insertAPIKey(permit.scope, record, by: issuer, audit: event) }
        guard isStored else { throw .refused }
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
