// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors

package import Security
import Values

/// A second factor of a user's own account.
package struct UserFactorRecord: Sendable, Hashable {
    package enum Status: String, Sendable { case pending, active }

    /// What answers are checked against.
    package enum Basis: Sendable, Hashable {
        /// A shared secret of the host's.
        case secret(Sealed)
        /// Codes that a plugin delivers.
        case enrollment(EnrollmentID)
    }

    /// In whose name the host seals secrets of its own; no plugin's id stands for it, since the key is one for each table.
    package static let owner = "panelhost"

    package var user: UserID
    package var factor: FactorName
    package var status: Status
    package var basis: Basis
    /// The newest period of TOTP that was used.
    package var lastCounter: Int64
    /// What may be shown of where codes go.
    package var hint: String
    package var createdAt: Int64
    package var confirmedAt: Int64?
    package var usedAt: Int64?
    /// Until when a pending one may be confirmed.
    package var expiresAt: Int64?

    package init(
        user: UserID, factor: FactorName, status: Status, basis: Basis, lastCounter: Int64 = 0, hint: String = "", createdAt: Int64,
        confirmedAt: Int64? = nil, usedAt: Int64? = nil, expiresAt: Int64? = nil
    ) {
        (self.user, self.factor, self.status, self.basis) = (user, factor, status, basis)
        (self.lastCounter, self.hint, self.createdAt) = (lastCounter, hint, createdAt)
        (self.confirmedAt, self.usedAt, self.expiresAt) = (confirmedAt, usedAt, expiresAt)
    }
}

/// Users' own second factors in one tenant.
package struct UserFactorRepository {
    private let tx: TenantTransaction

    package init(_ tx: TenantTransaction) { self.tx = tx }

    /// A user's factors, pending ones too, by name.
    package func all(of user: UserID) throws -> [UserFactorRecord] {
        try tx.query(
            "SELECT * FROM user_factors WHERE tenant_id = $1 AND user_id = $2 ORDER BY factor", [tx.tenant, .text(user.description)]
        ).map(UserFactorRecord.init(row:))
    }

    /// One factor of a user.
    package func find(_ factor: FactorName, of user: UserID) throws -> UserFactorRecord? {
        try tx.query("SELECT * FROM user_factors WHERE \(Self.one)", key(factor, user)).first.map(UserFactorRecord.init(row:))
    }

    /// Begins to set a factor up, in place of one that was begun before; false when the user has it already.
    package func begin(_ record: UserFactorRecord) throws -> Bool {
        var (sealed, enrollment): (Sealed?, EnrollmentID?)
        switch record.basis {
        case .secret(let secret): sealed = secret
        case .enrollment(let id): enrollment = id
        }
        return try tx.execute(
            """
            INSERT INTO user_factors (
                tenant_id, user_id, factor, status, secret, key_id, key_version, last_counter, enrollment_id, hint, created_at, expires_at)
            VALUES ($1, $2, $3, 'pending', $4, $5, $6, 0, $7, $8, $9, $10)
            ON CONFLICT (tenant_id, user_id, factor) DO UPDATE SET secret = excluded.secret, key_id = excluded.key_id,
                key_version = excluded.key_version, last_counter = 0, enrollment_id = excluded.enrollment_id, hint = excluded.hint,
                created_at = excluded.created_at, expires_at = excluded.expires_at
            WHERE user_factors.status = 'pending'
            """,
            key(record.factor, record.user) + [
                .text(orNull: sealed?.text), .text(orNull: sealed?.keyID), .int(orNull: sealed.map { Int64($0.keyVersion) }),
                .text(orNull: enrollment?.description), .text(record.hint), .int(record.createdAt), .int(orNull: record.expiresAt),
            ]) == 1
    }

    /// What was begun becomes a factor, if it is still the same and not over; the code that showed it is used up.
    package func activate(_ record: UserFactorRecord, counter: Int64, at now: Int64) throws -> Bool {
        try tx.execute(
            """
            UPDATE user_factors SET status = 'active', last_counter = $4, confirmed_at = $5, used_at = $5, expires_at = NULL
            WHERE \(Self.one) AND status = 'pending' AND expires_at > $5 AND created_at = $6 AND last_counter < $4
            """, key(record.factor, record.user) + [.int(counter), .int(now), .int(record.createdAt)]) == 1
    }

    /// Uses up a period of TOTP and all before it: of any number of answers with one code, one is right.
    package func use(_ counter: Int64, of factor: FactorName, by user: UserID, at now: Int64) throws -> Bool {
        try tx.execute(
            "UPDATE user_factors SET last_counter = $4, used_at = $5 WHERE \(Self.one) AND status = 'active' AND last_counter < $4",
            key(factor, user) + [.int(counter), .int(now)]) == 1
    }

    /// Notes that a factor was shown; false when the user does not have it any more.
    package func touch(_ factor: FactorName, of user: UserID, at now: Int64) throws -> Bool {
        try tx.execute(
            "UPDATE user_factors SET used_at = $4 WHERE \(Self.one) AND status = 'active'", key(factor, user) + [.int(now)]) == 1
    }

    /// Removes a factor; with the last one go the backup codes. Answers what it was.
    package func remove(_ factor: FactorName, of user: UserID) throws -> UserFactorRecord? {
        try tx.lock("user_factors/\(user)")
        guard let record = try find(factor, of: user) else { return nil }
        try tx.execute("DELETE FROM user_factors WHERE \(Self.one)", key(factor, user))
        if try !all(of: user).contains(where: { $0.status == .active }) { try removeBackupCodes(of: user) }
        return record
    }

    // MARK: Backup codes

    /// Puts a new set in place of the old one.
    package func replaceBackupCodes(_ hashes: [[UInt8]], of user: UserID, at now: Int64) throws {
        try tx.lock("user_factors/\(user)")
        try removeBackupCodes(of: user)
        for hash in hashes {
            try tx.execute(
                "INSERT INTO backup_codes (tenant_id, user_id, hash, created_at) VALUES ($1, $2, $3, $4)",
                [tx.tenant, .text(user.description), .text(Hex.encode(hash)), .int(now)])
        }
    }

    /// Uses up a code: true once.
    package func useBackupCode(_ hash: [UInt8], of user: UserID, at now: Int64) throws -> Bool {
        try tx.execute(
            "UPDATE backup_codes SET used_at = $4 WHERE tenant_id = $1 AND user_id = $2 AND hash = $3 AND used_at IS NULL",
            [tx.tenant, .text(user.description), .text(Hex.encode(hash)), .int(now)]) == 1
    }

    /// How many codes are left.
    package func backupCodes(of user: UserID) throws -> Int64 {
        try tx.query(
            "SELECT count(*) AS n FROM backup_codes WHERE tenant_id = $1 AND user_id = $2 AND used_at IS NULL",
            [tx.tenant, .text(user.description)]
        ).first?.int("n") ?? 0
    }

    private func removeBackupCodes(of user: UserID) throws {
        try tx.execute("DELETE FROM backup_codes WHERE tenant_id = $1 AND user_id = $2", [tx.tenant, .text(user.description)])
    }

    // MARK: Policy

    /// What the tenant wants of second factors, where it has said so.
    package func policy() throws -> FactorPolicy? {
        guard let row = try tx.query("SELECT policy AS factor_policy FROM factor_policies WHERE tenant_id = $1", [tx.tenant]).first
        else { return nil }
        return try FactorPolicy(row: row)
    }

    /// Says what the tenant wants of second factors from now on.
    package func setPolicy(_ policy: FactorPolicy, by actor: String, at now: Int64) throws {
        try tx.execute(
            """
            INSERT INTO factor_policies (tenant_id, policy, updated_at, updated_by) VALUES ($1, $2, $3, $4)
            ON CONFLICT (tenant_id) DO UPDATE
            SET policy = excluded.policy, updated_at = excluded.updated_at, updated_by = excluded.updated_by
            """, [tx.tenant, .text(JSON.text(policy.value)), .int(now), .text(actor)])
    }

    private static let one = "tenant_id = $1 AND user_id = $2 AND factor = $3"

    private func key(_ factor: FactorName, _ user: UserID) -> [SQLValue] {
        [tx.tenant, .text(user.description), .text(factor.rawValue)]
    }
}

extension UserFactorRecord {
    fileprivate init(row: Row) throws {
        guard let factor = FactorName(rawValue: try row.text("factor")) else {
            throw StorageError(.unexpectedValue, "a second factor that this program cannot have written")
        }
        let enrollment: EnrollmentID? = try row.optionalID("enrollment_id")
        self.init(
            user: try row.id("user_id"), factor: factor, status: try row.choice("status"),
            basis: try enrollment.map(Basis.enrollment)
                ?? .secret(Sealed(text: try row["secret"], keyID: try row["key_id"], keyVersion: try row["key_version"])),
            lastCounter: try row["last_counter"], hint: try row["hint"], createdAt: try row["created_at"],
            confirmedAt: try row["confirmed_at"], usedAt: try row["used_at"], expiresAt: try row["expires_at"])
    }
}

extension FactorPolicy {
    /// The tenant's own words in `factor_policy`, or what holds without any; words that cannot be read let nobody through.
    init(row: Row) throws {
        guard let _: String = try row["factor_policy"] else {
            self = .standard
            return
        }
        do {
            try self.init(try row.json("factor_policy"))
        } catch let problem as PolicyProblem {
            throw StorageError(.unexpectedValue, "a tenant's factor policy cannot be read: \(problem)")
        }
    }
}
