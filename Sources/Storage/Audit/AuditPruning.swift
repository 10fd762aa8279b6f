// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors

package import Security
import Values

/// Takes old events out by retention, the only way in which one ever goes.
///
/// Leaves, nodes and checkpoints stay, so roots, older proofs and what is left verify as before. Each pruning is an event of the
/// trail itself, and the check believes no other.
package enum AuditPruning {
    /// What became of it.
    package struct Outcome: Sendable, Hashable {
        /// How many events went now.
        package var removed: Int64
        /// Places under this one are pruned.
        package var beforeIndex: Int64
    }

    /// Removes the events at the beginning of a trail that are older than a time.
    ///
    /// It ends at the first event that is not, by the order of places, so that a clock which jumped takes nothing with it.
    package static func prune(
        _ tenant: TenantID, olderThan cutoff: Int64, by actor: String, at now: Int64 = WallClock.system.now(), on tx: PlatformTransaction
    ) throws -> Outcome {
        let trail = SQLValue.text("\(tenant)")
        let done = try prunedBefore(tenant, on: tx)
        let tree = AuditTree(.trail(tenant), on: tx)
        let signed = try tree.checkpoint()?.size ?? 0
        let young = try tx.query(
            """
            SELECT MIN(leaf.leaf_index) AS place FROM audit_leaves AS leaf
            JOIN audit_events AS event ON event.tenant_id = leaf.tenant_id AND event.id = leaf.event_id
            WHERE leaf.tenant_id = $1 AND event.occurred_at >= $2
            """, [trail, .int(cutoff)]
        ).first
        let firstYoung: Int64? = try young?["place"]
        let before = min(firstYoung ?? signed, signed)
        guard before > done else { return Outcome(removed: 0, beforeIndex: done) }
        let event = AuditEvent(
            occurredAt: now, tenant: tenant, actor: actor, action: "audit.prune", resource: "audit:trail", outcome: .success,
            detail: ["before_index": .int(before), "older_than": .int(cutoff)], correlation: CallID.make().description)
        try tx.append(event)
        try tx.execute(
            "INSERT INTO audit_prunings (tenant_id, before_index, event_id, created_at) VALUES ($1, $2, $3, $4)",
            [trail, .int(before), .text("\(event.id)"), .int(now)])
        try AuditAddresses.removePruned(tenant, before: before, on: tx)
        let removed = try tx.execute(
            """
            DELETE FROM audit_events WHERE tenant_id = $1
                AND id IN (SELECT event_id FROM audit_leaves WHERE tenant_id = $1 AND leaf_index < $2)
            """, [trail, .int(before)])
        return Outcome(removed: Int64(removed), beforeIndex: before)
    }

    /// Places under this one may be without an event.
    ///
    /// The record of a pruning counts only while the event that tells of the same one is there.
    static func prunedBefore(_ tenant: TenantID, on connection: any SQLConnection) throws -> Int64 {
        let rows = try connection.query(
            """
            SELECT pruning.before_index, event.detail FROM audit_prunings AS pruning
            JOIN audit_events AS event ON event.tenant_id = pruning.tenant_id AND event.id = pruning.event_id
            WHERE pruning.tenant_id = $1 AND event.action = 'audit.prune' ORDER BY pruning.before_index DESC
            """, [.text("\(tenant)")])
        for row in rows {
            guard let place = try? row.int("before_index"), let detail = try? row.text("detail") else { continue }
            if (try? JSON.parse(Array(detail.utf8)))?["before_index"]?.intValue == place { return place }
        }
        return 0
    }
}
