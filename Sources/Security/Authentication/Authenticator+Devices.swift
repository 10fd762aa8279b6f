// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors

internal import Values

/// The device of one sign-in.
struct SignInDevice: Sendable {
    let claim: DeviceClaim
    /// The one of this account that the client has proved; nil for a device that is new or not kept.
    let known: DeviceRecord?

    /// Whether it may stand in for the account's second factor.
    func isTrusted(for account: AccountRecord, at now: Int64) -> Bool {
        known?.user == account.user && known?.isTrusted(epoch: account.epoch, at: now) == true
    }
}

extension Authenticator {
    /// The device that a client says it is, if it can prove that for this account and it was not withdrawn.
    func device(_ claim: DeviceClaim, of account: AccountRecord) async throws(AuthenticationError) -> SignInDevice {
        if let key = claim.cookie?.marks.first?.key, keys.entry(.device, id: key) == nil { await keys.refreshUnknown() }
        guard let mark = claim.cookie?.marks.first(where: { $0.isValid(user: account.user, tenant: account.tenant, keys: keys) }) else {
            return SignInDevice(claim: claim, known: nil)
        }
        let found = try await reading { try await self.store.device(TenantScope(account.tenant), id: mark.device) }
        guard let found, found.id == mark.device, found.user == account.user, found.revokedAt == nil else {
            return SignInDevice(claim: claim, known: nil)
        }
        return SignInDevice(claim: claim, known: found)
    }

    /// Whether a client proves that it is the device that a session belongs to; a session without one asks for none.
    func isDevice(_ claim: DeviceClaim, of session: SessionRecord) -> Bool {
        guard let device = session.device else { return true }
        return claim.cookie?.marks.contains {
            $0.device == device && $0.isValid(user: session.user, tenant: session.tenant, keys: keys)
        } ?? false
    }

    /// What a client is to keep from now on.
    func cookie(_ device: DeviceID, of account: AccountRecord, _ claim: DeviceClaim) -> DeviceCookie? {
        DeviceMark.make(device, user: account.user, tenant: account.tenant, keys: keys).map { DeviceCookie($0, before: claim.cookie) }
    }

    /// The devices of the user behind a session, the last used first.
    public func devices(of principal: Principal) async throws(AuthenticationError) -> [DeviceRecord] {
        let user = try owner(principal)
        return try await reading { try await self.store.devices(TenantScope(principal.tenant), of: user) }
    }

    /// Names a device of the user behind a session; false when there is none.
    public func renameDevice(
        _ id: DeviceID, of principal: Principal, to name: String, from address: ClientAddress = .unknown,
        correlation: String = CallID.make().description
    ) async throws(AuthenticationError) -> Bool {
        let user = try owner(principal)
        guard let name = DeviceName.checked(name) else { throw .invalid("name: use 1 to 100 bytes of text in one line") }
        let event = AuditEvent(
            occurredAt: clock.now(), tenant: principal.tenant, actor: principal.actor, action: "device.rename", resource: "device:\(id)",
            outcome: .success, correlation: correlation, address: address.audited)
        return try await reading { try await self.store.renameDevice(TenantScope(principal.tenant), id, of: user, to: name, audit: event) }
    }

    /// Withdraws a device of the user behind a session: its sessions end, and nothing trusts it any more. Nil when there is none.
    public func revokeDevice(
        _ id: DeviceID, of principal: Principal, from address: ClientAddress = .unknown, correlation: String = CallID.make().description
    ) async throws(AuthenticationError) -> [SessionID]? {
        let (user, now) = (try owner(principal), clock.now())
        let event: @Sendable ([SessionID]) -> AuditEvent = { ended in
            AuditEvent(
                occurredAt: now, tenant: principal.tenant, actor: principal.actor, action: "device.revoke", resource: "device:\(id)",
                outcome: .success, detail: ["sessions": .array(ended.map { .string($0.description) })], correlation: correlation,
                address: address.audited)
        }
        return try await reading {
            try await self.store.revokeDevice(TenantScope(principal.tenant), id, of: user, now: now, audit: event)
        }
    }
}
