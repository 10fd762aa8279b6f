// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors

/// How surely the user of a session is who they say, at the moment of a request.
public struct Assurance: Hashable, Sendable {
    /// What is missing before anything else may be done.
    public enum Gap: Hashable, Sendable {
        /// The tenant wants a factor of the user, who has none.
        case enrolment
        /// The tenant wants a factor of the user, who has not shown it in this session.
        case factor
    }

    /// How they proved it, such as `pwd`, `otp`.
    public let methods: [String]
    /// When they signed in, in milliseconds.
    public let authenticatedAt: Int64
    /// When they last showed a second factor, in milliseconds.
    public let factorAt: Int64?
    /// Whether they have one.
    public let hasFactor: Bool
    /// Whether the tenant wants one of them.
    public let isFactorRequired: Bool
    /// The moment that ages are counted to.
    let now: Int64
    private let policy: FactorPolicy

    /// The word for a device that the user told the host to remember.
    static let trustedDevice = "device"
    /// The word for a new device that the user has confirmed; it stands in for no factor.
    static let confirmedDevice = "device_confirmed"

    package init(
        methods: [String], authenticatedAt: Int64, factorAt: Int64?, hasFactor: Bool, isFactorRequired: Bool, policy: FactorPolicy,
        now: Int64
    ) {
        (self.methods, self.authenticatedAt, self.factorAt) = (methods, authenticatedAt, factorAt)
        (self.hasFactor, self.isFactorRequired, self.policy, self.now) = (hasFactor, isFactorRequired, policy, now)
    }

    /// Nil when the session may be used for what the user's rights allow.
    public var gap: Gap? {
        guard isFactorRequired else { return nil }
        guard hasFactor else { return .enrolment }
        let isRemembered = policy.trustedDeviceDays > 0 && methods.contains(Self.trustedDevice)
        return factorAt != nil || isRemembered ? nil : .factor
    }

    /// Whether a factor was shown in the last so many seconds.
    ///
    /// A time that lies ahead is no proof of anything.
    public func hasShownFactor(within seconds: Int64) -> Bool { factorAt.map { isRecent($0, seconds) } ?? false }

    /// Whether the user signed in, or showed a factor, in the last so many seconds.
    public func isFresh(within seconds: Int64) -> Bool { isRecent(authenticatedAt, seconds) || hasShownFactor(within: seconds) }

    private func isRecent(_ moment: Int64, _ seconds: Int64) -> Bool { moment <= now && now - moment <= seconds * 1000 }

    /// Refuses an action that wants more than was shown.
    func require(for action: Action) throws(Denial) {
        guard let age = policy.maximumAge(for: action), hasFactor || policy.reach == .everybody, !hasShownFactor(within: age) else {
            return
        }
        throw .stepUpRequired(maximumAge: age)
    }
}

extension Principal {
    /// Refuses a user whose tenant wants a second factor that was not shown yet.
    package func requireNoGap() throws(Denial) {
        switch assurance?.gap {
        case .enrolment: throw .factorMissing
        case .factor: throw .stepUpRequired(maximumAge: nil)
        case nil: break
        }
    }
}

extension PolicySnapshot {
    /// Whether a user has one of these roles, directly or by inheritance.
    func hasRole(_ who: PolicySubject, among roles: Set<String>) -> Bool {
        roles.contains { name in policy.inheritance.numbers[name].map(who.subjects.contains) ?? false }
    }
}
