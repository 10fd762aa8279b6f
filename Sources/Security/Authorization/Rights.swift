// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors

/// What a principal may do: patterns of an API key, or a user's place in a tenant's policy.
public struct Rights: Hashable, Sendable {
    enum Basis: Sendable {
        case patterns(PermissionSet, until: Int64?)
        case policy(PolicySnapshot, PolicySubject)
        case role(PolicySnapshot, PolicySubject, ActingOperator)
    }

    let basis: Basis

    init(_ patterns: PermissionSet, until: Int64? = nil) { basis = .patterns(patterns, until: until) }

    init(_ snapshot: PolicySnapshot, _ user: UserID, at now: Int64) { self.init(snapshot, snapshot.subject(user, at: now)) }

    init(_ snapshot: PolicySnapshot, _ who: PolicySubject) { basis = .policy(snapshot, who) }

    /// What an operator of the installation may do in a tenant: what the role permits, less what is withheld from every operator.
    init(_ snapshot: PolicySnapshot, _ whoever: ActingOperator, at now: Int64) {
        basis = .role(snapshot, snapshot.subject(whoever.user, as: whoever.role, at: now), whoever)
    }

    /// What is decided about an action, on a resource or without one.
    public func decide(_ action: Action, on resource: Resource? = nil) -> PolicyVerdict {
        switch basis {
        case .patterns(let patterns, _): patterns.covers(action) ? .permitted : .unmatched
        case .policy(let snapshot, let who): snapshot.decide(who, action, on: resource)
        case .role(let snapshot, let who, _): ActingOperator.withholds(action) ? .denied : snapshot.decide(who, action, on: resource)
        }
    }

    /// Whether it may matter on what something is done: the patterns of a key are about everything.
    public var dependOnResources: Bool {
        switch basis {
        case .patterns: false
        case .policy, .role: true
        }
    }

    /// Which state of the policy they are from; nil for a key's.
    public var revision: String? {
        switch basis {
        case .patterns: nil
        case .policy(let snapshot, _), .role(let snapshot, _, _): snapshot.revision
        }
    }

    /// Whether they hold what makes an administrator: a permit for some `….manage`, on whatever resource.
    public var isAdministrative: Bool {
        switch basis {
        case .patterns(let patterns, _): patterns.patterns.contains { (try? ActionPattern($0))?.isAdministrative ?? false }
        case .policy(let snapshot, let who), .role(let snapshot, let who, _): snapshot.isAdministrator(who)
        }
    }

    /// Whether they allow an action without a resource.
    public func covers(_ action: Action) -> Bool { decide(action) == .permitted }

    /// What the holder may hand on at a moment.
    public func ceiling(at now: Int64) -> GrantCeiling {
        switch basis {
        case .patterns(let patterns, let until): GrantCeiling(patterns, until: until)
        case .policy(let snapshot, let who): GrantCeiling(of: who.user, in: snapshot.policy, at: now)
        case .role(let snapshot, _, let whoever): GrantCeiling(of: whoever, in: snapshot.policy, at: now)
        }
    }

    /// The same patterns, or the same user at the same moment of the same state of the policy.
    public static func == (left: Rights, right: Rights) -> Bool {
        switch (left.basis, right.basis) {
        case (.patterns(let one, let until), .patterns(let other, let end)): one == other && until == end
        case (.policy(let one, let who), .policy(let other, let whom)): one === other && who.user == whom.user && who.now == whom.now
        case (.role(let one, let who, let whoever), .role(let other, let whom, let another)):
            one === other && whoever == another && who.now == whom.now
        default: false
        }
    }

    /// By what is compared.
    public func hash(into hasher: inout Hasher) {
        switch basis {
        case .patterns(let patterns, _): hasher.combine(patterns)
        case .policy(_, let who), .role(_, let who, _): hasher.combine(who.user)
        }
    }
}

extension Rights {
    /// Notes that a decision was asked of these rights; nothing is worked out here. Keys hold patterns, which nobody can find superfluous.
    ///
    /// Answers false when the questions are of another state of the policy, and these rights are not noted.
    public func note(_ action: Action, on resource: Resource?, in questions: inout PolicyQuestions?) -> Bool {
        guard case .policy(let snapshot, let who) = basis else { return true }
        if questions == nil { questions = PolicyQuestions(snapshot) }
        guard questions?.isAbout(snapshot) == true else { return false }
        questions?.add(who.user, action, resource)
        return true
    }
}
