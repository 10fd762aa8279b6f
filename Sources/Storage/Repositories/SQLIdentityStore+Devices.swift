// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors

package import Security

extension SQLIdentityStore {
    package func device(_ scope: TenantScope, id: DeviceID) async throws -> DeviceRecord? {
        try await database.readOne(scope) { try DeviceRepository($0).find(id) }
    }

    package func devices(_ scope: TenantScope, of user: UserID) async throws -> [DeviceRecord] {
        try await database.readOne(scope) { try DeviceRepository($0).all(of: user) }
    }

    package func renameDevice(
        _ scope: TenantScope, _ id: DeviceID, of user: UserID, to name: String, audit: AuditEvent
    ) async throws -> Bool {
        try await database.transaction(scope) { tx in
            guard try DeviceRepository(tx).rename(id, of: user, to: name) else { return false }
            try tx.append(audit)
            return true
        }
    }

    package func revokeDevice(
        _ scope: TenantScope, _ id: DeviceID, of user: UserID, now: Int64, audit: @escaping @Sendable ([SessionID]) -> AuditEvent
    ) async throws -> [SessionID]? {
        try await database.transaction(scope) { tx in
            guard let ended = try DeviceRepository(tx).revoke(id, of: user, at: now) else { return nil }
            try tx.append(audit(ended))
            return ended
        }
    }
}
