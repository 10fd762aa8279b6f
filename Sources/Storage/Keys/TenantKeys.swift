// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors

package import Security
import Values

/// Rotation and retirement of one tenant's keys.
package struct TenantKeys: Sendable {
    private let database: any Database
    private let encryption: EncryptionService
    private let scope: TenantScope
    private let clock: WallClock

    package init(
        _ tenant: TenantID, database: any Database, encryption: EncryptionService, authority: SystemAuthority, clock: WallClock = .system
    ) {
        self.database = database
        self.encryption = encryption
        self.clock = clock
        scope = authority.permit(.tenantManage, in: tenant, as: "keys").scope
    }

    /// Makes a new version of the tenant's key and of each of its data keys.
    ///
    /// Answers the version of the tenant's key, 0 when it has none yet, and how many data keys there are.
    package func rotate() async throws -> (version: Int, dataKeys: Int) {
        let version = try await encryption.rotate(.tenant, scope)
        let slots = try await dataSlots()
        for slot in slots { _ = try await encryption.rotate(slot, scope) }
        return (version, slots.count)
    }

    /// Raises the least version that may still open anything to the least that any row still needs.
    ///
    /// Only for slots whose newest version every host has known for a while. Answers how many floors went up.
    package func retireUnused(knownFor age: Int64 = 60_000) async throws -> Int {
        let now = clock.now()
        return try await database.transaction(scope) { tx in
            var raised = 0
            let newest = try tx.query(
                """
                SELECT plugin, purpose, max(version) AS version, max(created_at) AS made FROM keys
                WHERE tenant_id = $1 AND kind = 'data' AND erased_at IS NULL GROUP BY plugin, purpose
                """, [tx.tenant])
            for row in newest where try row.int("made") + age <= now {
                let slot = KeySlot(kind: .data, plugin: try row["plugin"], purpose: try row["purpose"])
                guard let column = SealedColumn.all.first(where: { $0.table == slot.purpose }) else { continue }
                let used = try tx.query(
                    """
                    SELECT min(k.version) AS version FROM keys k WHERE k.tenant_id = $1 AND k.kind = $2 AND k.plugin = $3 AND k.purpose = $4
                        AND EXISTS (SELECT 1 FROM \(column.table) t WHERE t.tenant_id = k.tenant_id AND t.key_id = k.id)
                    """, [tx.tenant] + slot.columns)
                let needed: Int64? = try used.first?["version"]
                let floor = try needed ?? row.int("version")
                let changed = try tx.execute(
                    """
                    INSERT INTO key_floors (tenant_id, kind, plugin, purpose, min_decrypt_version, updated_at)
                    VALUES ($1, $2, $3, $4, $5, $6)
                    ON CONFLICT (tenant_id, kind, plugin, purpose) DO UPDATE
                        SET min_decrypt_version = excluded.min_decrypt_version, updated_at = excluded.updated_at
                        WHERE key_floors.min_decrypt_version < excluded.min_decrypt_version
                    """, [tx.tenant] + slot.columns + [.int(floor), .int(now)])
                guard changed == 1, floor > 1 else { continue }
                raised += 1
                try tx.append(
                    AuditEvent(
                        occurredAt: now, tenant: tx.scope.tenant, actor: "system:keys", action: "key.retire",
                        resource: "slot:\(slot.plugin)/\(slot.purpose)", outcome: .success,
                        detail: ["min_decrypt_version": .int(floor)], correlation: "retire-\(now)"))
            }
            return raised
        }
    }

    private func dataSlots() async throws -> [KeySlot] {
        try await database.read(scope) { tx in
            try tx.query(
                "SELECT DISTINCT plugin, purpose FROM keys WHERE tenant_id = $1 AND kind = 'data' ORDER BY plugin, purpose", [tx.tenant]
            ).map { KeySlot(kind: .data, plugin: try $0["plugin"], purpose: try $0["purpose"]) }
        }
    }
}
