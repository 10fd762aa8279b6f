// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors

package import Security
import Values

/// A person of a tenant, without the password.
package struct UserRecord: Sendable, Hashable {
    package enum Status: String, Sendable, Hashable {
        case active, deactivated
    }

    package var id: UserID
    /// Lower case: what the person signs in with.
    package var email: String
    package var name: String
    package var status: Status
    package var roles: [String]
    package var createdAt: Int64
}

/// The users of one tenant, and the roles they have.
package struct UserRepository {
    private let tx: TenantTransaction

    package init(_ tx: TenantTransaction) { self.tx = tx }

    /// How e-mail addresses are stored and looked up: one spelling for each.
    ///
    /// What comes in with a sign-in is anybody's: a text that the database cannot take is looked up as no address at all.
    package static func normalized(_ email: String) -> String {
        email.utf8.contains(0) ? "" : String(email.trimmingWhitespace()).lowercased()
    }

    /// Adds a user with roles that exist in the tenant.
    ///
    /// - Parameter id: made before the transaction where it also names the person of an event, since a body may run again.
    package func create(
        id: UserID = .make(), email: String, name: String, passwordHash: String, roles: [String], at now: Int64
    ) throws -> UserRecord {
        guard !Self.normalized(email).isEmpty else { throw StorageError(.constraint, "a user needs an e-mail address") }
        do {
            try tx.execute(
                """
                INSERT INTO users (tenant_id, id, email, name, password_hash, status, epoch, created_at, updated_at)
                VALUES ($1, $2, $3, $4, $5, 'active', 1, $6, $6)
                """,
                [tx.tenant, .text(id.description), .text(Self.normalized(email)), .text(name), .text(passwordHash), .int(now)])
        } catch let error as StorageError where error.code == .duplicate {
            throw StorageError(.duplicate, "a user with this e-mail address exists already")
        }
        for role in roles { try grant(role, to: id, at: now) }
        guard let user = try find(id) else { throw StorageError(.failed, "the user vanished in its own transaction") }
        return user
    }

    /// The user with an id.
    package func find(_ id: UserID) throws -> UserRecord? {
        try tx.query("SELECT \(Self.columns) FROM users WHERE tenant_id = $1 AND id = $2", [tx.tenant, .text(id.description)])
            .first.map(record(of:))
    }

    /// The user with an e-mail address.
    package func find(email: String) throws -> UserRecord? {
        try tx.query(
            "SELECT \(Self.columns) FROM users WHERE tenant_id = $1 AND email = $2", [tx.tenant, .text(Self.normalized(email))]
        ).first.map(record(of:))
    }

    /// All users of the tenant, by e-mail address.
    package func all() throws -> [UserRecord] {
        try tx.query("SELECT \(Self.columns) FROM users WHERE tenant_id = $1 ORDER BY email", [tx.tenant]).map(record(of:))
    }

    /// Replaces the password and ends what was signed in with the old one.
    package func setPassword(_ hash: String, of id: UserID, at now: Int64) throws {
        try changed(
            tx.execute(
                "UPDATE users SET password_hash = $3, epoch = epoch + 1, updated_at = $4 WHERE tenant_id = $1 AND id = $2",
                [tx.tenant, .text(id.description), .text(hash), .int(now)]))
        try endSessions(of: id, at: now)
    }

    /// Deactivates or reactivates a user; what was signed in before is refused from the next request on.
    package func setStatus(_ status: UserRecord.Status, of id: UserID, at now: Int64) throws {
        try changed(
            tx.execute(
                "UPDATE users SET status = $3, epoch = epoch + 1, updated_at = $4 WHERE tenant_id = $1 AND id = $2",
                [tx.tenant, .text(id.description), .text(status.rawValue), .int(now)]))
        try endSessions(of: id, at: now)
    }

    /// Ends whatever the user is signed in with; the account stays as it is.
    package func endEverything(of id: UserID, at now: Int64) throws {
        try changed(
            tx.execute(
                "UPDATE users SET epoch = epoch + 1, updated_at = $3 WHERE tenant_id = $1 AND id = $2",
                [tx.tenant, .text(id.description), .int(now)]))
        try endSessions(of: id, at: now)
    }

    /// Access tokens end by the epoch; a refresh token would fetch the new one.
    private func endSessions(of id: UserID, at now: Int64) throws {
        try tx.execute(
            "UPDATE sessions SET revoked_at = $3 WHERE tenant_id = $1 AND user_id = $2 AND revoked_at IS NULL",
            [tx.tenant, .text(id.description), .int(now)])
    }

    /// Gives a role of the tenant for good; once is enough.
    ///
    /// For the host itself: whoever acts for a person goes through `PolicyRepository.apply`.
    package func grant(_ role: String, to id: UserID, at now: Int64) throws {
        try PolicyRepository(tx).beginChange()
        do {
            try tx.execute(
                """
                INSERT INTO user_roles (tenant_id, user_id, role, granted_at) VALUES ($1, $2, $3, $4)
                ON CONFLICT (tenant_id, user_id, role) DO NOTHING
                """, [tx.tenant, .text(id.description), .text(role), .int(now)])
        } catch let error as StorageError where error.code == .brokenReference {
            throw StorageError(.notFound, "this tenant has no such role or no such user")
        }
    }

    /// Gives roles for good as somebody who may: each is a change of the policy, within what they hold, kept apart, and recorded.
    package func grant(_ roles: [String], to id: UserID, _ permit: Permit, correlation: String, at now: Int64) throws {
        for role in Set(roles).sorted() {
            _ = try PolicyRepository(tx).apply(.assign(Policy.Assignment(id, role)), permit, correlation: correlation, at: now)
        }
    }

    /// Takes a role away; answers whether the user had it.
    @discardableResult
    package func revoke(_ role: String, from id: UserID) throws -> Bool {
        try PolicyRepository(tx).beginChange()
        return try tx.execute(
            "DELETE FROM user_roles WHERE tenant_id = $1 AND user_id = $2 AND role = $3",
            [tx.tenant, .text(id.description), .text(role)]) == 1
    }

    /// The roles of the tenant, by name.
    package func roles() throws -> [String] {
        try tx.query("SELECT name FROM roles WHERE tenant_id = $1 ORDER BY name", [tx.tenant]).map { try $0["name"] }
    }

    private func record(of row: Row) throws -> UserRecord {
        let id: UserID = try row.id("id")
        let roles = try tx.query(
            "SELECT role FROM user_roles WHERE tenant_id = $1 AND user_id = $2 ORDER BY role", [tx.tenant, .text(id.description)])
        return UserRecord(
            id: id, email: try row["email"], name: try row["name"], status: try row.choice("status"),
            roles: try roles.map { try $0["role"] }, createdAt: try row["created_at"])
    }

    private func changed(_ rows: Int) throws {
        guard rows == 1 else { throw StorageError(.notFound, "this tenant has no such user") }
    }

    private static let columns = "id, email, name, status, created_at"
}

extension String {
    /// Without spaces at both ends.
    func trimmingWhitespace() -> Substring {
        var text = self[...]
        while text.first?.isWhitespace == true { text.removeFirst() }
        while text.last?.isWhitespace == true { text.removeLast() }
        return text
    }
}
