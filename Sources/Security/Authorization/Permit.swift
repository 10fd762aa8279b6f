// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors

/// Proof that one principal may perform one action inside one tenant.
///
/// Only ``Authorizer`` and ``SystemAuthority`` create permits: the initializer is internal to `Security`.
/// A function that takes a `Permit` cannot be reached without a decision.
public struct Permit: Hashable, Sendable {
    /// Who was allowed.
    public let principal: Principal
    /// What was allowed.
    public let action: Action
    /// Where it was allowed.
    public let scope: TenantScope
    /// On what it was allowed; nil for on everything.
    public let resource: Resource?

    init(principal: Principal, action: Action, scope: TenantScope, resource: Resource? = nil) {
        self.principal = principal
        self.action = action
        self.scope = scope
        self.resource = resource
    }

    /// Throws unless the permit is for a resource, by its kind and id, or for everything.
    public func require(_ resource: String) throws(Denial) {
        guard let mine = self.resource, mine.id != resource else { return }
        throw .missingPermission(action)
    }

    /// Throws unless the permit is for everything: what lists or searches names no resource.
    public func requireEverything() throws(Denial) {
        guard resource == nil else { throw .missingPermission(action) }
    }
}
