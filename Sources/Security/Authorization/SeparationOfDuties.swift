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
        var given: [UserID: Set<String>] = [:]
        for assignment in assignments where (assignment.expiresAt ?? .max) > now {
            given[assignment.user, default: []].formUnion(inheritance.names(of: assignment.role))
        }
        return everybody.filter { users?.contains($0) ?? true }.sorted().flatMap { user in
            let roles = given[user] ?? []
            let rules = roles.flatMap { ofRole[$0] ?? [] } + (ofUser[user] ?? [])
            return separations.compactMap { separation in
                let held = separation.members.filter {
                    separation.kind == .roles ? roles.contains($0) : Self.holds($0, by: rules)
                }
                return held.count < 2 ? nil : SeparationViolation(separation: separation.name, user: user, held: held)
            }
        }
    }

    /// Whether any part of a permission is permitted, and not all of it denied for good.
    private static func holds(_ member: String, by rules: [Rule]) -> Bool {
        guard let wanted = try? ActionPattern(member) else { return true }
        return rules.contains { rule in
            rule.effect == .permit && rule.action.overlaps(wanted)
                && !rules.contains {
                    $0.effect == .deny && $0.selector == .all && ($0.action.covers(wanted) || $0.action.covers(rule.action))
                        && ($0.expiresAt ?? .max) >= (rule.expiresAt ?? .max)
                }
        }
    }
}
