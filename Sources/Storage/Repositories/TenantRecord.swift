// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors

package import Security

/// One tenant as the host knows it.
package struct TenantRecord: Sendable, Hashable {
    /// Whether the tenant is in service, and if not, what is left of it.
    package enum Status: String, Sendable, Hashable, CaseIterable {
        case active
        /// Nothing of it is done; everything stays as it is.
        case suspended
        /// Like suspended, until it is purged or taken back.
        case deleted
        /// Its keys were destroyed: ledger and audit skeleton are left, and nothing brings the rest back.
        case purged
    }

    /// What operators of the installation act with in a new tenant: see, and change nothing.
    package static let defaultOperatorRole = BuiltInRole.supportAgent.rawValue

    package var id: TenantID
    package var slug: TenantSlug
    /// For people; empty once the tenant was purged.
    package var name: String
    package var status: Status
    /// Goes up when rights of the whole tenant change.
    package var epoch: Int64
    package var createdAt: Int64
    /// When the status changed last.
    package var changedAt: Int64
    /// When a deleted tenant may be purged.
    package var purgeAfter: Int64?
    /// When the rows of a purged tenant were gone.
    package var sweptAt: Int64?
    /// The role of the tenant's policy that operators of the installation act with; nil where they may not act.
    package var operatorRole: String?
    /// How many requests its users and keys may make together; nil for what the installation says.
    package var budget: RateLimit?

    static let columns = "id, slug, name, status, epoch, created_at, changed_at, purge_after, swept_at, operator_role, request_budget"

    init(
        id: TenantID, slug: TenantSlug, name: String, status: Status, epoch: Int64, createdAt: Int64, changedAt: Int64,
        purgeAfter: Int64? = nil, sweptAt: Int64? = nil, operatorRole: String?, budget: RateLimit? = nil
    ) {
        (self.id, self.slug, self.name, self.status, self.epoch) = (id, slug, name, status, epoch)
        (self.createdAt, self.changedAt, self.purgeAfter, self.sweptAt) = (createdAt, changedAt, purgeAfter, sweptAt)
        (self.operatorRole, self.budget) = (operatorRole, budget)
    }

    init(row: Row) throws {
        self.init(
            id: try row.id("id"), slug: try row.slug("slug"), name: try row["name"], status: try row.choice("status"),
            epoch: try row["epoch"], createdAt: try row["created_at"], changedAt: try row["changed_at"], purgeAfter: try row["purge_after"],
            sweptAt: try row["swept_at"], operatorRole: try row["operator_role"],
            budget: try RateLimit(row: row))
    }
}

extension RateLimit {
    /// Of the column `request_budget`; nil where a tenant has no limit of its own.
    init?(row: Row) throws {
        guard let text: String = try row["request_budget"] else { return nil }
        guard let limit = RateLimit(text) else {
            throw StorageError(.unexpectedValue, "column request_budget does not hold a limit")
        }
        self = limit
    }
}
