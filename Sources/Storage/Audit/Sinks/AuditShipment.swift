// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors

package import Security

/// Events on their way to one sink: of several trails, each in the order of its places.
package struct AuditShipment: Sendable {
    /// What one shipment holds at most.
    package struct Limits: Sendable {
        package var events = 200
        package var eventsOfTrail: Int64 = 100
        package var trails = 64
        /// Bytes of the events' texts; the event that goes over it is the last.
        package var bytes = 512 * 1024

        package init() {}
    }

    /// How far one trail gets by it.
    package struct Step: Sendable, Hashable {
        package let tenant: TenantID
        package let from: Int64
        package var next: Int64
    }

    package var events: [AuditRow] = []
    package var steps: [Step] = []
    /// Events in between that retention has taken out.
    package var pruned: Int64 = 0
    /// Trails that cannot be shipped on: an event is gone that no pruning explains, or cannot be read.
    package var damaged: [TenantID: Int64] = [:]
    /// Where to go on looking, so that a busy trail does not hold up the others; empty for the beginning.
    package var after = ""

    /// Whether a cursor would move.
    package var moves: Bool { !steps.isEmpty }

    /// What the sink is owed next.
    ///
    /// - Parameter after: begins behind this tenant, and goes round.
    package static func next(
        for sink: AuditSinkRecord.ID, after: String, limits: Limits = Limits(), on tx: PlatformTransaction
    ) throws -> AuditShipment {
        var shipment = AuditShipment()
        var trails = try owed(sink, after: after, limit: limits.trails, on: tx)
        let isWhole = trails.count < limits.trails
        if isWhole, !after.isEmpty {
            let known = Set(trails.map(\.tenant))
            trails += try owed(sink, after: "", limit: limits.trails, on: tx).filter { !known.contains($0.tenant) }
        }
        var bytes = 0
        for trail in trails where shipment.events.count < limits.events && bytes < limits.bytes {
            bytes += try shipment.add(trail, limits, room: limits.bytes - bytes, on: tx)
            shipment.after = trail.tenant.description
        }
        return shipment
    }

    private static func owed(
        _ sink: AuditSinkRecord.ID, after: String, limit: Int, on tx: PlatformTransaction
    ) throws -> [Step] {
        try tx.query(
            """
            SELECT tenant.id, COALESCE(cursor.next_index, 0) AS next FROM tenants AS tenant
            LEFT JOIN audit_sink_cursors AS cursor ON cursor.tenant_id = tenant.id AND cursor.sink_id = $1
            WHERE tenant.id > $2 AND EXISTS (SELECT 1 FROM audit_sinks AS sink WHERE sink.id = $1 AND sink.paused_at IS NULL) AND EXISTS (
                SELECT 1 FROM audit_leaves AS leaf WHERE leaf.tenant_id = tenant.id AND leaf.leaf_index >= COALESCE(cursor.next_index, 0))
            ORDER BY tenant.id LIMIT \(limit)
            """, [.text("\(sink)"), .text(after)]
        ).map { Step(tenant: try $0.id("id"), from: try $0["next"], next: try $0["next"]) }
    }

    /// Takes from one trail; answers how many bytes that were.
    private mutating func add(_ trail: Step, _ limits: Limits, room: Int, on tx: PlatformTransaction) throws -> Int {
        let count = min(limits.eventsOfTrail, Int64(limits.events - events.count))
        let rows = try tx.query(
            """
            SELECT leaf.leaf_index AS place, \(AuditRow.columns) FROM audit_leaves AS leaf
            LEFT JOIN audit_events AS event ON event.tenant_id = leaf.tenant_id AND event.id = leaf.event_id
            WHERE leaf.tenant_id = $1 AND leaf.leaf_index >= $2 ORDER BY leaf.leaf_index LIMIT $3
            """, [.text("\(trail.tenant)"), .int(trail.from), .int(count)])
        var (step, bytes, prunedBefore) = (trail, 0, Int64?.none)
        for row in rows where bytes < room {
            guard try row.int("place") == step.next else {
                damaged[trail.tenant] = step.next
                break
            }
            let id: String? = try row["id"]
            if id == nil {
                prunedBefore = try prunedBefore ?? AuditPruning.prunedBefore(trail.tenant, on: tx)
                guard step.next < prunedBefore ?? 0 else {
                    damaged[trail.tenant] = step.next
                    break
                }
                pruned += 1
            } else {
                guard let event = try? AuditRow(row: row) else {
                    damaged[trail.tenant] = step.next
                    break
                }
                bytes += 512 + event.detail.utf8.count
                events.append(event)
            }
            step.next += 1
        }
        if step.next > trail.from { steps.append(step) }
        return bytes
    }

    /// Moves the cursors once the sink has accepted; throws when another host ships by now.
    package func accept(for sink: AuditSinkRecord.ID, lease: JobLease, at now: Int64, on tx: PlatformTransaction) throws {
        try JobLeases(tx).require(lease)
        for step in steps {
            let moved = try tx.execute(
                """
                INSERT INTO audit_sink_cursors (tenant_id, sink_id, next_index, updated_at) VALUES ($1, $2, $3, $4)
                ON CONFLICT (tenant_id, sink_id) DO UPDATE SET next_index = excluded.next_index, updated_at = excluded.updated_at
                WHERE audit_sink_cursors.next_index = $5
                """,
                [.text("\(step.tenant)"), .text("\(sink)"), .int(step.next), .int(now), .int(step.from)])
            guard moved == 1 else { throw StorageError(.conflict, "a cursor of an audit sink was moved by somebody else") }
        }
        try tx.execute(
            """
            UPDATE audit_sinks SET delivered = delivered + $2, pruned = pruned + $3, delivered_at = CASE WHEN $2 > 0 THEN $4 ELSE delivered_at END,
                failing_since = NULL, last_error = NULL
            WHERE id = $1
            """, [.text("\(sink)"), .int(Int64(events.count)), .int(pruned), .int(now)])
    }
}
