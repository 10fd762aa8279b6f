// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors

internal import Values

/// An API key gets another secret.
public struct APIKeyRotation: Sendable {
    /// The key.
    public let id: APIKeyID
    /// What is stored of the secret that it has, which must still be so.
    public let old: [UInt8]
    /// What is stored of the new one.
    public let new: [UInt8]
    /// Until when the old one is good as well, in milliseconds.
    public let oldUntil: Int64
    /// When the key ends from now on, in milliseconds.
    public let expiresAt: Int64
    /// Now, in milliseconds.
    public let now: Int64
    /// Who learns the new secret.
    public let issuer: APIKeyIssuer
}

extension Authenticator {
    /// Milliseconds for which an old secret may be good beside the new one.
    package static let longestOverlap: Int64 = 7 * 86_400_000

    /// The API keys of the permit's tenant that it lets see, the oldest first.
    public func apiKeys(_ permit: ListPermit) async throws(AuthenticationError) -> [APIKeyRecord] {
        guard permit.action == .userManage else { throw .denied(.missingPermission(.userManage)) }
        return try await reading { try await self.store.apiKeys(permit.scope) }.filter { permit.permit(for: $0.resource) != nil }
    }

    /// Gives an API key another secret; the old one is good for the overlap. Nil when there is no such key that is good.
    ///
    /// Whoever rotates a key learns its secret, and so must be a person, and hold all that it may do.
    public func rotateAPIKey(
        _ permit: Permit, id: APIKeyID, overlap: Int64, expiresAt: Int64? = nil, from address: ClientAddress = .unknown,
        correlation: String = CallID.make().description
    ) async throws(AuthenticationError) -> (record: APIKeyRecord, text: Secret)? {
        guard (0...Self.longestOverlap).contains(overlap) else {
            throw .invalid("overlap_seconds: use 0 to \(Self.longestOverlap / 1000)")
        }
        let issuer = try APIKeyIssuer(permit)
        let now = clock.now()
        guard var key = try await everyAPIKey(permit).first(where: { $0.id == id }), key.isGood(at: now) else { return nil }
        let end = expiresAt ?? key.expiresAt
        try checkAPIKey(permit, PermissionSet(patterns: key.patterns), until: end, at: now)
        let (text, stored) = APIKeyFormat.make(environment: policy.environment, id: id)
        let rotation = APIKeyRotation(
            id: id, old: key.hash, new: stored.hash, oldUntil: now + overlap, expiresAt: end, now: now, issuer: issuer)
        let event = AuditEvent(
            of: permit, resource: "api_key:\(id)", outcome: .success,
            detail: ["change": "rotated", "overlap": .int(overlap), "expires_at": .int(end)], correlation: correlation,
            address: address.audited)
        guard try await reading({ try await self.store.rotateAPIKey(permit.scope, rotation, audit: event) }) else { return nil }
        (key.hash, key.expiresAt, key.previousHash, key.previousUntil) = (stored.hash, end, rotation.old, rotation.oldUntil)
        return (key, text)
    }

    private func everyAPIKey(_ permit: Permit) async throws(AuthenticationError) -> [APIKeyRecord] {
        guard permit.action == .userManage else { throw .denied(.missingPermission(.userManage)) }
        return try await reading { try await self.store.apiKeys(permit.scope) }
    }

    /// Refuses a key that would end too late, or hold more than whoever hands it out.
    func checkAPIKey(_ permit: Permit, _ wanted: PermissionSet, until end: Int64, at now: Int64) throws(AuthenticationError) {
        guard end > now, end - now <= policy.apiKeyLifetime else {
            throw .invalid("expires_at: must lie ahead, by at most \(policy.apiKeyLifetime / 86_400_000) days")
        }
        guard permit.principal.ceiling(at: now).allows(wanted, until: end) else {
            throw .invalid("permissions: a key cannot hold more than whoever issues it, nor for longer")
        }
    }
}
