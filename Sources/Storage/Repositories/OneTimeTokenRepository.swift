// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors

package import Security
import Values

/// The one-time tokens of one tenant.
package struct OneTimeTokenRepository {
    private let tx: TenantTransaction

    package init(_ tx: TenantTransaction) { self.tx = tx }

    /// Milliseconds for which a token that is over still stands, for whoever looks into what happened.
    private static let retention: Int64 = 30 * 86_400_000

    /// Stores a token, and clears away those that were over long ago.
    package func insert(_ token: OneTimeTokenRecord) throws {
        guard token.tenant == tx.scope.tenant else { throw StorageError(.failed, "a one-time token names another tenant") }
        try tx.execute(
            "DELETE FROM one_time_tokens WHERE tenant_id = $1 AND expires_at < $2",
            [tx.tenant, .int(token.createdAt - Self.retention)])
        try tx.execute(
            """
            INSERT INTO one_time_tokens (tenant_id, hash, purpose, user_id, detail, created_at, expires_at, used_at, attempts)
            VALUES ($1, $2, $3, $4, $5, $6, $7, NULL, 0)
            """,
            [
                tx.tenant, .text(Hex.encode(token.hash)), .text(token.purpose.rawValue), .text(orNull: token.user?.description),
                .text(JSON.text(.map(token.detail))), .int(token.createdAt), .int(token.expiresAt),
            ])
    }

    /// Uses a token up; nil unless it is good now. One statement: of any number of uses at once, one gets it.
    package func use(_ hash: [UInt8], _ purpose: OneTimeToken.Purpose, now: Int64) throws -> OneTimeTokenRecord? {
        try changed("used_at = $4", hash, purpose, now)
    }

    /// Takes one attempt at something that a token stands for, before it is looked at; nil when the token is not good or none is left.
    ///
    /// One statement, so that any number of attempts at once never get more than `limit` looks.
    package func attempt(_ hash: [UInt8], _ purpose: OneTimeToken.Purpose, limit: Int64, now: Int64) throws -> OneTimeTokenRecord? {
        try changed("attempts = attempts + 1", hash, purpose, now, and: "attempts < $5", [.int(limit)])
    }

    /// A token that is good now, without using it.
    package func find(_ hash: [UInt8], _ purpose: OneTimeToken.Purpose, now: Int64) throws -> OneTimeTokenRecord? {
        try tx.query(
            """
            SELECT \(OneTimeTokenRecord.columns) FROM one_time_tokens
            WHERE tenant_id = $1 AND hash = $2 AND purpose = $3 AND used_at IS NULL AND expires_at > $4
            """, [tx.tenant, .text(Hex.encode(hash)), .text(purpose.rawValue), .int(now)]
        ).first.map(OneTimeTokenRecord.init(row:))
    }

    /// A user's tokens of a purpose that are good now.
    package func all(of user: UserID, _ purpose: OneTimeToken.Purpose, now: Int64) throws -> [OneTimeTokenRecord] {
        try tx.query(
            """
            SELECT \(OneTimeTokenRecord.columns) FROM one_time_tokens
            WHERE tenant_id = $1 AND user_id = $2 AND purpose = $3 AND used_at IS NULL AND expires_at > $4
            """, [tx.tenant, .text(user.description), .text(purpose.rawValue), .int(now)]
        ).map(OneTimeTokenRecord.init(row:))
    }

    /// Ends a user's tokens, of one purpose or of all; answers how many were still good.
    @discardableResult
    package func withdraw(of user: UserID, _ purpose: OneTimeToken.Purpose? = nil, now: Int64) throws -> Int {
        try tx.execute(
            """
            UPDATE one_time_tokens SET used_at = $3
            WHERE tenant_id = $1 AND user_id = $2 AND used_at IS NULL AND expires_at > $3 AND ($4 = '' OR purpose = $4)
            """, [tx.tenant, .text(user.description), .int(now), .text(purpose?.rawValue ?? "")])
    }

    private func changed(
        _ change: String, _ hash: [UInt8], _ purpose: OneTimeToken.Purpose, _ now: Int64, and condition: String = "1 = 1",
        _ more: [SQLValue] = []
    ) throws -> OneTimeTokenRecord? {
        try tx.query(
            """
            UPDATE one_time_tokens SET \(change)
            WHERE tenant_id = $1 AND hash = $2 AND purpose = $3 AND used_at IS NULL AND expires_at > $4 AND \(condition)
            RETURNING \(OneTimeTokenRecord.columns)
            """, [tx.tenant, .text(Hex.encode(hash)), .text(purpose.rawValue), .int(now)] + more
        ).first.map(OneTimeTokenRecord.init(row:))
    }
}

extension OneTimeTokenRecord {
    static let columns = "tenant_id, hash, purpose, user_id, detail, created_at, expires_at, used_at, attempts"

    init(row: Row) throws {
        guard case .map(let detail) = try row.json("detail") else {
            throw StorageError(.unexpectedValue, "column detail does not hold an object")
        }
        self.init(
            tenant: try row.id("tenant_id"), hash: try row.hex("hash"), purpose: try row.choice("purpose"),
            user: try row.optionalID("user_id"), detail: detail, createdAt: try row["created_at"], expiresAt: try row["expires_at"],
            usedAt: try row["used_at"], attempts: try row["attempts"])
    }
}
