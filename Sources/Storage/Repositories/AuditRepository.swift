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
    /// The page before this sequence number: the last one of the page that the caller has.
    package var before: Int64?
    package var limit: Int

    /// - Parameters:
    ///   - from: the first millisecond that matches.
    ///   - until: the first millisecond that does not match any more.
    ///   - limit: at most 500 rows are answered.
    package init(
        from: Int64? = nil, until: Int64? = nil, action: String? = nil, actor: String? = nil, resource: String? = nil,
        correlation: String? = nil, outcome: AuditOutcome? = nil, address: String? = nil, before: Int64? = nil, limit: Int = 50
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

/// One tenant's audit trail, for reading; events are added by the transaction itself.
package struct AuditRepository {
    private let tx: TenantTransaction

    package init(_ tx: TenantTransaction) { self.tx = tx }

    /// The events that match, newest first.
    package func search(_ query: AuditQuery) throws -> [AuditRow] {
        var sql = "SELECT \(AuditRow.columns) FROM audit_events WHERE tenant_id = $1"
        var parameters = [tx.tenant]
        func add(_ condition: String, _ value: SQLValue?) {
            guard let value else { return }
            parameters.append(value)
            sql += " AND \(condition) $\(parameters.count)"
        }
        // The conditions are constants and the values are bound: nothing of the caller's becomes SQL.
        add("occurred_at >=", query.from.map(SQLValue.int))
        add("occurred_at <", query.until.map(SQLValue.int))
        add("action =", query.action.map(SQLValue.text))
        add("actor =", query.actor.map(SQLValue.text))
        add("resource =", query.resource.map(SQLValue.text))
        add("correlation =", query.correlation.map(SQLValue.text))
        add("outcome =", query.outcome.map { .text($0.rawValue) })
        add("address =", query.address.map(SQLValue.text))
        add("sequence <", query.before.map(SQLValue.int))
        parameters.append(.int(Int64(query.limit)))
        sql += " ORDER BY sequence DESC LIMIT $\(parameters.count)"
        return try tx.query(sql, parameters).map(AuditRow.init(row:))
    }

    /// Checks the whole trail of the tenant.
    package func verify() throws -> AuditReport {
        try AuditVerification.verify(tx.scope.tenant, on: tx)
    }
}

/// What the check of one tenant's trail found.
package struct AuditReport: Sendable, Hashable {
    package var tenant: TenantID
    /// How many events are known to be good, from the first one on.
    package var verified: Int64
    /// The first thing that is wrong; `nil` when the trail is whole.
    package var fault: AuditFault?

    package init(tenant: TenantID, verified: Int64, fault: AuditFault?) {
        self.tenant = tenant
        self.verified = verified
        self.fault = fault
    }
}

/// Checks trails row by row, in batches: memory does not grow with the trail.
package enum AuditVerification {
    static let batch = 500

    /// Checks the trail of every tenant that has, or ever had, one.
    package static func verifyAll(_ tx: PlatformTransaction) throws -> [AuditReport] {
        let rows = try tx.query(
            """
            SELECT id FROM tenants UNION SELECT tenant_id AS id FROM audit_heads UNION SELECT tenant_id AS id FROM audit_events
            ORDER BY id
            """, [])
        return try rows.map { try verify($0.id("id"), on: tx) }
    }

    static func verify(_ tenant: TenantID, on connection: any SQLConnection) throws -> AuditReport {
        let parameter = SQLValue.text(tenant.description)
        var verifier = AuditVerifier(tenant: tenant)
        var after = Int64.min
        reading: while true {
            let rows = try connection.query(
                """
                SELECT \(AuditRow.columns) FROM audit_events WHERE tenant_id = $1 AND sequence > $2
                ORDER BY sequence LIMIT \(batch)
                """, [parameter, .int(after)])
            for row in rows {
                // A row that was given other types cannot be continued behind: it is the fault itself.
                guard let sequence = try? row.int("sequence") else { return altered(verifier, tenant) }
                let event = (try? AuditRow(row: row)) ?? AuditRow(unreadable: sequence, tenant: tenant)
                guard verifier.consume(event) else { break reading }
                after = sequence
            }
            if rows.count < batch { break }
        }
        return AuditReport(
            tenant: tenant, verified: verifier.verified, fault: verifier.finish(head: try head(of: tenant, on: connection)))
    }

    private static func altered(_ verifier: AuditVerifier, _ tenant: TenantID) -> AuditReport {
        AuditReport(
            tenant: tenant, verified: verifier.verified, fault: AuditFault(sequence: verifier.verified + 1, kind: .altered))
    }

    /// A head that cannot be read counts as none.
    private static func head(of tenant: TenantID, on connection: any SQLConnection) throws -> AuditHead? {
        let rows = try connection.query(
            "SELECT sequence, hash FROM audit_heads WHERE tenant_id = $1", [.text(tenant.description)])
        guard let row = rows.first, let sequence = try? row.int("sequence"), let hash = try? row.hex("hash") else { return nil }
        return AuditHead(tenant: tenant, sequence: sequence, hash: hash)
    }
}

extension AuditRow {
    static let columns =
        "tenant_id, sequence, id, occurred_at, actor, action, resource, outcome, detail, correlation, address, hash"

    init(row: Row) throws {
        self.init(
            sequence: try row["sequence"], id: try row["id"], occurredAt: try row["occurred_at"], tenant: try row["tenant_id"],
            actor: try row["actor"], action: try row["action"], resource: try row["resource"], outcome: try row["outcome"],
            detail: try row["detail"], correlation: try row["correlation"], address: try row["address"], hash: try row.hex("hash"))
    }

    /// Stands for a row whose columns have types that were never written: it matches no hash.
    init(unreadable sequence: Int64, tenant: TenantID) {
        self.init(
            sequence: sequence, id: "", occurredAt: 0, tenant: tenant.description, actor: "", action: "", resource: "",
            outcome: "", detail: "", correlation: "", address: nil, hash: [])
    }
}
