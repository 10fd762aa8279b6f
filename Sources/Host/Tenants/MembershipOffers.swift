// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors

package import Security
package import Storage
import Values

/// Invites the owner of an account in another tenant to work in this one as well.
package struct MembershipOffers: Sendable {
    /// What is handed to the invited person, once.
    package struct Offer: Sendable {
        package let user: UserID
        package let token: Secret
        package let expiresAt: Int64
    }

    private let database: any Database
    private let clock: HostClock

    package init(database: any Database, clock: HostClock = .system) { (self.database, self.clock) = (database, clock) }

    /// Makes a user who waits, with roles that the author of the invitation holds, and the token that an account of this address accepts with.
    package func offer(email: String, roles: [String], _ permit: Permit, _ trace: CallOrigin) async throws -> Offer {
        try PluginRegistry.require(permit, .userManage)
        // Operators belong to the installation: another tenant's administrators could change the address behind them.
        guard permit.principal.slug != .platform else {
            throw HostError(.conflict, "the operators' tenant takes no guests: invite them as users of its own")
        }
        let email = try AccountService.address(email)
        let now = clock.nowMilliseconds()
        let (id, token) = (UserID.make(), OneTimeToken.random(for: .invitation))
        do {
            return try await database.transaction(permit.scope) { tx in
                let (user, isNew) = try MembershipRepository(tx).invite(id, email: email, at: now)
                // Whoever gets the token is that user with all that they hold.
                if !isNew { try AccountService.requireReach(permit, user, tx, at: now) }
                let record = token.record(in: permit.scope.tenant, user: user, detail: ["kind": "membership"], at: now)
                try OneTimeTokenRepository(tx).withdraw(of: user, .invitation, now: now)
                try OneTimeTokenRepository(tx).insert(record)
                try tx.append(
                    AuditEvent(
                        of: permit, resource: "user:\(user)", outcome: .success,
                        detail: [
                            "change": "membership_offered", "roles": .array(roles.map(Value.string)), "expires_at": .int(record.expiresAt),
                        ],
                        correlation: trace.correlation, address: trace.address, personal: ["email": .string(email)], about: .user(user)))
                try UserRepository(tx).grant(roles, to: user, permit, correlation: trace.correlation, at: now)
                return Offer(user: user, token: Secret(token.text), expiresAt: record.expiresAt)
            }
        } catch let refusal as PolicyRefusal {
            throw HostError(.invalidRequest, "these roles cannot be given", fields: [.init(field: "roles", message: "\(refusal)")])
        } catch let error as StorageError where error.code == .duplicate {
            throw HostError(.conflict, "there is a user with this address already", fields: [.init(field: "email", message: "is taken")])
        }
    }
}
