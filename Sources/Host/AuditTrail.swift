// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors

package import Security
package import Storage
import Values

/// A tenant's audit trail: searched and proven with a permit, and written to when somebody was refused.
package struct AuditTrail: Sendable {
    private let database: any Database
    private let encryption: EncryptionService
    private let authority: SystemAuthority
    private let signers: AuditSigners
    private let cursors: SealedCursor

    /// Reads and writes in this database.
    package init(
        database: any Database, encryption: EncryptionService, authority: SystemAuthority, signers: AuditSigners, cursors: SealedCursor
    ) {
        (self.database, self.encryption, self.authority, self.signers, self.cursors) = (database, encryption, authority, signers, cursors)
    }

    /// Events of the permit's tenant, newest first.
    package func search(_ query: AuditQuery, _ permit: Permit) async throws -> [AuditEntry] {
        try PluginRegistry.require(permit, .auditRead)
        var query = query
        if let address = query.address { query.addressTag = try await encryption.addressTag(of: address, permit.scope) }
        let rows = try await database.read(permit.scope) { [query] tx in try AuditRepository(tx).search(query) }
        var entries: [AuditEntry] = []
        entries.reserveCapacity(rows.count)
        for row in rows { entries.append(AuditEntry(row: row, personal: try await encryption.opened(row))) }
        return entries
    }

    /// One page of events, newest first, and the cursor of the next page if there may be one.
    ///
    /// A cursor is good for its tenant and its query only.
    package func page(_ query: AuditQuery, after cursor: String?, _ permit: Permit) async throws -> (rows: [AuditEntry], next: String?) {
        var query = query
        let binding = query.canonicalFilters
        if let cursor {
            do {
                query.before = try cursors.open(cursor, tenant: permit.scope.tenant, query: binding).id
            } catch {
                throw HostError(.invalidRequest, error.description, fields: [.init(field: "cursor", message: error.description)])
            }
        }
        let rows = try await search(query, permit)
        guard rows.count == query.limit, let last = rows.last else { return (rows, nil) }
        return (rows, try cursors.seal(CursorPosition(last.occurredAt, id: last.id), tenant: permit.scope.tenant, query: binding))
    }

    /// The proof that one event is in the trail.
    package func proof(of event: EventID, _ permit: Permit) async throws -> ProofFile {
        try PluginRegistry.require(permit, .auditRead, on: "event:\(event)")
        do {
            return try await database.read(permit.scope) { tx in try AuditProofs.proof(of: event, in: tx.scope.tenant, on: tx) }
        } catch let error as StorageError where error.code == .conflict {
            throw HostError(.conflict, error.message, retryAfterSeconds: 1)
        }
    }

    /// Events in the order of their places, from one on, as many as wanted.
    package func export(from index: Int64 = 0, limit: Int64? = nil, proofs: Bool, _ permit: Permit) async throws -> AuditExport {
        try PluginRegistry.require(permit, .auditRead)
        return try await AuditExport(database, encryption, permit.scope, from: index, limit: limit, proofs: proofs)
    }

    /// The newest checkpoints: of the permit's tenant, and of the tree over all tenants.
    package func checkpoints(_ permit: Permit) async throws -> (trail: StoredCheckpoint?, host: StoredCheckpoint?) {
        try PluginRegistry.require(permit, .auditRead)
        return try await database.read(permit.scope) { tx in
            (try AuditProofs.checkpoint(of: tx.scope.tenant, on: tx), try AuditProofs.checkpoint(of: nil, on: tx))
        }
    }

    /// The proof that the trail at one size is the beginning of the trail at another.
    package func consistency(from older: Int64, to newer: Int64, _ permit: Permit) async throws -> [MerkleHash] {
        try PluginRegistry.require(permit, .auditRead)
        return try await database.read(permit.scope) { tx in
            try AuditProofs.consistency(of: tx.scope.tenant, from: older, to: newer, on: tx)
        }
    }

    /// The public keys of the checkpoints, the one in use first.
    package func publicKeys() async throws -> [NoteVerifier] { try await signers.load().verifiers }

    /// Records in a tenant's trail that an operator of the installation does something there.
    package func recordAct(of principal: Principal, _ action: Action, _ scope: TenantScope, _ trace: CallOrigin) async throws {
        let event = AuditEvent(
            tenant: scope.tenant, actor: principal.actor, action: Action.tenantActAs.rawValue, resource: "tenant:\(scope.tenant)",
            outcome: .started, detail: ["event": "tenant.act_as.act", "action": .string(action.rawValue)],
            correlation: trace.correlation, address: trace.address)
        try await database.append(scope, event)
    }

    /// Records in the principal's own trail that something was not allowed; the other tenant's trail learns nothing of it.
    package func recordDenial(
        _ denial: Denial, of principal: Principal, action: Action, resource: String, _ trace: CallOrigin
    ) async throws {
        let scope = authority.permit(action, in: principal.tenant, as: "denials").scope
        let event = AuditEvent(
            tenant: principal.tenant, actor: principal.actor, action: action.rawValue, resource: resource, outcome: .denied,
            detail: ["reason": .string(denial.code)], correlation: trace.correlation, address: trace.address)
        try await database.append(scope, event)
    }
}
