// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors

public import Values

/// Why a policy decides as it does.
public struct PolicyExplanation: Hashable, Sendable {
    /// One rule over the action that was asked about.
    public struct Step: Hashable, Sendable {
        /// The rule.
        public let rule: Policy.Rule
        /// From a role that the user has to the rule's, through what inherits; empty for a rule about the user, or one that does not reach them.
        public let path: [String]
        /// Nil when it counts; else why it does not.
        public let excuse: String?

        /// In one line.
        public var text: String {
            let way = path.isEmpty ? "" : " (by \(path.joined(separator: " → ")))"
            return "rule \(rule.id): \(rule.text)\(way)" + (excuse.map { ": does not count, \($0)" } ?? "")
        }
    }

    /// What is decided.
    public let verdict: PolicyVerdict
    /// Every rule over the action, the deciding one first.
    public let steps: [Step]

    /// The rule that decides: the first that denies, or the first that permits.
    public var deciding: Step? {
        switch verdict {
        case .permitted: steps.first { $0.excuse == nil && $0.rule.effect == .permit }
        case .denied: steps.first { $0.excuse == nil && $0.rule.effect == .deny }
        case .unmatched: nil
        }
    }

    /// In a few lines, the answer first.
    public var text: String {
        let answer =
            switch (verdict, deciding) {
            case (.permitted, let step?): "permitted by \(step.text)"
            case (.denied, let step?): "denied by \(step.text)"
            default: "denied: no rule permits it"
            }
        return ([answer] + steps.filter { $0 != deciding }.map { "  \($0.text)" }).joined(separator: "\n")
    }

    /// The same for programs.
    public var value: Value {
        func value(_ step: Step) -> Value {
            var members: [String: Value] = [
                "rule": step.rule.value, "path": .array(step.path.map(Value.string)), "counts": .bool(step.excuse == nil),
            ]
            if let excuse = step.excuse { members["excuse"] = .string(excuse) }
            return .map(members)
        }
        return [
            "permitted": .bool(verdict == .permitted), "reason": .string("\(verdict)"), "deciding": deciding.map(value) ?? .null,
            "rules": .array(steps.map(value)),
        ]
    }
}

extension Policy {
    /// Decides like a snapshot, and says why: slowly, rule by rule.
    public func explain(
        _ user: UserID, _ action: Action, on resource: Resource? = nil, at now: Int64
    ) -> PolicyExplanation {
        let steps = rules.filter { $0.action.covers(action) }.map { rule -> PolicyExplanation.Step in
            let (path, excuse) = reach(of: rule, for: user, at: now)
            return PolicyExplanation.Step(
                rule: rule, path: path, excuse: excuse ?? Self.excuse(of: rule, for: user, on: resource))
        }
        let counted = steps.filter { $0.excuse == nil }
        let verdict: PolicyVerdict =
            counted.contains { $0.rule.effect == .deny } ? .denied : counted.isEmpty ? .unmatched : .permitted
        // What decides first, then what counts, then the rest, as the rules stand.
        func rank(_ step: PolicyExplanation.Step) -> Int {
            step.excuse != nil ? (step.path.isEmpty ? 3 : 2) : (step.rule.effect == .deny) == (verdict == .denied) ? 0 : 1
        }
        let sorted = steps.sorted { (rank($0), $0.rule.id) < (rank($1), $1.rule.id) }
        return PolicyExplanation(verdict: verdict, steps: sorted)
    }

    private func reach(of rule: Rule, for user: UserID, at now: Int64) -> (path: [String], excuse: String?) {
        let ended = rule.expiresAt.map { $0 <= now } == true ? "it has ended" : nil
        switch rule.subject {
        case .user(let id): return ([], id == user ? ended : "it is about somebody else")
        case .role(let name):
            let mine = assignments.filter { $0.user == user && inheritance.names(of: $0.role).contains(name) }
            if let assignment = mine.first(where: { ($0.expiresAt ?? .max) > now }) {
                return (path(from: assignment.role, to: name), ended)
            }
            if let assignment = mine.first {
                return (path(from: assignment.role, to: name), "the role \(assignment.role) has ended for the user")
            }
            return ([], "the user does not have the role \(name)")
        }
    }

    /// The shortest way from a role to one that it inherits from.
    func path(from start: String, to end: String) -> [String] {
        var before: [String: String] = [:]
        var queue = [start]
        var next = 0
        while next < queue.count, queue[next] != end {
            for parent in roles[queue[next]]?.parents ?? [] where before[parent] == nil && parent != start {
                before[parent] = queue[next]
                queue.append(parent)
            }
            next += 1
        }
        var path = [end]
        while let last = path.first, last != start, let previous = before[last] { path.insert(previous, at: 0) }
        return path
    }

    /// Why a selector leaves a rule out, if it does; an unknown counts for a deny and not for a permit.
    static func excuse(of rule: Rule, for user: UserID, on resource: Resource?) -> String? {
        let unknown = rule.effect == .deny ? nil : "it is not known whether it is about this resource"
        guard rule.selector != .all else { return nil }
        guard let resource else { return rule.effect == .deny ? nil : "no resource was named, and it is limited to some" }
        switch rule.selector {
        case .all: return nil
        case .id(let id): return id == resource.id ? nil : "the resource is another one"
        case .owner: return resource.owner == nil ? unknown : resource.owner == user ? nil : "the resource is somebody else's"
        case .attribute(let name, let values):
            guard let value = resource.attributes[name] else { return unknown }
            return values.contains(value) ? nil : "the resource's \(name) is another one"
        }
    }
}
