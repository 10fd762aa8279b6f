// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors

package import Security
import Values

/// A person of a tenant, without the password.
package struct UserRecord: Sendable, Hashable {
    package enum Status: String, Sendable, Hashable, CaseIterable {
        /// Has not chosen a password yet.
        case invited
        case active
        /// May not sign in until somebody says otherwise.
        case suspended
        /// Only the id is left, which never comes again.
        case deleted
    }

    package var id: UserID
    /// Lower case: what the person signs in with.
    package var email: String
    package var name: String
    package var status: Status
    /// Why it is not active, such as `dormant`.
    package var reason: String?
    package var roles: [String]
    package var createdAt: Int64
    package var lastSignedInAt: Int64?

    /// Whether they run the tenant, or the installation.
    package var isAdministrator: Bool { roles.contains(BuiltInRole.admin.rawValue) || roles.contains(BuiltInRole.superAdmin.rawValue) }
}

/// The users of one tenant, and the roles they have.
package struct UserRepository {
    let tx: TenantTransaction

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
        try insert(id, email: email, name: name, passwordHash: passwordHash, status: .active, roles: roles, at: now)
    }

    /// Adds somebody who has been invited: without a password, and so without a way in.
    package func invite(id: UserID, email: String, name: String, at now: Int64) throws -> UserRecord {
        try insert(id, email: email, name: name, passwordHash: "", status: .invited, roles: [], at: now)
    }

    private func insert(
        _ id: UserID, email: String, name: String, passwordHash: String, status: UserRecord.Status, roles: [String], at now: Int64
    ) throws -> UserRecord {
        guard !Self.normalized(email).isEmpty else { throw StorageError(.constraint, "a user needs an e-mail address") }
        do {
            try tx.execute(
                """
                INSERT INTO users (tenant_id, id, email, name, password_hash, password_changed_at, status, epoch, active_since, created_at,
                    updated_at)
                VALUES ($1, $2, $3, $4, $5, $6, $7, 1, $6, $6, $6)
                """,
                [
                    tx.tenant, .text(id.description), .text(Self.normalized(email)), .text(name), .text(passwordHash), .int(now),
                    .text(status.rawValue),
                ])
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

    /// All users of the tenant, by e-mail address, but the deleted ones.
    package func all() throws -> [UserRecord] {
        try tx.query("SELECT \(Self.columns) FROM users WHERE tenant_id = $1 AND status <> 'deleted' ORDER BY email", [tx.tenant])
            .map(record(of:))
    }

    /// Ends whatever the user is signed in with where the password was taken beside a second factor, and there is none any more: the next
    /// sign-in asks for another one first. Answers whether that is so.
    package func endWithShortPassword(of id: UserID, at now: Int64) throws -> Bool {
        let rows = try tx.query("SELECT password_alone FROM users WHERE tenant_id = $1 AND id = $2", [tx.tenant, .text(id.description)])
        guard try rows.first?.int("password_alone") == 0, try !hasFactor(id) else { return false }
        try endEverything(of: id, at: now)
        return true
    }

    /// Ends whatever the user is signed in with; the account stays as it is.
    package func endEverything(of id: UserID, at now: Int64) throws {
        try changed(
            tx.execute(
                "UPDATE users SET epoch = epoch + 1, updated_at = $3 WHERE tenant_id = $1 AND id = $2",
                [tx.tenant, .text(id.description), .int(now)]))
        try endSessions(of: id, at: now)
    }

    /// One page of the users that may be seen but the deleted ones, in the order in which they were made.
    package func page(_ permit: ListPermit, behind place: String?, limit: Int) throws -> ListedPage<UserRecord> {
        try permit.page(in: tx, behind: place, limit: limit, isDescending: false) { part, place, count -> [ListedUser] in
            let condition = part.condition(from: 4) { ("id", $0.description) }
            return try tx.query(
                """
                SELECT \(Self.columns) FROM users WHERE tenant_id = $1 AND status <> 'deleted' AND id > $2\(condition.sql) ORDER BY id LIMIT $3
                """, [tx.tenant, .text(place ?? ""), .int(Int64(count))] + condition.values
            ).map(ListedUser.init)
        }.map { try record(of: $0.row) }
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

    func record(of row: Row) throws -> UserRecord {
        let id: UserID = try row.id("id")
        let roles = try tx.query(
            "SELECT role FROM user_roles WHERE tenant_id = $1 AND user_id = $2 ORDER BY role", [tx.tenant, .text(id.description)])
        return UserRecord(
            id: id, email: try row["email"], name: try row["name"], status: try row.choice("status"),
            reason: try row["status_reason"], roles: try roles.map { try $0["role"] }, createdAt: try row["created_at"],
            lastSignedInAt: try row["last_signed_in_at"])
    }

    static let columns = "id, email, name, status, status_reason, created_at, last_signed_in_at"
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
