// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors

package import Security
import Values

extension Host {
    /// The decision about one call: a permit, or a denial that stands in the caller's audit trail.
    ///
    /// - Parameter tenant: slug or id from the path; nil for what belongs to the caller's own tenant.
    package func admit(_ principal: Principal, to action: Action, in tenant: String?, at origin: CallOrigin) async throws -> Permit {
        do {
            return if let tenant {
                try authorizer.authorize(principal, to: action, in: tenant)
            } else {
                try authorizer.authorize(principal, to: action)
            }
        } catch {
            // The other tenant's trail learns nothing of it, and what was asked for is cut to a bounded text.
            let resource = tenant.map { "tenant:\($0.prefix(63))" } ?? "tenant:own"
            try await audit.recordDenial(error, of: principal, action: action, resource: resource, origin)
            throw error
        }
    }
}
