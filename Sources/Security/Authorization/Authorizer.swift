// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors

/// Decides whether a principal may do something.
///
/// Pure: everything it looks at is in the principal.
public struct Authorizer: Sendable {
    /// An authorizer has nothing to set.
    public init() {}

    /// Decides about an action inside the tenant that a path names by slug or id.
    ///
    /// The tenant of the permit is the principal's own in every case; the path can only agree with it.
    public func authorize(
        _ principal: Principal, to action: Action, on resource: Resource? = nil, in tenant: String
    ) throws(Denial) -> Permit {
        guard isAtHome(principal, in: tenant) else { throw .foreignTenant }
        return try authorize(principal, to: action, on: resource)
    }

    /// Whether the tenant that a path names is the principal's own.
    public func isAtHome(_ principal: Principal, in tenant: String) -> Bool {
        tenant == principal.slug.description || tenant == principal.tenant.description
    }

    /// Decides about an action inside the principal's own tenant.
    ///
    /// Without a resource, only what is permitted on everything is permitted, and what is denied on anything is denied.
    public func authorize(
        _ principal: Principal, to action: Action, on resource: Resource? = nil
    ) throws(Denial) -> Permit {
        try principal.requireNoGap()
        switch principal.permissions.decide(action, on: resource) {
        case .permitted:
            try principal.assurance?.require(for: action)
            return Permit(principal: principal, action: action, scope: TenantScope(principal.tenant), resource: resource)
        case .denied: throw .deniedByRule(action)
        case .unmatched: throw .missingPermission(action)
        }
    }

    /// Lets the holder of a permit act on the installation itself, such as install a plugin.
    ///
    /// Only permits of the tenant `platform` do: the same permission in a customer's tenant stays inside that tenant.
    public func platform(_ permit: Permit) throws(Denial) -> PlatformScope {
        guard permit.principal.slug == .platform else { throw .platformOnly(permit.action) }
        return PlatformScope(reason: "\(permit.action) by \(permit.principal.actor)")
    }
}
