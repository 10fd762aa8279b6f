// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors

package import Security
import Storage
import Values

/// Somebody who may decide about tenants: an administrator of the platform, or the owner at the command line.
package struct TenantOperator: Sendable {
    let platform: PlatformScope
    /// The operators' own tenant, whose trail tells of everything.
    let trail: TenantID
    private let actor: String
    private let isLocal: Bool

    /// An administrator with a permit of the platform's own tenant; a permit of any other tenant is refused.
    package init(_ permit: Permit) throws {
        guard permit.action == .tenantManage else { throw Denial.missingPermission(.tenantManage) }
        platform = try Authorizer().platform(permit)
        (trail, actor, isLocal) = (permit.scope.tenant, permit.principal.actor, false)
    }

    /// The owner of the installation at the command line.
    package init(commandLineOf authority: SystemAuthority, trail: TenantID) {
        platform = authority.platform("manage tenants")
        self.trail = trail
        (actor, isLocal) = (authority.permit(.tenantManage, in: trail, as: "cli").principal.actor, true)
    }

    /// How the trail of another tenant names them.
    var actorElsewhere: String { isLocal ? actor : "\(actor)@\(TenantSlug.platform)" }

    /// The events of one act: in the operators' trail, and in the tenant's, where the actor is named with where they belong.
    func events(_ tenant: TenantID, _ slug: TenantSlug, _ detail: [String: Value], _ trace: CallOrigin) -> [AuditEvent] {
        func event(_ trail: TenantID, _ actor: String, _ detail: [String: Value], _ address: String?) -> AuditEvent {
            AuditEvent(
                tenant: trail, actor: actor, action: Action.tenantManage.rawValue, resource: "tenant:\(tenant)", outcome: .success,
                detail: detail, correlation: trace.correlation, address: address)
        }
        let own = event(trail, actor, detail.merging(["slug": .string(slug.description)]) { own, _ in own }, trace.address)
        guard tenant != trail else { return [own] }
        return [own, event(tenant, actorElsewhere, detail, nil)]
    }
}

/// Why something is done to a tenant, and for what cannot be undone the slug once more, typed by hand.
package struct TenantOrder: Sendable {
    package let slug: TenantSlug
    let reason: String
    private let confirmation: String?

    package init(_ slug: TenantSlug, reason: String, confirmation: String? = nil) throws(HostError) {
        guard !reason.isEmpty, reason.count <= 200, reason.contains(where: { !$0.isWhitespace }),
            !reason.unicodeScalars.contains(where: { $0.properties.generalCategory == .control })
        else {
            throw HostError(
                .invalidRequest, "a reason is needed",
                fields: [.init(field: "reason", message: "must be one line of 1 to 200 characters; it stands in the audit trails")])
        }
        (self.slug, self.reason, self.confirmation) = (slug, reason, confirmation)
    }

    func requireConfirmation() throws(HostError) {
        guard confirmation == slug.description else {
            throw HostError(
                .invalidRequest, "what cannot be undone is confirmed with the tenant's slug",
                fields: [.init(field: "confirm", message: "must be \(slug)")])
        }
    }
}
