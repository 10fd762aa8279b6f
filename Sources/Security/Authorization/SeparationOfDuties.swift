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
    ///
    /// Each rule that somebody has is looked at once, whatever the number of constraints, and those who have the same roles together.
    public func violations(at now: Int64, among users: Set<UserID>? = nil) -> [SeparationViolation] {
        guard !separations.isEmpty, users?.isEmpty != true else { return [] }
        let sides = separations.map(Sides.init)
        let given = self.given(at: now, among: users)
        var ofRole: [String: [Rule]] = [:]
        var ofUser: [UserID: [Rule]] = [:]
        for rule in rules where (rule.expiresAt ?? .max) > now {
            switch rule.subject {
            case .role(let name): ofRole[name, default: []].append(rule)
            case .user(let id): if users?.contains(id) ?? true { ofUser[id, default: []].append(rule) }
            }
        }
        var known: [[String: Int64]: [[String]]] = [:]
        func held(by user: UserID) -> [[String]] {
            let (roles, own) = (given[user] ?? [:], ofUser[user] ?? [])
            if own.isEmpty, let found = known[roles] { return found }
            var rules: [HeldRule] = own.map { (rule: $0, until: $0.expiresAt ?? .max) }
            for (role, end) in roles { rules += (ofRole[role] ?? []).map { (rule: $0, until: min($0.expiresAt ?? .max, end)) } }
            let permissions = HeldPermissions(rules)
            let found = sides.map { $0.held(roles, permissions) }
            if own.isEmpty { known[roles] = found }
            return found
        }
        return Set(given.keys).union(ofUser.keys).sorted().flatMap { user in
            zip(separations, held(by: user)).compactMap { separation, members in
                members.count < 2 ? nil : SeparationViolation(separation: separation.name, user: user, held: members)
            }
        }
    }

    /// The roles of each user, with when the last assignment that brings them ends.
    private func given(at now: Int64, among users: Set<UserID>?) -> [UserID: [String: Int64]] {
        var given: [UserID: [String: Int64]] = [:]
        for assignment in assignments where users?.contains(assignment.user) ?? true {
            let end = assignment.expiresAt ?? .max
            guard end > now else { continue }
            let brought = inheritance.names(of: assignment.role).map { ($0, end) }
            given[assignment.user, default: [:]].merge(brought, uniquingKeysWith: max)
        }
        return given
    }

    /// Whose rights a change of this policy into another one touches.
    func touched(by change: PolicyChange, into after: Policy) -> Set<UserID> {
        switch change {
        // Nobody has a role that is new, or one that may go.
        case .createRole, .deleteRole, .setSeparation, .removeSeparation: []
        case .setParents(let name, _): holders(of: name).union(after.holders(of: name))
        case .setRule(let rule): touched(byRule: rule.id).union(after.touched(byRule: rule.id))
        case .removeRule(let id): touched(byRule: id)
        case .assign(let assignment): [assignment.user]
        case .unassign(let user, _): [user]
        }
    }

    private func touched(byRule id: String) -> Set<UserID> {
        switch rules.first(where: { $0.id == id })?.subject {
        case .user(let user): [user]
        case .role(let name): holders(of: name)
        case nil: []
        }
    }

    /// Everybody who has a role, also by inheritance, and whenever that ends.
    private func holders(of role: String) -> Set<UserID> {
        guard let number = inheritance.numbers[role] else { return [] }
        return Set(assignments.filter { inheritance.includes($0.role, number) }.map(\.user))
    }
}

extension Policy {
    /// How many steps it takes to look for everybody who breaks a constraint; what has ended counts as well.
    package var separationWork: Int {
        guard !separations.isEmpty else { return 0 }
        let members = separations.reduce(0) { $0 + $1.members.count }
        // A member with a `*` is compared with every rule in the worst case.
        let wild = separations.filter { $0.kind == .permissions }.reduce(0) { $0 + $1.members.count { $0.contains("*") } }
        var ofRole: [String: Int] = [:]
        var ofUser: [UserID: Int] = [:]
        for rule in rules {
            switch rule.subject {
            case .role(let name): ofRole[name, default: 0] += 1
            case .user(let id): ofUser[id, default: 0] += 1
            }
        }
        var given: [UserID: [String: Int64]] = [:]
        for assignment in assignments { given[assignment.user, default: [:]][assignment.role] = assignment.expiresAt ?? .max }
        // Those who have the same and no rules of their own are looked at together.
        var groups: [(roles: [String: Int64], own: Int)] = Set(given.filter { ofUser[$0.key] == nil }.values).map { ($0, 0) }
        groups += ofUser.map { (given[$0.key] ?? [:], $0.value) }
        var steps = 0
        for group in groups {
            let names = Set(group.roles.keys.flatMap(inheritance.names))
            let rules = names.reduce(group.own) { $0 + (ofRole[$1] ?? 0) }
            steps += rules + members + wild * rules
        }
        return steps
    }
}

/// A rule with when it, or the role that brings it, ends.
private typealias HeldRule = (rule: Policy.Rule, until: Int64)

/// A constraint whose members are read.
private struct Sides {
    private let kind: Policy.Separation.Kind
    private let members: [(text: String, pattern: ActionPattern?)]

    init(_ separation: Policy.Separation) {
        kind = separation.kind
        members = separation.members.map { ($0, separation.kind == .permissions ? try? ActionPattern($0) : nil) }
    }

    func held(_ roles: [String: Int64], _ permissions: HeldPermissions) -> [String] {
        members.filter { member in
            guard kind == .permissions else { return roles[member.text] != nil }
            return member.pattern.map(permissions.holds) ?? true
        }.map(\.text)
    }
}

/// What somebody is permitted, without what is denied to them on everything for as long.
private struct HeldPermissions {
    private var permits = PatternEnds()
    private var denies = PatternEnds()

    init(_ held: [HeldRule]) {
        for deny in held where deny.rule.effect == .deny && deny.rule.selector == .all {
            denies.insert(deny.rule.action, until: deny.until)
        }
        for permit in held where permit.rule.effect == .permit && denies.end(covering: permit.rule.action) < permit.until {
            permits.insert(permit.rule.action, until: permit.until)
        }
    }

    /// Whether any part of a permission is permitted, and not all of it denied for as long.
    func holds(_ wanted: ActionPattern) -> Bool {
        permits.end(overlapping: wanted) > denies.end(covering: wanted)
    }
}
