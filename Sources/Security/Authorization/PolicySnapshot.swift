// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors

/// What a policy says about one request.
public enum PolicyVerdict: Hashable, Sendable {
    /// A rule permits it and none denies it.
    case permitted
    /// A rule denies it, whatever else permits it.
    case denied
    /// No rule permits it.
    case unmatched
}

/// One user in a snapshot at one moment: what roles they have then, with all that those inherit from.
public struct PolicySubject: Sendable {
    let user: UserID
    let subjects: SubjectSet
    let now: Int64
}

/// One tenant's policy, compiled for checks: it never changes, and a changed policy is another snapshot.
///
/// A check costs what the user's own roles and the patterns over one action cost, however many rules there are.
/// No decision is kept.
public final class PolicySnapshot: Sendable {
    /// What it was compiled from.
    public let policy: Policy
    /// Which state of the tenant's rows that is.
    public let revision: String

    /// By pattern, in the order that ``PatternTree`` numbers them.
    private let rules: [PatternRules]
    private let patterns: PatternTree
    /// The patterns over an action, for actions whose names are known beforehand.
    private let known: [String: PatternList]
    private let assigned: [UserID: [(role: UInt32, expiresAt: Int64)]]
    /// Those to whom some `….manage` is permitted.
    private let administrators: RuleBucket
    /// Users that rules name, numbered after the roles.
    private let named: [UserID: UInt32]

    /// Compiles a policy.
    public init(_ policy: Policy, revision: String = "") {
        self.policy = policy
        self.revision = revision
        var tree = PatternTree()
        var named: [UserID: UInt32] = [:]
        var administrators: [(subject: UInt32, expiresAt: Int64?)] = []
        var (permits, denies) = ([[(subject: UInt32, rule: Policy.Rule)]](), [[(subject: UInt32, rule: Policy.Rule)]]())
        for rule in policy.rules {
            let subject: UInt32
            switch rule.subject {
            case .role(let name):
                guard let number = policy.inheritance.numbers[name] else { continue }
                subject = number
            case .user(let user):
                subject = named[user] ?? UInt32(policy.inheritance.order.count + named.count)
                named[user] = subject
            }
            if rule.effect == .permit, rule.action.isAdministrative { administrators.append((subject, rule.expiresAt)) }
            let pattern = Int(tree.insert(rule.action))
            if pattern == permits.count { permits.append([]); denies.append([]) }
            if rule.effect == .permit { permits[pattern].append((subject, rule)) } else { denies[pattern].append((subject, rule)) }
        }
        rules = zip(permits, denies).map {
            PatternRules(permits: $0.isEmpty ? nil : RuleIndex($0), denies: $1.isEmpty ? nil : RuleIndex($1))
        }
        self.administrators = RuleBucket(administrators)
        patterns = tree
        var known: [String: PatternList] = [:]
        for name in Action.known.map(\.rawValue) + policy.rules.lazy.filter(\.action.isLiteral).map(\.action.description)
        where known[name] == nil { known[name] = PatternList(tree.patterns(over: name)) }
        self.known = known
        var assigned: [UserID: [(role: UInt32, expiresAt: Int64)]] = [:]
        for assignment in policy.assignments {
            guard let role = policy.inheritance.numbers[assignment.role] else { continue }
            assigned[assignment.user, default: []].append((role, assignment.expiresAt ?? .max))
        }
        self.assigned = assigned
        self.named = named
    }

    /// A user at a moment; one whom the policy does not know may do nothing.
    public func subject(_ user: UserID, at now: Int64) -> PolicySubject {
        let roles = (assigned[user] ?? []).filter { $0.expiresAt > now }.map { policy.inheritance.closures[Int($0.role)] }
        return PolicySubject(user: user, subjects: SubjectSet(union: roles, and: named[user]), now: now)
    }

    /// Somebody who has one role at a moment and is no user of the tenant; with a role that is not there they may do nothing.
    func subject(_ user: UserID, as role: String, at now: Int64) -> PolicySubject {
        let roles = policy.inheritance.numbers[role].map { [policy.inheritance.closures[Int($0)]] } ?? []
        return PolicySubject(user: user, subjects: SubjectSet(union: roles, and: nil), now: now)
    }

    /// Whether some `….manage` is permitted to a user, whatever denies it.
    func isAdministrator(_ who: PolicySubject) -> Bool { administrators.holds(for: who.subjects, at: who.now) }

    /// Decides whether a user may do something, on a resource or without one.
    public func decide(_ who: PolicySubject, _ action: Action, on resource: Resource? = nil) -> PolicyVerdict {
        if let patterns = known[action.rawValue] { return decide(who, patterns, resource) }
        return decide(who, PatternList(patterns.patterns(over: action.rawValue)), resource)
    }

    /// Whether a user may do something to anything at all.
    package func decideSomewhere(_ who: PolicySubject, _ action: Action) -> PolicyVerdict {
        var isPermitted = false
        for rules in rules(over: action) {
            if rules.denies?.holdsForAll(who) == true { return .denied }
            if rules.permits?.holdsSomewhere(who) == true { isPermitted = true }
        }
        return isPermitted ? .permitted : .unmatched
    }

    /// Where among things of a kind a user may do something.
    package func reach(_ who: PolicySubject, _ action: Action, among kind: ResourceKind) -> ListReach {
        var (isAnywhere, owner, ids) = (false, false, [String]())
        for rules in rules(over: action) {
            if rules.denies?.possiblyAll(who, of: kind) == true { return .nothing }
            guard !isAnywhere, let permits = rules.permits else { continue }
            isAnywhere = permits.collect(who, of: kind, owner: &owner, ids: &ids) || ids.count > ListReach.maximumIDs
        }
        if isAnywhere { return .anywhere }
        return owner || !ids.isEmpty ? .only(owner: owner ? who.user : nil, ids: ids) : .nothing
    }

    private func rules(over action: Action) -> [PatternRules] {
        let patterns = known[action.rawValue] ?? PatternList(patterns.patterns(over: action.rawValue))
        return (0..<patterns.count).map { rules[Int(patterns[$0])] }
    }

    @inline(__always)
    private func decide(_ who: PolicySubject, _ patterns: PatternList, _ resource: Resource?) -> PolicyVerdict {
        var isPermitted = false
        for index in 0..<patterns.count {
            let rules = rules[Int(patterns[index])]
            if let denies = rules.denies, denies.possibly(who, resource) { return .denied }
            if !isPermitted, let permits = rules.permits { isPermitted = permits.certainly(who, resource) }
        }
        return isPermitted ? .permitted : .unmatched
    }
}

/// The rules of one pattern.
private struct PatternRules: Sendable {
    let permits: RuleIndex?
    let denies: RuleIndex?
}

/// The numbers of the patterns over one action, the first of them in place: most actions have one.
private struct PatternList: Sendable {
    private let first: Int32
    let count: Int32
    private let others: [Int32]

    init(_ patterns: [Int32]) { (first, count, others) = (patterns.first ?? 0, Int32(patterns.count), Array(patterns.dropFirst())) }

    @inline(__always)
    subscript(index: Int32) -> Int32 { index == 0 ? first : others[Int(index) - 1] }
}

/// Patterns by their segments, so that those over an action are found without looking at the others.
struct PatternTree: Sendable {
    private struct Node {
        var children: [String: Int32] = [:]
        var any: Int32?
        var pattern: Int32?
    }

    private var nodes = [Node()]
    private var count: Int32 = 0

    /// The pattern's number: the next one for a pattern that is new.
    mutating func insert(_ pattern: ActionPattern) -> Int32 {
        var at = 0
        for segment in pattern.segments {
            if let next = segment == "*" ? nodes[at].any : nodes[at].children[segment] {
                at = Int(next)
                continue
            }
            nodes.append(Node())
            if segment == "*" { nodes[at].any = Int32(nodes.count - 1) } else { nodes[at].children[segment] = Int32(nodes.count - 1) }
            at = nodes.count - 1
        }
        if let number = nodes[at].pattern { return number }
        nodes[at].pattern = count
        count += 1
        return count - 1
    }

    /// The numbers of all patterns that cover an action; none for a text that is no action.
    func patterns(over action: String) -> [Int32] {
        let segments = action.split(separator: ".", omittingEmptySubsequences: false)
        guard segments.count <= ActionPattern.maximumSegments, segments.allSatisfy({ $0 != "*" && ActionPattern.isSegment($0) }) else {
            return []
        }
        var found: [Int32] = []
        var level: [Int32] = [0]
        for segment in segments {
            level = level.flatMap { node in [nodes[Int(node)].children[String(segment)], nodes[Int(node)].any].compactMap(\.self) }
            found += level.compactMap { nodes[Int($0)].pattern }
        }
        return found
    }
}
