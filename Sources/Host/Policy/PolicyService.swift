// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors

package import Security
package import Storage
import Values

/// A tenant's policy for those who may look at it or change it.
package struct PolicyService: Sendable {
    private let database: any Database
    private let clock: HostClock
    private let audit: AuditTrail

    package init(database: any Database, clock: HostClock, audit: AuditTrail) {
        (self.database, self.clock, self.audit) = (database, clock, audit)
    }

    /// The policy as it stands, with the state that it is.
    package func show(_ permit: Permit) async throws -> (policy: Policy, revision: String) {
        try PluginRegistry.require(permit, .roleRead)
        return try await database.read(permit.scope) { try PolicyRepository($0).load() }
    }

    /// The parts of the policy that are older than some days and that nobody needed in that time.
    package func unused(for days: Int64, _ permit: Permit) async throws -> UnusedPolicy {
        try PluginRegistry.require(permit, .roleRead)
        let now = clock.nowMilliseconds()
        return try await database.read(permit.scope) { try PolicyUsageRepository($0).unused(for: days, at: now) }
    }

    /// Makes a change within what its author holds; answers which state comes of it, and who has now what is kept apart.
    ///
    /// Where the author's rights do not reach, that stands in the trail.
    ///
    /// - Parameter revision: the state that was looked at; `PolicyRefusal.outdated` when it is no longer in force.
    package func change(
        _ change: PolicyChange, to revision: String?, _ permit: Permit, _ origin: CallOrigin
    ) async throws -> (revision: String, violations: [SeparationViolation]) {
        let now = clock.nowMilliseconds()
        if let end = change.end, end <= now { throw HostError.invalid("expires_at", "must lie ahead") }
        do {
            let (policy, revision) = try await database.transaction(permit.scope) { tx in
                try PolicyRepository(tx).apply(
                    change, to: revision, permit, correlation: origin.correlation, address: origin.address, at: now)
            }
            return (revision, policy.violations(at: now))
        } catch let refusal as PolicyRefusal {
            if let denial = refusal.denial {
                try await audit.recordDenial(
                    denial, of: permit.principal, action: permit.action, resource: change.resource, origin)
            }
            throw refusal
        }
    }

    /// Whether somebody may do something, and why.
    package func explain(
        _ user: UserID, _ action: Action, on resource: Resource?, _ permit: Permit
    ) async throws -> PolicyExplanation {
        try await show(permit).policy.explain(user, action, on: resource, at: clock.nowMilliseconds())
    }

    /// The policy as it stands, as it would be after a change, and why the caller could not make it, if so.
    package func preview(
        _ change: PolicyChange, _ permit: Permit
    ) async throws -> (before: Policy, after: Policy, refusal: PolicyRefusal?, now: Int64) {
        let (before, now) = (try await show(permit).policy, clock.nowMilliseconds())
        let after = try before.changed(by: change)
        do throws(PolicyRefusal) {
            _ = try before.applying(change, within: permit.principal.ceiling(in: before, at: now), at: now)
            return (before, after, nil, now)
        } catch {
            return (before, after, error, now)
        }
    }

    /// What a change would give and take.
    package func difference(
        _ change: PolicyChange, among user: UserID?, _ permit: Permit
    ) async throws -> (rights: [PolicyDifference], separations: [SeparationDifference], refusal: PolicyRefusal?) {
        let (before, after, refusal, now) = try await preview(change, permit)
        // Each user is asked about under each rule: for everybody of a large policy, that is for the command line.
        let work = max(before.rules.count, after.rules.count) * (user == nil ? max(before.assignments.count, 1) : 1)
        guard work <= 20_000_000 else { throw HostError.invalid("user", "is needed: this policy is too large to compare it for everybody") }
        do throws(PolicyProblem) {
            let rights = try Policy.difference(from: before, to: after, at: now, among: user.map { [$0] })
            return (rights, Policy.separationDifference(from: before, to: after), refusal)
        } catch {
            throw HostError(.invalidRequest, error.description)
        }
    }
}
