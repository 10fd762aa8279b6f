// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors

/// What somebody wants to do, as `resource.action` in lower-case segments.
public struct Action: RawRepresentable, Hashable, Sendable, CustomStringConvertible {
    /// The dotted name.
    public let rawValue: String

    /// Names an action; that it exists is decided by whoever asks for it.
    public init(rawValue: String) {
        self.rawValue = rawValue
    }

    /// The dotted name.
    public var description: String { rawValue }
}

extension Action {
    /// See which plugins there are and how they are set up; never a secret.
    public static let pluginRead = Action(rawValue: "plugin.read")
    /// Bring a plugin into the installation.
    ///
    /// Platform only.
    public static let pluginInstall = Action(rawValue: "plugin.install")
    /// Take a plugin out of the installation.
    ///
    /// Platform only.
    public static let pluginUninstall = Action(rawValue: "plugin.uninstall")
    /// Stop a plugin's program for every tenant at once, and let it run again.
    ///
    /// Platform only.
    public static let pluginKill = Action(rawValue: "plugin.kill")
    /// Switch a plugin on or off for a tenant.
    public static let pluginEnable = Action(rawValue: "plugin.enable")
    /// Write a plugin's settings and secrets, and test them.
    public static let pluginConfigure = Action(rawValue: "plugin.configure")
    /// Agree to what a plugin asks to be allowed.
    public static let pluginApproveCapabilities = Action(rawValue: "plugin.approve_capabilities")
    /// Call any operation of any plugin.
    public static let pluginInvoke = Action(rawValue: "plugin.invoke")
    /// Call operations of payment gateways.
    public static let invokePayment = Action(rawValue: "plugin.invoke.payment")
    /// Call operations of second factors.
    public static let invokeTwoFactor = Action(rawValue: "plugin.invoke.two_factor")
    /// Call operations of notifiers.
    public static let invokeNotifier = Action(rawValue: "plugin.invoke.notifier")
    /// Hand a provider's verified webhook to its plugin.
    public static let invokeWebhook = Action(rawValue: "plugin.invoke.webhook")
    /// Read what plugins logged.
    public static let pluginLogsRead = Action(rawValue: "plugin.logs.read")
    /// Feed a plugin past events again.
    public static let pluginEventsReplay = Action(rawValue: "plugin.events.replay")
    /// Decide what became of a payment whose outcome is unknown.
    public static let resolveUnknownPayment = Action(rawValue: "plugin.payment.resolve_unknown")
    /// Take a user's second factors away, for one who has lost them.
    public static let factorReset = Action(rawValue: "user.factor.reset")
    /// Set up and remove one's own second factors: everybody's, so no rule asks for it.
    package static let factorOwn = Action(rawValue: "factor.own")
    /// Decide who must have a second factor, and for what it has to be fresh.
    public static let factorPolicy = Action(rawValue: "user.factor.policy")
    /// All of `plugin.*`.
    public static let pluginManage = Action(rawValue: "plugin.manage")
    /// Read the audit trail.
    public static let auditRead = Action(rawValue: "audit.read")
    /// Create and suspend tenants.
    ///
    /// Platform only.
    public static let tenantManage = Action(rawValue: "tenant.manage")
    /// Act in a customer's tenant, for a while and a reason.
    ///
    /// Platform only.
    public static let tenantActAs = Action(rawValue: "tenant.act_as")
    /// Say from which addresses, and with which sites' pages, the tenant is used.
    public static let networkManage = Action(rawValue: "network.manage")
    /// See who has an account and what has become of it.
    public static let userRead = Action(rawValue: "user.read")
    /// Invite, change, suspend and delete users, withdraw keys, and give roles.
    public static let userManage = Action(rawValue: "user.manage")
    /// Decide what accounts go by: rules for passwords, how long one may lie unused, and by which way tokens reach their owners.
    ///
    /// More than `user.manage`: who chooses that way can take any account over.
    public static let userPolicy = Action(rawValue: "user.policy")
    /// See the reviews of who holds what.
    public static let accessReviewRead = Action(rawValue: "access_review.read")
    /// Decide, as a reviewer, what others keep.
    public static let accessReviewAttest = Action(rawValue: "access_review.attest")
    /// Begin reviews and close them; what is taken away by that needs the permission for it besides.
    public static let accessReviewManage = Action(rawValue: "access_review.manage")
    /// See the roles, the rules and who has what.
    public static let roleRead = Action(rawValue: "role.read")
    /// Change roles, rules and constraints, within what one holds.
    public static let roleManage = Action(rawValue: "role.manage")
    /// See and end the sessions of others, and say how long sessions last.
    public static let sessionManage = Action(rawValue: "session.manage")
    /// Look at and end one's own sessions.
    public static let sessionOwn = Action(rawValue: "session.own")
}
