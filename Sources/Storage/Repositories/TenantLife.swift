// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors

package import Security

/// Why the state of a tenant cannot be changed so.
package enum TenantRefusal: Error, Sendable, Hashable, CustomStringConvertible {
    case unknown
    /// The operators' own tenant stays.
    case platform
    case state(TenantRecord.Status)
    /// It may be purged from that moment on.
    case tooEarly(Int64)
    /// What became of so much money is not known yet.
    case openMoney(TenantMoney)

    /// In words for an operator.
    package var description: String {
        switch self {
        case .unknown: "there is no such tenant"
        case .platform: "the operators' own tenant can be neither suspended nor deleted"
        case .state(.active): "the tenant is in service: delete it first"
        case .state(.suspended): "the tenant is suspended: delete it first, or resume it"
        case .state(.deleted): "the tenant is deleted: resume it to take that back, or purge it"
        case .state(.purged): "the tenant was purged, and nothing brings it back"
        case .tooEarly: "the tenant's grace period is not over"
        case .openMoney(let money):
            "what became of \(money.payments) payments and \(money.refunds) refunds is not known, and nobody can ask once the plugins' "
                + "secrets are gone: resume the tenant until they are settled, or say that they are abandoned"
        }
    }
}

/// Payments and refunds whose provider has not said its last word.
package struct TenantMoney: Sendable, Hashable {
    package var payments: Int64
    package var refunds: Int64
    package var isSettled: Bool { payments == 0 && refunds == 0 }
}

/// The state of tenants: what it becomes, for every host at the very next request.
///
/// Each change raises the tenant's epoch, so that every token is refused, and the revision that all hosts look at to end what runs already.
package struct TenantLife {
    private let tx: PlatformTransaction

    package init(_ tx: PlatformTransaction) { self.tx = tx }

    /// The tenant, locked: whatever is inserted for it has either happened or waits.
    package func lock(_ slug: TenantSlug) throws -> TenantRecord {
        let lock = tx.dialect == .postgresql ? " FOR UPDATE" : ""
        let rows = try tx.query("SELECT \(TenantRecord.columns) FROM tenants WHERE slug = $1\(lock)", [.text(slug.description)])
        guard let row = rows.first else { throw TenantRefusal.unknown }
        return try TenantRecord(row: row)
    }

    /// Takes a tenant out of service; false when it was suspended before.
    package func suspend(_ tenant: TenantRecord, at now: Int64) throws -> Bool {
        try refusePlatform(tenant)
        switch tenant.status {
        case .active:
            try set(.suspended, of: tenant, at: now)
            return true
        case .suspended: return false
        case .deleted, .purged: throw TenantRefusal.state(tenant.status)
        }
    }

    /// Brings a suspended tenant, or one that is deleted and not purged, back; false when it was in service.
    package func resume(_ tenant: TenantRecord, at now: Int64) throws -> Bool {
        switch tenant.status {
        case .active: return false
        case .suspended, .deleted:
            try set(.active, of: tenant, at: now)
            return true
        case .purged: throw TenantRefusal.state(.purged)
        }
    }

    /// Marks a tenant as deleted; false when it was before, and the grace period then stays.
    package func delete(_ tenant: TenantRecord, purgeAfter: Int64, at now: Int64) throws -> Bool {
        try refusePlatform(tenant)
        switch tenant.status {
        case .active, .suspended:
            try set(.deleted, of: tenant, purgeAfter: purgeAfter, at: now)
            return true
        case .deleted: return false
        case .purged: throw TenantRefusal.state(.purged)
        }
    }

    /// Destroys every key of a deleted tenant, which nothing undoes; answers how many there were.
    ///
    /// What was sealed under them is unreadable with the commit of this transaction. The rows go afterwards: see ``TenantSweep``.
    package func shred(_ tenant: TenantRecord, abandoningMoney: Bool, at now: Int64) throws -> Int {
        try refusePlatform(tenant)
        guard tenant.status == .deleted, let purgeAfter = tenant.purgeAfter else { throw TenantRefusal.state(tenant.status) }
        guard purgeAfter <= now else { throw TenantRefusal.tooEarly(purgeAfter) }
        let money = try money(of: tenant.id)
        guard abandoningMoney || money.isSettled else { throw TenantRefusal.openMoney(money) }
        let id = SQLValue.text(tenant.id.description)
        let keys = try tx.execute(
            "UPDATE keys SET wrapped = '', wrapped_by = '', erased_at = $2 WHERE tenant_id = $1 AND erased_at IS NULL", [id, .int(now)])
        try set(.purged, of: tenant, at: now)
        try tx.execute("UPDATE tenants SET name = '', operator_role = NULL WHERE id = $1", [id])
        return keys
    }

    /// Notes that nothing of a purged tenant is left but what is kept; false when that was noted before.
    package func markSwept(_ tenant: TenantID, at now: Int64) throws -> Bool {
        try tx.execute(
            "UPDATE tenants SET swept_at = $2 WHERE id = $1 AND status = 'purged' AND swept_at IS NULL",
            [.text(tenant.description), .int(now)]) == 1
    }

    /// What money is in doubt.
    package func money(of tenant: TenantID) throws -> TenantMoney {
        let id = SQLValue.text(tenant.description)
        func count(_ sql: String) throws -> Int64 { try tx.query(sql, [id]).first?.int("n") ?? 0 }
        return TenantMoney(
            payments: try count("SELECT count(*) AS n FROM payments WHERE tenant_id = $1 AND reconcile_at IS NOT NULL")
                + count("SELECT count(*) AS n FROM payment_attempts WHERE tenant_id = $1 AND state = 'in_flight'"),
            refunds: try count("SELECT count(*) AS n FROM refunds WHERE tenant_id = $1 AND reconcile_at IS NOT NULL"))
    }

    /// Sets how many requests a tenant may make, nil for what the installation says; every host sees it with the next one.
    package func setBudget(_ budget: RateLimit?, of tenant: TenantRecord) throws {
        guard tenant.status != .purged else { throw TenantRefusal.state(.purged) }
        let id = SQLValue.text(tenant.id.description)
        try tx.execute("UPDATE tenants SET request_budget = $2 WHERE id = $1", [id, .text(orNull: budget?.description)])
        // Where a tenant's edge is looked up by.
        try tx.execute("UPDATE policies SET revision = $2 WHERE tenant_id = $1", [id, .text(PolicyRepository.newRevision())])
    }

    private func set(_ status: TenantRecord.Status, of tenant: TenantRecord, purgeAfter: Int64? = nil, at now: Int64) throws {
        try tx.execute(
            "UPDATE tenants SET status = $2, purge_after = $3, epoch = epoch + 1, changed_at = $4 WHERE id = $1",
            [.text(tenant.id.description), .text(status.rawValue), .int(orNull: purgeAfter), .int(now)])
        try PluginStopRevision.advance(on: tx)
    }

    private func refusePlatform(_ tenant: TenantRecord) throws {
        guard tenant.slug != .platform else { throw TenantRefusal.platform }
    }
}
