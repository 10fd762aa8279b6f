// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors

package import Security

extension SQLIdentityStore {
    package func beginActing(
        _ scope: PlatformScope, in slug: TenantSlug, _ acting: NewActing, audit: @escaping @Sendable (ActingRecord) -> [AuditEvent]
    ) async throws -> ActingRecord? {
        try await database.platform(scope) { tx in
            let inserted = try tx.query(
                """
                INSERT INTO acting_sessions (tenant_id, id, operator_tenant, operator_id, operator_session, reason_event, reason, created_at,
                    expires_at)
                SELECT t.id, $2, $3, $4, $5, $6, $7, $8, $9 FROM tenants t
                WHERE t.slug = $1 AND t.status = 'active' AND t.operator_role IS NOT NULL
                RETURNING tenant_id
                """,
                [
                    .text(slug.description), .text(acting.id.description), .text(acting.operatorTenant.description),
                    .text(acting.user.description), .text(acting.session.description), .text(acting.reason.description),
                    .text(acting.reasonText), .int(acting.createdAt), .int(acting.expiresAt),
                ])
            guard let row = inserted.first else { return nil }
            let tenant: TenantID = try row.id("tenant_id")
            guard
                let record = try ActingRecord.find(
                    "a.tenant_id = $1 AND a.id = $2", [.text(tenant.description), .text(acting.id.description)], tx
                ).first,
                record.isLive(at: acting.createdAt)
            else { throw StorageError(.conflict, "the operator's session ended in between") }
            for event in audit(record) { try tx.append(event) }
            return record
        }
    }

    package func acting(_ scope: PlatformScope, tenant: TenantID, id: SessionID) async throws -> ActingRecord? {
        try await database.platformReadOne(scope) { tx in
            try ActingRecord.find("a.tenant_id = $1 AND a.id = $2", [.text(tenant.description), .text(id.description)], tx).first
        }
    }

    package func runningActs(_ scope: PlatformScope, now: Int64) async throws -> [ActingRecord] {
        try await database.platformReadOne(scope) { tx in
            try ActingRecord.find("a.ended_at IS NULL AND a.expires_at > $1", [.int(now)], tx)
        }
    }

    package func endActs(
        _ scope: PlatformScope, _ which: ActingChoice, now: Int64, by actor: String,
        audit: @escaping @Sendable (ActingRecord) -> [AuditEvent]
    ) async throws -> [ActingRecord] {
        // Most looks for what is over find nothing: they write nothing either.
        let open = try await database.platformReadOne(scope) { try Self.openActs(which, now, $0) }
        guard !open.isEmpty else { return [] }
        return try await database.platform(scope) { tx in
            try Self.openActs(which, now, tx).filter { record in
                let changed = try tx.execute(
                    "UPDATE acting_sessions SET ended_at = $3, ended_by = $4 WHERE tenant_id = $1 AND id = $2 AND ended_at IS NULL",
                    [.text(record.tenant.description), .text(record.id.description), .int(now), .text(actor)])
                guard changed == 1 else { return false }
                for event in audit(record) { try tx.append(event) }
                return true
            }
        }
    }

    private static func openActs(_ which: ActingChoice, _ now: Int64, _ tx: PlatformTransaction) throws -> [ActingRecord] {
        switch which {
        case .only(let id): try ActingRecord.find("a.ended_at IS NULL AND a.id = $1", [.text(id.description)], tx)
        case .ofTenant(let tenant): try ActingRecord.find("a.ended_at IS NULL AND a.tenant_id = $1", [.text(tenant.description)], tx)
        case .over: try ActingRecord.find("a.ended_at IS NULL", [], tx).filter { !$0.isLive(at: now) }
        }
    }
}

extension ActingRecord {
    /// Acts with what decides about them: of the operator's session no more than whether it lives.
    fileprivate static func find(_ condition: String, _ parameters: [SQLValue], _ tx: PlatformTransaction) throws -> [ActingRecord] {
        try tx.query(
            """
            SELECT a.tenant_id, a.id, t.slug, a.operator_tenant, a.operator_id, COALESCE(u.name, '') AS name, a.operator_session,
                a.reason_event, a.reason, a.created_at, a.expires_at, a.ended_at, t.operator_role, p.revision,
                t.epoch + h.epoch + COALESCE(u.epoch, 0) AS epoch,
                CASE WHEN t.status = 'active' AND h.status = 'active' AND u.status = 'active' AND s.id IS NOT NULL AND s.revoked_at IS NULL
                    THEN 1 ELSE 0 END AS alive,
                COALESCE(s.expires_at, 0) AS session_end
            FROM acting_sessions a JOIN tenants t ON t.id = a.tenant_id JOIN tenants h ON h.id = a.operator_tenant
                LEFT JOIN policies p ON p.tenant_id = a.tenant_id
                LEFT JOIN users u ON u.tenant_id = a.operator_tenant AND u.id = a.operator_id
                LEFT JOIN sessions s ON s.tenant_id = a.operator_tenant AND s.id = a.operator_session
            WHERE \(condition) ORDER BY a.created_at, a.id
            """, parameters
        ).map { row in
            let (end, revision): (Int64, String?) = (try row["expires_at"], try row["revision"])
            return ActingRecord(
                id: try row.id("id"), tenant: try row.id("tenant_id"), slug: try row.slug("slug"),
                operatorTenant: try row.id("operator_tenant"), user: try row.id("operator_id"), name: try row["name"],
                session: try row.id("operator_session"), reason: try row.id("reason_event"), reasonText: try row["reason"],
                createdAt: try row["created_at"], expiresAt: min(end, try row.int("session_end")), endedAt: try row["ended_at"],
                isAlive: try row.int("alive") == 1 && revision != nil, role: try row["operator_role"],
                epoch: try row["epoch"], policy: revision ?? "")
        }
    }
}
