// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors

/// A part of a policy that a decision came by.
public struct PolicyUse: Hashable, Sendable, Comparable {
    /// Which part.
    public enum Kind: String, Hashable, Sendable, CaseIterable {
        /// A rule, by its id.
        case rule
        /// A role, by its name.
        case role
        /// That somebody has a role, as `<user>/<role>`.
        case assignment
    }

    /// Which part.
    public let kind: Kind
    /// Its name.
    public let name: String

    /// A part of a policy.
    public init(_ kind: Kind, _ name: String) { (self.kind, self.name) = (kind, name) }

    /// That somebody has a role.
    public static func assignment(of role: String, to user: UserID) -> PolicyUse { PolicyUse(.assignment, "\(user)/\(role)") }

    /// By kind, then by name.
    public static func < (left: PolicyUse, right: PolicyUse) -> Bool {
        (left.kind.rawValue, left.name) < (right.kind.rawValue, right.name)
    }
}

extension Policy {
    /// Every part that somebody could do without.
    public var parts: [PolicyUse] {
        (rules.map { PolicyUse(.rule, $0.id) } + roles.keys.map { PolicyUse(.role, $0) }
            + assignments.map { .assignment(of: $0.role, to: $0.user) }).sorted()
    }

    /// What one decision comes by; nothing where no rule is meant.
    public func uses(by user: UserID, _ action: Action, on resource: Resource? = nil, at now: Int64) -> [PolicyUse] {
        uses(by: user, of: rules(over: action), on: resource, at: now)
    }

    /// The rules over an action, in the order in which one of them decides.
    func rules(over action: Action) -> [Rule] {
        guard let name = try? ActionPattern(action.rawValue), name.isLiteral else { return [] }
        return rules.filter { $0.action.covers(name) }.sorted { $0.id < $1.id }
    }

    /// What a decision comes by: the rule that decides, the role that it is about with the one that brings it, and that the user has that one.
    ///
    /// Of several rules that would do, the first by its id counts: the others could go.
    func uses(by user: UserID, of candidates: [Rule], on resource: Resource?, at now: Int64) -> [PolicyUse] {
        var ways: [String: String] = [:]
        for role in assignments.filter({ $0.user == user && ($0.expiresAt ?? .max) > now }).map(\.role).sorted() {
            for name in inheritance.names(of: role) where ways[name] == nil || name == role { ways[name] = role }
        }
        func isMeant(_ rule: Rule) -> Bool {
            let isTheirs =
                switch rule.subject {
                case .user(let id): id == user
                case .role(let name): ways[name] != nil
                }
            return isTheirs && (rule.expiresAt ?? .max) > now && Self.excuse(of: rule, for: user, on: resource) == nil
        }
        let meant = candidates.filter(isMeant)
        guard let deciding = meant.first(where: { $0.effect == .deny }) ?? meant.first else { return [] }
        guard case .role(let name) = deciding.subject, let way = ways[name] else { return [PolicyUse(.rule, deciding.id)] }
        return [PolicyUse(.rule, deciding.id), .assignment(of: way, to: user)] + path(from: way, to: name).map { PolicyUse(.role, $0) }
    }
}

/// What was asked of a policy, to be looked at later; many questions are the same.
public struct PolicyQuestions: Sendable {
    private struct Question: Hashable {
        let user: UserID
        let action: String
        let resource: Resource?
    }

    private let snapshot: PolicySnapshot
    private var asked: [Question: Int64] = [:]

    init(_ snapshot: PolicySnapshot) { self.snapshot = snapshot }

    func isAbout(_ other: PolicySnapshot) -> Bool { snapshot === other }

    /// How many different ones there are.
    public var count: Int { asked.count }

    mutating func add(_ user: UserID, _ action: Action, _ resource: Resource?) {
        asked[Question(user: user, action: action.rawValue, resource: resource), default: 0] += 1
    }

    /// What the decisions came by, and how often, as of a moment.
    public func uses(at now: Int64) -> [PolicyUse: Int64] {
        var found: [PolicyUse: Int64] = [:]
        for (action, questions) in Dictionary(grouping: asked, by: \.key.action) {
            let candidates = snapshot.policy.rules(over: Action(rawValue: action))
            for (question, count) in questions {
                for use in snapshot.policy.uses(by: question.user, of: candidates, on: question.resource, at: now) {
                    found[use, default: 0] += count
                }
            }
        }
        return found
    }
}
