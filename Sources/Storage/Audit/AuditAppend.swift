// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors

package import Security
import Values

extension TenantTransaction {
    /// Adds an event to the tenant's trail: it is committed, or undone, together with everything else in here.
    package func append(_ event: AuditEvent) throws {
        guard event.tenant == scope.tenant else {
            throw StorageError(.failed, "an audit event names another tenant than its transaction")
        }
        try AuditAppend.append(event, to: connection)
    }
}

extension PlatformTransaction {
    /// Adds an event to the trail of the tenant that it names.
    package func append(_ event: AuditEvent) throws {
        try AuditAppend.append(event, to: connection)
    }
}

/// The one place that writes audit events.
///
/// It locks nothing that others wait for: the place in the tree is the sequencer's to give.
enum AuditAppend {
    static func append(_ event: AuditEvent, to connection: any SQLConnection) throws {
        let row = AuditRow(event)
        try connection.enqueue(
            """
            INSERT INTO audit_events
                (tenant_id, id, occurred_at, actor, action, resource, outcome, detail, correlation, address, personal, salt, leaf_hash)
            VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)
            """,
            [
                .text(row.tenant), .text(row.id), .int(row.occurredAt), .text(row.actor), .text(row.action), .text(row.resource),
                .text(row.outcome), .text(row.detail), .text(row.correlation), .text(orNull: row.address), .text(orNull: row.personal),
                .text(row.salt), .text(Hex.encode(row.leafHash)),
            ])
        try connection.enqueue(
            "INSERT INTO sequencer_queue (tenant_id, event_id) VALUES ($1, $2)", [.text(row.tenant), .text(row.id)])
    }
}
