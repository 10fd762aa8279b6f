// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors

public import Values

/// Changes as text: what the API reads.
extension PolicyChange {
    /// Reads one change, such as `{"set_rule": {"id": "no-vip", "deny": "plugin.invoke", "role": "DESK", "on": "segment = vip"}}`.
    public init(parsing value: Value) throws(PolicyProblem) {
        guard case .map(let members) = value, members.count == 1, let (name, content) = members.first else {
            throw PolicyProblem("change: an object with one member is wanted, one of \(Self.names.joined(separator: ", "))")
        }
        switch name {
        case "create_role":
            let role = try Members(content, name, known: ["name", "inherits"])
            self = .createRole(try role.text("name"), parents: try role.texts("inherits") ?? [])
        case "inherit":
            let role = try Members(content, name, known: ["name", "inherits"])
            self = .setParents(try role.text("name"), try role.texts("inherits") ?? [])
        case "delete_role": self = .deleteRole(try Self.text(content, name))
        case "set_rule": self = .setRule(try Policy.rule(content, name))
        case "remove_rule": self = .removeRule(try Self.text(content, name))
        case "assign": self = .assign(try Policy.assignment(content, name))
        case "unassign":
            let assignment = try Policy.assignment(content, name)
            self = .unassign(assignment.user, role: assignment.role)
        case "set_separation": self = .setSeparation(try Policy.separation(content, name))
        case "remove_separation": self = .removeSeparation(try Self.text(content, name))
        default: throw PolicyProblem("change: one of \(Self.names.joined(separator: ", ")) is wanted")
        }
    }

    /// The moment at which what it gives ends, where there is one.
    public var end: Int64? {
        switch self {
        case .setRule(let rule): rule.expiresAt
        case .assign(let assignment): assignment.expiresAt
        default: nil
        }
    }

    private static let names = [
        "create_role", "inherit", "delete_role", "set_rule", "remove_rule", "assign", "unassign", "set_separation", "remove_separation",
    ]

    private static func text(_ value: Value, _ place: String) throws(PolicyProblem) -> String {
        guard let text = value.stringValue else { throw PolicyProblem("\(place): a text is wanted") }
        return text
    }
}
