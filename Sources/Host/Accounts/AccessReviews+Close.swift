// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors

package import Security
package import Storage
import Values

extension AccessReviews {
    /// What whoever closes a review may take away: as much as without a review, so that closing gives nobody a right.
    package struct Rights: Sendable {
        /// To take roles from people, and to withdraw keys.
        let users: Result<Permit, Denial>
        /// To remove rules.
        let rules: Result<Permit, Denial>

        /// Those of a principal at this moment.
        package init(of principal: Principal) {
            func permit(_ action: Action) -> Result<Permit, Denial> {
                do throws(Denial) { return .success(try Authorizer().authorize(principal, to: action)) } catch { return .failure(error) }
            }
            self.init(users: permit(.userManage), rules: permit(.roleManage))
        }

        package init(users: Result<Permit, Denial>, rules: Result<Permit, Denial>) { (self.users, self.rules) = (users, rules) }
    }

    /// Closes a review and takes away what it revokes, all of it or nothing.
    ///
    /// Throws the `Denial` where something is to be taken away that the closer may not take: then the review stays open, for somebody who may.
    ///
    /// - Parameter revokesUndecided: a line that nobody decided about is revoked; otherwise the review stays open until there is none.
    /// - Returns: how many lines came to which end.
    package func close(
        _ permit: Permit, with rights: Rights, _ id: ReviewID, revokesUndecided: Bool, origin: CallOrigin
    ) async throws -> (review: AccessReview, results: [String: Int64]) {
        try PluginRegistry.require(permit, .accessReviewManage)
        let now = clock.nowMilliseconds()
        return try await database.transaction(permit.scope) { tx in
            let reviews = AccessReviewRepository(tx)
            try PolicyRepository(tx).beginChange()
            guard try reviews.find(id) != nil else { throw Self.unknown }
            guard try reviews.close(id, by: permit.principal.actor, at: now) else {
                throw HostError(.conflict, "the review is closed already")
            }
            let lines = try reviews.lines(of: id)
            let open = lines.filter { $0.decision == nil }
            guard open.isEmpty || revokesUndecided else {
                throw HostError(
                    .conflict,
                    "\(open.count) lines are not decided, the first is \(open[0].number): attest them, or let all of them be revoked")
            }
            var counts: [String: Int64] = [:]
            for line in lines {
                let result = line.decision == .keep ? "kept" : try Self.revoke(line, tx, rights, origin, at: now)
                try reviews.setResult(id, line: line.number, result)
                counts[result, default: 0] += 1
            }
            try tx.append(Self.event("access_review.close", permit, id, counts.mapValues(Value.int), origin, at: now))
            guard let review = try reviews.find(id) else { throw Self.unknown }
            return (review, counts)
        }
    }

    /// Takes one thing away; answers what came of it, in a word.
    private static func revoke(
        _ line: AccessReview.Line, _ tx: TenantTransaction, _ rights: Rights, _ origin: CallOrigin, at now: Int64
    ) throws -> String {
        switch (line.kind, line.user, line.key) {
        case (.role, let user?, _):
            let permit = try rights.users.get()
            let users = UserRepository(tx)
            let runsTenant = line.name == BuiltInRole.admin.rawValue || line.name == BuiltInRole.superAdmin.rawValue
            if runsTenant, try users.find(user)?.status == .active, try !users.hasAdministrator(besides: user, at: now) {
                return "last_administrator"
            }
            return try apply(.unassign(user, role: line.name), tx, permit, origin, at: now)
        case (.rule, _, _): return try apply(.removeRule(line.name), tx, rights.rules.get(), origin, at: now)
        case (.apiKey, _, let key?):
            let permit = try rights.users.get()
            guard try APIKeyRepository(tx).revoke(key, at: now) else { return "gone" }
            try tx.append(
                AuditEvent(
                    of: permit, resource: "api_key:\(key)", outcome: .success, detail: ["change": "withdrawn"],
                    correlation: origin.correlation, address: origin.address))
            return "revoked"
        case (.role, nil, _), (.apiKey, _, nil): return "gone"
        }
    }

    private static func apply(
        _ change: PolicyChange, _ tx: TenantTransaction, _ permit: Permit, _ origin: CallOrigin, at now: Int64
    ) throws -> String {
        do {
            _ = try PolicyRepository(tx).apply(change, permit, correlation: origin.correlation, address: origin.address, at: now)
            return "revoked"
        } catch PolicyRefusal.notFound {
            return "gone"
        } catch is PolicyRefusal {
            // It would give what the closer does not hold, such as what a denial of the role denied.
            return "refused"
        }
    }
}
