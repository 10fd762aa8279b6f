// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors

package import Security
import Values

/// The guests of one tenant: users that belong to an account elsewhere.
package struct MembershipRepository {
    /// What stands where a guest's password would be: no password fits it.
    package static let noPassword = "!"

    private let tx: TenantTransaction

    package init(_ tx: TenantTransaction) { self.tx = tx }

    /// Makes a user who waits to be accepted; one who was invited before, or was a guest once, is asked again, with what they hold by now.
    package func invite(_ id: UserID, email: String, at now: Int64) throws -> (user: UserID, isNew: Bool) {
        let email = UserRepository.normalized(email)
        let known = try tx.query(
            "SELECT id FROM users WHERE tenant_id = $1 AND email = $2 AND home_user IS NULL AND password_hash = $3",
            [tx.tenant, .text(email), .text(Self.noPassword)]
        ).first
        if let known { return (try known.id("id"), false) }
        let user = try UserRepository(tx).create(id: id, email: email, name: email, passwordHash: Self.noPassword, roles: [], at: now)
        try UserRepository(tx).setStatus(.suspended, of: user.id, at: now)
        return (user.id, true)
    }

    /// Makes an invited user of that address the guest of an account; false when there is none who waits.
    package func link(_ user: UserID, email: String, to home: HomeLink, at now: Int64) throws -> Bool {
        try tx.execute(
            """
            UPDATE users SET home_tenant = $5, home_user = $6, status = 'active', active_since = $7, epoch = epoch + 1, updated_at = $7
            WHERE tenant_id = $1 AND id = $2 AND email = $3 AND password_hash = $4 AND home_user IS NULL
            """,
            [
                tx.tenant, .text(user.description), .text(UserRepository.normalized(email)), .text(Self.noPassword),
                .text(home.tenant.description), .text(home.user.description), .int(now),
            ]) == 1
    }

    /// Ends a guest: without the link it is nobody, holds nothing, and only a new invitation makes it somebody again.
    package func unlink(_ user: UserID, of home: HomeLink, at now: Int64) throws -> Bool {
        try PolicyRepository(tx).beginChange()
        let changed = try tx.execute(
            """
            UPDATE users SET home_tenant = NULL, home_user = NULL, status = 'suspended', epoch = epoch + 1, updated_at = $5
            WHERE tenant_id = $1 AND id = $2 AND home_tenant = $3 AND home_user = $4
            """,
            [tx.tenant, .text(user.description), .text(home.tenant.description), .text(home.user.description), .int(now)])
        guard changed == 1 else { return false }
        let users = UserRepository(tx)
        try users.dropRights(of: user)
        try users.endSessions(of: user, at: now)
        return true
    }
}
