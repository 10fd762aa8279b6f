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

    /// The patterns that the role starts with; the database holds what it has become.
    public var permissions: [String] {
        switch self {
        case .superAdmin:
            ["audit.read", "plugin.manage", "session.own", "tenant.manage", "user.manage"]
        case .admin:
            [
                "audit.read", "plugin.approve_capabilities", "plugin.configure", "plugin.enable", "plugin.invoke",
                "plugin.logs.read", "plugin.read", "session.own", "user.manage",
            ]
        case .manager, .supportAgent:
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
}
