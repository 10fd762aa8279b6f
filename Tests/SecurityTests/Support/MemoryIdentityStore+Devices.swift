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

    func sessionRules(_ scope: TenantScope) async throws -> (rules: SessionRules?, policy: String) {
        try transaction { ($0.rules[scope.tenant], $0.revision(of: scope.tenant)) }
    }

    func standing(
        _ scope: TenantScope, of user: UserID, from origin: SignInOrigin, now: Int64
    ) async throws -> SignInStanding {
        try transaction { state in
            let places = state.users[user]?.places ?? []
            return SignInStanding(
                rules: state.rules[scope.tenant], policy: state.revision(of: scope.tenant),
                isFirst: places.isEmpty && !state.devices.values.contains { $0.user == user },
                knowsPlace: origin.places.contains { places.contains($0) })
        }
    }

    func insertConfirmation(
        _ scope: TenantScope, _ token: OneTimeTokenRecord, most: Int, now: Int64, audit: AuditEvent
    ) async throws -> Bool {
        try transaction { state in
            let waiting = state.tokens.values.count { $0.user == token.user && $0.awaitsDevice && $0.usedAt == nil && $0.expiresAt > now }
            guard waiting < most else { return false }
            state.tokens[token.hash] = token
            state.audit.append(audit)
            return true
        }
    }

    func useConfirmation(_ scope: TenantScope, signIn: [UInt8], token: [UInt8], now: Int64) async throws -> Bool {
        try transaction { state in
            let rows = [signIn, token].compactMap { state.tokens[$0] }
            guard rows.count == 2, rows.allSatisfy({ $0.tenant == scope.tenant && $0.usedAt == nil && $0.expiresAt > now }),
                rows[0].awaitsDevice, rows[1].purpose == .device, rows[1].confirms == signIn
            else { return false }
            for hash in [signIn, token] { state.tokens[hash]?.usedAt = now }
            return true
        }
    }

    func setSessionRules(_ scope: TenantScope, _ rules: SessionRules?, audit: AuditEvent) async throws {
        try transaction { state in
            state.rules[scope.tenant] = rules
            state.audit.append(audit)
        }
    }

    func noteUse(_ scope: TenantScope, of session: SessionID, now: Int64) async throws {
        try transaction { state in
            guard let row = state.sessions[session], row.revokedAt == nil, now - row.lastSeenAt >= 60_000 else { return }
            state.sessions[session]?.lastSeenAt = now
            state.notes += 1
        }
    }

    func apiKeys(_ scope: TenantScope) async throws -> [APIKeyRecord] {
        try transaction { $0.keys.values.filter { $0.tenant == scope.tenant }.sorted { $0.id < $1.id } }
    }

    func rotateAPIKey(_ scope: TenantScope, _ rotation: APIKeyRotation, audit: AuditEvent) async throws -> Bool {
        try transaction { state in
            guard var key = state.keys[rotation.id], key.tenant == scope.tenant, key.hash == rotation.old, key.isGood(at: rotation.now),
                state.isPresent(rotation.issuer, in: scope.tenant)
            else {
                return false
            }
            (key.hash, key.previousHash, key.previousUntil, key.expiresAt) = (
                rotation.new, rotation.old, rotation.oldUntil, rotation.expiresAt
            )
            state.keys[rotation.id] = key
            state.audit.append(audit)
            return true
        }
    }

    func noteUse(_ scope: TenantScope, of key: APIKeyID, now: Int64) async throws {
        try transaction { state in
            if let last = state.keys[key]?.lastUsedAt, now - last < 60_000 { return }
            state.keys[key]?.lastUsedAt = now
            state.notes += 1
        }
    }
}

extension MemoryIdentityStore.State {
    mutating func makeRoom(for session: NewSession, in tenant: TenantID) -> [SessionID]? {
        let now = session.createdAt
        let live = open(of: session.user, in: tenant, now).filter { now - $0.lastSeenAt < session.limits.idle }
            .sorted { ($0.lastSeenAt, $0.id) < ($1.lastSeenAt, $1.id) }
        let surplus = live.count - Int(session.rules.concurrent) + 1
        guard surplus > 0 else { return [] }
        guard session.rules.whenFull == .endOldest else { return nil }
        for one in live.prefix(surplus) { end(one.id, now) }
        return live.prefix(surplus).map(\.id)
    }

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
