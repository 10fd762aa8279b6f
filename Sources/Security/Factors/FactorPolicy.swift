// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors

public import Values

/// What one tenant wants of second factors: who must have one, and for what it has to be fresh.
public struct FactorPolicy: Hashable, Sendable {
    /// One action, with everything below it, and how old a factor may be for it.
    public struct StepUp: Hashable, Sendable {
        /// For what.
        public let action: ActionPattern
        /// Seconds since the factor was shown, at most.
        public let maximumAge: Int64

        /// A rule.
        public init(_ action: ActionPattern, maximumAge: Int64) {
            (self.action, self.maximumAge) = (action, maximumAge)
        }
    }

    /// Whom the step-up rules bind.
    public enum Reach: String, Hashable, Sendable, CaseIterable {
        /// Users that have a factor.
        case enrolled
        /// Everybody: whoever has none gets one first.
        case everybody
    }

    /// Whoever has one of these roles, also by inheritance, must have a factor and show it.
    public var requiredRoles: Set<String>
    /// For what a factor must be fresh.
    public var stepUps: [StepUp]
    /// Whom that binds.
    public var reach: Reach
    /// Days that a device may be remembered instead of a factor; 0 for not at all.
    public var trustedDeviceDays: Int64

    /// A policy.
    public init(requiredRoles: Set<String> = [], stepUps: [StepUp], reach: Reach = .enrolled, trustedDeviceDays: Int64 = 30) {
        self.requiredRoles = requiredRoles
        self.stepUps = stepUps
        self.reach = reach
        self.trustedDeviceDays = trustedDeviceDays
    }

    /// What holds where a tenant has said nothing: nobody must have a factor, and whoever has one shows it again before dangerous actions.
    public static let standard = FactorPolicy(
        stepUps: [
            Action.roleManage, .userManage, .factorReset, .factorPolicy, .pluginConfigure, .pluginApproveCapabilities, .pluginInstall,
            .pluginUninstall, .networkManage, .tenantActAs, .tenantManage, .userPolicy, .accessReviewManage,
        ].compactMap { action in (try? ActionPattern(action.rawValue)).map { StepUp($0, maximumAge: 900) } })

    /// How old a factor may be for an action; nil when it needs none. The strictest rule counts.
    public func maximumAge(for action: Action) -> Int64? {
        stepUps.filter { $0.action.covers(action) }.map(\.maximumAge).min()
    }

    /// As it is stored and shown.
    public var value: Value {
        [
            "required_roles": .array(requiredRoles.sorted().map(Value.string)),
            "step_up_for": .string(reach.rawValue),
            "step_up": .array(
                stepUps.map { ["action": .string($0.action.description), "max_age_s": .int($0.maximumAge)] }),
            "trusted_device_days": .int(trustedDeviceDays),
        ]
    }

    /// Reads a policy; every member is needed, and nothing else may stand there.
    public init(_ value: Value) throws(PolicyProblem) {
        guard let members = value.mapValue, Set(members.keys) == ["required_roles", "step_up_for", "step_up", "trusted_device_days"] else {
            throw PolicyProblem("a factor policy has exactly required_roles, step_up_for, step_up and trusted_device_days")
        }
        let roles = (members["required_roles"]?.arrayValue ?? [.null]).map(\.stringValue)
        guard roles.count <= 64, roles.allSatisfy({ (1...64).contains($0?.utf8.count ?? 0) }) else {
            throw PolicyProblem("required_roles: up to 64 names of roles")
        }
        guard let reach = members["step_up_for"]?.stringValue.flatMap(Reach.init(rawValue:)) else {
            throw PolicyProblem("step_up_for: 'enrolled' or 'everybody'")
        }
        guard let rules = members["step_up"]?.arrayValue, rules.count <= 64 else { throw PolicyProblem("step_up: up to 64 rules") }
        var stepUps: [StepUp] = []
        for rule in rules {
            guard let rule = rule.mapValue, Set(rule.keys) == ["action", "max_age_s"], let action = rule["action"]?.stringValue,
                let age = rule["max_age_s"]?.intValue, (30...86_400).contains(age)
            else { throw PolicyProblem("step_up: each rule has an action and max_age_s, 30 to 86400 seconds") }
            stepUps.append(StepUp(try ActionPattern(action), maximumAge: age))
        }
        guard let days = members["trusted_device_days"]?.intValue, (0...90).contains(days) else {
            throw PolicyProblem("trusted_device_days: 0 to 90")
        }
        self.init(requiredRoles: Set(roles.compactMap(\.self)), stepUps: stepUps, reach: reach, trustedDeviceDays: days)
    }
}
