// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors

package import Security
import Values

/// What to look for in a trail; everything that is `nil` matches.
package struct AuditQuery: Sendable, Hashable {
    package var from: Int64?
    package var until: Int64?
    package var action: String?
    package var actor: String?
    package var resource: String?
    package var correlation: String?
    package var outcome: AuditOutcome?
    /// The network address that the request came from.
    package var address: String?
    /// What stands for ``address`` in the database, see `EncryptionService.addressTag(of:_:)`; a search by address needs it.
    package var addressTag: String?
    /// The page before this event: the last one of the page that the caller has.
    package var before: String?
    package var limit: Int

    /// - Parameters:
    ///   - from: the first millisecond that matches.
    ///   - until: the first millisecond that does not match any more.
    ///   - limit: at most 500 rows are answered.
    package init(
        from: Int64? = nil, until: Int64? = nil, action: String? = nil, actor: String? = nil, resource: String? = nil,
        correlation: String? = nil, outcome: AuditOutcome? = nil, address: String? = nil, before: String? = nil, limit: Int = 50
    ) {
        self.from = from
        self.until = until
        self.action = action
        self.actor = actor
        self.resource = resource
        self.correlation = correlation
        self.outcome = outcome
        self.address = address
        self.before = before
        self.limit = max(1, min(limit, 500))
    }
}

extension AuditQuery {
    /// Everything that decides which rows there are, in one spelling.
    package var canonicalFilters: [UInt8] {
        let filters: [String: Value] = [
            "from": from.map(Value.int) ?? .null, "until": until.map(Value.int) ?? .null, "action": text(action), "actor": text(actor),
            "resource": text(resource), "correlation": text(correlation), "outcome": text(outcome?.rawValue), "address": text(address),
        ]
        return JSON.serialize(.map(filters))
    }

    private func text(_ text: String?) -> Value { text.map(Value.string) ?? .null }
}

/// One tenant's audit trail, for reading; events are added by the transaction itself.
package struct AuditRepository {
    private let tx: TenantTransaction

    package init(_ tx: TenantTransaction) { self.tx = tx }

    /// The events that match, newest first.
    package func search(_ query: AuditQuery) throws -> [AuditRow] {
        var sql = "SELECT \(AuditRow.columns) FROM \(AuditRow.source) WHERE event.tenant_id = $1"
        var parameters = [tx.tenant]
        guard query.address == nil || query.addressTag != nil else {
            throw StorageError(.failed, "a search by address needs the address's tag")
        }
        func add(_ condition: String, _ value: SQLValue?) {
            guard let value else { return }
            parameters.append(value)
            sql += " AND event.\(condition) $\(parameters.count)"
        }
        // The conditions are constants and the values are bound: nothing of the caller's becomes SQL.
        add("occurred_at >=", query.from.map(SQLValue.int))
        add("occurred_at <", query.until.map(SQLValue.int))
        add("action =", query.action.map(SQLValue.text))
        add("actor =", query.actor.map(SQLValue.text))
        add("resource =", query.resource.map(SQLValue.text))
        add("correlation =", query.correlation.map(SQLValue.text))
        add("outcome =", query.outcome.map { .text($0.rawValue) })
        add("id <", query.before.map(SQLValue.text))
        if let tag = query.addressTag {
            parameters.append(.text(tag))
            sql += " AND event.id IN (SELECT event_id FROM audit_addresses WHERE tenant_id = $1 AND tag = $\(parameters.count))"
        }
        parameters.append(.int(Int64(query.limit)))
        sql += " ORDER BY event.id DESC LIMIT $\(parameters.count)"
        return try tx.query(sql, parameters).map(AuditRow.init(row:))
    }
}

extension AuditRow {
    static let columns =
        """
        event.tenant_id, leaf.leaf_index, event.id, event.occurred_at, event.actor, event.action, event.resource, event.outcome,
        event.detail, event.correlation, event.personal, event.salt, event.leaf_hash
        """

    static let source =
        "audit_events AS event LEFT JOIN audit_leaves AS leaf ON leaf.tenant_id = event.tenant_id AND leaf.event_id = event.id"

    init(row: Row) throws {
        self.init(
            index: try row["leaf_index"], id: try row["id"], occurredAt: try row["occurred_at"], tenant: try row["tenant_id"],
            actor: try row["actor"], action: try row["action"], resource: try row["resource"], outcome: try row["outcome"],
            detail: try row["detail"], correlation: try row["correlation"], personal: try row["personal"],
            salt: try row["salt"], leafHash: try row.hex("leaf_hash"))
    }
}
