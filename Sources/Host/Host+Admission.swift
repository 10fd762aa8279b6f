// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors

package import Security
import Values

extension Host {
    /// The decision about one call: a permit, or a denial that stands in the caller's audit trail.
    ///
    /// - Parameter tenant: slug or id from the path; nil for what belongs to the caller's own tenant.
    package func admit(_ principal: Principal, to action: Action, in tenant: String?, at origin: CallOrigin) async throws -> Permit {
        let permit: Permit
        do {
            permit =
                if let tenant {
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
        // What an operator does in a tenant stands in its trail, also where it only looks.
        if principal.isActing { try await audit.recordAct(of: permit, origin) }
        return permit
    }

    /// Records that something about one's own account was refused.
    package func recordDenial(_ denial: Denial, of principal: Principal, _ origin: CallOrigin) async throws {
        try await audit.recordDenial(denial, of: principal, action: .sessionOwn, resource: "tenant:own", origin)
    }

    /// Runs what may be refused although the caller holds the permission, such as an act on the whole installation; that, too, stands in the trail.
    package func recordingDenial<T>(of permit: Permit, at origin: CallOrigin, _ body: () async throws -> T) async throws -> T {
        do {
            return try await body()
        } catch let denial as Denial {
            try await audit.recordDenial(denial, of: permit.principal, action: permit.action, resource: "installation", origin)
            throw denial
        }
    }
}
