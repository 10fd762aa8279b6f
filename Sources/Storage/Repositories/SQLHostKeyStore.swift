// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors

package import Security
import Values

/// The installation's wrapped keys: useless without the root key, which the database never sees.
package struct SQLHostKeyStore: HostKeyStore {
    private let database: any Database

    package init(_ database: any Database) { self.database = database }

    package func hostKeys(_ scope: PlatformScope) async throws -> [WrappedHostKey] {
        try await database.platformRead(scope) { tx in
            try tx.query("SELECT \(WrappedHostKey.columns) FROM host_keys ORDER BY kind, version", []).map(WrappedHostKey.init(row:))
        }
    }

    package func insertHostKey(
        _ scope: PlatformScope, _ key: WrappedHostKey, retireOthersAt: Int64?, destroyingOthers: Bool, by actor: String
    ) async throws -> Bool {
        try await database.platform(scope) { tx in
            let (kind, version) = (SQLValue.text(key.kind.rawValue), SQLValue.int(Int64(key.version)))
            let inserted = try tx.execute(
                """
                INSERT INTO host_keys (kind, version, id, wrapped_by, wrapped, public_key, not_before, retired_at, created_at, form)
                VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10) ON CONFLICT (kind, version) DO NOTHING
                """,
                [
                    kind, version, .text(key.id), .text(key.wrappedBy), .text(key.wrapped), .text(orNull: key.publicKey),
                    .int(key.notBefore), .int(orNull: key.retiredAt), .int(key.createdAt), .text(key.form.rawValue),
                ])
            guard inserted == 1 else { return false }
            if let time = retireOthersAt {
                // A key that has leaked goes earlier than it was going to, never later.
                try tx.execute(
                    "UPDATE host_keys SET retired_at = $3 WHERE kind = $1 AND version < $2 AND (retired_at IS NULL OR retired_at > $3)",
                    [kind, version, .int(time)])
            }
            if destroyingOthers {
                try tx.execute("UPDATE host_keys SET wrapped = '', wrapped_by = '' WHERE kind = $1 AND version < $2", [kind, version])
            }
            try tx.appendForOperators(
                action: "key.create", resource: "key:\(key.id)", by: actor, correlation: key.id, at: key.createdAt,
                detail: [
                    "kind": .string(key.kind.rawValue), "form": .string(key.form.rawValue), "version": .int(Int64(key.version)),
                    "wrapped_by": .string(key.wrappedBy),
                    "not_before": .int(key.notBefore),
                ])
            return true
        }
    }

    package func replaceHostKey(_ scope: PlatformScope, _ old: WrappedHostKey, with new: WrappedHostKey) async throws -> Bool {
        try await database.platform(scope) { tx in
            try tx.execute(
                "UPDATE host_keys SET wrapped = $4, wrapped_by = $5 WHERE kind = $1 AND version = $2 AND wrapped = $3",
                [
                    .text(old.kind.rawValue), .int(Int64(old.version)), .text(old.wrapped), .text(new.wrapped), .text(new.wrappedBy),
                ]) == 1
        }
    }
}

extension WrappedHostKey {
    static let columns = "kind, version, id, wrapped_by, wrapped, public_key, not_before, retired_at, created_at, form"

    init(row: Row) throws {
        self.init(
            id: try row["id"], kind: try row.choice("kind"), form: try row.choice("form"), version: try row["version"],
            wrappedBy: try row["wrapped_by"],
            wrapped: try row["wrapped"], publicKey: try row["public_key"], notBefore: try row["not_before"],
            retiredAt: try row["retired_at"], createdAt: try row["created_at"])
    }
}
