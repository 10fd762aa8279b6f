// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors

package import Security
package import Storage
import Values

/// Reviews of who holds what: a snapshot, a decision about each line by somebody else than its person, and its execution.
package struct AccessReviews: Sendable {
    private let database: any Database
    private let clock: HostClock

    package init(database: any Database, clock: HostClock) { (self.database, self.clock) = (database, clock) }

    /// What stands in place of a role where somebody has a rule of their own.
    private static let rulePrefix = "rule:"

    /// Writes down who holds what at this moment: each role of each user, and each rule that somebody has for themself.
    package func create(_ permit: Permit, name: String, origin: CallOrigin) async throws -> AccessReview {
        try PluginRegistry.require(permit, .userManage)
        let name = try AccountService.name(name)
        let (id, now) = (ReviewID.make(), clock.nowMilliseconds())
        return try await database.transaction(permit.scope) { tx in
            let policy = try PolicyRepository(tx).load().policy
            var lines: [AccessReview.Line] = []
            for user in try UserRepository(tx).all() {
                for held in policy.assignments.filter({ $0.user == user.id && ($0.expiresAt ?? .max) > now }).sorted(by: {
                    $0.role < $1.role
                }) {
                    lines.append(
                        AccessReview.Line(
                            number: Int64(lines.count + 1), user: user.id, role: held.role, expiresAt: held.expiresAt,
                            permissions: policy.summary(ofRole: held.role, at: now)))
                }
                for rule in policy.ownRules(of: user.id, at: now) {
                    lines.append(
                        AccessReview.Line(
                            number: Int64(lines.count + 1), user: user.id, role: Self.rulePrefix + rule.id, expiresAt: rule.expiresAt,
                            permissions: [Policy.text(rule)]))
                }
            }
            var review = AccessReview(id: id, name: name, createdAt: now, createdBy: permit.principal.actor)
            review.lines = lines
            try AccessReviewRepository(tx).insert(review)
            try tx.append(Self.event("access_review.create", permit, id, ["lines": .int(Int64(lines.count))], origin, at: now))
            return review
        }
    }

    /// Every review of the tenant, without its lines.
    package func all(_ permit: Permit) async throws -> [AccessReview] {
        try await database.read(permit.scope) { try AccessReviewRepository($0).all() }
    }

    /// One review with its lines.
    package func review(_ permit: Permit, _ id: ReviewID) async throws -> AccessReview {
        guard let review = try await database.read(permit.scope, { try AccessReviewRepository($0).find(id) }) else { throw Self.unknown }
        return review
    }

    /// Decides about lines, as a reviewer who is none of the persons in them.
    package func attest(
        _ permit: Permit, _ id: ReviewID, lines: [Int64], _ decision: AccessReview.Line.Decision, by reviewer: UserID, origin: CallOrigin
    ) async throws {
        try PluginRegistry.require(permit, .userManage)
        let now = clock.nowMilliseconds()
        try await database.transaction(permit.scope) { tx in
            let reviews = AccessReviewRepository(tx)
            guard let review = try reviews.find(id) else { throw Self.unknown }
            guard try UserRepository(tx).find(reviewer)?.status == .active else {
                throw HostError(.conflict, "the reviewer must be an active user of the tenant")
            }
            for number in lines {
                guard let line = review.lines.first(where: { $0.number == number }) else {
                    throw HostError(.notFound, "the review has no line \(number)")
                }
                guard line.user != reviewer else {
                    throw HostError(.conflict, "line \(number) is about the reviewer: nobody attests what they hold themself")
                }
                guard try reviews.decide(id, line: number, decision, by: "user:\(reviewer)", at: now) else {
                    throw HostError(.conflict, "the review is closed")
                }
                try tx.append(
                    Self.event(
                        "access_review.attest", permit, id,
                        [
                            "line": .int(number), "user": .string("user:\(line.user)"), "role": .string(line.role),
                            "decision": .string(decision.rawValue), "reviewer": .string("user:\(reviewer)"),
                        ], origin, at: now))
            }
        }
    }

    /// Closes a review and takes away what it revokes.
    ///
    /// - Parameters:
    ///   - rules: the permit to change rules, which is another one than to take roles from people; without it they stay.
    ///   - revokesUndecided: a line that nobody decided about is revoked; otherwise the review stays open until there is none.
    package func close(
        _ permit: Permit, rules: Permit?, _ id: ReviewID, revokesUndecided: Bool, origin: CallOrigin
    ) async throws -> AccessReview {
        try PluginRegistry.require(permit, .userManage)
        let now = clock.nowMilliseconds()
        return try await database.transaction(permit.scope) { tx in
            let reviews = AccessReviewRepository(tx)
            try PolicyRepository(tx).beginChange()
            guard try reviews.find(id) != nil else { throw Self.unknown }
            guard try reviews.close(id, by: permit.principal.actor, at: now) else {
                throw HostError(.conflict, "the review is closed already")
            }
            guard let review = try reviews.find(id) else { throw Self.unknown }
            let open = review.lines.filter { $0.decision == nil }
            guard open.isEmpty || revokesUndecided else {
                throw HostError(
                    .conflict,
                    "\(open.count) lines are not decided, the first is \(open[0].number): attest them, or let all of them be revoked")
            }
            var counts: [String: Int64] = [:]
            for line in review.lines {
                let result = line.decision == .keep ? "kept" : try Self.revoke(line, tx, permit, rules, origin, at: now)
                try reviews.setResult(id, line: line.number, result)
                counts[result, default: 0] += 1
            }
            try tx.append(Self.event("access_review.close", permit, id, counts.mapValues(Value.int), origin, at: now))
            return try reviews.find(id) ?? review
        }
    }

    /// Takes one thing away; answers what came of it, in a word.
    private static func revoke(
        _ line: AccessReview.Line, _ tx: TenantTransaction, _ permit: Permit, _ rules: Permit?, _ origin: CallOrigin, at now: Int64
    ) throws -> String {
        let users = UserRepository(tx)
        let runsTenant = line.role == BuiltInRole.admin.rawValue || line.role == BuiltInRole.superAdmin.rawValue
        if runsTenant, try users.find(line.user)?.status == .active, try !users.hasAdministrator(besides: line.user, at: now) {
            return "last_administrator"
        }
        let change: PolicyChange =
            line.role.hasPrefix(rulePrefix)
            ? .removeRule(String(line.role.dropFirst(rulePrefix.count))) : .unassign(line.user, role: line.role)
        guard let permit = line.role.hasPrefix(rulePrefix) ? rules : permit else { return "not_permitted" }
        do {
            _ = try PolicyRepository(tx).apply(change, permit, correlation: origin.correlation, address: origin.address, at: now)
            return "revoked"
        } catch PolicyRefusal.notFound {
            return "gone"
        } catch is PolicyRefusal {
            return "refused"
        }
    }

    private static func event(
        _ action: String, _ permit: Permit, _ id: ReviewID, _ detail: [String: Value], _ origin: CallOrigin, at now: Int64
    ) -> AuditEvent {
        AuditEvent(
            occurredAt: now, tenant: permit.scope.tenant, actor: permit.principal.actor, action: action, resource: "access_review:\(id)",
            outcome: .success, detail: detail, correlation: origin.correlation, address: origin.address)
    }

    private static let unknown = HostError(.notFound, "there is no such access review")
}
