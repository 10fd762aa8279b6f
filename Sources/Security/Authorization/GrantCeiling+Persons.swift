// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors

extension GrantCeiling {
    /// Whether somebody holds nothing beyond this ceiling, so that whoever has it may take charge of their account.
    ///
    /// Who can change an account's address can become that person: that must not lead to more than one holds already.
    package func reaches(_ user: UserID, in policy: Policy, at now: Int64) -> Bool {
        let held = policy.held(by: user, at: now)
        func regions(_ effect: Policy.Effect) -> [GrantRegion] {
            held.filter { $0.rule.effect == effect }.map { GrantRegion($0.rule, atMost: $0.until) }
        }
        return refused(regions(.permit), alongside: regions(.deny)) == nil
    }
}

extension Policy {
    /// What a role, or a rule of somebody's own, gives and denies at a moment, for people to read.
    package func summary(ofRole name: String, at now: Int64) -> [String] { rules(broughtBy: name, at: now).map(Self.text).sorted() }

    /// The rules that a user has without a role.
    package func ownRules(of user: UserID, at now: Int64) -> [Rule] {
        rules.filter { $0.subject == .user(user) && ($0.expiresAt ?? .max) > now }
    }

    /// A rule in one line.
    package static func text(_ rule: Rule) -> String {
        let resources = rule.selector == .all ? "" : " on \(rule.selector)"
        return "\(rule.effect.rawValue) \(rule.action)\(resources)"
    }
}
