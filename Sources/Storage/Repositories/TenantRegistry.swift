// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors

package import Security
import Values

/// The tenants of the installation.
package struct TenantRegistry {
    private let tx: PlatformTransaction

    package init(_ tx: PlatformTransaction) { self.tx = tx }

    /// Creates a tenant with its built-in roles; the first event of its audit trail is the creation itself.
    ///
    /// - Parameters:
    ///   - actor: who the trail names, e.g. `system:bootstrap`.
    ///   - correlation: what ties the event to its request.
    package func create(
        slug: TenantSlug, name: String, by actor: String, correlation: String, at now: Int64
    ) throws -> TenantRecord {
        let tenant = TenantRecord(
            id: .make(), slug: slug, name: name, status: .active, epoch: 1, createdAt: now, changedAt: now,
            operatorRole: slug == .platform ? nil : TenantRecord.defaultOperatorRole)
        let id = SQLValue.text(tenant.id.description)
        do {
            try tx.execute(
                """
                INSERT INTO tenants (id, slug, name, status, epoch, created_at, changed_at, operator_role)
                VALUES ($1, $2, $3, $4, $5, $6, $6, $7)
                """,
                [
                    id, .text(slug.description), .text(name), .text(tenant.status.rawValue), .int(tenant.epoch), .int(now),
                    .text(orNull: tenant.operatorRole),
                ])
        } catch let error as StorageError where error.code == .duplicate {
            throw StorageError(.duplicate, "a tenant \(slug) exists already")
        }
        try seedPermissions()
        try tx.execute(
            "INSERT INTO policies (tenant_id, revision) VALUES ($1, $2)", [id, .text(PolicyRepository.newRevision())])
        for definition in BuiltInRole.allCases.filter({ $0.isAvailable(in: slug) }).map(\.definition) {
            try tx.execute(
                "INSERT INTO roles (tenant_id, name, built_in, created_at) VALUES ($1, $2, 1, $3)",
                [id, .text(definition.role.name), .int(now)])
            for rule in definition.rules {
                try tx.execute(
                    """
                    INSERT INTO policy_rules (tenant_id, id, effect, role, action, selector, created_at, created_by)
                    VALUES ($1, $2, 'permit', $3, $4, 'all', $5, $6)
                    """, [id, .text(rule.id), .text(definition.role.name), .text(rule.action), .int(now), .text(actor)])
            }
        }
        try tx.append(
            AuditEvent(
                occurredAt: now, tenant: tenant.id, actor: actor, action: Action.tenantManage.rawValue, resource: "tenant:\(tenant.id)",
                outcome: .success, detail: ["change": "created", "slug": .string(slug.description)], correlation: correlation))
        return tenant
    }

    /// The tenant with a slug.
    package func find(slug: TenantSlug) throws -> TenantRecord? {
        try tx.query("SELECT \(TenantRecord.columns) FROM tenants WHERE slug = $1", [.text(slug.description)]).first.map(
            TenantRecord.init(row:))
    }

    /// The tenant with an id.
    package func find(_ id: TenantID) throws -> TenantRecord? {
        try tx.query("SELECT \(TenantRecord.columns) FROM tenants WHERE id = $1", [.text(id.description)]).first.map(
            TenantRecord.init(row:))
    }

    /// Every tenant, by slug.
    package func all() throws -> [TenantRecord] {
        try tx.query("SELECT \(TenantRecord.columns) FROM tenants ORDER BY slug", []).map(TenantRecord.init(row:))
    }

    /// Gives a tenant another name.
    package func rename(_ id: TenantID, to name: String) throws {
        try tx.execute("UPDATE tenants SET name = $2 WHERE id = $1", [.text(id.description), .text(name)])
    }

    /// The names that exist, for administrators to choose from; a newer program adds its own.
    private func seedPermissions() throws {
        for action in Action.known {
            try tx.execute(
                "INSERT INTO permissions (name) VALUES ($1) ON CONFLICT (name) DO NOTHING", [.text(action.rawValue)])
        }
    }
}
