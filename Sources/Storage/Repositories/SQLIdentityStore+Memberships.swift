// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors

package import Security

extension SQLIdentityStore {
    package func memberships(_ scope: PlatformScope, of home: HomeLink) async throws -> [Membership] {
        try await database.platformReadOne(scope) { tx in
            try tx.query(
                """
                SELECT t.id AS tenant_id, t.slug, t.name, u.id, 1 AS home FROM users u JOIN tenants t ON t.id = u.tenant_id
                WHERE u.tenant_id = $1 AND u.id = $2 AND u.status = 'active' AND t.status = 'active'
                UNION ALL
                SELECT t.id AS tenant_id, t.slug, t.name, u.id, 0 AS home FROM users u JOIN tenants t ON t.id = u.tenant_id
                WHERE u.home_user = $2 AND u.home_tenant = $1 AND u.status = 'active' AND t.status = 'active'
                ORDER BY home DESC, slug
                """, [.text(home.tenant.description), .text(home.user.description)]
            ).map { row in
                Membership(
                    tenant: try row.id("tenant_id"), slug: try row.slug("slug"), name: try row["name"], user: try row.id("id"),
                    isHome: try row.int("home") == 1)
            }
        }
    }

    package func member(_ scope: PlatformScope, slug: TenantSlug, of home: HomeLink) async throws -> AccountRecord? {
        let all = try await memberships(scope, of: home)
        guard let membership = all.first(where: { $0.slug == slug }) else { return nil }
        return try await database.platformReadOne(scope) { tx in
            try tx.query(
                """
                SELECT u.name, u.epoch + t.epoch AS epoch, u.status, t.status AS tenant_status, \(AccountRecord.columns),
                    p.password_profile, p.dormant_days
                FROM users u JOIN tenants t ON t.id = u.tenant_id LEFT JOIN account_policies p ON p.tenant_id = u.tenant_id WHERE u.tenant_id = $1 AND u.id = $2
                """, [.text(membership.tenant.description), .text(membership.user.description)]
            ).first.map { row in
                var account = AccountRecord(
                    tenant: membership.tenant, slug: slug, user: membership.user, name: try row["name"],
                    passwordHash: MembershipRepository.noPassword,
                    isActive: try row.text("status") == "active" && row.text("tenant_status") == "active", epoch: try row["epoch"],
                    home: membership.isHome ? nil : home)
                try account.read(rules: row, user: row)
                return account
            }
        }
    }

    package func email(_ scope: TenantScope, of user: UserID) async throws -> String? {
        try await database.readOne(scope) { tx in
            try tx.query("SELECT email FROM users WHERE tenant_id = $1 AND id = $2", [tx.tenant, .text(user.description)]).first.map {
                try $0.text("email")
            }
        }
    }

    package func acceptMembership(
        _ scope: TenantScope, token: [UInt8], email: String, home: HomeLink, now: Int64, audit: @escaping @Sendable (UserID) -> AuditEvent
    ) async throws -> UserID? {
        struct DoesNotFit: Error {}
        do {
            return try await database.transaction(scope) { tx in
                guard let invitation = try OneTimeTokenRepository(tx).use(token, .invitation, now: now), let user = invitation.user,
                    try MembershipRepository(tx).link(user, email: email, to: home, at: now)
                else { throw DoesNotFit() }  // undone: somebody else's attempt does not use the invitation up
                try tx.append(audit(user))
                return user
            }
        } catch is DoesNotFit {
            return nil
        }
    }

    package func endMembership(_ scope: TenantScope, user: UserID, home: HomeLink, now: Int64, audit: AuditEvent) async throws -> Bool {
        try await database.transaction(scope) { tx in
            guard try MembershipRepository(tx).unlink(user, of: home, at: now) else { return false }
            try tx.append(audit)
            return true
        }
    }
}
