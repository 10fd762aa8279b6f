// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors

package import Security
import Values

/// The places that trails are shipped to, and how far behind each is.
package struct AuditSinkRepository {
    /// More would make each host ship more often than it works.
    package static let most = 16

    private let tx: PlatformTransaction

    package init(_ tx: PlatformTransaction) { self.tx = tx }

    /// Every sink, by name.
    package func all() throws -> [AuditSinkRecord] {
        try tx.query("SELECT \(AuditSinkRecord.columns) FROM audit_sinks ORDER BY name", []).map(AuditSinkRecord.init(row:))
    }

    package func find(name: String) throws -> AuditSinkRecord? {
        try tx.query("SELECT \(AuditSinkRecord.columns) FROM audit_sinks WHERE name = $1", [.text(name)]).first
            .map(AuditSinkRecord.init(row:))
    }

    // MARK: Operators

    /// Adds a sink; it gets what is sequenced from now on.
    ///
    /// - Parameter fromStart: it gets all that the trails still have.
    package func add(_ sink: AuditSinkRecord, fromStart: Bool, by actor: String, correlation: String) throws {
        guard try all().count < Self.most else {
            throw StorageError(.conflict, "there are \(Self.most) audit sinks already: remove one first")
        }
        do {
            try tx.execute(
                """
                INSERT INTO audit_sinks
                    (id, name, url, format, options, secret, wrapped_by, lag_limit, created_at, created_by, owed_since)
                VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $9)
                """,
                [
                    id(sink), .text(sink.name), .text(sink.url), .text(sink.format.rawValue), .text(sink.options.text),
                    .text(orNull: sink.secret?.text), .text(orNull: sink.secret?.wrappedBy), .int(sink.lagLimit), .int(sink.createdAt),
                    .text(sink.createdBy),
                ])
        } catch let error as StorageError where error.code == .duplicate {
            throw StorageError(.duplicate, "there is an audit sink '\(sink.name)' already: choose another name, or remove it first")
        }
        if !fromStart {
            // Its own statement, so that no trail can grow between looking and writing.
            try tx.execute(
                """
                INSERT INTO audit_sink_cursors (tenant_id, sink_id, next_index, updated_at)
                SELECT tenant.id, $1, (SELECT MAX(leaf.leaf_index) + 1 FROM audit_leaves AS leaf WHERE leaf.tenant_id = tenant.id), $2
                FROM tenants AS tenant WHERE EXISTS (SELECT 1 FROM audit_leaves AS leaf WHERE leaf.tenant_id = tenant.id)
                """, [id(sink), .int(sink.createdAt)])
        }
        try tx.appendForOperators(
            action: "audit.sink.add", resource: "audit_sink:\(sink.name)", by: actor, correlation: correlation, at: sink.createdAt,
            detail: [
                "format": .string(sink.format.rawValue), "lag_limit_ms": .int(sink.lagLimit), "from_start": .bool(fromStart),
                "way": .string(String(sink.url.prefix { $0 != ":" })),
            ])
    }

    /// Forgets a sink and how far it was; false when there is none of that name.
    package func remove(name: String, by actor: String, correlation: String, at now: Int64) throws -> Bool {
        guard let sink = try find(name: name) else { return false }
        try tx.execute("DELETE FROM audit_sink_cursors WHERE sink_id = $1", [id(sink)])
        try tx.execute("DELETE FROM audit_sinks WHERE id = $1", [id(sink)])
        try tx.appendForOperators(
            action: "audit.sink.remove", resource: "audit_sink:\(name)", by: actor, correlation: correlation, at: now,
            detail: ["delivered": .int(sink.delivered)])
        return true
    }

    /// Halts a sink, or lets it go on where it was; false when there is none of that name.
    package func setPaused(_ isPaused: Bool, name: String, by actor: String, correlation: String, at now: Int64) throws -> Bool {
        guard let sink = try find(name: name) else { return false }
        guard (sink.pausedAt != nil) != isPaused else { return true }
        try tx.execute(
            "UPDATE audit_sinks SET paused_at = $2, owed_since = CASE WHEN $3 = 1 THEN owed_since ELSE $4 END WHERE id = $1",
            [id(sink), .int(orNull: isPaused ? now : nil), .bool(isPaused), .int(now)])
        try tx.appendForOperators(
            action: "audit.sink.pause", resource: "audit_sink:\(name)", by: actor, correlation: correlation, at: now,
            detail: ["paused": .bool(isPaused)])
        return true
    }

    /// Puts a secret in the place of another that wraps the same; false when the sink has changed.
    package func replace(_ old: WrappedSecret, with new: WrappedSecret, of sink: AuditSinkRecord.ID) throws -> Bool {
        try tx.execute(
            "UPDATE audit_sinks SET secret = $3, wrapped_by = $4 WHERE id = $1 AND secret = $2",
            [.text("\(sink)"), .text(old.text), .text(new.text), .text(new.wrappedBy)]) == 1
    }

    // MARK: Lag

    /// When the oldest event happened that was sequenced and that the sink has not got; nil when it has got all.
    package func oldestOwed(_ sink: AuditSinkRecord.ID) throws -> Int64? {
        // The first event of each trail that is still there: a trail is sequenced in the order in which it happened.
        let rows = try tx.query(
            """
            SELECT MIN(oldest) AS oldest FROM (
                SELECT (
                    SELECT event.occurred_at FROM audit_leaves AS leaf
                    JOIN audit_events AS event ON event.tenant_id = leaf.tenant_id AND event.id = leaf.event_id
                    WHERE leaf.tenant_id = tenant.id AND leaf.leaf_index >= COALESCE(cursor.next_index, 0)
                    ORDER BY leaf.leaf_index LIMIT 1) AS oldest
                FROM tenants AS tenant
                LEFT JOIN audit_sink_cursors AS cursor ON cursor.tenant_id = tenant.id AND cursor.sink_id = $1
            ) AS trails
            """, [.text("\(sink)")])
        return try rows.first?["oldest"]
    }

    /// How many events were sequenced that the sink has not got.
    package func owed(_ sink: AuditSinkRecord.ID) throws -> Int64 {
        let rows = try tx.query(
            """
            SELECT CAST(SUM(COALESCE((SELECT MAX(leaf.leaf_index) + 1 FROM audit_leaves AS leaf WHERE leaf.tenant_id = tenant.id), 0)
                - COALESCE(cursor.next_index, 0)) AS BIGINT) AS n
            FROM tenants AS tenant
            LEFT JOIN audit_sink_cursors AS cursor ON cursor.tenant_id = tenant.id AND cursor.sink_id = $1
            """, [.text("\(sink)")])
        return try rows.first?["n"] ?? 0
    }

    // MARK: Shipping

    /// Writes down that the sink did not take what it was given.
    package func fail(_ sink: AuditSinkRecord.ID, _ reason: String, lease: JobLease, at now: Int64) throws {
        try JobLeases(tx).require(lease)
        try tx.execute(
            """
            UPDATE audit_sinks SET failures = failures + 1, failing_since = COALESCE(failing_since, $2), last_error = $3 WHERE id = $1
            """, [.text("\(sink)"), .int(now), .text(reason)])
    }

    private func id(_ sink: AuditSinkRecord) -> SQLValue { .text("\(sink.id)") }
}
