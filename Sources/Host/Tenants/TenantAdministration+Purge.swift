// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors

import Security
package import Storage
import Values

/// Purging: first the keys, in one moment, then the rows, as long as that takes.
extension TenantAdministration {
    /// What came of a purge.
    package struct Purge: Sendable {
        package var tenant: TenantRecord
        /// Keys that were destroyed by this call.
        package var keys: Int
        /// Rows that were removed by this call.
        package var rows: Int
        /// How many events the tenant's trail has for good.
        package var trailSize: Int64
    }

    private static let page = 1000

    /// Destroys the keys of a deleted tenant, removes its rows, and signs its trail for the last time.
    ///
    /// Ended in the middle by a crash it goes on where it is called again: the keys are gone by then.
    package func purge(
        _ order: TenantOrder, abandoningMoney: Bool, _ who: TenantOperator, _ trace: CallOrigin
    ) async throws -> Purge {
        try order.requireConfirmation()
        let (tenant, keys) = try await shred(order, abandoningMoney: abandoningMoney, who, trace)
        encryption.forget(tenant.id)
        await changed()
        let rows = try await sweep(tenant)
        let scope = authority.permit(.tenantManage, in: tenant.id, as: "purge").scope
        let now = clock.nowMilliseconds()
        try await database.transaction(scope) { tx in
            try TenantSweep.scrub(tx, at: now)
            try tx.append(
                AuditEvent(
                    tenant: tenant.id, actor: "system:purge", action: Action.tenantManage.rawValue, resource: "tenant:\(tenant.id)",
                    outcome: .success, detail: ["change": "emptied", "rows": .int(Int64(rows))], correlation: trace.correlation))
        }
        let size = try await sealTrail(of: tenant)
        try await database.platform(who.platform) { tx in
            guard try TenantLife(tx).markSwept(tenant.id, at: now) else { return }
            let detail: [String: Value] = ["change": "purge_completed", "rows": .int(Int64(rows)), "trail_size": .int(size)]
            // The tenant's own trail ends with its last checkpoint.
            guard let event = who.events(tenant.id, tenant.slug, detail, trace).first else { return }
            try tx.append(event)
        }
        // What was destroyed in the rows must not be left in the file.
        let base = (database as? SealingDatabase)?.base ?? database
        await (base as? any ScrubbingDatabase)?.scrub()
        return Purge(tenant: try await show(order.slug, who).tenant, keys: keys, rows: rows, trailSize: size)
    }

    private func shred(
        _ order: TenantOrder, abandoningMoney: Bool, _ who: TenantOperator, _ trace: CallOrigin
    ) async throws -> (TenantRecord, keys: Int) {
        let now = clock.nowMilliseconds()
        do {
            return try await database.platform(who.platform) { tx in
                let life = TenantLife(tx)
                let tenant = try life.lock(order.slug)
                if tenant.status == .purged, tenant.sweptAt == nil { return (tenant, 0) }
                let money = try life.money(of: tenant.id)
                let keys = try life.shred(tenant, abandoningMoney: abandoningMoney, at: now)
                let detail: [String: Value] = [
                    "change": "purged", "reason": .string(order.reason), "keys": .int(Int64(keys)),
                    "abandoned_payments": .int(money.payments), "abandoned_refunds": .int(money.refunds),
                ]
                for event in who.events(tenant.id, tenant.slug, detail, trace) { try tx.append(event) }
                return (tenant, keys)
            }
        } catch let refusal as TenantRefusal {
            throw Self.error(refusal)
        }
    }

    /// In small transactions, so that nobody else waits long.
    private func sweep(_ tenant: TenantRecord) async throws -> Int {
        let scope = authority.permit(.tenantManage, in: tenant.id, as: "purge").scope
        let tables = try await database.read(scope) { try TenantSweep.tables($0) }
        var rows = 0
        for table in tables {
            while true {
                let removed = try await database.transaction(scope) { try TenantSweep.remove(from: table, limit: Self.page, $0) }
                rows += removed
                if removed < Self.page { break }
            }
        }
        return rows
    }

    /// Gives the last events their places and signs them; answers how many events the trail has.
    private func sealTrail(of tenant: TenantRecord) async throws -> Int64 {
        let scope = authority.permit(.auditRead, in: tenant.id, as: "purge").scope
        for _ in 0..<50 {
            _ = try await sequencer.drain()
            let (isDone, size) = try await database.read(scope) { tx in
                let waiting = try tx.query("SELECT 1 AS n FROM sequencer_queue WHERE tenant_id = $1 LIMIT 1", [tx.tenant])
                return (waiting.isEmpty, try AuditProofs.checkpoint(of: tx.scope.tenant, on: tx)?.size ?? 0)
            }
            if isDone { return size }
            // Another host is at it.
            try await Task.sleep(for: .milliseconds(100))
        }
        throw HostError(
            .conflict, "the tenant's keys and rows are gone, but its audit trail is not signed to its end yet: purge it once more",
            retryAfterSeconds: 5)
    }
}
