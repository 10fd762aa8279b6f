// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors

package import Security
import Values

/// One tenant as the host knows it.
package struct TenantRecord: Sendable, Hashable {
    package enum Status: String, Sendable, Hashable {
        case active, suspended
    }

    package var id: TenantID
    package var slug: TenantSlug
    package var name: String
    package var status: Status
    /// Goes up when rights of the whole tenant change.
    package var epoch: Int64
    package var createdAt: Int64
}

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
        let tenant = TenantRecord(id: .make(), slug: slug, name: name, status: .active, epoch: 1, createdAt: now)
        let id = SQLValue.text(tenant.id.description)
        do {
            try tx.execute(
                "INSERT INTO tenants (id, slug, name, status, epoch, created_at) VALUES ($1, $2, $3, $4, $5, $6)",
                [id, .text(slug.description), .text(name), .text(tenant.status.rawValue), .int(tenant.epoch), .int(now)])
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
        try tx.query("SELECT \(Self.columns) FROM tenants WHERE slug = $1", [.text(slug.description)]).first.map(TenantRecord.init(row:))
    }

    /// The tenant with an id.
    package func find(_ id: TenantID) throws -> TenantRecord? {
        try tx.query("SELECT \(Self.columns) FROM tenants WHERE id = $1", [.text(id.description)]).first.map(TenantRecord.init(row:))
    }

    /// Every tenant, by slug.
    package func all() throws -> [TenantRecord] {
        try tx.query("SELECT \(Self.columns) FROM tenants ORDER BY slug", []).map(TenantRecord.init(row:))
    }

    /// Suspends or reactivates a tenant: from the next request on, nobody of a suspended one gets in.
    package func setStatus(_ status: TenantRecord.Status, of id: TenantID) throws {
        let changed = try tx.execute(
            "UPDATE tenants SET status = $2, epoch = epoch + 1 WHERE id = $1", [.text(id.description), .text(status.rawValue)])
        guard changed == 1 else { throw StorageError(.notFound, "there is no such tenant") }
    }

    /// The names that exist, for administrators to choose from; a newer program adds its own.
    private func seedPermissions() throws {
        for action in Action.known {
            try tx.execute(
                "INSERT INTO permissions (name) VALUES ($1) ON CONFLICT (name) DO NOTHING", [.text(action.rawValue)])
        }
    }

    private static let columns = "id, slug, name, status, epoch, created_at"
}

extension TenantRecord {
    init(row: Row) throws {
        self.init(
            id: try row.id("id"), slug: try row.slug("slug"), name: try row["name"], status: try row.choice("status"),
            epoch: try row["epoch"],
            createdAt: try row["created_at"])
    }
}
