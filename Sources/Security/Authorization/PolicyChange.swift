// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors

/// One change of a tenant's policy.
public enum PolicyChange: Hashable, Sendable {
    /// A new role.
    case createRole(String, parents: [String])
    /// Other parents for a role.
    case setParents(String, [String])
    /// A role that nobody has and no role inherits from, with its rules.
    case deleteRole(String)
    /// A new rule, or the one of that id anew.
    case setRule(Policy.Rule)
    /// No longer that rule.
    case removeRule(String)
    /// A role for somebody, or another end of it.
    case assign(Policy.Assignment)
    /// No longer that role.
    case unassign(UserID, role: String)
    /// A new constraint, or the one of that name anew.
    case setSeparation(Policy.Separation)
    /// No longer that constraint.
    case removeSeparation(String)

    /// The permission that it takes.
    public var permission: Action {
        switch self {
        case .assign, .unassign: .userManage
        default: .roleManage
        }
    }
}

/// Why a change of a policy is refused.
public enum PolicyRefusal: Error, Hashable, Sendable, CustomStringConvertible {
    /// What would come of it is no policy, such as a role that inherits from itself.
    case invalid(PolicyProblem)
    /// There is nothing of that name.
    case notFound(String)
    /// It is in use, or there already.
    case conflict(String)
    /// It would give what the one who makes it does not hold.
    case aboveCeiling(String)
    /// Somebody would have what must be kept apart.
    case separation(SeparationViolation)
    /// Somebody else has changed the policy since it was looked at.
    case outdated

    /// Safe to show to whoever may change the policy.
    public var description: String {
        switch self {
        case .invalid(let problem): problem.description
        case .notFound(let what): "there is no \(what)"
        case .conflict(let what): what
        case .aboveCeiling(let what): "one can grant only what one holds, and as long as one holds it: \(what)"
        case .separation(let violation): violation.description
        case .outdated: "the policy was changed meanwhile: look at it again"
        }
    }

    /// What the audit trail says where it was somebody's rights that did not reach; nil where the change itself is wrong.
    public var denial: Denial? {
        switch self {
        case .aboveCeiling: .aboveCeiling
        case .separation: .keptApart
        default: nil
        }
    }
}

extension Policy {
    /// The policy after a change, when it may be made by somebody who may hand on as much as a ceiling says.
    public func applying(_ change: PolicyChange, within ceiling: GrantCeiling, at now: Int64) throws(PolicyRefusal) -> Policy {
        let after = try changed(by: change)
        for (granted, companions) in after.grants(of: change, before: self, at: now) {
            if let region = ceiling.refused(granted, alongside: companions) {
                let end = region.until == .max ? "" : " until \(region.until)"
                throw .aboveCeiling("\(region.action) on \(region.selector)\(end)")
            }
        }
        if case .removeSeparation = change { return after }
        if case .setSeparation = change { return after }
        // What is broken already may be mended step by step: who has less of it than before breaks nothing anew.
        let touched = self.touched(by: change, into: after)
        let before = Dictionary(grouping: violations(at: now, among: touched), by: \.user)
        let new = after.violations(at: now, among: touched).first { found in
            !(before[found.user] ?? []).contains { $0.separation == found.separation && Set($0.held).isSuperset(of: found.held) }
        }
        if let new { throw .separation(new) }
        return after
    }

    /// The policy after a change, whoever makes it.
    ///
    /// Refuses one by which the constraints would take too long to check; what takes less than before is taken.
    public func changed(by change: PolicyChange) throws(PolicyRefusal) -> Policy {
        let after = try replaced(by: change)
        let work = after.separationWork
        guard work <= Limit.separationWork || work < separationWork else {
            throw .invalid(
                PolicyProblem(
                    "separations: with so many rules, members and people it would take too long to check them; use fewer members, "
                        + "fewer with a *, or roles in place of rules of single users"))
        }
        return after
    }

    private func replaced(by change: PolicyChange) throws(PolicyRefusal) -> Policy {
        var (roles, rules, assignments, separations) = (self.roles, self.rules, self.assignments, self.separations)
        switch change {
        case .createRole(let name, let parents):
            guard roles[name] == nil else { throw .conflict("a role \(name) exists already") }
            roles[name] = Role(name, parents: parents)
        case .setParents(let name, let parents):
            guard let role = roles[name] else { throw .notFound("such role") }
            roles[name] = Role(name, parents: parents, isBuiltIn: role.isBuiltIn)
        case .deleteRole(let name):
            guard let role = roles[name] else { throw .notFound("such role") }
            guard !role.isBuiltIn else { throw .conflict("\(name) came with the tenant and stays") }
            // Taking it from people may lift a denial, so that is a change of its own.
            guard !assignments.contains(where: { $0.role == name }) else { throw .conflict("somebody has the role \(name)") }
            if let heir = roles.values.first(where: { $0.parents.contains(name) }) {
                throw .conflict("the role \(heir.name) inherits from \(name)")
            }
            if let user = separations.first(where: { $0.kind == .roles && $0.members.contains(name) }) {
                throw .conflict("the separation \(user.name) names \(name)")
            }
            roles[name] = nil
            rules.removeAll { $0.subject == .role(name) }
        case .setRule(let rule):
            rules.removeAll { $0.id == rule.id }
            rules.append(rule)
        case .removeRule(let id):
            guard rules.contains(where: { $0.id == id }) else { throw .notFound("such rule") }
            rules.removeAll { $0.id == id }
        case .assign(let assignment):
            guard roles[assignment.role] != nil else { throw .notFound("such role") }
            assignments.removeAll { $0.user == assignment.user && $0.role == assignment.role }
            assignments.append(assignment)
        case .unassign(let user, let role):
            guard assignments.contains(where: { $0.user == user && $0.role == role }) else { throw .notFound("such assignment") }
            assignments.removeAll { $0.user == user && $0.role == role }
        case .setSeparation(let separation):
            separations.removeAll { $0.name == separation.name }
            separations.append(separation)
        case .removeSeparation(let name):
            guard separations.contains(where: { $0.name == name }) else { throw .notFound("such separation") }
            separations.removeAll { $0.name == name }
        }
        do throws(PolicyProblem) {
            return try Policy(roles: Array(roles.values), rules: rules, assignments: assignments, separations: separations)
        } catch {
            throw .invalid(error)
        }
    }

    /// Regions that somebody is given, and the denials that the same people are given or have with them.
    private typealias Given = (regions: [GrantRegion], companions: [GrantRegion])

    /// What a change that leads to this policy gives to people.
    ///
    /// A denial that is lifted gives all that it denied: more than that it cannot open.
    private func grants(of change: PolicyChange, before: Policy, at now: Int64) -> [Given] {
        switch change {
        case .createRole(let name, _): return [bringing(rules(broughtBy: name, at: now))]
        case .setParents(let name, _):
            let (old, new) = (before.rules(broughtBy: name, at: now), rules(broughtBy: name, at: now))
            let kept = Set(new)
            return [
                bringing(new),
                (old.filter { $0.effect == .deny && !kept.contains($0) }.map(GrantRegion.init(lifting:)), bringing(new).companions),
            ]
        case .setRule(let rule):
            let lifted = before.rules.filter { $0.id == rule.id && $0.effect == .deny && !isCovered($0, by: rule) }
            let granted = rule.effect == .permit ? [GrantRegion(rule)] : []
            return [(granted, denials(of: rule.subject, at: now))]
                + lifted.map { ([GrantRegion(lifting: $0)], denials(of: $0.subject, at: now)) }
        case .removeRule(let id):
            return before.rules.filter { $0.id == id && $0.effect == .deny }.map {
                ([GrantRegion(lifting: $0)], denials(of: $0.subject, at: now))
            }
        case .assign(let assignment):
            let granted = bringing(rules(broughtBy: assignment.role, at: now), atMost: assignment.expiresAt)
            // An end that comes earlier lifts what the role denies.
            let old = before.assignments.first { $0.user == assignment.user && $0.role == assignment.role }
            let isShorter = old.map { ($0.expiresAt ?? .max) > (assignment.expiresAt ?? .max) } ?? false
            return [granted] + (isShorter ? [(lifted(with: assignment.role, from: assignment.user, at: now), [])] : [])
        case .unassign(let user, let role): return [(lifted(with: role, from: user, at: now), [])]
        case .deleteRole, .setSeparation, .removeSeparation: return []
        }
    }

    private func bringing(_ rules: [Rule], atMost until: Int64? = nil) -> Given {
        func regions(_ effect: Effect) -> [GrantRegion] {
            rules.filter { $0.effect == effect }.map { GrantRegion($0, atMost: until) }
        }
        return (regions(.permit), regions(.deny))
    }

    private func denials(of subject: Subject, at now: Int64) -> [GrantRegion] {
        switch subject {
        case .role(let name): bringing(rules(broughtBy: name, at: now)).companions
        case .user: rules.filter { $0.subject == subject && $0.effect == .deny && ($0.expiresAt ?? .max) > now }.map { GrantRegion($0) }
        }
    }

    /// What somebody is no longer denied when a role goes that they have not by another way, as long.
    private func lifted(with role: String, from user: UserID, at now: Int64) -> [GrantRegion] {
        let remaining = Set(
            assignments.filter { $0.user == user && $0.role != role && $0.expiresAt == nil }.flatMap { inheritance.names(of: $0.role) })
        return rules(broughtBy: role, at: now).filter { rule in
            guard rule.effect == .deny, case .role(let name) = rule.subject else { return false }
            return !remaining.contains(name)
        }.map(GrantRegion.init(lifting:))
    }

    private func isCovered(_ old: Rule, by new: Rule) -> Bool {
        new.effect == .deny && new.subject == old.subject && GrantRegion(new).covers(GrantRegion(old))
    }
}
