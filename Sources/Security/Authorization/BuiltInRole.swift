// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors

/// The roles that every installation starts with.
public enum BuiltInRole: String, CaseIterable, Sendable {
    /// Operates the installation; exists only in the tenant `platform`.
    case superAdmin = "SUPER_ADMIN"
    /// Runs one tenant.
    case admin = "ADMIN"
    /// Oversees one tenant.
    case manager = "MANAGER"
    /// Takes and refunds payments.
    case billingAgent = "BILLING_AGENT"
    /// Answers customers.
    case supportAgent = "SUPPORT_AGENT"
    /// Looks after services.
    case technicalAgent = "TECHNICAL_AGENT"
    /// A customer of the tenant.
    case client = "CLIENT"
    /// Looks, and touches nothing.
    case readOnly = "READ_ONLY"

    /// What the role permits to start with, on everything; the database holds what it has become.
    ///
    /// `ADMIN` has all that the other roles of a tenant have: otherwise it could not give them to anybody.
    public var permissions: [String] {
        switch self {
        case .superAdmin:
            [
                "access_review.attest", "access_review.manage", "access_review.read", "audit.read", "network.manage", "plugin.manage",
                "role.manage", "role.read", "session.manage", "session.own",
                "tenant.act_as", "tenant.manage", "user.factor.policy", "user.factor.reset", "user.manage",
                "user.policy", "user.read",
            ]
        case .admin:
            [
                "access_review.attest", "access_review.manage", "access_review.read", "audit.read", "network.manage",
                "plugin.approve_capabilities", "plugin.configure", "plugin.enable", "plugin.invoke",
                "plugin.logs.read", "plugin.payment.resolve_unknown", "plugin.read", "role.manage", "role.read", "session.manage",
                "session.own", "user.factor.policy", "user.factor.reset", "user.manage",
                "user.policy", "user.read",
            ]
        case .manager:
            ["access_review.attest", "access_review.read", "plugin.read", "session.own"]
        case .supportAgent:
            ["plugin.read", "session.own"]
        case .billingAgent:
            ["plugin.invoke.payment", "plugin.payment.resolve_unknown", "plugin.read", "session.own"]
        case .technicalAgent, .client, .readOnly:
            ["session.own"]
        }
    }

    /// Whether the role may be given to somebody in this tenant.
    public func isAvailable(in tenant: TenantSlug) -> Bool {
        self != .superAdmin || tenant == .platform
    }

    /// The role and its rules as a new tenant gets them.
    package var definition: (role: Policy.Role, rules: [(id: String, action: String)]) {
        (Policy.Role(rawValue, isBuiltIn: true), permissions.map { ("\(rawValue):\($0)", $0) })
    }
}
