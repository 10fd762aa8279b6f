// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors

/// An operator of the installation inside a tenant, for a while and for a reason that stands in the tenant's trail.
public struct ActingOperator: Hashable, Sendable {
    /// The user of the platform's tenant.
    public let user: UserID
    /// The event in the tenant's trail that says who acts, why and until when.
    public let reason: EventID
    /// The role of the tenant's policy whose rights they have.
    public let role: String
    /// When it ends at the latest.
    public let until: Int64

    init(user: UserID, reason: EventID, role: String, until: Int64) {
        (self.user, self.reason, self.role, self.until) = (user, reason, role, until)
    }

    /// What no operator does in a tenant, whatever its role permits.
    ///
    /// Accounts, credentials, second factors, roles, and the rules for them, for sessions and for addresses outlast the act; when and on what
    /// the tenant's people are signed in is theirs; and who has and keeps what is decided by people of the tenant.
    static let withheld: [Action] = [
        .userManage, .userPolicy, .factorReset, .factorPolicy, .sessionOwn, .sessionManage, .roleManage, .networkManage,
        .accessReviewAttest, .accessReviewManage, .tenantManage, .tenantActAs,
    ]

    private static let withheldSet = PermissionSet(patterns: withheld.map(\.rawValue))

    static func withholds(_ action: Action) -> Bool { withheldSet.covers(action) }
}

/// One act as it stands now, with everything that decides about a request under it.
package struct ActingRecord: Sendable, Hashable {
    package var id: SessionID
    package var tenant: TenantID
    package var slug: TenantSlug
    /// The operators' own tenant.
    package var operatorTenant: TenantID
    package var user: UserID
    /// The operator's name, for people.
    package var name: String
    /// The session of the operator that the act began in, and ends with.
    package var session: SessionID
    package var reason: EventID
    package var reasonText: String
    package var createdAt: Int64
    package var expiresAt: Int64
    package var endedAt: Int64?
    /// Whether the tenant, the operator and the operator's session are all alive.
    package var isAlive: Bool
    /// The role that the tenant lets operators act with now; nil where it forbids it.
    package var role: String?
    /// Goes up with whatever changes of the tenant, the operator or the operators' tenant.
    package var epoch: Int64
    /// Which state of the tenant's policy is in force.
    package var policy: String

    package init(
        id: SessionID, tenant: TenantID, slug: TenantSlug, operatorTenant: TenantID, user: UserID, name: String, session: SessionID,
        reason: EventID, reasonText: String, createdAt: Int64, expiresAt: Int64, endedAt: Int64?, isAlive: Bool, role: String?,
        epoch: Int64, policy: String
    ) {
        (self.id, self.tenant, self.slug, self.operatorTenant) = (id, tenant, slug, operatorTenant)
        (self.user, self.name, self.session, self.reason, self.reasonText) = (user, name, session, reason, reasonText)
        (self.createdAt, self.expiresAt, self.endedAt, self.isAlive) = (createdAt, expiresAt, endedAt, isAlive)
        (self.role, self.epoch, self.policy) = (role, epoch, policy)
    }

    /// How the trail of the tenant names who acts.
    package var actor: String { Self.actor(user, slug, reason) }

    static func actor(_ user: UserID, _ slug: TenantSlug, _ reason: EventID) -> String {
        "user:\(user)@\(TenantSlug.platform) acting in \(slug) under \(reason)"
    }

    /// Whether it holds at a moment.
    package func isLive(at now: Int64) -> Bool { isAlive && role != nil && endedAt == nil && now < expiresAt }
}

/// An act to begin.
package struct NewActing: Sendable {
    package let id: SessionID
    package let operatorTenant: TenantID
    package let user: UserID
    package let session: SessionID
    package let reason: EventID
    package let reasonText: String
    package let createdAt: Int64
    package let expiresAt: Int64
}

/// What acting needs of the database.
///
/// It is beside all tenants: neither side may see the other's rows.
package protocol ActingStore: Sendable {
    /// Begins an act; nil when there is no such tenant in service, or it forbids it.
    func beginActing(
        _ scope: PlatformScope, in slug: TenantSlug, _ acting: NewActing, audit: @escaping @Sendable (ActingRecord) -> [AuditEvent]
    ) async throws -> ActingRecord?

    /// One act of a tenant.
    func acting(_ scope: PlatformScope, tenant: TenantID, id: SessionID) async throws -> ActingRecord?

    /// The acts that are neither ended nor over.
    func runningActs(_ scope: PlatformScope, now: Int64) async throws -> [ActingRecord]

    /// Ends acts: one, or all whose time is over; answers which ones were still open, each with its events appended.
    func endActs(
        _ scope: PlatformScope, _ which: ActingChoice, now: Int64, by actor: String,
        audit: @escaping @Sendable (ActingRecord) -> [AuditEvent]
    ) async throws -> [ActingRecord]
}

/// Which acts are meant.
package enum ActingChoice: Sendable, Hashable {
    case only(SessionID)
    case ofTenant(TenantID)
    /// Whose time is over, or whose tenant, operator or session is gone.
    case over
}
