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

/// A database file with two tenants: every repository test asserts that `globex` sees nothing of `acme`'s.
struct TestDatabase {
    static let now: Int64 = 1_800_000_000_000

    let directory: TemporaryDirectory
    let database: SQLiteDatabase
    let acme: TenantRecord
    let globex: TenantRecord

    var path: String { directory.file("panelhost.sqlite") }
    let authority = SystemAuthority()
    var platform: PlatformScope { authority.platform("test") }

    init(migrations: [Migration] = Migration.all) async throws {
        directory = try TemporaryDirectory()
        database = try SQLiteDatabase(path: directory.file("panelhost.sqlite"), migrations: migrations)
        (acme, globex) = try await database.platform(authority.platform("test")) { tx in
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

    /// Changes the file behind the program's back, as somebody with a shell would.
    func tamper(_ statements: [String]) throws {
        var configuration = Configuration()
        configuration.foreignKeysEnabled = false
        let queue = try DatabaseQueue(path: path, configuration: configuration)
        try queue.inDatabase { database in
            for statement in statements { try database.execute(sql: statement) }
        }
        try queue.close()
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
