// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors

import Security

/// Decides like the engine, rule by rule and without any of its parts: slow, and easy to see to be right.
struct PolicyReference {
    let policy: Policy

    func decide(_ user: UserID, _ action: String, on resource: Resource?, at now: Int64) -> PolicyVerdict {
        let mine = policy.rules.filter { rule in
            isInForce(rule.expiresAt, now) && covers(rule.action.description, action) && isAbout(rule.subject, user, now)
        }
        if mine.contains(where: { $0.effect == .deny && meant($0.selector, user, resource) != false }) { return .denied }
        if mine.contains(where: { $0.effect == .permit && meant($0.selector, user, resource) == true }) { return .permitted }
        return .unmatched
    }

    private func isInForce(_ end: Int64?, _ now: Int64) -> Bool { end.map { now < $0 } ?? true }

    private func isAbout(_ subject: Policy.Subject, _ user: UserID, _ now: Int64) -> Bool {
        switch subject {
        case .user(let id): id == user
        case .role(let name):
            policy.assignments.contains { $0.user == user && isInForce($0.expiresAt, now) && inherits($0.role, name) }
        }
    }

    private func inherits(_ role: String, _ ancestor: String) -> Bool {
        role == ancestor || (policy.roles[role]?.parents ?? []).contains { inherits($0, ancestor) }
    }

    private func covers(_ pattern: String, _ action: String) -> Bool {
        let pattern = pattern == "plugin.manage" ? "plugin" : pattern
        var (left, right) = (pattern.split(separator: "."), action.split(separator: "."))
        while let segment = left.first {
            guard let name = right.first, segment == "*" || segment == name else { return false }
            left.removeFirst()
            right.removeFirst()
        }
        return true
    }

    /// Nil where it cannot be known.
    private func meant(_ selector: ResourceSelector, _ user: UserID, _ resource: Resource?) -> Bool? {
        guard selector != .all else { return true }
        guard let resource else { return nil }
        switch selector {
        case .all: return true
        case .id(let id): return resource.id == id
        case .owner: return resource.owner.map { $0 == user }
        case .attribute(let name, let values): return resource.attributes[name].map(values.contains)
        }
    }
}

/// Policies and questions out of a seed, small enough that rules meet.
struct PolicyGenerator {
    var random: SeededGenerator
    let now: Int64 = 1_000_000
    let users: [UserID]
    let segments = ["invoice", "plugin", "read", "pay", "refund", "stripe"]
    let regions = ["eu", "us", "uk"]

    init(seed: UInt64) {
        random = SeededGenerator(seed)
        users = (0..<5).map { _ in UserID.make() }
    }

    mutating func policy(rules: Int = 12) throws -> Policy {
        let names = (0..<6).map { "R\($0)" }
        // A role inherits from earlier ones only.
        var roles: [Policy.Role] = []
        for (index, name) in names.enumerated() {
            roles.append(Policy.Role(name, parents: names[..<index].filter { _ in chance(3) }))
        }
        var list: [Policy.Rule] = []
        for index in 0..<rules {
            let subject: Policy.Subject = chance(4) ? .user(pick(users)) : .role(pick(names))
            list.append(
                Policy.Rule(
                    id: "r\(index)", chance(4) ? .deny : .permit, subject, try ActionPattern(pattern()), on: selector(), expiresAt: end()))
        }
        var assignments: [Policy.Assignment] = []
        for user in users { for name in names where chance(4) { assignments.append(Policy.Assignment(user, name, expiresAt: end())) } }
        return try Policy(roles: roles, rules: list, assignments: assignments)
    }

    mutating func action() -> String { (0..<Int.random(in: 1...3, using: &random)).map { _ in pick(segments) }.joined(separator: ".") }

    mutating func resource() -> Resource? {
        if chance(4) { return nil }
        return Resource(
            id: "thing:\(Int.random(in: 0..<4, using: &random))", owner: chance(3) ? nil : pick(users),
            attributes: chance(3)
                ? [:] : chance(2) ? ["region": pick(regions)] : ["region": pick(regions), "state": pick(["open", "closed"])])
    }

    mutating func pattern() -> String {
        if chance(20) { return "plugin.manage" }
        return (0..<Int.random(in: 1...3, using: &random)).map { _ in chance(4) ? "*" : pick(segments) }.joined(separator: ".")
    }

    mutating func selector() -> ResourceSelector {
        switch Int.random(in: 0..<8, using: &random) {
        case 0: .owner
        case 1: .id("thing:\(Int.random(in: 0..<4, using: &random))")
        case 2: .attribute("region", [pick(regions)])
        case 3: .attribute("region", ["eu", "us"])
        case 4: .attribute("state", ["open"])
        default: .all
        }
    }

    mutating func end() -> Int64? { chance(4) ? now + Int64.random(in: -1...1, using: &random) : nil }

    mutating func chance(_ of: Int) -> Bool { Int.random(in: 0..<of, using: &random) == 0 }

    mutating func pick<T>(_ items: [T]) -> T { items[Int.random(in: 0..<items.count, using: &random)] }
}
