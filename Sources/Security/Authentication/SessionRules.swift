// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors

/// How long the sessions of a tenant last, and how many a user may have at once.
///
/// The installation's are the maximum; a tenant's own are stricter or change nothing.
public struct SessionRules: Sendable, Hashable {
    /// What happens to a sign-in when its user has as many sessions as may be.
    public enum WhenFull: String, Sendable, Hashable, CaseIterable {
        /// The session that was not used for the longest time is ended.
        case endOldest = "end_oldest"
        /// The sign-in is refused.
        case refuse
    }

    /// What becomes of a sign-in from a device that its user has not signed in with before.
    public enum NewDevices: String, Sendable, Hashable, CaseIterable {
        /// Its owner is told.
        case notify
        /// Whoever has no second factor shows a token that was sent to their own address.
        case confirm
    }

    /// How long one session lasts.
    public struct Limits: Sendable, Hashable {
        /// Milliseconds after its last use.
        public var idle: Int64
        /// Milliseconds after the sign-in, whatever happens.
        public var lifetime: Int64

        /// Limits in milliseconds.
        public init(idle: Int64, lifetime: Int64) {
            (self.idle, self.lifetime) = (idle, lifetime)
        }

        func within(_ maximum: Limits) -> Limits { Limits(idle: min(idle, maximum.idle), lifetime: min(lifetime, maximum.lifetime)) }
    }

    /// Of those who hold no `….manage` permission.
    public var usual: Limits
    /// Of whoever holds one.
    public var administrators: Limits
    /// Sessions of one user at once.
    public var concurrent: Int64
    /// What happens when there are as many.
    public var whenFull: WhenFull
    /// What becomes of sign-ins from new devices.
    public var newDevices: NewDevices

    /// Rules of a tenant, or of the installation.
    public init(usual: Limits, administrators: Limits, concurrent: Int64, whenFull: WhenFull, newDevices: NewDevices = .notify) {
        self.usual = usual
        self.administrators = administrators
        self.concurrent = concurrent
        self.whenFull = whenFull
        self.newDevices = newDevices
    }

    /// 14 days idle and 30 in all; administrators 15 minutes and 12 hours; ten sessions, of which the oldest makes room.
    public static let standard = SessionRules(
        usual: Limits(idle: 14 * day, lifetime: 30 * day), administrators: Limits(idle: 15 * minute, lifetime: 12 * 60 * minute),
        concurrent: 10, whenFull: .endOldest)

    /// How far from each other two notes of a session's use are at least: by so much it may end early.
    package static let noting: Int64 = minute
    static let shortestIdle = 2 * minute
    private static let minute: Int64 = 60_000
    private static let day: Int64 = 86_400_000

    /// What is in force where these are asked for and others are the maximum.
    public func within(_ maximum: SessionRules) -> SessionRules {
        SessionRules(
            usual: usual.within(maximum.usual), administrators: administrators.within(maximum.administrators),
            concurrent: min(concurrent, maximum.concurrent), whenFull: maximum.whenFull == .refuse ? .refuse : whenFull,
            newDevices: maximum.newDevices == .confirm ? .confirm : newDevices)
    }

    /// What applies to a user.
    func limits(isAdministrator: Bool) -> Limits { isAdministrator ? administrators.within(usual) : usual }

    /// Says what is wrong with rules that somebody asks for; nil when nothing is.
    func problem(within maximum: SessionRules) -> String? {
        for (name, asked, most) in [("", usual, maximum.usual), ("admin_", administrators, maximum.administrators)] {
            guard (Self.shortestIdle...most.idle).contains(asked.idle) else {
                return "\(name)idle_seconds: use \(Self.shortestIdle / 1000) to \(most.idle / 1000)"
            }
            guard (asked.idle...most.lifetime).contains(asked.lifetime) else {
                return "\(name)lifetime_seconds: use at least \(name)idle_seconds, and at most \(most.lifetime / 1000)"
            }
        }
        guard (1...maximum.concurrent).contains(concurrent) else { return "concurrent: use 1 to \(maximum.concurrent)" }
        return nil
    }
}
