// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors

import FoundationEssentials
import Glibc
import Security
import Storage
import Testing

/// A server that goes away and comes back, and how it is found and trusted.
@Suite("PostgreSQL servers", .onPostgreSQL, .serialized)
struct PostgresServerTests {
    private let scope = SystemAuthority().permit(.auditRead, in: .make(), as: "test").scope

    /// A server with a table that says which one it is.
    private func server(named name: String, _ settings: [String] = []) throws -> ThrowawayServer {
        let server = try #require(try ThrowawayServer(settings))
        let url = TestServer.url(server.folder, "postgres")
        for sql in [
            "CREATE SCHEMA panelhost", "CREATE TABLE panelhost.which (name TEXT)", "INSERT INTO panelhost.which (name) VALUES ('\(name)')",
        ] {
            try PostgreSQLDatabase.execute(sql, url: url)
        }
        return server
    }

    private func open(_ url: String, _ change: (inout PostgreSQLOptions) -> Void = { _ in }) async throws -> PostgreSQLDatabase {
        var options = PostgreSQLOptions()
        change(&options)
        return try await PostgreSQLDatabase(url: url, options: options, migrations: nil)
    }

    private func write(_ name: String, _ database: PostgreSQLDatabase) async throws {
        _ = try await database.transaction(scope) { try $0.execute("INSERT INTO which (name) VALUES ($1)", [.text(name)]) }
    }

    private func names(_ database: PostgreSQLDatabase) async throws -> [String] {
        try await database.fetch(scope, "SELECT name FROM which ORDER BY name", []).map { try $0.text("name") }
    }

    @Test("a server that stops is reported as unavailable, and used again when it is back")
    func restart() async throws {
        let server = try server(named: "a")
        let database = try await open(TestServer.url(server.folder, "postgres")) { $0.patience = .milliseconds(600) }
        defer { database.close() }
        var heard = database.notifications("news").makeAsyncIterator()
        #expect(await heard.next() == "")
        try await write("b", database)
        #expect(try await names(database) == ["a", "b"])

        server.obey(.stop)
        #expect(await StorageError.code { try await write("c", database) } == .unavailable)
        #expect(await StorageError.code { try await names(database) } == .unavailable)
        server.obey(.start)

        try await write("d", database)
        #expect(try await names(database) == ["a", "b", "d"])
        // What was said meanwhile is not known.
        #expect(await heard.next() == "")
        try await database.transaction(scope) { try $0.notify("news", "again") }
        #expect(await heard.next() == "again")
    }

    @Test("a backend that is killed takes every connection with it, and nothing that was committed")
    func killed() async throws {
        let server = try server(named: "a")
        let database = try await open(TestServer.url(server.folder, "postgres"))
        defer { database.close() }

        for round in 0..<3 {
            try await write("r\(round)", database)
            let backend = try await database.read(scope) { try $0.query("SELECT pg_backend_pid() AS pid", [])[0].int("pid") }
            kill(pid_t(backend), SIGKILL)
            #expect(try await database.read(scope) { try $0.query("SELECT name FROM which", []).count } == round + 2)
            #expect(try await names(database).count == round + 2)
        }
    }

    @Test("of several hosts the one that takes writes is used, also after they change their parts")
    func hosts() async throws {
        let (first, second) = (try server(named: "first", ["default_transaction_read_only=off"]), try server(named: "second"))
        let url = TestServer.url("\(first.folder),\(second.folder)", "postgres") + "&target_session_attrs=read-write"
        let database = try await open(url)
        defer { database.close() }
        #expect(try await names(database) == ["first"])

        // Demoted, without a connection being cut: the setting on the command line outweighs the file's, a role's outweighs both.
        try PostgreSQLDatabase.execute(
            "ALTER ROLE postgres SET default_transaction_read_only = on", url: TestServer.url(first.folder, "postgres"))
        try PostgreSQLDatabase.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'panelhost' AND pid <> pg_backend_pid()",
            url: TestServer.url(first.folder, "postgres"))
        try await write("after", database)

        #expect(try await names(database) == ["after", "second"])
        second.obey(.stop)
        let late = try await open(url) { $0.patience = .milliseconds(300) }
        #expect(await StorageError.code { try await write("x", late) } == .unavailable)
        late.close()
    }

    @Test("a server that turns read-only is left for another one")
    func demoted() async throws {
        let (first, second) = (try server(named: "first"), try server(named: "second"))
        let url = TestServer.url("\(first.folder),\(second.folder)", "postgres") + "&target_session_attrs=read-write"
        let database = try await open(url)
        defer { database.close() }
        try await write("one", database)

        for sql in ["ALTER SYSTEM SET default_transaction_read_only = on", "SELECT pg_reload_conf()"] {
            try PostgreSQLDatabase.execute(sql, url: TestServer.url(first.folder, "postgres"))
        }
        // A reload reaches a session between two statements, so some of these may still have gone to the first.
        var rounds = 0
        while try await database.read(scope, { try $0.query("SELECT name FROM which WHERE name = 'second'", []).isEmpty }) {
            try await write("two", database)
            rounds += 1
            try #require(rounds < 10_000)
        }
    }

    @Test("a connection to another machine is encrypted and its name verified, or not made at all")
    func encryption() async throws {
        do {
            _ = try await open("postgres://user:canary@db.example/panelhost?sslmode=require")
            Issue.record("connected")
        } catch let error as StorageError {
            #expect(error.code == .unavailable)
            #expect(error.message.contains("verify-full"))
            #expect(!error.message.contains("canary"))
        }
        for url in ["postgres://user:can%ary@localhost/x", "mysql://user:canary@localhost/x", "postgres://user:canary@127.0.0.1:1/x"] {
            do {
                _ = try await PostgreSQLDatabase(url: url)
                Issue.record("connected")
            } catch {
                #expect(!"\(error)".contains("canary") && !"\(error)".contains("can%ary"))
            }
        }
    }

    @Test("sslmode=verify-full accepts the authority's certificate for the host's name, and no other")
    func verification() async throws {
        let server = try #require(try ThrowawayServer(["--tls"]))
        let other = try #require(try ThrowawayServer(["--tls"]))
        let port = try String(contentsOfFile: server.folder + "/port", encoding: .utf8).filter(\.isNumber)
        func url(_ host: String, authority: String) -> String {
            "postgres://postgres@\(host):\(port)/postgres?sslmode=verify-full&sslrootcert=\(authority)/ca.crt"
        }

        let database = try await open(url("localhost", authority: server.folder))
        let row = try await database.fetch(scope, "SELECT ssl FROM pg_stat_ssl WHERE pid = pg_backend_pid()", [])
        #expect(row.first?.values == [1])
        database.close()
        for wrong in [url("127.0.0.1", authority: server.folder), url("localhost", authority: other.folder)] {
            let database = try await open(wrong) { $0.patience = .milliseconds(200) }
            #expect(await StorageError.code { try await database.fetch(scope, "SELECT 1 AS a", []) } == .unavailable)
            #expect(await StorageError.code { try await database.read(scope) { try $0.query("SELECT 1 AS a", []) } } == .unavailable)
            database.close()
        }
    }
}
