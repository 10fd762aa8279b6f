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

/// The one place that writes audit rows.
enum AuditAppend {
    static func append(_ event: AuditEvent, to connection: any SQLConnection) throws {
        let tenant = SQLValue.text(event.tenant.description)
        let (row, head) = try advanceHead(of: event.tenant, on: connection).appending(event)
        try connection.execute(
            """
            INSERT INTO audit_events
                (tenant_id, sequence, id, occurred_at, actor, action, resource, outcome, detail, correlation, address, hash)
            VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)
            """,
            [
                tenant, .int(row.sequence), .text(row.id), .int(row.occurredAt), .text(row.actor), .text(row.action),
                .text(row.resource), .text(row.outcome), .text(row.detail), .text(row.correlation), .text(orNull: row.address),
                .text(Hex.encode(row.hash)),
            ])
        try connection.execute(
            "UPDATE audit_heads SET hash = $2 WHERE tenant_id = $1", [tenant, .text(Hex.encode(head.hash))])
    }

    /// Takes the next place before reading the head, so that two writers cannot both read the same one on any engine.
    private static func advanceHead(of tenant: TenantID, on connection: any SQLConnection) throws -> AuditHead {
        let rows = try connection.query(
            "UPDATE audit_heads SET sequence = sequence + 1 WHERE tenant_id = $1 RETURNING sequence, hash",
            [.text(tenant.description)])
        guard let row = rows.first else {
            throw StorageError(.notFound, "the tenant has no audit trail: it does not exist")
        }
        return AuditHead(tenant: tenant, sequence: try row.int("sequence") - 1, hash: try row.hex("hash"))
    }

    /// Opens the trail of a new tenant.
    static func open(_ tenant: TenantID, on connection: any SQLConnection) throws {
        let head = AuditHead(emptyTrailOf: tenant)
        try connection.execute(
            "INSERT INTO audit_heads (tenant_id, sequence, hash) VALUES ($1, $2, $3)",
            [.text(tenant.description), .int(head.sequence), .text(Hex.encode(head.hash))])
    }
}
