// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors

package import Security
import Values

/// The API keys of one tenant, as hashes.
package struct APIKeyRepository {
    private let tx: TenantTransaction

    package init(_ tx: TenantTransaction) { self.tx = tx }

    /// Stores a new key.
    package func insert(_ key: APIKeyRecord) throws {
        guard key.tenant == tx.scope.tenant else { throw StorageError(.failed, "an API key names another tenant") }
        try tx.execute(
            """
            INSERT INTO api_keys (tenant_id, id, name, hash, patterns, issued_by, created_at, expires_at)
            VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
            """,
            [
                tx.tenant, .text(key.id.description), .text(key.name), .text(Hex.encode(key.hash)), .text(StoredList.text(key.patterns)),
                .text(key.issuedBy), .int(key.createdAt), .int(key.expiresAt),
            ])
    }

    /// Withdraws a key; answers false when there is none that is still valid.
    package func revoke(_ id: APIKeyID, at now: Int64) throws -> Bool {
        try tx.execute(
            "UPDATE api_keys SET revoked_at = $3 WHERE tenant_id = $1 AND id = $2 AND revoked_at IS NULL AND expires_at > $3",
            [tx.tenant, .text(id.description), .int(now)]) == 1
    }

    /// All keys of the tenant, oldest first.
    package func all() throws -> [APIKeyRecord] {
        try tx.query("\(Self.select) WHERE k.tenant_id = $1 ORDER BY k.id", [tx.tenant]).map(APIKeyRecord.init(row:))
    }

    static let select = """
        SELECT k.tenant_id, k.id, k.name, k.hash, k.patterns, k.issued_by, k.created_at, k.expires_at, k.revoked_at, t.slug,
            t.status AS tenant_status, p.revision
        FROM api_keys k JOIN tenants t ON t.id = k.tenant_id JOIN policies p ON p.tenant_id = k.tenant_id
        """
}

extension APIKeyRecord {
    init(row: Row) throws {
        self.init(
            id: try row.id("id"), tenant: try row.id("tenant_id"), slug: try row.slug("slug"), name: try row["name"],
            hash: try row.hex("hash"), patterns: try StoredList.read(row, "patterns"), issuedBy: try row["issued_by"],
            createdAt: try row["created_at"], expiresAt: try row["expires_at"], revokedAt: try row["revoked_at"],
            isTenantActive: try row.text("tenant_status") == "active", policy: try row["revision"])
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
