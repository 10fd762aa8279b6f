// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors

public import Values

/// What somebody may do by one policy and not by another.
public struct PolicyDifference: Hashable, Sendable {
    /// Who.
    public let user: UserID
    /// Whether it is the newer policy that permits it.
    public let isGained: Bool
    /// What; a `*` is any segment that no rule names, and names include what is below them as far as that has no line of its own.
    public let action: String
    /// On what, such as `owner, region = eu`; nil for everything.
    public let resource: String?

    /// In one line.
    public var text: String { "\(isGained ? "+" : "-") \(user)\t\(action)\t\(resource ?? "all")" }

    /// The same for programs.
    public var value: Value {
        [
            "user": .string(user.description), "change": .string(isGained ? "gained" : "lost"), "action": .string(action),
            "on": .string(resource ?? "all"),
        ]
    }
}

extension Policy {
    /// Exactly what is gained and lost between two policies at one moment.
    ///
    /// Every action and every resource that their rules can tell apart is asked about once, in both.
    public static func difference(
        from old: Policy, to new: Policy, at now: Int64, among users: Set<UserID>? = nil
    ) throws(PolicyProblem) -> [PolicyDifference] {
        let (before, after) = (PolicySnapshot(old), PolicySnapshot(new))
        var everybody = Set<UserID>()
        for policy in [old, new] {
            everybody.formUnion(policy.assignments.map(\.user))
            everybody.formUnion(policy.rules.compactMap { if case .user(let id) = $0.subject { id } else { nil } })
        }
        var found: [PolicyDifference] = []
        for user in (users.map { everybody.intersection($0) } ?? everybody).sorted() {
            let held = (old.held(by: user, at: now) + new.held(by: user, at: now)).map(\.rule)
            let (left, right) = (before.subject(user, at: now), after.subject(user, at: now))
            for action in try ActionClasses(held.map(\.action)).all {
                let probes = try ResourceProbes(held.filter { $0.action.covers(action.action) }.map(\.selector), user).all
                let changes = probes.map { probe in
                    (
                        probe.text, before.decide(left, action.action, on: probe.resource) == .permitted,
                        after.decide(right, action.action, on: probe.resource) == .permitted
                    )
                }
                for isGained in [true, false] {
                    let changed = changes.filter { $0.1 == !isGained && $0.2 == isGained }
                    if changed.count == changes.count {
                        found.append(PolicyDifference(user: user, isGained: isGained, action: action.text, resource: nil))
                    } else {
                        found += changed.map { PolicyDifference(user: user, isGained: isGained, action: action.text, resource: $0.0) }
                    }
                }
            }
        }
        return found
    }
}

/// One action for each set of patterns that some action meets.
private struct ActionClasses {
    struct Class {
        let action: Action
        let text: String
    }

    let all: [Class]

    init(_ patterns: [ActionPattern]) throws(PolicyProblem) {
        var all: [Class] = []
        let distinct = Set(patterns.map(\.segments))
        // What is left of the patterns that an action may still meet, by what it begins with.
        var open: [(path: [String], left: [[String]])] = [([], Array(distinct))]
        while let (path, left) = open.popLast() {
            if !path.isEmpty {
                let name = path.map { $0 == "*" ? "no-rule-names-this" : $0 }.joined(separator: ".")
                all.append(Class(action: Action(rawValue: name), text: path.joined(separator: ".")))
            }
            guard all.count <= 20_000 else { throw PolicyProblem("the rules tell too many actions apart to compare them all") }
            let longer = left.filter { !$0.isEmpty }
            for name in Set(longer.compactMap(\.first)) {
                open.append((path + [name], longer.filter { $0[0] == name || $0[0] == "*" }.map { Array($0.dropFirst()) }))
            }
        }
        self.all = all.sorted { $0.text < $1.text }
    }
}

/// One resource for each set of selectors that some resource meets, and none at all.
private struct ResourceProbes {
    struct Probe {
        let resource: Resource?
        let text: String
    }

    let all: [Probe]

    init(_ selectors: [ResourceSelector], _ user: UserID) throws(PolicyProblem) {
        var (ids, values, hasOwner) = (Set<String>(), [String: Set<String>](), false)
        for selector in selectors {
            switch selector {
            case .all: break
            case .owner: hasOwner = true
            case .id(let id): ids.insert(id)
            case .attribute(let name, let list): values[name, default: []].formUnion(list)
            }
        }
        guard !ids.isEmpty || !values.isEmpty || hasOwner else { all = [Probe(resource: nil, text: "all")]; return }
        typealias Part = (id: String?, owner: UserID?, attributes: [String: String], text: [String])
        var parts: [Part] = ([nil] + ids.sorted().map { $0 }).map { ($0, nil, [:], $0.map { ["id = \($0)"] } ?? []) }
        if hasOwner {
            let other = user == Self.nobody ? Self.somebody : Self.nobody
            parts = parts.flatMap { part in
                [(user, "owner"), (other, "not owner"), (nil, "owner unknown")].map { (part.id, $0.0, part.attributes, part.text + [$0.1]) }
            }
        }
        for (name, list) in values.sorted(by: { $0.key < $1.key }) {
            guard parts.count * (list.count + 2) <= 20_000 else {
                throw PolicyProblem("the rules tell too many resources apart to compare them all")
            }
            // A value that no rule names stands for all others.
            let choices: [(value: String?, text: String)] =
                list.sorted().map { ($0, "\(name) = \($0)") } + [(" ", "another \(name)"), (nil, "\(name) unknown")]
            var longer: [Part] = []
            for part in parts {
                for choice in choices {
                    var attributes = part.attributes
                    attributes[name] = choice.value
                    longer.append((part.id, part.owner, attributes, part.text + [choice.text]))
                }
            }
            parts = longer
        }
        all =
            [Probe(resource: nil, text: "no resource")]
            + parts.map { part in
                Probe(
                    resource: Resource(id: part.id ?? " ", owner: part.owner, attributes: part.attributes),
                    text: part.text.isEmpty ? "any other resource" : part.text.joined(separator: ", "))
            }
    }

    private static let nobody = UserID(high: 0x7000, low: 1 << 63)
    private static let somebody = UserID(high: 0x7001, low: 1 << 63)
}
