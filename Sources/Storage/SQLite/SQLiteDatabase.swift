// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors

import GRDB
package import Security
import Synchronization

#if canImport(Glibc)
    import Glibc
#endif

/// The embedded database: one SQLite file in WAL mode with full synchronisation.
///
/// A transaction is on the disk when it returns. Writers that wait at the same time share one commit (``GroupCommit``);
/// readers see a consistent snapshot and never wait for a writer.
package final class SQLiteDatabase: Database, ScrubbingDatabase {
    private let pool: DatabasePool
    private let orders = ParameterOrders()
    private let commits: GroupCommit
    private let appends = AuditGroups(writers: 1)

    /// Opens the database and brings its schema up to date; creates the file when it does not exist.
    ///
    /// - Parameter path: the file. Its directory must exist and be writable: WAL keeps two more files beside it.
    package convenience init(path: String, migrations: [Migration] = Migration.all) throws(StorageError) {
        try self.init(opening: path)
        try migrate(migrations)
    }

    /// Opens a database that exists and leaves its schema as it is: for reading what another release wrote.
    package convenience init(unchanged path: String) throws(StorageError) {
        guard access(path, F_OK) == 0 else { throw StorageError(.notFound, "there is no database \(path)") }
        try self.init(opening: path)
    }

    private init(opening path: String) throws(StorageError) {
        do {
            try DatabaseFile.prepare(path)
            pool = try DatabaseFile.alone(path) { try DatabasePool(path: path, configuration: Self.configuration) }
            // The pool sets synchronous to NORMAL after `prepareDatabase`, so FULL has to come after it, and is read back.
            try pool.writeWithoutTransaction { database in
                try database.execute(sql: "PRAGMA synchronous = FULL")
                guard try Int.fetchOne(database, sql: "PRAGMA synchronous") == 2 else {
                    throw StorageError(.failed, "SQLite does not synchronise commits to the disk: refusing to keep money and audit in it")
                }
            }
        } catch {
            throw DatabaseFile.describe(error, path: path)
        }
        commits = GroupCommit(pool: pool, orders: orders)
    }

    private static var configuration: Configuration {
        var configuration = Configuration()
        configuration.foreignKeysEnabled = true
        configuration.busyMode = .timeout(5)
        configuration.maximumReaderCount = 4
        configuration.label = "panelhost.storage"
        configuration.prepareDatabase { database in
            // A planted schema must not be able to call functions with side effects.
            try database.execute(sql: "PRAGMA trusted_schema = OFF")
            // More of the indexes in memory, and the log copied into the file less often.
            try database.execute(sql: "PRAGMA cache_size = -16000")
            _ = try Int.fetchOne(database, sql: "PRAGMA wal_autocheckpoint = 4000")
            // What is destroyed is overwritten, not just forgotten.
            _ = try Int.fetchOne(database, sql: "PRAGMA secure_delete = ON")
            // Otherwise INSERT OR REPLACE removes rows past the triggers that forbid it.
            try database.execute(sql: "PRAGMA recursive_triggers = ON")
        }
        return configuration
    }

    /// Brings the schema of a file up to date, which is made when it does not exist; answers what was applied.
    package static func migrate(path: String, migrations: [Migration] = Migration.all) throws -> [Migration] {
        let database = try SQLiteDatabase(opening: path)
        let applied = try database.migrate(migrations)
        try database.close()
        return applied
    }

    @discardableResult
    private func migrate(_ migrations: [Migration]) throws(StorageError) -> [Migration] {
        do {
            return try pool.writeWithoutTransaction { database in
                let connection = SQLiteConnection(database: database, orders: orders)
                return try Migrator(dialect: .sqlite, migrations: migrations).run(on: connection) { body in
                    try database.inTransaction(.immediate) {
                        try body()
                        return .commit
                    }
                }
            }
        } catch {
            throw DatabaseFile.describe(error, path: pool.path)
        }
    }

    package func append(_ scope: TenantScope, _ event: AuditEvent) async throws {
        try await appends.append(scope, event, to: self)
    }

    package func transaction<T: Sendable & ~Copyable>(
        _ scope: TenantScope, _ body: @escaping @Sendable (TenantTransaction) throws -> T
    ) async throws -> T {
        try await commits.run { connection in try body(TenantTransaction(scope: scope, connection: connection)) }
    }

    package func platform<T: Sendable & ~Copyable>(
        _ scope: PlatformScope, _ body: @escaping @Sendable (PlatformTransaction) throws -> T
    ) async throws -> T {
        try await commits.run { connection in try body(PlatformTransaction(scope: scope, connection: connection)) }
    }

    package func read<T: Sendable & ~Copyable>(
        _ scope: TenantScope, _ body: @escaping @Sendable (TenantTransaction) throws -> T
    ) async throws -> T {
        try await snapshot { connection in try body(TenantTransaction(scope: scope, connection: connection)) }
    }

    package func platformRead<T: Sendable & ~Copyable>(
        _ scope: PlatformScope, _ body: @escaping @Sendable (PlatformTransaction) throws -> T
    ) async throws -> T {
        try await snapshot { connection in try body(PlatformTransaction(scope: scope, connection: connection)) }
    }

    package func notifications(_ channel: String) -> AsyncStream<String> {
        defer { commits.notices.post(channel, "") }
        return commits.notices.listen(to: channel)
    }

    private func snapshot<T: Sendable & ~Copyable>(_ body: @escaping @Sendable (SQLiteConnection) throws -> T) async throws -> T {
        let result = Slot<T>()
        let orders = orders
        do {
            try await pool.read { database in
                try result.put(body(SQLiteConnection(database: database, orders: orders)))
            }
        } catch let error as DatabaseError {
            throw SQLiteErrors.translate(error)
        }
        return try result.take()
    }

    /// How this connection writes commits to the disk: 2 is FULL.
    ///
    /// For the start-up report and tests.
    package func synchronousLevel() async throws -> Int64 {
        try await commits.run { connection in try connection.query("PRAGMA synchronous", [])[0].int("synchronous") }
    }

    /// Writes the log into the file, which overwrites what was destroyed, and cuts the log off.
    ///
    /// A reader of an older snapshot can keep it from happening now; it happens at the next checkpoint then.
    package func scrub() async {
        try? await pool.writeWithoutTransaction { database in
            _ = try Int.fetchOne(database, sql: "PRAGMA wal_checkpoint(TRUNCATE)")
        }
    }

    /// Writes what is pending and closes the file; afterwards every call throws.
    package func close() throws {
        try SQLiteErrors.translated { try pool.close() }
    }
}
