// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors

public import Values

/// A tenant's policy in the language of Cedar, so that its engine can check the decisions of this one.
///
/// A request is `User`, `Action`, `Resource` and the context that ``context(_:at:)`` gives. Ids of rules become `@id` annotations.
public struct CedarExport: Sendable {
    private let policy: Policy

    /// An export of a whole policy.
    public init(_ policy: Policy) { self.policy = policy }

    /// The rules: one policy each, and one more per person for a role that ends for them.
    public var policies: String {
        var texts: [String] = []
        var ofRole: [String: [Policy.Rule]] = [:]
        for rule in policy.rules.sorted(by: { $0.id < $1.id }) {
            if case .role(let name) = rule.subject { ofRole[name, default: []].append(rule) }
            texts.append(Self.text(rule, Self.principal(rule.subject), id: rule.id, until: []))
        }
        // Membership has no end in Cedar; so what such a role brings is written out, with the end as a condition.
        for assignment in policy.assignments.sorted(by: { ($0.user, $0.role) < ($1.user, $1.role) }) {
            guard let end = assignment.expiresAt else { continue }
            for role in policy.inheritance.names(of: assignment.role).sorted() {
                for rule in ofRole[role] ?? [] {
                    texts.append(
                        Self.text(
                            rule, Self.principal(.user(assignment.user)), id: "\(rule.id) for \(assignment.user) as \(assignment.role)",
                            until: [end]))
                }
            }
        }
        return texts.joined(separator: "\n")
    }

    /// Users and roles with what they are members of, as Cedar's entities in JSON.
    public var entities: Value {
        let roles = policy.roles.values.sorted { $0.name < $1.name }.map { Self.entity("Role", $0.name, parents: $0.parents) }
        let users = Dictionary(grouping: policy.assignments, by: \.user).sorted { $0.key < $1.key }.map { user, list in
            Self.entity("User", user.description, parents: list.filter { $0.expiresAt == nil }.map(\.role).sorted())
        }
        return .array(roles + users)
    }

    /// The context of a request: the action's segments, and the moment.
    public static func context(_ action: Action, at now: Int64) -> Value {
        let segments = action.rawValue.split(separator: ".").enumerated().map { ("s\($0)", Value.string(String($1))) }
        return ["action": .map(Dictionary(uniqueKeysWithValues: segments)), "now": .int(now)]
    }

    /// A resource as an entity; no resource at all is the one of an empty id, without anything that could be asked for.
    public static func entity(_ resource: Resource?) -> Value {
        var attributes = resource?.attributes.mapValues(Value.string) ?? [:]
        // A separate name: an attribute may be called anything else.
        if let owner = resource?.owner { attributes["_owner"] = ["__entity": ["type": "User", "id": .string(owner.description)]] }
        attributes["_known"] = .bool(resource != nil)
        return ["uid": ["type": "Resource", "id": .string(resource?.id ?? "")], "attrs": .map(attributes), "parents": []]
    }

    private static func entity(_ type: String, _ id: String, parents: [String]) -> Value {
        [
            "uid": ["type": .string(type), "id": .string(id)], "attrs": [:],
            "parents": .array(parents.map { ["type": "Role", "id": .string($0)] }),
        ]
    }

    private static func principal(_ subject: Policy.Subject) -> String {
        switch subject {
        case .role(let name): "principal in Role::\(quoted(name))"
        case .user(let id): "principal == User::\(quoted(id.description))"
        }
    }

    private static func text(_ rule: Policy.Rule, _ principal: String, id: String, until: [Int64]) -> String {
        var conditions = zip(rule.action.segments.indices, rule.action.segments).map { index, segment in
            segment == "*"
                ? "context.action has s\(index)" : "context.action has s\(index) && context.action.s\(index) == \(quoted(segment))"
        }
        if let selected = condition(of: rule) { conditions.append(selected) }
        conditions += ((rule.expiresAt.map { [$0] } ?? []) + until).map { "context.now < \($0)" }
        return """
            @id(\(quoted(id)))
            \(rule.effect == .permit ? "permit" : "forbid") (\(principal), action, resource)
            when { \(conditions.joined(separator: " && ")) };

            """
    }

    /// What a selector asks for; where it is not known, a permit is not meant and a deny is.
    private static func condition(of rule: Policy.Rule) -> String? {
        let isDeny = rule.effect == .deny
        func known(_ attribute: String, _ test: String) -> String {
            isDeny ? "(!(resource has \(attribute)) || \(test))" : "(resource has \(attribute) && \(test))"
        }
        switch rule.selector {
        case .all: return nil
        case .id(let id):
            let test = "resource == Resource::\(quoted(id))"
            return isDeny ? "(!resource._known || \(test))" : "(resource._known && \(test))"
        case .owner: return known("_owner", "resource._owner == principal")
        case .attribute(let name, let values):
            return known(quoted(name), "[\(values.map(quoted).joined(separator: ", "))].contains(resource[\(quoted(name))])")
        }
    }

    /// Everything that comes here was read as a name, a value or an id; what is none of these is escaped all the same.
    private static func quoted(_ text: String) -> String {
        var quoted = "\""
        for scalar in text.unicodeScalars {
            if scalar.isASCII, scalar.value >= 0x20, scalar.value != 0x7F, scalar != "\"", scalar != "\\" {
                quoted.unicodeScalars.append(scalar)
            } else {
                quoted += "\\u{\(String(scalar.value, radix: 16))}"
            }
        }
        return quoted + "\""
    }
}
