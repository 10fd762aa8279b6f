// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors

import Security

extension MemoryIdentityStore {
    func device(_ scope: TenantScope, id: DeviceID) async throws -> DeviceRecord? {
        try transaction { $0.devices[id] }
    }

    func devices(_ scope: TenantScope, of user: UserID) async throws -> [DeviceRecord] {
        try transaction { state in
            state.devices.values.filter { $0.user == user && $0.revokedAt == nil }.sorted { $0.lastSeenAt > $1.lastSeenAt }
        }
    }

    func renameDevice(_ scope: TenantScope, _ id: DeviceID, of user: UserID, to name: String, audit: AuditEvent) async throws -> Bool {
        try transaction { state in
            guard state.devices[id]?.user == user else { return false }
            state.devices[id]?.name = name
            state.audit.append(audit)
            return true
        }
    }

    func revokeDevice(
        _ scope: TenantScope, _ id: DeviceID, of user: UserID, now: Int64, audit: @escaping @Sendable ([SessionID]) -> AuditEvent
    ) async throws -> [SessionID]? {
        try transaction { state in
            guard let device = state.devices[id], device.user == user, device.revokedAt == nil else { return nil }
            state.devices[id]?.revokedAt = now
            let ended = state.open(of: user, in: scope.tenant, now).filter { $0.device == id }.map(\.id)
            for session in ended { state.end(session, now) }
            state.audit.append(audit(ended))
            return ended
        }
    }
}

extension MemoryIdentityStore.State {
    mutating func use(_ use: DeviceUse, by session: NewSession) throws {
        if let name = use.newName {
            devices[use.id] = DeviceRecord(
                id: use.id, user: session.user, name: name, createdAt: session.createdAt, lastSeenAt: session.createdAt)
        }
        guard devices[use.id]?.revokedAt == nil else { throw MemoryIdentityStore.Broken() }
        devices[use.id]?.lastSeenAt = session.createdAt
        if let until = use.trustedUntil {
            devices[use.id]?.trustedUntil = until
            devices[use.id]?.trustedEpoch = session.epoch
        }
    }
}
