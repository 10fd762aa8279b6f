// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors

package import Security
import Values

/// What keys there are, how old they are and how much they were used: never a key.
package struct KeyStatus: Sendable {
    /// The keys of one kind in one tenant, or in the installation.
    package struct Group: Sendable, Hashable {
        /// Such as `tenant`, `data`, `subject`, `access_token`.
        package let kind: String
        package let count: Int64
        package let erased: Int64
        /// Keys that are wrapped by something other than the newest.
        package let outdated: Int64
        package let oldest: Int64
        package let newest: Int64
        package let mostUses: Int64
    }

    package struct Tenant: Sendable {
        package let slug: TenantSlug
        package let version: Int64
        package let groups: [Group]
    }

    /// How many keys each root key still wraps.
    package let roots: [String: Int64]
    package let hostKeys: [WrappedHostKey]
    package let tenants: [Tenant]
    package let jobs: [KeyJob]
    /// How many passwords are hashed under each pepper.
    package let peppers: [String: Int64]

    /// Reads everything.
    package init(_ database: any Database, _ authority: SystemAuthority) async throws {
        let scope = authority.platform("key status")
        let tenants: [TenantRecord]
        (roots, hostKeys, tenants, jobs) = try await database.platformRead(scope) { tx in
            (
                try Self.rootsInUse(tx),
                try tx.query("SELECT \(WrappedHostKey.columns) FROM host_keys ORDER BY kind, version DESC", []).map(
                    WrappedHostKey.init(row:)),
                try TenantRegistry(tx).all(),
                try KeyJob.Name.allCases.compactMap { try KeyJob.find($0, on: tx) }
            )
        }
        peppers = try await database.platformRead(scope) { [hostKeys] tx in
            try Self.passwords(under: hostKeys.filter { $0.kind == .pepper }, tx)
        }
        var found: [Tenant] = []
        for tenant in tenants {
            let scope = authority.permit(.tenantManage, in: tenant.id, as: "keys").scope
            found.append(try await database.read(scope) { try Self.tenant(tenant.slug, $0) })
        }
        self.tenants = found
    }

    /// How many keys each root key wraps: one that is not named here may leave the ring.
    package static func rootsInUse(_ tx: PlatformTransaction) throws -> [String: Int64] {
        let rows = try tx.query(
            """
            SELECT wrapped_by, count(*) AS n FROM (
                SELECT wrapped_by FROM keys WHERE kind = 'tenant' AND wrapped_by <> ''
                UNION ALL SELECT wrapped_by FROM host_keys WHERE wrapped_by <> ''
                UNION ALL SELECT wrapped_by FROM audit_sinks WHERE wrapped_by IS NOT NULL
            ) wrapped GROUP BY wrapped_by
            """, [])
        return try Dictionary(rows.map { (try $0.text("wrapped_by"), try $0.int("n")) }, uniquingKeysWith: +)
    }

    private static func passwords(under peppers: [WrappedHostKey], _ tx: PlatformTransaction) throws -> [String: Int64] {
        var counts: [String: Int64] = [:]
        for pepper in peppers {
            // The id stands in the hash in base64, between two signs that it cannot contain.
            let text = Base64.encode(pepper.id.utf8).prefix { $0 != "=" }
            let rows = try tx.query("SELECT count(*) AS n FROM users WHERE password_hash LIKE $1", [.text("%,keyid=\(text)$%")])
            counts[pepper.id] = try rows.first?.int("n") ?? 0
        }
        return counts
    }

    private static func tenant(_ slug: TenantSlug, _ tx: TenantTransaction) throws -> Tenant {
        let newest = try tx.query(
            "SELECT id, version FROM keys WHERE tenant_id = $1 AND kind = 'tenant' ORDER BY version DESC LIMIT 1", [tx.tenant]
        ).first
        let rows = try tx.query(
            """
            SELECT kind, count(*) AS n, sum(CASE WHEN erased_at IS NULL THEN 0 ELSE 1 END) AS erased,
                sum(CASE WHEN kind <> 'tenant' AND erased_at IS NULL AND wrapped_by <> $2 THEN 1 ELSE 0 END) AS outdated,
                min(created_at) AS oldest, max(created_at) AS newest, max(uses) AS uses
            FROM keys WHERE tenant_id = $1 GROUP BY kind ORDER BY kind
            """, [tx.tenant, .text(orNull: try newest?.text("id"))])
        return Tenant(
            slug: slug, version: try newest?.int("version") ?? 0,
            groups: try rows.map { row in
                try Group(
                    kind: row["kind"], count: row["n"], erased: row["erased"], outdated: row["outdated"], oldest: row["oldest"],
                    newest: row["newest"], mostUses: row["uses"])
            })
    }
}
