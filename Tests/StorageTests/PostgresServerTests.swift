// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors

import FoundationEssentials
import Glibc
import Security
import Storage
import Synchronization
import Testing

/// A server that goes away and comes back, and how it is found and trusted.
@Suite("PostgreSQL servers", .onPostgreSQL, .serialized)
struct PostgresServerTests {
    private let scope = SystemAuthority().permit(.auditRead, in: .make(), as: "test").scope

    private static let servers = Mutex<[String: ThrowawayServer]>([:])

    /// One of two servers, which all tests share.
    private func server(_ name: String) throws -> ThrowawayServer {
        try Self.servers.withLock { servers in
            if let known = servers[name] { return known }
            let new = try #require(try ThrowawayServer(name == "first" ? ["--tls"] : []))
            servers[name] = new
            try PostgreSQLDatabase.execute("CREATE DATABASE migrated", url: url([new], "postgres"))
            try PostgreSQLSchema.prepare(url: url([new], "migrated"))
            return new
        }
    }

    private func port(_ server: ThrowawayServer) -> String {
        (try? String(contentsOfFile: server.folder + "/port", encoding: .utf8))?.filter(\.isNumber) ?? "5432"
    }

    private func url(_ servers: [ThrowawayServer], _ database: String) -> String {
        let hosts = servers.map(\.folder).joined(separator: ",")
        return "postgres://postgres@/\(database)?host=\(hosts)&port=\(servers.map(port).joined(separator: ","))"
    }

    /// A database with a table that says which server it is on.
    private func prepare(_ database: String, on name: String) throws -> ThrowawayServer {
        let server = try server(name)
        try PostgreSQLDatabase.execute("CREATE DATABASE \(database) TEMPLATE migrated", url: url([server], "postgres"))
        for sql in [
            "CREATE TABLE panelhost.which (name TEXT)", "GRANT ALL ON panelhost.which TO panelhost_app",
            "INSERT INTO panelhost.which (name) VALUES ('\(name)')",
        ] {
            try PostgreSQLDatabase.execute(sql, url: url([server], database))
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
        let server = try prepare("restart", on: "first")
        let database = try await open(url([server], "restart")) { $0.patience = .milliseconds(600) }
        defer { database.close() }
        var heard = database.notifications("news").makeAsyncIterator()
        #expect(await heard.next() == "")
        try await write("b", database)
        #expect(try await names(database) == ["b", "first"])

        server.obey(.stop)
        #expect(await StorageError.code { try await write("c", database) } == .unavailable)
        #expect(await StorageError.code { try await names(database) } == .unavailable)
        server.obey(.start)

        try await write("d", database)
        #expect(try await names(database) == ["b", "d", "first"])
        // What was said meanwhile is not known.
        #expect(await heard.next() == "")
        try await database.transaction(scope) { try $0.notify("news", "again") }
        #expect(await heard.next() == "again")
    }

    @Test("a backend that is killed takes every connection with it, and nothing that was committed")
    func killed() async throws {
        let server = try prepare("killed", on: "first")
        let database = try await open(url([server], "killed"))
        defer { database.close() }

        for round in 0..<3 {
            let attempts = Atomic(0)
            try await database.transaction(scope) { tx in
                try tx.execute("INSERT INTO which (name) VALUES ($1)", [.text("round \(round)")])
                guard attempts.add(1, ordering: .relaxed).newValue == 1 else {
                    // Who connects before the server has noticed is cut as well, and had better not be committing then.
                    _ = try tx.query("SELECT pg_sleep(0.3)", [])
                    return
                }
                kill(pid_t(try tx.query("SELECT pg_backend_pid() AS pid", [])[0].int("pid")), SIGKILL)
                _ = try tx.query("SELECT pg_sleep(30)", [])
            }
            #expect(attempts.load(ordering: .relaxed) >= 2)
            #expect(try await names(database).count == round + 2)
        }
    }

    @Test("of several hosts the one that takes writes is used, also after they change their parts")
    func hosts() async throws {
        let (first, second) = (try prepare("hosts", on: "first"), try prepare("hosts", on: "second"))
        let url = self.url([first, second], "hosts") + "&target_session_attrs=read-write"
        let database = try await open(url)
        defer { database.close() }
        #expect(try await names(database) == ["first"])

        let admin = self.url([first], "postgres")
        try PostgreSQLDatabase.execute("ALTER DATABASE hosts SET default_transaction_read_only = on", url: admin)
        try PostgreSQLDatabase.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = 'hosts'", url: admin)
        try await write("after", database)

        #expect(try await names(database) == ["after", "second"])
        second.obey(.stop)
        let late = try await open(url) { $0.patience = .milliseconds(300) }
        #expect(await StorageError.code { try await write("x", late) } == .unavailable)
        late.close()
        second.obey(.start)
    }

    @Test("a server that turns read-only is left for another one")
    func demoted() async throws {
        let (first, second) = (try prepare("demoted", on: "first"), try prepare("demoted", on: "second"))
        let url = self.url([first, second], "demoted") + "&target_session_attrs=read-write"
        let database = try await open(url)
        defer { database.close() }
        try await write("one", database)

        let admin = self.url([first], "postgres")
        try PostgreSQLDatabase.execute("ALTER SYSTEM SET default_transaction_read_only = on", url: admin)
        try PostgreSQLDatabase.execute("SELECT pg_reload_conf()", url: admin)
        // A reload reaches a session between two statements, so some of these may still have gone to the first.
        var rounds = 0
        while try await database.read(scope, { try $0.query("SELECT name FROM which WHERE name = 'second'", []).isEmpty }) {
            try await write("two", database)
            rounds += 1
            try #require(rounds < 10_000)
        }
        try PostgreSQLDatabase.execute("ALTER SYSTEM RESET default_transaction_read_only", url: admin)
        try PostgreSQLDatabase.execute("SELECT pg_reload_conf()", url: admin)
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
        let server = try server("first")
        func url(_ host: String, authority: String) -> String {
            "postgres://postgres@\(host):\(port(server))/migrated?sslmode=verify-full&sslrootcert=\(server.folder)/\(authority).crt"
        }

        let database = try await open(url("localhost", authority: "ca"))
        #expect(try await database.fetch(scope, "SELECT 7 AS a", []).first?.values == [7])
        database.close()
        for wrong in [url("127.0.0.1", authority: "ca"), url("localhost", authority: "other")] {
            let database = try await open(wrong) { $0.patience = .milliseconds(200) }
            #expect(await StorageError.code { try await database.fetch(scope, "SELECT 1 AS a", []) } == .unavailable)
            #expect(await StorageError.code { try await database.read(scope) { try $0.query("SELECT 1 AS a", []) } } == .unavailable)
            database.close()
        }
    }
}
