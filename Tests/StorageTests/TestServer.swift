// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors

import FoundationEssentials
import Glibc
import Storage
import Synchronization

/// One throwaway PostgreSQL server for the whole test process; it goes when the process does, however that ends.
final class TestServer: Sendable {
    /// The folder of its socket.
    let folder: String
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
        guard let folder = try Throwaway.start() else { throw NotInstalled() }
        self.folder = folder
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
        database = try await PostgreSQLDatabase(url: url, options: options)
    }

    deinit {
        database.close()
        try? PostgreSQLDatabase.execute("DROP DATABASE \(name) WITH (FORCE)", url: TestServer.url(folder, "postgres"))
    }
}

/// `scripts/postgres-throwaway` as a child, which ends when the pipe to it does.
enum Throwaway {
    /// The folder of the server's socket; nil when no server is installed.
    static func start(_ settings: [String] = []) throws -> String? {
        let script = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
            .appending(path: "scripts/postgres-throwaway").path
        var input: [Int32] = [0, 0]
        var output: [Int32] = [0, 0]
        // Close-on-exec: another child that inherited the writing end would keep the server alive.
        guard pipe(&input) == 0, pipe(&output) == 0 else { throw StorageError(.failed, "no pipe") }
        for end in input + output { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        posix_spawn_file_actions_adddup2(&actions, input[0], 0)
        posix_spawn_file_actions_adddup2(&actions, output[1], 1)
        var arguments = ([script] + settings).map { strdup($0) } + [nil]
        var child = pid_t()
        let error = posix_spawn(&child, script, &actions, nil, &arguments, environ)
        for argument in arguments { free(argument) }
        posix_spawn_file_actions_destroy(&actions)
        close(input[0])
        close(output[1])
        guard error == 0 else { throw StorageError(.failed, "\(script) cannot be started: \(String(cString: strerror(error)))") }
        let line = readLine(output[0])
        close(output[0])
        if !line.isEmpty { return line }
        var status: Int32 = 0
        waitpid(child, &status, 0)
        guard (status >> 8) & 0xFF == 77 else { throw StorageError(.failed, "\(script) ended with status \(status)") }
        return nil
    }

    private static func readLine(_ descriptor: Int32) -> String {
        var line: [UInt8] = []
        var byte: UInt8 = 0
        while read(descriptor, &byte, 1) == 1, byte != UInt8(ascii: "\n") { line.append(byte) }
        return String(decoding: line, as: UTF8.self)
    }
}
