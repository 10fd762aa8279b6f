// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors

package import Security

#if canImport(Glibc)
    import Glibc
#endif

/// A database to make backups of, or to restore into: the same commands for every engine.
package enum BackupPlace: Sendable {
    /// The SQLite file of that path.
    case file(String)
    /// The PostgreSQL database behind that URL: for a backup as `panelhost_backup`, to restore as the owner or a superuser.
    case postgresql(url: String)

    /// Runs `body` on one read-only snapshot of everything; the schema stays as it is.
    package func snapshot<T: Sendable>(_ scope: PlatformScope, _ body: @escaping @Sendable (any SQLConnection) throws -> T) async throws
        -> T
    {
        switch self {
        case .file(let path):
            let database = try SQLiteDatabase(unchanged: path)
            let result = try await database.platformRead(scope) { try body($0) }
            try database.close()
            return result
        case .postgresql(let url):
            let session = try MaintenanceSession(url: url)
            return try session.snapshot { try body(session) }
        }
    }

    /// Restores a backup file into this place, which must be fresh; afterwards all of it is there, or nothing.
    package func restore(
        _ backup: String, key: BackupKey, scope: PlatformScope, migrations: [Migration] = Migration.all,
        progress: @escaping @Sendable (BackupProgress) -> Void = { _ in }
    ) async throws -> BackupReader.Summary {
        switch self {
        case .file(let path):
            return try await RestoredFile.restore(
                backup, key: key, to: path, scope: scope, migrations: migrations, progress: progress)
        case .postgresql(let url):
            return try RestoredDatabase.restore(backup, key: key, to: url, migrations: migrations, progress: progress)
        }
    }

    /// The installation that is here, as a backup's header names it.
    package func installation(_ scope: PlatformScope) async throws -> String {
        try await snapshot(scope) { try BackupCreation.installation(on: $0) }
    }

    /// The ids of the root keys that the restored keys are wrapped by.
    package func rootKeys(_ scope: PlatformScope) async throws -> [String] {
        try await snapshot(scope) { connection in
            try connection.query(
                "SELECT wrapped_by FROM keys WHERE kind = 'tenant' UNION SELECT wrapped_by FROM host_keys ORDER BY wrapped_by", []
            ).map { try $0.text("wrapped_by") }
        }
    }

    /// Removes what a restore made, after a drill.
    package func discard() throws {
        switch self {
        case .file(let path): RestoredFile.remove(path)
        case .postgresql(let url): try RestoredDatabase.discard(url)
        }
    }
}

extension MaintenanceSession {
    /// One snapshot of every row; a role from which rows are hidden gets an error and not a part of them.
    func snapshot<T>(_ body: () throws -> T) throws -> T {
        try transaction {
            try execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY", [])
            for setting in ["row_security = off", "statement_timeout = 0", "idle_in_transaction_session_timeout = 0"] {
                try execute("SET LOCAL \(setting)", [])
            }
            do {
                return try body()
            } catch let error as StorageError where error.code == .forbidden {
                throw StorageError(
                    .forbidden, "this role does not see every row (\(error.message)): make backups as \(DatabaseRole.backup.name)")
            }
        }
    }

    func rows(_ sql: String, _ parameters: [SQLValue], _ receive: (Row) throws -> Void) throws {
        try execute("DECLARE every_row NO SCROLL CURSOR FOR \(sql)", parameters)
        while true {
            let rows = try query("FETCH 1000 FROM every_row", [])
            if rows.isEmpty { break }
            try rows.forEach(receive)
        }
        try execute("CLOSE every_row", [])
    }
}
