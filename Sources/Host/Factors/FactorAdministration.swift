// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors

package import Security
package import Storage
import Values

/// What administrators do about second factors: take them from somebody who has lost them, and say who must have one.
package struct FactorAdministration: Sendable {
    private let database: any Database
    private let clock: HostClock

    package init(database: any Database, clock: HostClock = .system) { (self.database, self.clock) = (database, clock) }

    /// Takes all factors of a user away, and ends everything that the user was signed in with.
    ///
    /// Only who holds as much as the user: without the factors, a password is all that is between somebody and the account.
    ///
    /// - Returns: how many factors there were.
    package func reset(_ user: UserID, _ permit: Permit, origin: CallOrigin) async throws -> Int {
        try PluginRegistry.require(permit, .factorReset, on: "user:\(user)")
        guard permit.principal.kind != .user(user) else {
            throw HostError(
                .conflict, "one's own factors are removed one by one, by showing one of them; another administrator may reset them")
        }
        let now = clock.nowMilliseconds()
        return try await database.transaction(permit.scope) { tx in
            guard try UserRepository(tx).find(user) != nil else { throw HostError(.notFound, "there is no such user") }
            try AccountService.requireReach(permit, user, tx, at: now)
            let factors = UserFactorRepository(tx)
            let removed = try factors.all(of: user).compactMap { try factors.remove($0.factor, of: user) }
            for case .enrollment(let enrollment) in removed.map(\.basis) { try FactorRepository(tx).revoke(enrollment, at: now) }
            for factor in removed.map(\.factor) + [.backupCode] { try LoginCounter(tx, user: user, factor: factor.rawValue).reset() }
            try DeviceRepository(tx).endTrust(of: user)
            try UserRepository(tx).endEverything(of: user, at: now)
            try tx.append(
                AuditEvent(
                    of: permit, resource: "user:\(user)", outcome: .success,
                    detail: ["factors": .array(removed.map { .string($0.factor.rawValue) })], correlation: origin.correlation,
                    address: origin.address))
            return removed.count { $0.status == .active }
        }
    }

    /// What a tenant wants of second factors, and whether it has said so itself.
    package func policy(_ permit: Permit) async throws -> (policy: FactorPolicy, isOwn: Bool) {
        try PluginRegistry.require(permit, .factorPolicy)
        let own = try await database.read(permit.scope) { try UserFactorRepository($0).policy() }
        return (own ?? .standard, own != nil)
    }

    /// Says what a tenant wants of second factors; it holds from the next request on.
    package func setPolicy(_ policy: FactorPolicy, _ permit: Permit, origin: CallOrigin) async throws {
        try PluginRegistry.require(permit, .factorPolicy)
        let now = clock.nowMilliseconds()
        try await database.transaction(permit.scope) { tx in
            // A role that is named here cannot be deleted, and none is while this is decided.
            try PolicyRepository(tx).beginChange()
            let known = try UserRepository(tx).roles()
            if let unknown = policy.requiredRoles.sorted().first(where: { !known.contains($0) }) {
                throw HostError(
                    .invalidRequest, "there is no role '\(unknown)' in this tenant; there are: \(known.joined(separator: ", "))",
                    fields: [.init(field: "required_roles", message: "names a role that this tenant does not have")])
            }
            let factors = UserFactorRepository(tx)
            try tx.lock("factor_policies")
            let before = try factors.policy() ?? .standard
            try factors.setPolicy(policy, by: permit.principal.actor, at: now)
            try tx.append(
                AuditEvent(
                    of: permit, resource: "tenant:\(permit.scope.tenant)", outcome: .success,
                    detail: ["before": .string(JSON.text(before.value)), "after": .string(JSON.text(policy.value))],
                    correlation: origin.correlation, address: origin.address))
        }
    }
}
