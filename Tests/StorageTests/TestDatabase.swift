// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors

import FoundationEssentials
import GRDB
import Security
import Storage
import Values

/// A directory that goes away with the test.
final class TemporaryDirectory: Sendable {
    let path: String

    init() throws {
        path = FileManager.default.temporaryDirectory.path + "/panelhost-storage-\(CallID.make())"
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    }

    deinit { try? FileManager.default.removeItem(atPath: path) }

    func file(_ name: String) -> String { path + "/" + name }
}

/// A database with two tenants, on the engine of the moment: every repository test asserts that `globex` sees nothing of `acme`'s.
struct TestDatabase {
    static let now: Int64 = 1_800_000_000_000

    let directory: TemporaryDirectory
    let database: any Storage.Database
    let acme: TenantRecord
    let globex: TenantRecord
    private let home: Home

    /// SQLite only: the file.
    var path: String { directory.file("panelhost.sqlite") }

    /// PostgreSQL only: its superuser's.
    var url: String? {
        if case .server(let server) = home { server.url } else { nil }
    }

    private enum Home {
        case file
        case server(ServerDatabase)
    }

    let authority = SystemAuthority()
    var platform: PlatformScope { authority.platform("test") }

    init() async throws {
        directory = try TemporaryDirectory()
        switch Engine.current {
        case .sqlite:
            let database = try SQLiteDatabase(path: directory.file("panelhost.sqlite"))
            (self.database, home) = (database, .file)
            (acme, globex) = try await Self.createTenants(in: database)
        case .postgresql:
            guard let server = await TestServer.shared() else { throw StorageError(.failed, "there is no PostgreSQL server to test with") }
            let copy = try await server.database()
            (database, home) = (copy.database, .server(copy))
            (acme, globex) = server.tenants
        }
    }

    static func createTenants(in database: any Storage.Database) async throws -> (TenantRecord, TenantRecord) {
        try await database.platform(SystemAuthority().platform("test")) { tx in
            let registry = TenantRegistry(tx)
            return try (
                registry.create(slug: slug("acme"), name: "Acme", by: "system:test", correlation: "c", at: Self.now),
                registry.create(slug: slug("globex"), name: "Globex", by: "system:test", correlation: "c", at: Self.now)
            )
        }
    }

    func scope(_ tenant: TenantRecord) -> TenantScope {
        authority.permit(.auditRead, in: tenant.id, as: "test").scope
    }

    /// Runs in a write transaction of `acme`, or of the given tenant.
    func write<T: Sendable>(_ tenant: TenantRecord? = nil, _ body: @escaping @Sendable (TenantTransaction) throws -> T) async throws -> T {
        try await database.transaction(scope(tenant ?? acme), body)
    }

    /// Runs in a read transaction of `acme`, or of the given tenant.
    func read<T: Sendable>(_ tenant: TenantRecord? = nil, _ body: @escaping @Sendable (TenantTransaction) throws -> T) async throws -> T {
        try await database.read(scope(tenant ?? acme), body)
    }

    func event(
        _ action: String = "test.happened", tenant: TenantRecord? = nil, actor: String = "system:test",
        outcome: AuditOutcome = .success, at: Int64 = Self.now
    ) -> AuditEvent {
        AuditEvent(
            occurredAt: at, tenant: (tenant ?? acme).id, actor: actor, action: action, resource: "thing:1", outcome: outcome,
            detail: ["n": 1], correlation: "c")
    }

    /// Changes rows behind the program's back, as somebody with a shell on the database's machine would.
    func tamper(_ statements: [String]) throws {
        switch home {
        case .file:
            var configuration = Configuration()
            configuration.foreignKeysEnabled = false
            let queue = try DatabaseQueue(path: directory.file("panelhost.sqlite"), configuration: configuration)
            try queue.inDatabase { database in
                for statement in statements { try database.execute(sql: statement) }
            }
            try queue.close()
        case .server(let server):
            // A superuser turns off foreign keys, and then the triggers that no setting turns off.
            let tables = "SELECT oid::regclass AS name FROM pg_class WHERE relnamespace = 'panelhost'::regnamespace AND relkind = 'r'"
            try PostgreSQLDatabase.execute(
                """
                DO $tamper$ DECLARE found record; BEGIN
                    SET LOCAL session_replication_role = replica;
                    FOR found IN \(tables) LOOP EXECUTE format('ALTER TABLE %s DISABLE TRIGGER USER', found.name); END LOOP;
                    \(statements.map { $0 + ";" }.joined(separator: "\n"))
                    FOR found IN \(tables) LOOP EXECUTE format('ALTER TABLE %s ENABLE TRIGGER USER', found.name); END LOOP;
                END $tamper$
                """, url: server.url)
        }
    }

    /// Adds a table for the test alone, which every role of the program may use.
    func createTable(_ definition: String) async throws {
        switch home {
        case .file:
            _ = try await write { try $0.execute("CREATE TABLE \(definition)", []) }
        case .server(let server):
            let name = definition.prefix { $0 != " " }
            try PostgreSQLDatabase.execute("CREATE TABLE \(definition)", url: server.url)
            try PostgreSQLDatabase.execute("GRANT ALL ON \(name) TO panelhost_app, panelhost_platform", url: server.url)
        }
    }

    /// The server's database, for tests of PostgreSQL itself.
    var server: ServerDatabase? {
        if case .server(let database) = home { database } else { nil }
    }
}

// swift-format-ignore: NeverForceUnwrap
func slug(_ text: String) -> TenantSlug { TenantSlug(text)! }
// swift-format-ignore: NeverForceUnwrap
func plugin(_ text: String) -> PluginID { PluginID(text)! }

extension StorageError {
    /// What the closure throws, as a code; `nil` when it throws nothing or something else.
    static func code(of body: () async throws -> some Any) async -> Code? {
        do {
            _ = try await body()
            return nil
        } catch {
            return (error as? StorageError)?.code
        }
    }
}
