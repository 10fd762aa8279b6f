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

    /// Adds events to the tenant's trail.
    package func append(_ events: [AuditEvent]) throws {
        guard events.allSatisfy({ $0.tenant == scope.tenant }) else {
            throw StorageError(.failed, "an audit event names another tenant than its transaction")
        }
        try AuditAppend.append(events, to: connection)
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
            """, row.storedColumns.map(\.value))
        try connection.enqueue(
            "INSERT INTO sequencer_queue (tenant_id, event_id) VALUES ($1, $2)", [.text(row.tenant), .text(row.id)])
    }

    /// Writes events that share a transaction; where each statement has its price, all of them with one.
    static func append(_ events: [AuditEvent], to connection: any SQLConnection) throws {
        guard connection.dialect == .postgresql, events.count > 1 else {
            for event in events { try append(event, to: connection) }
            return
        }
        try connection.enqueue(
            """
            WITH event AS (
                INSERT INTO audit_events
                    (tenant_id, id, occurred_at, actor, action, resource, outcome, detail, correlation, address, personal, salt, leaf_hash)
                SELECT tenant_id, id, occurred_at, actor, action, resource, outcome, detail, correlation, address, personal, salt, leaf_hash
                FROM json_to_recordset($1::json) AS event (
                    tenant_id text, id text, occurred_at bigint, actor text, action text, resource text, outcome text, detail text,
                    correlation text, address text, personal text, salt text, leaf_hash text)
                RETURNING tenant_id, id)
            INSERT INTO sequencer_queue (tenant_id, event_id) SELECT tenant_id, id FROM event
            """, [.text(AuditRow.json(events.map { AuditRow($0) }))])
    }
}

extension AuditRow {
    /// What an event's row holds, by the names of its columns in their order.
    fileprivate var storedColumns: [(name: StaticString, value: SQLValue)] {
        [
            ("tenant_id", .text(tenant)), ("id", .text(id)), ("occurred_at", .int(occurredAt)), ("actor", .text(actor)),
            ("action", .text(action)), ("resource", .text(resource)), ("outcome", .text(outcome)), ("detail", .text(detail)),
            ("correlation", .text(correlation)), ("address", .text(orNull: address)), ("personal", .text(orNull: personal)),
            ("salt", .text(salt)), ("leaf_hash", .text(Hex.encode(leafHash))),
        ]
    }

    /// An array of objects, one for each row.
    fileprivate static func json(_ rows: [AuditRow]) -> String {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(1024 * rows.count)
        func raw(_ text: StaticString) {
            bytes.append(contentsOf: UnsafeBufferPointer(start: text.utf8Start, count: text.utf8CodeUnitCount))
        }
        for (place, row) in rows.enumerated() {
            raw(place == 0 ? "[" : ",")
            for (column, stored) in row.storedColumns.enumerated() {
                raw(column == 0 ? "{\"" : ",\"")
                raw(stored.name)
                raw("\":")
                switch stored.value {
                case .text(let text): JSON.append(text, to: &bytes)
                case .int(let int): bytes.append(contentsOf: String(int).utf8)
                default: raw("null")
                }
            }
            raw("}")
        }
        raw("]")
        return String(decoding: bytes, as: UTF8.self)
    }
}
