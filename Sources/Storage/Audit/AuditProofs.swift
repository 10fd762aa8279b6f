// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors

package import Security
import Values

/// Makes proofs out of what the sequencer has stored; they are checked with the public key alone.
package enum AuditProofs {
    /// One event with its place and, when asked for, the proof of it.
    package struct ProvenRow: Sendable, Hashable {
        package var row: AuditRow
        package var proof: ProofFile?

        package init(row: AuditRow, proof: ProofFile? = nil) { (self.row, self.proof) = (row, proof) }
    }

    /// The proof that one event is in its tenant's log, and that the tenant's checkpoint is in the host's.
    package static func proof(of event: EventID, in tenant: TenantID, on connection: any SQLConnection) throws -> ProofFile {
        let rows = try connection.query(
            "SELECT \(AuditRow.columns) FROM \(AuditRow.source) WHERE event.tenant_id = $1 AND event.id = $2",
            [.text("\(tenant)"), .text("\(event)")])
        guard let row = try rows.first.map(AuditRow.init(row:)) else {
            throw StorageError(.notFound, "there is no such event: it may have been pruned")
        }
        guard let index = row.index else {
            throw StorageError(.conflict, "the event has no place yet: the sequencer gives it one in less than a second")
        }
        return try Prover(tenant, on: connection).proof(of: row, at: index)
    }

    /// Events in the order of their places, each with its proof if wanted.
    package static func page(
        of tenant: TenantID, from index: Int64, limit: Int64, proofs: Bool, on connection: any SQLConnection
    ) throws -> [ProvenRow] {
        let rows = try connection.query(
            """
            SELECT \(AuditRow.columns) FROM audit_leaves AS leaf
            JOIN audit_events AS event ON event.tenant_id = leaf.tenant_id AND event.id = leaf.event_id
            WHERE leaf.tenant_id = $1 AND leaf.leaf_index >= $2 ORDER BY leaf.leaf_index LIMIT $3
            """, [.text("\(tenant)"), .int(index), .int(limit)])
        let prover = Prover(tenant, on: connection)
        return try rows.map { row in
            let row = try AuditRow(row: row)
            return ProvenRow(row: row, proof: proofs ? try row.index.map { try prover.proof(of: row, at: $0) } : nil)
        }
    }

    /// The newest signed checkpoint of a tenant's log, or of the host's; nil before the first event has its place.
    package static func checkpoint(of tenant: TenantID?, on connection: any SQLConnection) throws -> StoredCheckpoint? {
        try AuditTree(tenant.map { .trail($0) } ?? .forest, on: connection).checkpoint()
    }

    /// The proof that the log at one size is the beginning of the log at another.
    package static func consistency(
        of tenant: TenantID?, from older: Int64, to newer: Int64, on connection: any SQLConnection
    ) throws -> [MerkleHash] {
        let tree = AuditTree(tenant.map { .trail($0) } ?? .forest, on: connection)
        guard older > 0, older <= newer, try newer <= tree.size() else {
            throw StorageError(.notFound, "there is no such pair of sizes: the older one is at least 1, the newer one at most the log's")
        }
        return try MerkleTree.consistencyPath(from: older, to: newer, node: tree.node)
    }
}

/// Proves many events of one log against the same two checkpoints, reading each stretch of the trees once.
private final class Prover {
    private let tenant: TenantID
    private let connection: any SQLConnection
    private let tree: AuditTree
    private let forest: AuditTree
    private var planted: (note: SignedNote, size: Int64, place: Int64)??
    private var newest: (note: SignedNote, size: Int64)?
    private var above: TreeProof??

    init(_ tenant: TenantID, on connection: any SQLConnection) {
        (self.tenant, self.connection) = (tenant, connection)
        tree = AuditTree(.trail(tenant), on: connection)
        forest = AuditTree(.forest, on: connection)
    }

    func proof(of row: AuditRow, at index: Int64) throws -> ProofFile {
        if let planted = try findPlanted(), index < planted.size, let above = try findAbove(planted.place) {
            return ProofFile(event: row.leafBytes(), log: try log(index, planted.note, planted.size), forest: above)
        }
        guard let newest = try findNewest(), index < newest.size else {
            throw StorageError(.conflict, "no checkpoint covers the event yet")
        }
        return ProofFile(event: row.leafBytes(), log: try log(index, newest.note, newest.size))
    }

    private func log(_ index: Int64, _ note: SignedNote, _ size: Int64) throws -> TreeProof {
        TreeProof(index: index, path: try MerkleTree.inclusionPath(index: index, size: size, node: tree.node), note: note)
    }

    private func findNewest() throws -> (note: SignedNote, size: Int64)? {
        if newest == nil, let point = try tree.checkpoint() { newest = (try SignedNote(parsing: point.note), point.size) }
        return newest
    }

    /// The newest checkpoint of the log that the forest has.
    private func findPlanted() throws -> (note: SignedNote, size: Int64, place: Int64)? {
        if let planted { return planted }
        let row = try connection.query(
            """
            SELECT leaf.leaf_index, leaf.tree_size, point.note FROM forest_leaves AS leaf
            JOIN audit_checkpoints AS point ON point.tenant_id = leaf.trail AND point.tree_size = leaf.tree_size
            WHERE leaf.trail = $1 ORDER BY leaf.tree_size DESC LIMIT 1
            """, [.text("\(tenant)")]
        ).first
        let found = try row.map { (try SignedNote(parsing: $0.text("note")), try $0.int("tree_size"), try $0.int("leaf_index")) }
        planted = .some(found)
        return found
    }

    private func findAbove(_ place: Int64) throws -> TreeProof? {
        if let above { return above }
        var found: TreeProof?
        if let point = try forest.checkpoint(), place < point.size {
            found = TreeProof(
                index: place, path: try MerkleTree.inclusionPath(index: place, size: point.size, node: forest.node),
                note: try SignedNote(parsing: point.note))
        }
        above = .some(found)
        return found
    }
}

extension AuditProofs.ProvenRow {
    /// The row on its way out, with what it tells of persons opened.
    package func exported(_ personal: AuditPersonal) -> AuditExportRow {
        let place = row.index.flatMap { index in
            MerkleHash(row.leafHash).map { AuditExportRow.Proof(index: index, leafHash: $0, file: proof?.text) }
        }
        return AuditExportRow(
            id: row.id, occurredAt: row.occurredAt, tenant: row.tenant, actor: row.actor, action: row.action, resource: row.resource,
            outcome: row.outcome, detail: row.detail, correlation: row.correlation, address: personal.address, personal: personal.shown,
            proof: place)
    }
}

extension EncryptionService {
    /// Rows on their way out to somebody who may read the trail; proofs keep the ciphertext, which is what they cover.
    package func exported(_ rows: [AuditProofs.ProvenRow]) async throws -> [AuditExportRow] {
        var exported: [AuditExportRow] = []
        exported.reserveCapacity(rows.count)
        for row in rows { exported.append(row.exported(try await opened(row.row))) }
        return exported
    }
}
