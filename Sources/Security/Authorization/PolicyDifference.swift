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
    /// The millisecond from which on, when something ends then; nil for at once.
    public internal(set) var from: Int64?

    /// In one line.
    public var text: String {
        "\(isGained ? "+" : "-") \(user)\t\(action)\t\(resource ?? "all")" + (from.map { "\tfrom \($0)" } ?? "")
    }

    /// The same for programs.
    public var value: Value {
        .compact([
            "user": .string(user.description), "change": .string(isGained ? "gained" : "lost"), "action": .string(action),
            "on": .string(resource ?? "all"), "from": from.map(Value.int),
        ])
    }
}

/// A separation of duties that one of two policies has and the other has not; a changed one is both.
public struct SeparationDifference: Hashable, Sendable {
    /// The constraint.
    public let separation: Policy.Separation
    /// Whether it is the newer policy that has it.
    public let isAdded: Bool

    /// In one line.
    public var text: String {
        "\(isAdded ? "+" : "-") separation:\(separation.name)\t\(separation.kind)\t\(separation.members.joined(separator: ", "))"
    }

    /// The same for programs.
    public var value: Value {
        [
            "separation": .string(separation.name), "change": .string(isAdded ? "added" : "removed"),
            separation.kind.rawValue: .array(separation.members.map(Value.string)),
        ]
    }
}

extension Policy {
    /// The constraints that two policies do not share.
    public static func separationDifference(from old: Policy, to new: Policy) -> [SeparationDifference] {
        let (before, after) = (Set(old.separations), Set(new.separations))
        let removed = before.subtracting(after).map { SeparationDifference(separation: $0, isAdded: false) }
        let added = after.subtracting(before).map { SeparationDifference(separation: $0, isAdded: true) }
        return (removed + added).sorted { ($0.separation.name, $0.isAdded ? 1 : 0) < ($1.separation.name, $1.isAdded ? 1 : 0) }
    }

    /// Moments at which something ends for one user, at most.
    private static let mostEnds = 200

    /// Exactly what is gained and lost between two policies, from a moment on.
    ///
    /// Every action and every resource that their rules can tell apart is asked about once, in both: at that moment, and
    /// again whenever a rule or a role ends for somebody. What differs at several moments is told once, with the first.
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
            // Nothing begins later: whatever applies at some moment is held now, until an end.
            let held = (old.held(by: user, at: now) + new.held(by: user, at: now)).map {
                (rule: $0.rule, end: min($0.rule.expiresAt ?? .max, $0.until))
            }
            let ends = Set(held.map { $0.end }).subtracting([.max])
            guard ends.count <= mostEnds else {
                throw PolicyProblem("user \(user): rules and roles end at more than \(mostEnds) moments, too many to compare them all")
            }
            let moments = ([now] + ends.sorted()).map { ($0, before.subject(user, at: $0), after.subject(user, at: $0)) }
            for action in try ActionClasses(held.map { $0.rule.action }).all {
                let selectors = held.filter { $0.rule.action.covers(action.action) }.map { $0.rule.selector }
                let probes = try ResourceProbes(selectors, user).all
                var told = Set<PolicyDifference>()
                for (moment, left, right) in moments {
                    let changes = probes.map { probe in
                        (
                            probe.text, before.decide(left, action.action, on: probe.resource) == .permitted,
                            after.decide(right, action.action, on: probe.resource) == .permitted
                        )
                    }
                    for isGained in [true, false] {
                        let changed = changes.filter { $0.1 == !isGained && $0.2 == isGained }
                        let all = PolicyDifference(user: user, isGained: isGained, action: action.text, resource: nil)
                        let lines =
                            changed.count == changes.count
                            ? [all] : changed.map { PolicyDifference(user: user, isGained: isGained, action: action.text, resource: $0.0) }
                        for var line in lines where !told.contains(all) && told.insert(line).inserted {
                            line.from = moment == now ? nil : moment
                            found.append(line)
                        }
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
