// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors

import Storage
import Synchronization

/// One throwaway PostgreSQL server for the whole test process; it goes when the process does, however that ends.
final class TestServer: Sendable {
    private let process: ThrowawayServer
    /// The folder of its socket.
    var folder: String { process.folder }
    let tenants: (TenantRecord, TenantRecord)
    private let made = Atomic(0)

    private static let starting = Task { try await TestServer() }

    /// Nil without a server's programs on this machine.
    static func shared() async -> TestServer? {
        do {
            return try await starting.value
        } catch is NotInstalled {
            return nil
        } catch {
            fatalError("the PostgreSQL server for the tests does not start: \(error)")
        }
    }

    private struct NotInstalled: Error {}

    private init() async throws {
        guard let process = try ThrowawayServer() else { throw NotInstalled() }
        self.process = process
        let folder = process.folder
        try PostgreSQLDatabase.execute("CREATE DATABASE template_panelhost", url: Self.url(folder, "postgres"))
        let template = try await PostgreSQLDatabase(url: Self.url(folder, "template_panelhost"))
        tenants = try await TestDatabase.createTenants(in: template)
        template.close()
    }

    static func url(_ folder: String, _ name: String) -> String { "postgres://postgres@/\(name)?host=\(folder)" }

    /// A new database with the schema and the two tenants.
    func database() async throws -> ServerDatabase {
        let name = "test_\(made.add(1, ordering: .relaxed).newValue)"
        try PostgreSQLDatabase.execute("CREATE DATABASE \(name) TEMPLATE template_panelhost", url: Self.url(folder, "postgres"))
        return try await ServerDatabase(folder: folder, name: name)
    }

    /// A new database without anything in it.
    func emptyDatabase() throws -> String {
        let name = "empty_\(made.add(1, ordering: .relaxed).newValue)"
        try PostgreSQLDatabase.execute("CREATE DATABASE \(name)", url: Self.url(folder, "postgres"))
        return Self.url(folder, name)
    }
}

/// One database of the throwaway server; dropped with the test.
final class ServerDatabase: Sendable {
    let url: String
    let database: PostgreSQLDatabase
    private let folder: String
    private let name: String

    init(folder: String, name: String) async throws {
        (self.folder, self.name) = (folder, name)
        url = TestServer.url(folder, name)
        var options = PostgreSQLOptions()
        options.connections = 4
        database = try await PostgreSQLDatabase(url: url, options: options, migrations: nil)
    }

    deinit {
        database.close()
        try? PostgreSQLDatabase.execute("DROP DATABASE \(name) WITH (FORCE)", url: TestServer.url(folder, "postgres"))
    }
}
