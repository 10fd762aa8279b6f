// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors

/// What one rule reaches: actions, resources, and for how long.
struct GrantRegion: Hashable, Sendable {
    let action: ActionPattern
    let selector: ResourceSelector
    /// The millisecond at which it ends; `.max` for never.
    let until: Int64

    init(_ action: ActionPattern, _ selector: ResourceSelector, until: Int64?) {
        (self.action, self.selector, self.until) = (action, selector, until ?? .max)
    }

    init(_ rule: Policy.Rule, atMost until: Int64? = nil) {
        self.init(rule.action, rule.selector, until: min(rule.expiresAt ?? .max, until ?? .max))
    }

    /// What comes free when a denial goes.
    ///
    /// More than its selector says: it also denied what names no resource, or one whose owner or attribute the host does not know.
    init(lifting denial: Policy.Rule) { self.init(denial.action, .all, until: denial.expiresAt) }

    func covers(_ other: GrantRegion) -> Bool {
        action.covers(other.action) && selector.covers(other.selector) && until >= other.until
    }

    func overlaps(_ other: GrantRegion) -> Bool { action.overlaps(other.action) && selector.overlaps(other.selector) }
}

/// How far somebody's right to grant goes: one hands on what one holds, no more and no longer.
///
/// Each thing granted must lie within one thing held; what is denied to the grantor must be denied to the receiver by the same grant.
public struct GrantCeiling: Sendable {
    private let permits: [GrantRegion]
    private let denies: [GrantRegion]
    private let isUnlimited: Bool

    private init(unlimited: Bool) { (permits, denies, isUnlimited) = ([], [], unlimited) }

    /// The local operator's, who owns the keys and the data.
    package static let ofOperator = GrantCeiling(unlimited: true)

    /// What a user may hand on by a policy, at a moment.
    package static func of(_ user: UserID, in policy: Policy, at now: Int64) -> GrantCeiling { GrantCeiling(of: user, in: policy, at: now) }

    /// What an API key holds, as long as it lasts.
    init(_ patterns: PermissionSet, until: Int64?) {
        permits = patterns.patterns.compactMap { try? ActionPattern($0) }.map { GrantRegion($0, .all, until: until) }
        denies = []
        isUnlimited = false
    }

    /// What a user holds by a policy, each rule as long as both it and the role by which it is held last.
    init(of user: UserID, in policy: Policy, at now: Int64) {
        let held = policy.held(by: user, at: now)
        permits = held.filter { $0.rule.effect == .permit }.map { GrantRegion($0.rule, atMost: $0.until) }
        denies = held.filter { $0.rule.effect == .deny }.map { GrantRegion($0.rule, atMost: $0.until) }
        isUnlimited = false
    }

    /// What an operator of the installation holds in a tenant: what the role brings, less what is withheld, and no longer than the act.
    init(of whoever: ActingOperator, in policy: Policy, at now: Int64) {
        let held = policy.inheritance.numbers[whoever.role] == nil ? [] : policy.rules(broughtBy: whoever.role, at: now)
        permits = held.filter { $0.effect == .permit }.map { GrantRegion($0, atMost: whoever.until) }
        denies =
            held.filter { $0.effect == .deny }.map { GrantRegion($0) }
            + ActingOperator.withheld.compactMap { try? ActionPattern($0.rawValue) }.map { GrantRegion($0, .all, until: nil) }
        isUnlimited = false
    }

    /// The first region that may not be granted, when it comes along with some denials.
    func refused(_ regions: [GrantRegion], alongside companions: [GrantRegion] = []) -> GrantRegion? {
        if isUnlimited { return nil }
        return regions.first { wanted in
            guard permits.contains(where: { $0.covers(wanted) }) else { return true }
            return denies.contains { denied in
                denied.overlaps(wanted)
                    && !companions.contains { companion in
                        companion.until >= min(denied.until, wanted.until) && companion.action.covers(denied.action)
                            && companion.selector.covers(denied.selector)
                    }
            }
        }
    }

    /// Whether all of a set may be handed out until a moment.
    func allows(_ patterns: PermissionSet, until: Int64?) -> Bool {
        let wanted = patterns.patterns.compactMap { try? ActionPattern($0) }
        return wanted.count == patterns.patterns.count && refused(wanted.map { GrantRegion($0, .all, until: until) }) == nil
    }
}

extension Policy {
    /// The rules that apply to a user at a moment, each with when the last role that brings it ends.
    func held(by user: UserID, at now: Int64) -> [(rule: Rule, until: Int64)] {
        let until = reach(of: user, at: now)
        return rules.compactMap { rule in
            guard (rule.expiresAt ?? .max) > now else { return nil }
            switch rule.subject {
            case .user(let id): return id == user ? (rule, .max) : nil
            case .role(let name): return until[name].map { (rule, $0) }
            }
        }
    }

    /// The roles that a user has at a moment, also by inheritance, each with when it ends.
    func reach(of user: UserID, at now: Int64) -> [String: Int64] {
        var until: [String: Int64] = [:]
        for assignment in assignments where assignment.user == user && (assignment.expiresAt ?? .max) > now {
            for role in inheritance.names(of: assignment.role) { until[role] = max(until[role] ?? .min, assignment.expiresAt ?? .max) }
        }
        return until
    }

    /// The rules that a role brings to whoever has it.
    func rules(broughtBy role: String, at now: Int64) -> [Rule] {
        let names = Set(inheritance.names(of: role))
        return rules.filter { rule in
            guard case .role(let name) = rule.subject else { return false }
            return names.contains(name) && (rule.expiresAt ?? .max) > now
        }
    }
}
