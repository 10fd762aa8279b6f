// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors

package import Values

extension PolicyChange {
    /// What the audit trail says is acted on.
    package var resource: String {
        switch self {
        case .createRole(let name, _), .setParents(let name, _), .deleteRole(let name): "role:\(name)"
        case .setRule(let rule): "rule:\(rule.id)"
        case .removeRule(let id): "rule:\(id)"
        case .assign(let assignment): "user:\(assignment.user)"
        case .unassign(let user, _): "user:\(user)"
        case .setSeparation(let separation): "separation:\(separation.name)"
        case .removeSeparation(let name): "separation:\(name)"
        }
    }

    /// What the audit trail says of it, with what was there before: no personal data.
    package func detail(before: Policy) -> [String: Value] {
        func texts(_ items: [String]) -> Value { .array(items.map(Value.string)) }
        func end(_ time: Int64?) -> Value { time.map(Value.int) ?? .null }
        switch self {
        case .createRole(_, let parents): return ["change": "role_created", "inherits": texts(parents)]
        case .setParents(let name, let parents):
            return ["change": "role_changed", "inherits": texts(parents), "before": texts(before.roles[name]?.parents ?? [])]
        case .deleteRole(let name):
            let rules = before.rules.filter { $0.subject == .role(name) }
            return ["change": "role_deleted", "rules": texts(rules.map(\.text))]
        case .setRule(let rule):
            return ["change": "rule_set", "rule": .string(rule.text), "before": Self.text(before.rules.first { $0.id == rule.id })]
        case .removeRule(let id): return ["change": "rule_removed", "before": Self.text(before.rules.first { $0.id == id })]
        case .assign(let assignment):
            let old = before.assignments.first { $0.user == assignment.user && $0.role == assignment.role }
            var detail: [String: Value] = [
                "change": "role_assigned", "role": .string(assignment.role), "expires_at": end(assignment.expiresAt),
            ]
            if let old { detail["before"] = end(old.expiresAt) }
            return detail
        case .unassign(_, let role): return ["change": "role_unassigned", "role": .string(role)]
        case .setSeparation(let separation):
            return ["change": "separation_set", "kind": .string(separation.kind.rawValue), "members": texts(separation.members)]
        case .removeSeparation(let name):
            return ["change": "separation_removed", "members": texts(before.separations.first { $0.name == name }?.members ?? [])]
        }
    }

    private static func text(_ rule: Policy.Rule?) -> Value { rule.map { .string($0.text) } ?? .null }
}

extension Policy.Rule {
    /// In one line, such as `deny role:CLIENT plugin.invoke on owner`.
    public var text: String {
        "\(effect) \(subject) \(action) on \(selector)" + (expiresAt.map { " until \($0)" } ?? "")
    }
}
