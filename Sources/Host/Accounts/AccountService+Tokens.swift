// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors

package import Security
import Storage
import Values

/// What somebody does with a one-time token, and who may see one.
extension AccountService {
    /// Makes an invited user an active one, with the password that they choose. Opens no session.
    package func accept(_ token: Secret, name: String?, password: Secret, origin: CallOrigin) async throws {
        let name = try name.map(Self.name)
        let now = clock.nowMilliseconds()
        try await use(token, for: .invitation, password: password, name: name, origin: origin) { tx, user, hash, _ in
            let users = UserRepository(tx)
            guard try users.find(user)?.status == .invited else { throw Self.invalidToken }
            try users.accept(user, name: name, passwordHash: hash.hash, at: now)
            try tx.append(Self.event("user.invitation.accept", user, tx.scope.tenant, origin, at: now))
        }
    }

    /// Sets a new password by a reset token: ends every session, and opens none, so that a second factor is asked for as ever.
    package func completeReset(_ token: Secret, password: Secret, origin: CallOrigin) async throws {
        let now = clock.nowMilliseconds()
        let user = try await use(token, for: .passwordReset, password: password, name: nil, origin: origin) { tx, user, hash, owner in
            let users = UserRepository(tx)
            guard try users.find(user)?.status == .active else { throw Self.invalidToken }
            try users.setPassword(hash.hash, standsAlone: hash.standsAlone, of: user, history: owner.profile.history, at: now)
            try tx.append(Self.event("user.password.reset", user, tx.scope.tenant, origin, at: now))
        }
        _ = try? await messages.send(.passwordChanged, to: user.id, in: user.tenant, key: origin.correlation, origin: origin)
    }

    /// Looks a token up, judges the new password, and uses the token up together with what it does.
    ///
    /// A password that is not good enough leaves the token as it was.
    @discardableResult
    private func use(
        _ text: Secret, for purpose: OneTimeToken.Purpose, password: Secret, name: String?, origin: CallOrigin,
        _ body: @escaping @Sendable (TenantTransaction, UserID, NewPassword, PasswordOwner) throws -> Void
    ) async throws -> (id: UserID, tenant: TenantID) {
        let now = clock.nowMilliseconds()
        guard let token = text.revealedText().flatMap({ OneTimeToken($0, for: purpose) }),
            let record = try await SQLIdentityStore(database).oneTimeToken(
                authority.platform("look-up of a one-time token"), hash: token.hash, purpose: purpose),
            record.usedAt == nil, record.expiresAt > now, let user = record.user
        else { throw Self.invalidToken }
        // The authority goes no further than the tenant of the token.
        let scope = authority.permit(.userManage, in: record.tenant, as: "token").scope
        var owner = try await database.read(scope) { try UserRepository($0).passwordOwner(user) }
        if let name { owner.context.append(name) }
        let hash = try await authenticator.newPassword(password, for: owner)
        let (judged, later) = (owner, clock)
        try await database.transaction(scope) { tx in
            guard try OneTimeTokenRepository(tx).use(token.hash, purpose, now: later.nowMilliseconds()) != nil, try Self.isActive(tx) else {
                throw Self.invalidToken
            }
            try body(tx, user, hash, judged)
        }
        return (user, record.tenant)
    }

    /// A token to hand to a user by another way: for the local operator, who is asked for by nobody over the network.
    package func token(_ purpose: OneTimeToken.Purpose, for id: UserID, _ permit: Permit, origin: CallOrigin) async throws -> Secret {
        guard case .system = permit.principal.kind else { throw Denial.missingPermission(.userManage) }
        let (token, now) = (OneTimeToken.random(for: purpose), clock.nowMilliseconds())
        let record = token.record(in: permit.scope.tenant, user: id, at: now)
        try await changing(permit) { tx in
            guard let user = try UserRepository(tx).find(id), user.status != .deleted else { throw Self.unknown }
            guard try UserRepository(tx).store(record, for: id, at: now) else {
                throw HostError(.conflict, "the user is \(user.status.rawValue): such a token would be of no use")
            }
            try tx.append(
                AuditEvent(
                    of: permit, resource: "user:\(id)", outcome: .success,
                    detail: ["change": "token", "purpose": .string(purpose.rawValue)],
                    correlation: origin.correlation))
        }
        return Secret(token.text)
    }

    // MARK: The first operator

    /// A token with which somebody becomes the first operator of the installation. There is no account to start with, and no password.
    package func bootstrapToken(in platform: TenantID, origin: CallOrigin) async throws -> Secret {
        let permit = authority.permit(.userManage, in: platform, as: "bootstrap")
        let (token, now) = (OneTimeToken.random(for: .bootstrap), clock.nowMilliseconds())
        let record = token.record(in: platform, user: nil, at: now)
        try await changing(permit) { tx in
            try PolicyRepository(tx).beginChange()
            guard try Self.isWithoutOperator(tx) else { throw Self.hasOperator }
            try tx.execute(
                "DELETE FROM one_time_tokens WHERE tenant_id = $1 AND purpose = $2",
                [tx.tenant, .text(OneTimeToken.Purpose.bootstrap.rawValue)])
            try OneTimeTokenRepository(tx).insert(record)
            try tx.append(
                AuditEvent(
                    occurredAt: now, tenant: platform, actor: permit.principal.actor, action: "user.bootstrap",
                    resource: "tenant:\(platform)",
                    outcome: .started, correlation: origin.correlation))
        }
        return Secret(token.text)
    }

    /// Makes the first operator, once in the life of an installation.
    package func bootstrap(_ text: Secret, email: String, name: String?, password: Secret, origin: CallOrigin) async throws {
        let email = try Self.address(email)
        let name = try Self.name(name ?? email)
        let (id, now) = (UserID.make(), clock.nowMilliseconds())
        guard let token = text.revealedText().flatMap({ OneTimeToken($0, for: .bootstrap) }),
            let record = try await SQLIdentityStore(database).oneTimeToken(
                authority.platform("look-up of a bootstrap token"), hash: token.hash, purpose: .bootstrap),
            record.usedAt == nil, record.expiresAt > now
        else { throw Self.invalidToken }
        let permit = authority.permit(.userManage, in: record.tenant, as: "bootstrap")
        let owner = PasswordOwner(profile: try await profile(permit), context: [email, name, TenantSlug.platform.description])
        let hash = try await authenticator.newPassword(password, for: owner)
        try await changing(permit) { tx in
            try PolicyRepository(tx).beginChange()
            guard try OneTimeTokenRepository(tx).use(token.hash, .bootstrap, now: now) != nil, try Self.isWithoutOperator(tx) else {
                throw Self.invalidToken
            }
            let users = UserRepository(tx)
            _ = try users.create(
                id: id, email: email, name: name, passwordHash: hash.hash, roles: [BuiltInRole.superAdmin.rawValue], at: now)
            try tx.append(
                Self.event(
                    "user.bootstrap", id, tx.scope.tenant, origin, at: now,
                    personal: ["email": .string(email), "name": .string(name)]))
        }
    }

    /// Whether nobody has ever run this installation.
    package func isWithoutOperator(_ platform: TenantID) async throws -> Bool {
        try await database.read(authority.permit(.userManage, in: platform, as: "bootstrap").scope) { try Self.isWithoutOperator($0) }
    }

    private static func isWithoutOperator(_ tx: TenantTransaction) throws -> Bool {
        try tx.query(
            "SELECT user_id FROM user_roles WHERE tenant_id = $1 AND role = $2 LIMIT 1",
            [tx.tenant, .text(BuiltInRole.superAdmin.rawValue)]
        )
        .isEmpty
    }

    // MARK: Common

    static let invalidToken = HostError(
        .invalidRequest, "the token is not valid", fields: [.init(field: "token", message: "is not valid, was used, or has expired")])

    private static let hasOperator = HostError(.conflict, "this installation has an operator already: they invite the next one")

    private static func isActive(_ tx: TenantTransaction) throws -> Bool {
        try tx.query("SELECT status FROM tenants WHERE id = $1", [tx.tenant]).first?.text("status") == "active"
    }

    func profile(_ permit: Permit) async throws -> PasswordProfile {
        try await database.read(permit.scope) { try AccountPolicyRepository($0).current().profile }
    }

    /// What somebody did to their own account.
    static func event(
        _ action: String, _ user: UserID, _ tenant: TenantID, _ origin: CallOrigin, at now: Int64, personal: [String: Value] = [:]
    ) -> AuditEvent {
        AuditEvent(
            occurredAt: now, tenant: tenant, actor: "user:\(user)", action: action, resource: "user:\(user)", outcome: .success,
            correlation: origin.correlation, address: origin.address, personal: personal)
    }
}
