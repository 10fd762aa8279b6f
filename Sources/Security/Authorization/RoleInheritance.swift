// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors

/// What each role inherits from, directly or through others; made once per policy, and only when there is no cycle.
struct RoleInheritance: Hashable, Sendable {
    /// Every role with a number, parents first.
    let order: [String]
    /// The numbers.
    let numbers: [String: UInt32]
    /// By number: the numbers of the role itself and of all that it inherits from.
    let closures: [SubjectSet]

    init() { (order, numbers, closures) = ([], [:], []) }

    init(_ roles: [String: Policy.Role]) throws(PolicyProblem) {
        var waiting: [String: Int] = [:]
        var children: [String: [String]] = [:]
        for role in roles.values {
            waiting[role.name] = role.parents.count
            for parent in role.parents {
                guard roles[parent] != nil else { throw PolicyProblem("role \(role.name): a role that it inherits from does not exist") }
                children[parent, default: []].append(role.name)
            }
        }
        // Parents before children, without recursion: a policy from outside may be deep.
        var order = waiting.filter { $0.value == 0 }.keys.sorted()
        var next = 0
        while next < order.count {
            for child in (children[order[next]] ?? []).sorted() {
                waiting[child, default: 0] -= 1
                if waiting[child] == 0 { order.append(child) }
            }
            next += 1
        }
        guard order.count == roles.count else { throw PolicyProblem(Self.cycle(roles, among: Set(roles.keys).subtracting(order))) }

        let numbers = Dictionary(uniqueKeysWithValues: order.enumerated().map { ($1, UInt32($0)) })
        var (closures, depths) = ([SubjectSet](), [Int]())
        for (number, name) in order.enumerated() {
            let parents = (roles[name]?.parents ?? []).compactMap { numbers[$0] }
            let depth = 1 + (parents.map { depths[Int($0)] }.max() ?? 0)
            guard depth <= Policy.Limit.depth else {
                throw PolicyProblem("role \(name): it inherits through more than \(Policy.Limit.depth) roles")
            }
            depths.append(depth)
            closures.append(SubjectSet(union: parents.map { closures[Int($0)] }, and: UInt32(number)))
        }
        (self.order, self.numbers, self.closures) = (order, numbers, closures)
    }

    /// The names that a role includes.
    func names(of role: String) -> [String] {
        guard let number = numbers[role] else { return [] }
        return closures[Int(number)].members.map { order[Int($0)] }
    }

    /// Whether a role is another one, by number, or inherits from it.
    func includes(_ role: String, _ other: UInt32) -> Bool {
        guard let number = numbers[role] else { return false }
        return closures[Int(number)].contains(other)
    }

    /// Each role that is left waits for another one that is left: following them comes round.
    private static func cycle(_ roles: [String: Policy.Role], among left: Set<String>) -> String {
        guard var name = left.min() else { return "roles: a role inherits from itself" }
        var path: [String] = []
        while !path.contains(name), let parent = roles[name]?.parents.first(where: left.contains) {
            path.append(name)
            name = parent
        }
        let round = path.drop { $0 != name } + [name]
        return "roles: a role inherits from itself: \(round.joined(separator: " → "))"
    }
}
