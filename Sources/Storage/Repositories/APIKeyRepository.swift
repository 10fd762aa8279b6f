// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors

package import Security
import Values

/// The API keys of one tenant, as hashes.
package struct APIKeyRepository {
    private let tx: TenantTransaction

    package init(_ tx: TenantTransaction) { self.tx = tx }

    /// Stores a new key; answers false when the session in which it is made has ended, with its user or tenant or by itself.
    ///
    /// Whoever deletes the user waits for this transaction, and then withdraws the key with the others.
    @discardableResult
    package func insert(_ key: APIKeyRecord, by issuer: APIKeyIssuer.Session? = nil) throws -> Bool {
        guard key.tenant == tx.scope.tenant else { throw StorageError(.failed, "an API key names another tenant") }
        var values: [SQLValue] = [
            tx.tenant, .text(key.id.description), .text(key.name), .text(Hex.encode(key.hash)), .text(StoredList.text(key.patterns)),
            .text(key.issuedBy), .int(key.createdAt), .int(key.expiresAt),
        ]
        var source = "VALUES ($1, $2, $3, $4, $5, $6, $7, $8)"
        if let issuer {
            values += [.text(issuer.user.description), .text(issuer.id.description)]
            source = "SELECT $1, $2, $3, $4, $5, $6, $7, $8 \(Self.present(user: "$9", session: "$10"))"
            if tx.dialect == .postgresql { source += "\(tx.dialect.sharing) OF u" }
        }
        return try tx.execute(
            "INSERT INTO api_keys (tenant_id, id, name, hash, patterns, issued_by, created_at, expires_at) \(source)", values) == 1
    }

    /// A row if somebody is active, in a session that goes on, in a tenant that is in service.
    private static func present(user: String, session: String) -> String {
        """
        FROM users u JOIN sessions s ON s.tenant_id = u.tenant_id AND s.user_id = u.id JOIN tenants t ON t.id = u.tenant_id
        WHERE u.tenant_id = $1 AND u.id = \(user) AND u.status = 'active' AND s.id = \(session) AND s.revoked_at IS NULL
            AND t.status = 'active'
        """
    }

    /// One key as it stands.
    package func find(_ id: APIKeyID) throws -> APIKeyRecord? {
        try tx.query("\(Self.select) WHERE k.tenant_id = $1 AND k.id = $2", [tx.tenant, .text(id.description)])
            .first.map(APIKeyRecord.init(row:))
    }

    /// Withdraws a key; answers false when there is none that is still valid.
    package func revoke(_ id: APIKeyID, at now: Int64) throws -> Bool {
        try tx.execute(
            "UPDATE api_keys SET revoked_at = $3 WHERE tenant_id = $1 AND id = $2 AND revoked_at IS NULL AND expires_at > $3",
            [tx.tenant, .text(id.description), .int(now)]) == 1
    }

    /// Gives a key another secret; answers false when it is not as it was read, or not good any more, or its issuer is gone.
    package func rotate(_ rotation: APIKeyRotation) throws -> Bool {
        var values: [SQLValue] = [
            tx.tenant, .text(rotation.id.description), .text(Hex.encode(rotation.old)), .text(Hex.encode(rotation.new)),
            .int(rotation.oldUntil), .int(rotation.expiresAt), .int(rotation.now),
        ]
        var condition = ""
        if let issuer = rotation.issuer.session {
            values += [.text(issuer.user.description), .text(issuer.id.description)]
            condition = " AND EXISTS (SELECT 1 \(Self.present(user: "$8", session: "$9")))"
        }
        return try tx.execute(
            """
            UPDATE api_keys SET hash = $4, previous_hash = $3, previous_until = $5, expires_at = $6
            WHERE tenant_id = $1 AND id = $2 AND hash = $3 AND revoked_at IS NULL AND expires_at > $7\(condition)
            """, values) == 1
    }

    /// Notes that a key was used; whoever noted it within the last minute has spared this one.
    @discardableResult
    package func noteUse(of id: APIKeyID, at now: Int64) throws -> Bool {
        try tx.execute(
            "UPDATE api_keys SET last_used_at = $3 WHERE tenant_id = $1 AND id = $2 AND (last_used_at IS NULL OR last_used_at <= $4)",
            [tx.tenant, .text(id.description), .int(now), .int(now - SessionRules.noting)]) == 1
    }

    /// All keys of the tenant, oldest first.
    package func all() throws -> [APIKeyRecord] {
        try tx.query(
            """
            SELECT \(Self.columns), u.status AS issuer_status FROM \(Self.tables)
                LEFT JOIN users u ON u.tenant_id = k.tenant_id AND k.issued_by = 'user:' || u.id
            WHERE k.tenant_id = $1 ORDER BY k.id
            """, [tx.tenant]
        ).map { row in
            var key = try APIKeyRecord(row: row)
            let status: String? = try row["issuer_status"]
            key.isIssuerActive = status.map { $0 == "active" }
            return key
        }
    }

    static let select = "SELECT \(columns) FROM \(tables)"

    private static let tables = "api_keys k JOIN tenants t ON t.id = k.tenant_id JOIN policies p ON p.tenant_id = k.tenant_id"
    private static let columns = """
        k.tenant_id, k.id, k.name, k.hash, k.patterns, k.issued_by, k.created_at, k.expires_at, k.revoked_at, k.last_used_at,
            k.previous_hash, k.previous_until, t.slug, t.status AS tenant_status, p.revision
        """
}

extension APIKeyRecord {
    init(row: Row) throws {
        let previous: String? = try row["previous_hash"]
        self.init(
            id: try row.id("id"), tenant: try row.id("tenant_id"), slug: try row.slug("slug"), name: try row["name"],
            hash: try row.hex("hash"), patterns: try StoredList.read(row, "patterns"), issuedBy: try row["issued_by"],
            createdAt: try row["created_at"], expiresAt: try row["expires_at"], revokedAt: try row["revoked_at"],
            isTenantActive: try row.text("tenant_status") == "active", policy: try row["revision"], lastUsedAt: try row["last_used_at"],
            previousHash: previous == nil ? nil : try row.hex("previous_hash"), previousUntil: try row["previous_until"])
    }
}

/// A list of texts in one column: a JSON array.
enum StoredList {
    static func text(_ items: [String]) -> String { JSON.text(.array(items.map(Value.string))) }

    static func read(_ row: Row, _ column: String) throws -> [String] {
        let texts = try row.json(column).arrayValue?.map(\.stringValue)
        guard let texts, !texts.contains(nil) else {
            throw StorageError(.unexpectedValue, "column \(column) does not hold a list of texts")
        }
        return texts.compactMap { $0 }
    }
}
