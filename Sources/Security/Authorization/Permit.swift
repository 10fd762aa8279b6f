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

    init(principal: Principal, action: Action, scope: TenantScope) {
        self.principal = principal
        self.action = action
        self.scope = scope
    }
}
