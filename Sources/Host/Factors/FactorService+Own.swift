// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors

import PluginAPI
package import Security
package import Storage
import Values

/// An authenticator app to be set up: shown once.
package struct NewTOTP: Sendable {
    package let uri: Secret
    package let svg: Secret
    package let secret: Secret
    package let expiresAt: Int64
}

extension FactorService {
    /// What a user has, and how many backup codes are left.
    package func list(_ principal: Principal) async throws -> (factors: [UserFactorRecord], backupCodes: Int64) {
        let (user, _) = try Self.owner(principal)
        let now = clock.nowMilliseconds()
        return try await database.read(scope(principal.tenant)) { tx in
            let factors = UserFactorRepository(tx)
            return (try factors.all(of: user).filter { $0.expiresAt ?? .max > now }, try factors.backupCodes(of: user))
        }
    }

    /// Begins to set up an authenticator app; it is one once a code of it was shown.
    ///
    /// - Parameter recent: the password shown again, for a user without a factor who signed in a while ago.
    package func enrollTOTP(_ principal: Principal, _ recent: RecentAuthentication? = nil, origin: CallOrigin) async throws -> NewTOTP {
        let (user, _) = try Self.owner(principal)
        try Self.requireFresh(principal, recent)
        try await requireHome(user, principal.tenant)
        let secret = TOTP.makeSecret()
        let sealed = try await encryption.seal(secret, as: TOTPFactor.place(principal.tenant, user))
        let now = clock.nowMilliseconds()
        let record = UserFactorRecord(
            user: user, factor: .totp, status: .pending, basis: .secret(sealed), createdAt: now, expiresAt: now + Self.pendingLifetime)
        try await begin(record, principal, origin)
        let totp = TOTP(secret: secret)
        let uri = totp.uri(issuer: "Panelhost (\(principal.slug))", account: principal.name.isEmpty ? user.description : principal.name)
        do {
            return NewTOTP(uri: uri, svg: try QRCode(uri).svg(), secret: totp.text, expiresAt: now + Self.pendingLifetime)
        } catch {
            throw HostError(.unavailable, "the picture of the secret cannot be made: the account's name is too long")
        }
    }

    /// Begins to set up a factor whose codes a plugin delivers, and sends the first one.
    package func enrollDelivered(
        _ principal: Principal, _ recent: RecentAuthentication? = nil, plugin: PluginID, destination: String, country: String?,
        locale: String, idempotencyKey: String,
        origin: CallOrigin
    ) async throws -> ChallengeView {
        let (user, session) = try Self.owner(principal)
        try Self.requireFresh(principal, recent)
        try await requireHome(user, principal.tenant)
        let name = FactorName.plugin(plugin)
        let known = try await database.read(scope(principal.tenant)) { try UserFactorRepository($0).find(name, of: user) }
        guard known?.status != .active else { throw Self.alreadyThere }
        let view = try await enroll(
            EnrollFactor(
                plugin: plugin, label: "default", userRef: "user:\(user)", destination: destination, country: country, locale: locale,
                sessionNonce: Authenticator.binding(session), brand: principal.slug.description),
            in: principal.tenant, idempotencyKey: "\(session)/\(idempotencyKey)", origin: origin)
        let now = clock.nowMilliseconds()
        if case .enrollment(view.enrollment) = known?.basis { return view }
        try await begin(
            UserFactorRecord(
                user: user, factor: name, status: .pending, basis: .enrollment(view.enrollment), hint: view.hint, createdAt: now,
                expiresAt: now + Self.pendingLifetime), principal, origin)
        return view
    }

    /// Makes what was begun a factor, for a code of it. Answers backup codes when the user has none.
    package func confirm(_ principal: Principal, factor: String, code: Secret, origin: CallOrigin) async throws -> [Secret] {
        let (user, _) = try Self.owner(principal)
        let scope = scope(principal.tenant)
        guard let name = FactorName(rawValue: factor),
            let record = try await database.read(scope, { try UserFactorRepository($0).find(name, of: user) }), record.status == .pending
        else { throw HostError.noSuchFactor }
        // One may have been set up elsewhere since this one was begun.
        if principal.assurance?.hasFactor == true { try Self.requireFactor(principal) }
        try await authenticator.confirmFactor(
            principal, factor: name, code: code, judge: PendingFactor(totp: totp, delivered: delivered, record: record),
            from: origin.client, correlation: origin.correlation)
        guard try await database.read(scope, { try UserFactorRepository($0).backupCodes(of: user) }) == 0 else { return [] }
        return try await makeBackupCodes(principal, user, origin)
    }

    /// Takes a factor of one's own away, for the password and a factor that was just shown.
    package func remove(_ principal: Principal, _ recent: RecentAuthentication, factor: String, origin: CallOrigin) async throws {
        let (user, _) = try Self.owner(principal)
        guard let name = FactorName(rawValue: factor) else { throw HostError.noSuchFactor }
        let scope = scope(principal.tenant)
        let found = try await database.read(scope) { try UserFactorRepository($0).find(name, of: user) }
        guard let found else { throw HostError.noSuchFactor }
        // What was never confirmed protects nothing; what was is given up only by whoever can show one.
        if found.status == .active { try Self.requireFactor(principal) }
        guard recent.user == user, recent.tenant == principal.tenant else { throw HostError.noSuchFactor }
        let now = clock.nowMilliseconds()
        let events = [false, true].map { isPasswordShort in
            var detail: [String: Value] = ["change": "removed", "factor": .string(name.rawValue)]
            if isPasswordShort { detail["password"] = "must_change" }
            return event(principal, detail, origin)
        }
        let removed = try await database.transaction(scope) { tx in
            let removed = try UserFactorRepository(tx).remove(name, of: user)
            if removed != nil {
                // Devices were remembered for a factor that is no more.
                try DeviceRepository(tx).endTrust(of: user)
                try tx.append(events[try UserRepository(tx).endWithShortPassword(of: user, at: now) ? 1 : 0])
            }
            return removed
        }
        if case .enrollment(let enrollment) = removed?.basis { try await revoke(enrollment, in: principal.tenant) }
    }

    /// A new set of backup codes in place of the old one.
    package func regenerateBackupCodes(_ principal: Principal, origin: CallOrigin) async throws -> [Secret] {
        let (user, _) = try Self.owner(principal)
        try Self.requireFactor(principal)
        guard
            try await database.read(scope(principal.tenant), { try UserFactorRepository($0).all(of: user) }).contains(where: {
                $0.status == .active
            })
        else { throw HostError.noSuchFactor }
        return try await makeBackupCodes(principal, user, origin)
    }

    // MARK: Details

    private func makeBackupCodes(_ principal: Principal, _ user: UserID, _ origin: CallOrigin) async throws -> [Secret] {
        let codes = BackupCode.makeSet()
        let hashes = codes.compactMap { BackupCode.hash($0, of: user, in: principal.tenant) }
        let (event, now) = (event(principal, ["change": "backup_codes"], origin), clock.nowMilliseconds())
        try await database.transaction(scope(principal.tenant)) { tx in
            try UserFactorRepository(tx).replaceBackupCodes(hashes, of: user, at: now)
            try tx.append(event)
        }
        return codes
    }

    private func begin(_ record: UserFactorRecord, _ principal: Principal, _ origin: CallOrigin) async throws {
        let event = event(principal, ["change": "begun", "factor": .string(record.factor.rawValue)], origin)
        let begun = try await database.transaction(scope(principal.tenant)) { tx in
            guard try UserFactorRepository(tx).begin(record) else { return false }
            try tx.append(event)
            return true
        }
        guard begun else { throw Self.alreadyThere }
    }

    private static let alreadyThere = HostError(.conflict, "this factor is set up already; remove it first")

    /// Whoever has a factor shows it; whoever has none has just signed in. A stolen session alone changes nothing.
    private static func requireFresh(_ principal: Principal, _ recent: RecentAuthentication?) throws(Denial) {
        guard let assurance = principal.assurance else { throw .stepUpRequired(maximumAge: freshness) }
        let hasPassword = recent.map { principal.kind == .user($0.user) && principal.session == $0.session } ?? false
        let isFresh =
            assurance.hasFactor
            ? assurance.hasShownFactor(within: freshness) : hasPassword || assurance.isFresh(within: freshness)
        guard isFresh else { throw .stepUpRequired(maximumAge: freshness) }
    }

    /// A guest has the factors of the account at home: one of its own would be shown to nobody there.
    func requireHome(_ user: UserID, _ tenant: TenantID) async throws {
        guard try await !database.read(scope(tenant), { try UserRepository($0).isGuest(user) }) else {
            throw HostError(.conflict, "a guest's second factors are those at home: switch to your own tenant for them")
        }
    }

    private static func requireFactor(_ principal: Principal) throws(Denial) {
        guard principal.assurance?.hasShownFactor(within: freshness) == true else { throw .stepUpRequired(maximumAge: freshness) }
    }

    private func event(_ principal: Principal, _ detail: [String: Value], _ origin: CallOrigin) -> AuditEvent {
        AuditEvent(
            tenant: principal.tenant, actor: principal.actor, action: Action.factorOwn.rawValue, resource: principal.actor,
            outcome: .success, detail: detail, correlation: origin.correlation, address: origin.address)
    }
}
