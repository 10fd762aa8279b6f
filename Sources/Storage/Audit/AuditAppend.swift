// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors

package import Security
internal import Synchronization
import Values

extension TenantTransaction {
    /// Adds an event to the tenant's trail: it is committed, or undone, together with everything else in here.
    package func append(_ event: AuditEvent) throws {
        guard event.tenant == scope.tenant else { throw AuditAppend.foreign }
        try AuditAppend.append(event, to: connection, sealer)
    }

    /// Adds events to the tenant's trail.
    package func append(_ events: [AuditEvent]) throws {
        guard events.allSatisfy({ $0.tenant == scope.tenant }) else { throw AuditAppend.foreign }
        try AuditAppend.append(try events.compactMap { try AuditAppend.stored($0, sealer) }, to: connection)
    }

    /// Has a user's key fetched or made, for an event that is to follow in a transaction which may not take longer for it.
    package func expectEvent(of user: UserID) throws {
        try sealer?.expect(PersonalNeed(tenant: scope.tenant, subject: .user(user)))
    }
}

extension PlatformTransaction {
    /// Adds an event to the trail of the tenant that it names.
    package func append(_ event: AuditEvent) throws {
        try AuditAppend.append(event, to: connection, sealer)
    }
}

/// An event as it is stored: its row, and the name by which its address is found.
struct StoredEvent: Sendable {
    let row: AuditRow
    let address: SealedPersonal.AddressTag?
}

/// The one place that writes audit events.
///
/// It locks nothing that others wait for: the place in the tree is the sequencer's to give.
enum AuditAppend {
    static let foreign = StorageError(.failed, "an audit event names another tenant than its transaction")

    private static let columns =
        "tenant_id, id, occurred_at, actor, action, resource, outcome, detail, correlation, personal, salt, leaf_hash"

    static func append(_ event: AuditEvent, to connection: any SQLConnection, _ sealer: PersonalSealer?) throws {
        guard let stored = try stored(event, sealer) else { return }
        try append([stored], to: connection)
    }

    /// What is stored of an event, with all that tells of persons sealed.
    ///
    /// Nil when a key is missing: without it nothing is written at all, and the sealer undoes this run of the transaction.
    static func stored(_ event: AuditEvent, _ sealer: PersonalSealer?) throws -> StoredEvent? {
        guard event.isPersonal else { return StoredEvent(row: AuditRow(event), address: nil) }
        guard let sealer else { throw StorageError(.failed, "an audit event tells of a person, and there are no keys to seal that with") }
        guard case .sealed(let personal, _) = try sealer.seal(event) else { return nil }
        return StoredEvent(row: AuditRow(event, personal: personal?.column), address: personal?.address)
    }

    /// Writes events of one tenant that share a transaction; each statement has its price, so with as few as the engine does well with.
    static func append(_ events: [StoredEvent], to connection: any SQLConnection) throws {
        AuditBell.ring()
        try insert(events.map(\.row), to: connection)
        try AuditAddresses.add(events, to: connection)
    }

    private static func insert(_ rows: [AuditRow], to connection: any SQLConnection) throws {
        guard rows.count > 1 else { return try rows.forEach { try insert([$0], one, to: connection) } }
        guard connection.dialect == .postgresql else {
            var rest = rows[...]
            while rest.count >= many.count {
                try insert(rest.prefix(many.count), many, to: connection)
                rest = rest.dropFirst(many.count)
            }
            for row in rest { try insert([row], one, to: connection) }
            return
        }
        try connection.enqueue(
            """
            WITH event AS (
                INSERT INTO audit_events (\(columns)) SELECT \(columns) FROM json_to_recordset($1::json) AS event (
                    tenant_id text, id text, occurred_at bigint, actor text, action text, resource text, outcome text, detail text,
                    correlation text, personal text, salt text, leaf_hash text)
                RETURNING tenant_id, id)
            INSERT INTO sequencer_queue (tenant_id, event_id) SELECT tenant_id, id FROM event
            """, [.text(AuditRow.json(rows))])
    }

    // MARK: Rows by their parameters

    private struct Statements: Sendable {
        let count: Int
        let events: String
        let queue: String

        init(_ count: Int) {
            func places(_ width: Int) -> String {
                (0..<count).map { row in "(" + (1...width).map { "$\(row * width + $0)" }.joined(separator: ", ") + ")" }
                    .joined(separator: ", ")
            }
            self.count = count
            events = "INSERT INTO audit_events (\(columns)) VALUES \(places(12))"
            queue = "INSERT INTO sequencer_queue (tenant_id, event_id) VALUES \(places(2))"
        }
    }

    private static let one = Statements(1)
    private static let many = Statements(16)

    private static func insert(_ rows: some Collection<AuditRow>, _ statements: Statements, to connection: any SQLConnection) throws {
        try connection.enqueue(statements.events, rows.flatMap { $0.storedColumns.map(\.value) })
        try connection.enqueue(statements.queue, rows.flatMap { [.text($0.tenant), .text($0.id)] })
    }
}

extension AuditRow {
    /// What an event's row holds, by the names of its columns in their order.
    fileprivate var storedColumns: [(name: StaticString, value: SQLValue)] {
        [
            ("tenant_id", .text(tenant)), ("id", .text(id)), ("occurred_at", .int(occurredAt)), ("actor", .text(actor)),
            ("action", .text(action)), ("resource", .text(resource)), ("outcome", .text(outcome)), ("detail", .text(detail)),
            ("correlation", .text(correlation)), ("personal", .text(orNull: personal)),
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

/// Tells this process's sequencers that events may be on their way, so that they need not ask the database to find out.
///
/// One for the process: what it rings for may still be undone, or be another database's, and costs one look.
package enum AuditBell {
    private static let rings = Atomic<UInt64>(0)

    static func ring() { rings.add(1, ordering: .relaxed) }

    /// Grows with every event that this process appends.
    package static var count: UInt64 { rings.load(ordering: .relaxed) }
}
