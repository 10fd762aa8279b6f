// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors

package import Values

/// Proof that somebody has shown a sign-in's own token and the one that was sent to its account for it; both are used up.
struct DeviceConfirmation: Sendable {
    let user: UserID
    let tenant: TenantID

    fileprivate init(_ pending: PendingSignIn) { (user, tenant) = (pending.user, pending.tenant) }
}

extension Authenticator {
    /// How long a sign-in waits for its device to be confirmed, in milliseconds: mail takes its time.
    static let confirmationLifetime: Int64 = 15 * 60_000
    /// Sign-ins of one user that may wait for it at once: each of them sends a message.
    package static let waitingConfirmations = 5

    /// Asks for the confirmation of a device instead of opening a session.
    func demandConfirmation(
        _ account: AccountRecord, _ device: SignInDevice, address: ClientAddress, correlation: String
    ) async throws(AuthenticationError) -> DeviceDemand {
        let now = clock.now()
        let token = OneTimeToken.random(for: .signIn)
        let record = token.record(
            in: account.tenant, user: account.user, detail: PendingSignIn.detail(account, .device), at: now,
            lifetime: Self.confirmationLifetime)
        let event = self.event("session.device_asked", account.user, account.tenant, .success, [:], address, correlation)
        let isWaiting = try await reading {
            try await self.store.insertConfirmation(
                TenantScope(account.tenant), record, most: Self.waitingConfirmations, now: now, audit: event)
        }
        guard isWaiting else {
            let reason: [String: Value] = ["reason": "too_many_confirmations"]
            let refused = self.event("session.sign_in", account.user, account.tenant, .denied, reason, address, correlation)
            try await reading { try await self.store.record(TenantScope(account.tenant), refused) }
            throw .refused
        }
        return DeviceDemand(
            token: Secret(token.text), binding: token.hash, tenant: account.tenant, user: account.user, device: device.claim.name,
            begunAt: now, expiresIn: Self.confirmationLifetime / 1000)
    }

    /// Gives up a sign-in whose device cannot be confirmed, and says why in the trail.
    package func abandon(
        _ demand: DeviceDemand, reason: String, from address: ClientAddress = .unknown, correlation: String = CallID.make().description
    ) async throws(AuthenticationError) {
        let refused = event("session.sign_in", demand.user, demand.tenant, .denied, ["reason": .string(reason)], address, correlation)
        try await reading {
            _ = try await self.store.usePendingSignIn(TenantScope(demand.tenant), hash: demand.binding, now: self.clock.now())
            try await self.store.record(TenantScope(demand.tenant), refused)
        }
    }

    /// Opens the session of a sign-in that waits, for the token that was sent to the account's own address for it.
    ///
    /// Whatever is wrong with either token, or with the account since, gives one answer.
    package func confirmDevice(
        signIn text: String, token: Secret, device shown: DeviceClaim = .none, from address: ClientAddress = .unknown,
        correlation: String = CallID.make().description
    ) async throws(AuthenticationError) -> TokenPair {
        let pending = try await waiting(text, for: .device)
        let scope = TenantScope(pending.tenant)
        func refuse(_ reason: String) async throws(AuthenticationError) -> AuthenticationError {
            let detail: [String: Value] = ["reason": .string(reason), "factor": .string(OneTimeToken.Purpose.device.rawValue)]
            let event = self.event("session.sign_in", pending.user, pending.tenant, .denied, detail, address, correlation)
            try await reading { try await self.store.record(scope, event) }
            return .refused
        }
        guard try await letsIn(pending.account, from: address).get() else { throw try await refuse(Denial.addressNotAllowed.code) }
        guard
            try await reading({
                try await self.store.countAnswer(scope, hash: pending.hash, limit: Self.answersPerSignIn, now: self.clock.now())
            })
        else { throw try await refuse("too_many_answers") }
        guard let sent = try await shownToken(token, for: pending) else { throw try await refuse("wrong_device_token") }
        // Whoever has a factor by now shows it, and a password that is too old by now is replaced first.
        guard try await reading({ try await self.store.factors(scope, of: pending.user) }).isEmpty else {
            throw try await refuse("factor_missing")
        }
        guard !pending.account.needsNewPassword(at: clock.now()) else { throw try await refuse("password_expired") }
        guard
            try await reading({
                try await self.store.useConfirmation(scope, signIn: pending.hash, token: sent, now: self.clock.now())
            }),
            let proof = AssuranceProof.passwordAndDevice(pending.account, passwordEpoch: pending.epoch, DeviceConfirmation(pending))
        else { throw try await refuse("used") }
        let device = try await self.device(shown, of: proof.account)
        return try await openSession(proof, device, address: address, correlation: correlation)
    }

    /// What is stored of a token that was sent for this very sign-in; nil for any other.
    private func shownToken(_ text: Secret, for pending: PendingSignIn) async throws(AuthenticationError) -> [UInt8]? {
        guard let token = text.revealedText().flatMap({ OneTimeToken($0, for: .device) }) else { return nil }
        let record = try await reading {
            try await self.store.oneTimeToken(PlatformScope(reason: "confirmation of a device"), hash: token.hash, purpose: .device)
        }
        guard let record, record.purpose == .device, record.usedAt == nil, clock.now() < record.expiresAt,
            record.tenant == pending.tenant, record.user == pending.user, record.confirms == pending.hash
        else { return nil }
        return record.hash
    }

    private func event(
        _ action: String, _ user: UserID, _ tenant: TenantID, _ outcome: AuditOutcome, _ detail: [String: Value],
        _ address: ClientAddress, _ correlation: String
    ) -> AuditEvent {
        AuditEvent(
            occurredAt: clock.now(), tenant: tenant, actor: "user:\(user)", action: action, resource: "user:\(user)", outcome: outcome,
            detail: detail, correlation: correlation, address: address.audited)
    }
}

extension OneTimeTokenRecord {
    /// What the row of a token for a device says: the one sign-in that it confirms.
    package static func confirming(_ signIn: [UInt8]) -> [String: Value] { ["sign_in": .string(Hex.encode(signIn))] }

    /// The sign-in that a token for a device confirms.
    package var confirms: [UInt8]? { detail["sign_in"]?.stringValue.flatMap { Hex.decode($0) } }

    /// Whether the row of a sign-in waits for its device.
    package var awaitsDevice: Bool { purpose == .signIn && detail["wants"] == .string(PendingSignIn.Wanted.device.rawValue) }
}
