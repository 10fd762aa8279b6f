// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors

/// Somebody who has what a separation of duties keeps apart.
public struct SeparationViolation: Hashable, Sendable, CustomStringConvertible {
    /// The constraint.
    public let separation: String
    /// Who.
    public let user: UserID
    /// The members that they have, two or more.
    public let held: [String]

    /// Such as `user X has A and B, which the separation FOUR_EYES keeps apart`.
    public var description: String {
        "user \(user) has \(held.joined(separator: " and ")), which the separation \(separation) keeps apart"
    }
}

extension Policy {
    /// Everybody who breaks a constraint at a moment, or those among some users.
    public func violations(at now: Int64, among users: Set<UserID>? = nil) -> [SeparationViolation] {
        guard !separations.isEmpty else { return [] }
        let everybody = Set(assignments.map(\.user)).union(rules.compactMap { if case .user(let id) = $0.subject { id } else { nil } })
        var ofRole: [String: [Rule]] = [:]
        var ofUser: [UserID: [Rule]] = [:]
        for rule in rules where (rule.expiresAt ?? .max) > now {
            switch rule.subject {
            case .role(let name): ofRole[name, default: []].append(rule)
            case .user(let id): ofUser[id, default: []].append(rule)
            }
        }
        // The roles of each user, with when the last assignment that brings them ends.
        var given: [UserID: [String: Int64]] = [:]
        for assignment in assignments {
            let end = assignment.expiresAt ?? .max
            guard end > now else { continue }
            let brought = inheritance.names(of: assignment.role).map { ($0, end) }
            given[assignment.user, default: [:]].merge(brought, uniquingKeysWith: max)
        }
        return everybody.filter { users?.contains($0) ?? true }.sorted().flatMap { user in
            let roles = given[user] ?? [:]
            var rules: [HeldRule] = (ofUser[user] ?? []).map { (rule: $0, until: $0.expiresAt ?? .max) }
            for (role, end) in roles { rules += (ofRole[role] ?? []).map { (rule: $0, until: min($0.expiresAt ?? .max, end)) } }
            return separations.compactMap { separation in
                let held = separation.members.filter {
                    separation.kind == .roles ? roles[$0] != nil : Self.holds($0, by: rules)
                }
                return held.count < 2 ? nil : SeparationViolation(separation: separation.name, user: user, held: held)
            }
        }
    }

    /// A rule with when it, or the role that brings it, ends.
    private typealias HeldRule = (rule: Rule, until: Int64)

    /// Whether any part of a permission is permitted, and not all of it denied for as long.
    private static func holds(_ member: String, by rules: [HeldRule]) -> Bool {
        guard let wanted = try? ActionPattern(member) else { return true }
        return rules.contains { permit in
            permit.rule.effect == .permit && permit.rule.action.overlaps(wanted)
                && !rules.contains { deny in
                    deny.rule.effect == .deny && deny.rule.selector == .all && deny.until >= permit.until
                        && (deny.rule.action.covers(wanted) || deny.rule.action.covers(permit.rule.action))
                }
        }
    }
}
