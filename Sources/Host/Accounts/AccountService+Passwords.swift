// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors

package import Security
import Storage
import Values

extension AccountService {
    /// Changes one's own password, with the current one; every other session ends, and this one goes on with its refresh token.
    package func changePassword(_ principal: Principal, current: Secret, new: Secret, origin: CallOrigin) async throws {
        let proof = try await authenticator.confirmPassword(
            principal, current, from: origin.address.flatMap { ClientAddress($0) } ?? .unknown, correlation: origin.correlation)
        try await replace(proof, current: current, new: new, origin: origin)
    }

    /// Changes a password that is too old to sign in with. Opens no session.
    package func renewPassword(
        slug: String, email: String, current: Secret, new: Secret, device: DeviceClaim = .none, origin: CallOrigin
    ) async throws {
        let proof = try await authenticator.confirmExpiredPassword(
            slug: slug, email: email, password: current, device: device, from: origin.address.flatMap { ClientAddress($0) } ?? .unknown,
            correlation: origin.correlation)
        try await replace(proof, current: current, new: new, origin: origin)
    }

    private func replace(_ proof: RecentAuthentication, current: Secret, new: Secret, origin: CallOrigin) async throws {
        guard new != current else { throw AuthenticationError.weakPassword("the new password is the old one") }
        let (user, now) = (proof.user, clock.nowMilliseconds())
        // The authority goes no further than the tenant in which the password was shown.
        let scope = authority.permit(.userManage, in: proof.tenant, as: "password").scope
        let owner = try await database.read(scope) { try UserRepository($0).passwordOwner(user) }
        let hash = try await authenticator.newPassword(new, for: owner)
        try await database.transaction(scope) { tx in
            try UserRepository(tx).setPassword(
                hash.hash, standsAlone: hash.standsAlone, of: user, keeping: proof.session, history: owner.profile.history,
                expecting: proof.epoch, at: now)
            try tx.append(Self.event("user.password.change", user, tx.scope.tenant, origin, at: now))
        }
        // The password is changed already: a notice that cannot be queued does not undo it.
        _ = try? await messages.send(.passwordChanged, to: user, in: proof.tenant, key: origin.correlation, origin: origin)
    }

    /// Writes down that somebody asked for a reset, without looking whether there is such an account.
    func recordResetRequest(slug: String, email: String, origin: CallOrigin) async throws {
        let tenant = try await database.platformRead(authority.platform("password reset")) { tx in
            let tenants = TenantRegistry(tx)
            let named = try tenants.find(slug: TenantSlug(slug) ?? .system)
            // Of a purged tenant nothing is left that anything could be sealed for.
            return try named.flatMap { $0.status == .purged ? nil : $0 } ?? tenants.find(slug: .platform)
        }
        guard let tenant else { return }
        let typed: [String: Value] = email.utf8.count <= 254 && email.contains("@") ? ["email": .string(email)] : [:]
        try await database.append(
            authority.permit(.userManage, in: tenant.id, as: "password").scope,
            AuditEvent(
                occurredAt: clock.nowMilliseconds(), tenant: tenant.id, actor: "anonymous", action: "user.password.reset_request",
                resource: "password", outcome: .started, correlation: origin.correlation, address: origin.address, personal: typed))
    }

    /// Sends a reset token to whom an address belongs; tells nobody whether it belongs to somebody.
    ///
    /// ``PasswordResets`` calls it, so that whoever asked does not wait for what is found.
    package func requestReset(slug: String, email: String, origin: CallOrigin) async throws {
        let store = SQLIdentityStore(database)
        let lookup = try await store.account(
            authority.platform("password reset"), slug: TenantSlug(slug) ?? .system, email: email.utf8.count <= 254 ? email : "")
        guard let tenant = lookup.account?.tenant ?? lookup.tenant ?? lookup.platform else { return }
        let now = clock.nowMilliseconds()
        let reason: String?
        if let account = lookup.account, account.isActive {
            // One message in a quarter of an hour, however often somebody asks.
            let isSent = try await messages.send(
                .passwordReset, to: account.user, in: account.tenant, key: String(now / 900_000), origin: origin)
            reason = isSent ? nil : "no_notifier"
        } else {
            reason = lookup.account == nil ? "unknown_account" : "inactive"
        }
        try await store.record(
            authority.permit(.userManage, in: tenant, as: "password").scope,
            AuditEvent(
                occurredAt: now, tenant: tenant, actor: "system:accounts", action: "user.password.reset_request",
                resource: lookup.account.map { "user:\($0.user)" } ?? "anonymous", outcome: reason == nil ? .success : .failure,
                detail: reason.map { ["reason": .string($0)] } ?? [:], correlation: origin.correlation))
    }
}
