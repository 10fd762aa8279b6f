// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors

/// Proof that the rows of one tenant may be touched.
///
/// Only `Security` makes scopes, from a verified identity. A repository asks for one, so a query
/// without a tenant does not compile.
public struct TenantScope: Hashable, Sendable {
    /// The tenant whose rows these are.
    public let tenant: TenantID

    init(_ tenant: TenantID) {
        self.tenant = tenant
    }
}

/// Proof that the host itself acts across tenants: a sign-in look-up, a job, the start.
public struct PlatformScope: Hashable, Sendable {
    /// Why, in a few words, for the log.
    public let reason: String

    init(reason: String) {
        self.reason = reason
    }
}
