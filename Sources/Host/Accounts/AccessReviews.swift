// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors

package import Security
package import Storage
import Values

/// Reviews of who holds what: a snapshot, a decision about each line by somebody else than its person, and its execution.
package struct AccessReviews: Sendable {
    let database: any Database
    let clock: HostClock

    package init(database: any Database, clock: HostClock) { (self.database, self.clock) = (database, clock) }

    /// Writes down who holds what at this moment: roles of users and guests, rules that somebody has for themself, programs' keys.
    package func create(_ permit: Permit, name: String, origin: CallOrigin) async throws -> AccessReview {
        try PluginRegistry.require(permit, .accessReviewManage)
        let name = try AccountService.name(name)
        let (id, now) = (ReviewID.make(), clock.nowMilliseconds())
        return try await database.transaction(permit.scope) { tx in
            let lines = try Self.snapshot(tx, at: now)
            let reviews = AccessReviewRepository(tx)
            try reviews.insert(AccessReview(id: id, name: name, createdAt: now, createdBy: permit.principal.actor), lines)
            try tx.append(Self.event("access_review.create", permit, id, ["lines": .int(Int64(lines.count))], origin, at: now))
            guard let review = try reviews.find(id) else { throw Self.unknown }
            return review
        }
    }

    /// One page of the tenant's reviews, the newest first.
    package func page(_ permit: Permit, after: ReviewID?, limit: Int) async throws -> [AccessReview] {
        try PluginRegistry.require(permit, .accessReviewRead)
        return try await database.read(permit.scope) { try AccessReviewRepository($0).page(after: after, limit: limit) }
    }

    /// One review, and its lines after a number.
    package func review(
        _ permit: Permit, _ id: ReviewID, after number: Int64 = 0, limit: Int = .max
    ) async throws -> (review: AccessReview, lines: [AccessReview.Line]) {
        try PluginRegistry.require(permit, .accessReviewRead)
        return try await database.read(permit.scope) { tx in
            let reviews = AccessReviewRepository(tx)
            guard let review = try reviews.find(id) else { throw Self.unknown }
            return (review, try reviews.lines(of: id, after: number, limit: limit))
        }
    }

    /// Decides about lines as the person who asks: an API key reviews nothing, nor does an operator of the installation.
    package func attest(
        _ permit: Permit, _ id: ReviewID, _ decisions: [(line: Int64, decision: AccessReview.Line.Decision)], origin: CallOrigin
    ) async throws -> AccessReview {
        try permit.requirePerson()
        guard let reviewer = permit.principal.user else { throw Denial.personRequired }
        return try await attest(permit, id, decisions, by: reviewer, origin: origin)
    }

    /// Decides about lines, as a reviewer who is none of the persons in them; for the local operator, who writes down what somebody said.
    @discardableResult
    package func attest(
        _ permit: Permit, _ id: ReviewID, _ decisions: [(line: Int64, decision: AccessReview.Line.Decision)], by reviewer: UserID,
        origin: CallOrigin
    ) async throws -> AccessReview {
        try PluginRegistry.require(permit, .accessReviewAttest)
        guard permit.principal.user == reviewer || permit.principal.isSystem else { throw Denial.missingPermission(.accessReviewAttest) }
        let now = clock.nowMilliseconds()
        return try await database.transaction(permit.scope) { tx in
            let reviews = AccessReviewRepository(tx)
            guard try reviews.find(id) != nil else { throw Self.unknown }
            guard try UserRepository(tx).find(reviewer)?.status == .active else {
                throw HostError(.conflict, "the reviewer must be an active user of the tenant")
            }
            for (number, decision) in decisions {
                guard let line = try reviews.lines(of: id, after: number - 1, limit: 1).first, line.number == number else {
                    throw HostError(.notFound, "the review has no line \(number)")
                }
                guard line.user != reviewer else {
                    throw HostError(
                        .conflict,
                        "line \(number) is the reviewer's own: nobody decides about what they hold, or about a key that they issued")
                }
                guard try reviews.decide(id, line: number, decision, by: "user:\(reviewer)", at: now) else {
                    throw HostError(.conflict, "the review is closed")
                }
                try tx.append(
                    Self.event(
                        "access_review.attest", permit, id,
                        [
                            "line": .int(number), "kind": .string(line.kind.rawValue), "holder": .string(line.holder),
                            "name": .string(line.name), "decision": .string(decision.rawValue), "reviewer": .string("user:\(reviewer)"),
                        ], origin, at: now))
            }
            guard let review = try reviews.find(id) else { throw Self.unknown }
            return review
        }
    }

    // MARK: Common

    private static func snapshot(_ tx: TenantTransaction, at now: Int64) throws -> [AccessReview.Line] {
        let policy = try PolicyRepository(tx).load().policy
        var lines: [AccessReview.Line] = []
        for user in try UserRepository(tx).all() {
            let held = policy.assignments.filter { $0.user == user.id && ($0.expiresAt ?? .max) > now }
            for role in held.sorted(by: { $0.role < $1.role }) {
                lines.append(
                    AccessReview.Line(
                        number: Int64(lines.count + 1), user: user.id, name: role.role, expiresAt: role.expiresAt,
                        permissions: policy.summary(ofRole: role.role, at: now)))
            }
            for rule in policy.ownRules(of: user.id, at: now) {
                lines.append(
                    AccessReview.Line(
                        number: Int64(lines.count + 1), .rule, user: user.id, name: rule.id, expiresAt: rule.expiresAt,
                        permissions: [Policy.text(rule)]))
            }
        }
        let days = try AccountPolicyRepository(tx).current().dormantDays
        for key in try APIKeyRepository(tx).all() where key.revokedAt == nil && key.expiresAt > now {
            lines.append(
                AccessReview.Line(
                    number: Int64(lines.count + 1), .apiKey, user: Principal.user(named: key.issuedBy), name: key.name, key: key.id,
                    issuedBy: key.issuedBy, lastUsedAt: key.lastUsedAt,
                    isUnused: days > 0 && now - (key.lastUsedAt ?? key.createdAt) >= days * 86_400_000, expiresAt: key.expiresAt,
                    permissions: key.patterns))
        }
        return lines
    }

    static func event(
        _ action: String, _ permit: Permit, _ id: ReviewID, _ detail: [String: Value], _ origin: CallOrigin, at now: Int64
    ) -> AuditEvent {
        AuditEvent(
            occurredAt: now, tenant: permit.scope.tenant, actor: permit.principal.actor, action: action, resource: "access_review:\(id)",
            outcome: .success, detail: detail, correlation: origin.correlation, address: origin.address)
    }

    static let unknown = HostError(.notFound, "there is no such access review")
}
