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

    package func standing(
        _ scope: TenantScope, of user: UserID, from origin: SignInOrigin, now: Int64
    ) async throws -> SignInStanding {
        try await database.readOne(scope) { try SessionRulesRepository($0).standing(of: user, from: origin, at: now) }
    }

    package func insertConfirmation(
        _ scope: TenantScope, _ token: OneTimeTokenRecord, most: Int, now: Int64, audit: AuditEvent
    ) async throws -> Bool {
        guard let user = token.user else { return false }
        return try await database.transaction(scope) { tx in
            let tokens = OneTimeTokenRepository(tx)
            // Of all that begin at once, one counts at a time.
            try tx.lock("confirmations/\(user)")
            guard try tokens.all(of: user, .signIn, now: now).count(where: \.awaitsDevice) < most else { return false }
            try tokens.insert(token)
            try tx.append(audit)
            return true
        }
    }

    package func useConfirmation(_ scope: TenantScope, signIn: [UInt8], token: [UInt8], now: Int64) async throws -> Bool {
        struct Refused: Error {}
        do {
            try await database.transaction(scope) { tx in
                let tokens = OneTimeTokenRepository(tx)
                // Both or neither: what is thrown takes the first back.
                guard try tokens.use(signIn, .signIn, now: now)?.awaitsDevice == true,
                    try tokens.use(token, .device, now: now)?.confirms == signIn
                else { throw Refused() }
            }
            return true
        } catch is Refused {
            return false
        }
    }

    package func sessionRules(_ scope: TenantScope) async throws -> (rules: SessionRules?, policy: String) {
        try await database.readOne(scope) { try SessionRulesRepository($0).find() }
    }

    package func setSessionRules(_ scope: TenantScope, _ rules: SessionRules?, audit: AuditEvent) async throws {
        try await database.transaction(scope) { tx in
            try SessionRulesRepository(tx).set(rules)
            try tx.append(audit)
        }
    }

    package func noteUse(_ scope: TenantScope, of session: SessionID, now: Int64) async throws {
        try await database.transaction(scope) { _ = try SessionRepository($0).noteUse(of: session, at: now) }
    }

    package func apiKeys(_ scope: TenantScope) async throws -> [APIKeyRecord] {
        try await database.readOne(scope) { try APIKeyRepository($0).all() }
    }

    package func rotateAPIKey(_ scope: TenantScope, _ rotation: APIKeyRotation, audit: AuditEvent) async throws -> Bool {
        try await database.transaction(scope) { tx in
            guard try APIKeyRepository(tx).rotate(rotation) else { return false }
            try tx.append(audit)
            return true
        }
    }

    package func noteUse(_ scope: TenantScope, of key: APIKeyID, now: Int64) async throws {
        try await database.transaction(scope) { _ = try APIKeyRepository($0).noteUse(of: key, at: now) }
    }
}
