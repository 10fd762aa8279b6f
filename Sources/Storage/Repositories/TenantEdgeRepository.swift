// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors

package import Security
import Values

/// What one tenant says about where requests come from.
///
/// Each change makes another state of the tenant's policy, which every request reads: so it works at once, on every host.
package struct TenantEdgeRepository {
    private let tx: TenantTransaction

    /// Ranges of a tenant at most: each request looks at all of them.
    package static let maximumRanges = 500
    /// Origins of a tenant at most.
    package static let maximumOrigins = 100

    package init(_ tx: TenantTransaction) { self.tx = tx }

    /// A range with what it is for.
    package struct Range: Sendable, Hashable {
        package var range: NetworkPrefix
        package var verdict: NetworkRules.Verdict
        package var createdAt: Int64
        package var createdBy: String
    }

    /// An origin whose pages may read answers.
    package struct Origin: Sendable, Hashable {
        package var origin: String
        package var createdAt: Int64
        package var createdBy: String
    }

    /// All of it, as requests are judged by it.
    package func load() throws -> TenantEdge {
        let row = try tx.query("SELECT request_budget FROM tenants WHERE id = $1", [tx.tenant]).first
        return TenantEdge(
            network: NetworkRules(try ranges().map { ($0.range, $0.verdict) }), origins: Set(try origins().map(\.origin)),
            budget: try row.flatMap(RateLimit.init(row:)))
    }

    /// The ranges, by their text.
    package func ranges() throws -> [Range] {
        try tx.query(
            "SELECT network, verdict, created_at, created_by FROM tenant_networks WHERE tenant_id = $1 ORDER BY network", [tx.tenant]
        ).map { row in
            guard let range = NetworkPrefix(try row.text("network")) else {
                throw StorageError(.unexpectedValue, "column network does not hold a range of addresses")
            }
            return Range(
                range: range, verdict: try row.choice("verdict"), createdAt: try row["created_at"], createdBy: try row["created_by"])
        }
    }

    /// The origins, by their text.
    package func origins() throws -> [Origin] {
        try tx.query("SELECT origin, created_at, created_by FROM tenant_origins WHERE tenant_id = $1 ORDER BY origin", [tx.tenant]).map {
            Origin(origin: try $0["origin"], createdAt: try $0["created_at"], createdBy: try $0["created_by"])
        }
    }

    /// Sets what a range is for; answers the rules as they are then.
    ///
    /// To be called after ``begin()``, whose lock keeps the number right.
    package func set(_ range: NetworkPrefix, _ verdict: NetworkRules.Verdict, by actor: String, at now: Int64) throws -> NetworkRules {
        try tx.execute(
            """
            INSERT INTO tenant_networks (tenant_id, network, verdict, created_at, created_by) VALUES ($1, $2, $3, $4, $5)
            ON CONFLICT (tenant_id, network) DO UPDATE SET
                verdict = excluded.verdict, created_at = excluded.created_at, created_by = excluded.created_by
            """, [tx.tenant, .text(range.unmapped.description), .text(verdict.rawValue), .int(now), .text(actor)])
        let all = try ranges()
        guard all.count <= Self.maximumRanges else {
            throw StorageError(.conflict, "a tenant has at most \(Self.maximumRanges) ranges of addresses")
        }
        return NetworkRules(all.map { ($0.range, $0.verdict) })
    }

    /// Takes a range out; answers the rules as they are then, or nil when it was not there.
    package func remove(_ range: NetworkPrefix) throws -> NetworkRules? {
        let removed = try tx.execute(
            "DELETE FROM tenant_networks WHERE tenant_id = $1 AND network = $2", [tx.tenant, .text(range.unmapped.description)])
        return removed == 1 ? try load().network : nil
    }

    /// Adds an origin; answers whether it is new.
    package func add(_ origin: String, by actor: String, at now: Int64) throws -> Bool {
        let added = try tx.execute(
            """
            INSERT INTO tenant_origins (tenant_id, origin, created_at, created_by) VALUES ($1, $2, $3, $4)
            ON CONFLICT (tenant_id, origin) DO NOTHING
            """, [tx.tenant, .text(origin), .int(now), .text(actor)])
        guard try origins().count <= Self.maximumOrigins else {
            throw StorageError(.conflict, "a tenant has at most \(Self.maximumOrigins) origins")
        }
        return added == 1
    }

    /// Takes an origin out; answers whether it was there.
    package func remove(origin: String) throws -> Bool {
        try tx.execute("DELETE FROM tenant_origins WHERE tenant_id = $1 AND origin = $2", [tx.tenant, .text(origin)]) == 1
    }

    /// Begins a change: others wait until this transaction ends, and every host sees another state then.
    package func begin() throws { try PolicyRepository(tx).beginChange() }

    /// Whether some tenant names an origin, or this one does: what is asked before it is known who is at the door.
    package static func isNamed(_ origin: String, by tenant: TenantID? = nil, _ tx: PlatformTransaction) throws -> Bool {
        guard let tenant else {
            return try !tx.query("SELECT origin FROM tenant_origins WHERE origin = $1 LIMIT 1", [.text(origin)]).isEmpty
        }
        return try !tx.query(
            "SELECT origin FROM tenant_origins WHERE tenant_id = $1 AND origin = $2", [.text(tenant.description), .text(origin)]
        ).isEmpty
    }
}
