// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors

package import Security
package import Storage
import Values

/// The life of tenants: created, suspended, resumed, deleted, purged.
///
/// Like ``PluginStops`` it needs a database and no running host; hosts that run find out by themselves. Each change and its audit events are
/// one transaction.
package struct TenantAdministration: Sendable {
    /// A tenant, with what money of it is in doubt.
    package struct View: Sendable {
        package let tenant: TenantRecord
        package let money: TenantMoney
    }

    let database: any Database
    let encryption: EncryptionService
    let authority: SystemAuthority
    let sequencer: AuditSequencer
    let clock: HostClock
    let changed: @Sendable () async -> Void

    /// How long a deleted tenant can be taken back unless said otherwise, in days.
    package static let graceDays: Int64 = 30

    /// - Parameter changed: runs after each change; the host of this process need not wait for its next look.
    package init(
        database: any Database, encryption: EncryptionService, authority: SystemAuthority, sequencer: AuditSequencer,
        clock: HostClock = .system, changed: @escaping @Sendable () async -> Void = {}
    ) {
        (self.database, self.encryption, self.authority) = (database, encryption, authority)
        (self.sequencer, self.clock, self.changed) = (sequencer, clock, changed)
    }

    // MARK: Looking

    /// Every tenant, by slug.
    package func list(_ who: TenantOperator) async throws -> [TenantRecord] {
        try await database.platformRead(who.platform) { try TenantRegistry($0).all() }
    }

    /// One tenant.
    package func show(_ slug: TenantSlug, _ who: TenantOperator) async throws -> View {
        let view = try await database.platformRead(who.platform) { tx in
            try TenantRegistry(tx).find(slug: slug).map { View(tenant: $0, money: try TenantLife(tx).money(of: $0.id)) }
        }
        guard let view else { throw Self.error(.unknown) }
        return view
    }

    // MARK: Changing

    /// Makes a tenant with the built-in roles and a trail of its own.
    package func create(_ order: TenantOrder, name: String, _ who: TenantOperator, _ trace: CallOrigin) async throws -> TenantRecord {
        guard !order.slug.isReserved else {
            throw HostError(
                .invalidRequest, "this slug is reserved", fields: [.init(field: "slug", message: "must not be 'platform' or 'system'")])
        }
        let now = clock.nowMilliseconds()
        do {
            return try await database.platform(who.platform) { tx in
                let tenant = try TenantRegistry(tx).create(
                    slug: order.slug, name: name, by: who.actorElsewhere, correlation: trace.correlation, at: now)
                // The tenant's own trail begins with the registry's event.
                let detail: [String: Value] = ["change": "created", "reason": .string(order.reason)]
                if let event = who.events(tenant.id, tenant.slug, detail, trace).first { try tx.append(event) }
                return tenant
            }
        } catch let error as StorageError where error.code == .duplicate {
            // Also a purged tenant's: a slug is never given again.
            throw HostError(
                .conflict, "there is a tenant \(order.slug), or there was one", fields: [.init(field: "slug", message: "is taken")])
        }
    }

    /// Gives a tenant another name; the slug stays for good.
    package func rename(_ order: TenantOrder, to name: String, _ who: TenantOperator, _ trace: CallOrigin) async throws -> TenantRecord {
        try await change(order, who, trace, ["change": "renamed"]) { tx, tenant in
            guard tenant.status != .purged else { throw TenantRefusal.state(.purged) }
            try TenantRegistry(tx).rename(tenant.id, to: name)
            return true
        }
    }

    /// Says how many requests the tenant's users and keys may make together, nil for what the installation says.
    package func setBudget(
        _ order: TenantOrder, to budget: RateLimit?, _ who: TenantOperator, _ trace: CallOrigin
    ) async throws -> TenantRecord {
        try await change(order, who, trace, ["change": "budget", "budget": budget.map { .string($0.description) } ?? .null]) { tx, tenant in
            guard tenant.budget != budget else { return false }
            try TenantLife(tx).setBudget(budget, of: tenant)
            return true
        }
    }

    /// Takes a tenant out of service on every host: what it asks for is refused from the next request on, what runs is ended.
    package func suspend(_ order: TenantOrder, _ who: TenantOperator, _ trace: CallOrigin) async throws -> TenantRecord {
        let now = clock.nowMilliseconds()
        return try await change(order, who, trace, ["change": "suspended"]) { tx, tenant in try TenantLife(tx).suspend(tenant, at: now) }
    }

    /// Brings a suspended or deleted tenant back.
    package func resume(_ order: TenantOrder, _ who: TenantOperator, _ trace: CallOrigin) async throws -> TenantRecord {
        let now = clock.nowMilliseconds()
        return try await change(order, who, trace, ["change": "resumed"]) { tx, tenant in try TenantLife(tx).resume(tenant, at: now) }
    }

    /// Marks a tenant as deleted: out of service, and to be purged once its grace period is over.
    package func delete(
        _ order: TenantOrder, graceDays: Int64 = Self.graceDays, _ who: TenantOperator, _ trace: CallOrigin
    ) async throws -> TenantRecord {
        try order.requireConfirmation()
        guard (0...3650).contains(graceDays) else {
            throw HostError(
                .invalidRequest, "the grace period is not valid", fields: [.init(field: "grace_days", message: "must be 0 to 3650")])
        }
        let now = clock.nowMilliseconds()
        let until = now + graceDays * 86_400_000
        return try await change(order, who, trace, ["change": "deleted", "purge_after": .int(until)]) { tx, tenant in
            try TenantLife(tx).delete(tenant, purgeAfter: until, at: now)
        }
    }

    func change(
        _ order: TenantOrder, _ who: TenantOperator, _ trace: CallOrigin, _ detail: [String: Value],
        _ body: @escaping @Sendable (PlatformTransaction, TenantRecord) throws -> Bool
    ) async throws -> TenantRecord {
        let tenant: TenantRecord
        do {
            tenant = try await database.platform(who.platform) { tx in
                let before = try TenantLife(tx).lock(order.slug)
                guard try body(tx, before) else { return before }
                let detail = detail.merging(["reason": .string(order.reason), "before": .string(before.status.rawValue)]) { own, _ in own }
                for event in who.events(before.id, before.slug, detail, trace) { try tx.append(event) }
                return try TenantRegistry(tx).find(before.id) ?? before
            }
        } catch let refusal as TenantRefusal {
            throw Self.error(refusal)
        }
        await changed()
        return tenant
    }

    static func error(_ refusal: TenantRefusal) -> HostError {
        HostError(refusal == .unknown ? .notFound : .conflict, refusal.description)
    }
}
