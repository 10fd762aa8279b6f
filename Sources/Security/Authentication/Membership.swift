// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors

/// The account that a user of another tenant belongs to: the guest has roles and an epoch of its own, and no password.
package struct HomeLink: Sendable, Hashable {
    package let tenant: TenantID
    package let user: UserID

    package init(tenant: TenantID, user: UserID) { (self.tenant, self.user) = (tenant, user) }
}

/// The session at home behind a guest's: whatever ends it, or has changed the account since, ends the guest's as well.
package struct SessionOrigin: Sendable, Hashable {
    package let session: SessionID
    /// The epoch that the home account had.
    package let epoch: Int64

    package init(session: SessionID, epoch: Int64) { (self.session, self.epoch) = (session, epoch) }
}

/// A tenant where somebody can work, by their home account or as a guest.
package struct Membership: Sendable, Hashable {
    package let tenant: TenantID
    package let slug: TenantSlug
    package let name: String
    package let user: UserID
    package let isHome: Bool

    package init(tenant: TenantID, slug: TenantSlug, name: String, user: UserID, isHome: Bool) {
        (self.tenant, self.slug, self.name, self.user, self.isHome) = (tenant, slug, name, user, isHome)
    }
}

/// What memberships need of the database.
package protocol MembershipStore: Sendable {
    /// Where an account can work now: its home first, then by slug.
    func memberships(_ scope: PlatformScope, of home: HomeLink) async throws -> [Membership]

    /// The account that somebody of this home has in the tenant of a slug: the home account itself there, a guest elsewhere.
    func member(_ scope: PlatformScope, slug: TenantSlug, of home: HomeLink) async throws -> AccountRecord?

    /// The e-mail address of a user.
    func email(_ scope: TenantScope, of user: UserID) async throws -> String?

    /// Uses an invitation up for a home account of the same address, and makes the invited user its guest; nil when any of that does not fit.
    func acceptMembership(
        _ scope: TenantScope, token: [UInt8], email: String, home: HomeLink, now: Int64, audit: @escaping @Sendable (UserID) -> AuditEvent
    ) async throws -> UserID?

    /// Ends a guest for good, with its sessions; false when there is none of this home.
    func endMembership(_ scope: TenantScope, user: UserID, home: HomeLink, now: Int64, audit: AuditEvent) async throws -> Bool
}
