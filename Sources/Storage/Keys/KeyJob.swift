// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors

package import Security

/// How far a job over keys or rows has come; kept in the database, so that the next run goes on from there.
package struct KeyJob: Sendable, Hashable {
    package enum Name: String, Sendable, CaseIterable {
        /// Every key under what its kind is wrapped under now.
        case rewrap
        /// Every row under the newest version of its key.
        case reencrypt
    }

    package enum State: String, Sendable {
        case running, done
    }

    package let name: Name
    package var state: State
    /// The last place that was dealt with, in the job's own terms.
    package var position: String
    package var done: Int64
    package var changed: Int64
    package var total: Int64
    package let startedAt: Int64
    package var updatedAt: Int64

    static let columns = "name, state, position, done, changed, total, started_at, updated_at"

    package static func find(_ name: Name, on connection: any SQLConnection) throws -> KeyJob? {
        try connection.query("SELECT \(columns) FROM key_jobs WHERE name = $1", [.text(name.rawValue)]).first.map { row in
            try KeyJob(
                name: name, state: row.choice("state"), position: row["position"], done: row["done"], changed: row["changed"],
                total: row["total"], startedAt: row["started_at"], updatedAt: row["updated_at"])
        }
    }

    func save(on tx: any SQLConnection) throws {
        try tx.execute(
            """
            INSERT INTO key_jobs (\(Self.columns)) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
            ON CONFLICT (name) DO UPDATE SET state = excluded.state, position = excluded.position, done = excluded.done,
                changed = excluded.changed, total = excluded.total, started_at = excluded.started_at, updated_at = excluded.updated_at
            """,
            [
                .text(name.rawValue), .text(state.rawValue), .text(position), .int(done), .int(changed), .int(total), .int(startedAt),
                .int(updatedAt),
            ])
    }
}

/// Something that a job could not deal with.
package struct KeyJobFault: Sendable, Hashable {
    package let tenant: TenantID
    /// Such as `plugin_config 01a2…/api_key`.
    package let place: String
    package let reason: EncryptionError
}
