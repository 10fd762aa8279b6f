// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors

/// The authority of the host over its own installation: jobs, start-up, the local command line.
///
/// The composition root makes one and hands it to those services that act without a caller.
/// A request handler has none: it acts with the permit of whoever asked.
public struct SystemAuthority: Sendable {
    package init() {}

    /// Lets the host act across tenants.
    public func platform(_ reason: String) -> PlatformScope {
        PlatformScope(reason: reason)
    }

    /// Lets a job perform one action inside one tenant; the audit trail names it `system:<job>`.
    public func permit(_ action: Action, in tenant: TenantID, as job: String) -> Permit {
        let principal = Principal(
            kind: .system(job), tenant: tenant, slug: .system, session: nil,
            permissions: Rights(PermissionSet(patterns: [action.rawValue])), name: job)
        return Permit(principal: principal, action: action, scope: TenantScope(tenant))
    }
}
