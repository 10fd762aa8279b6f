// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors

package import Security
import Values

extension Host {
    /// The decision about one call: a permit, or a denial that stands in the caller's audit trail.
    ///
    /// - Parameters:
    ///   - tenant: slug or id from the path; nil for what belongs to the caller's own tenant.
    ///   - name: what the request is about; nil for what names nothing, such as a list, which only a rule about everything permits.
    ///   - isRepeated: whether the same request was let in before, so that its act stands in the trail already.
    package func admit(
        _ principal: Principal, to action: Action, in tenant: String?, on name: ResourceName? = nil, at origin: CallOrigin,
        isRepeated: Bool = false
    ) async throws -> Permit {
        let tenant = tenant ?? principal.slug.description
        let permit: Permit
        do {
            // What is permitted on everything is permitted whatever it is; only for the rest it is looked up.
            let isOpen = principal.permissions.covers(action)
            var resource: Resource?
            if let name, !isOpen, principal.permissions.dependOnResources, authorizer.isAtHome(principal, in: tenant) {
                let scope = authority.permit(action, in: principal.tenant, as: "admission").scope
                resource = try await self.resource(name, for: principal, in: scope)
            }
            // Before the decision: a rule that denies is used as well.
            if authorizer.isAtHome(principal, in: tenant) { usage.note(principal, action, on: resource) }
            permit = try authorizer.authorize(principal, to: action, on: resource, in: tenant)
        } catch let denial as Denial {
            // The other tenant's trail learns nothing of it, and what was asked for is cut to a bounded text.
            let isForeign = denial == .foreignTenant
            let about = isForeign || name == nil ? "tenant:\(tenant.prefix(63))" : "\(name?.id.prefix(120) ?? "")"
            try await audit.recordDenial(denial, of: principal, action: action, resource: about, origin)
            throw denial
        }
        // What an operator does in a tenant stands in its trail, also where it only looks.
        if principal.isActing, !isRepeated { try await audit.recordAct(of: principal, action, permit.scope, origin) }
        return permit
    }

    /// Records that something about one's own account was refused.
    package func recordDenial(_ denial: Denial, of principal: Principal, _ origin: CallOrigin) async throws {
        try await audit.recordDenial(denial, of: principal, action: .sessionOwn, resource: "tenant:own", origin)
    }

    /// Runs what may be refused although the caller holds the permission, such as an act on the whole installation; that, too, stands in the trail.
    package func recordingDenial<T>(
        of permit: Permit, on resource: String = "installation", at origin: CallOrigin, _ body: () async throws -> T
    ) async throws -> T {
        do {
            return try await body()
        } catch let denial as Denial {
            try await audit.recordDenial(denial, of: permit.principal, action: permit.action, resource: resource, origin)
            throw denial
        }
    }
}
