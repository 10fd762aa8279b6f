// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors

import Glibc
import Security
import Storage
import Synchronization
import Testing

/// What a server, a network or another session does to a transaction.
@Suite("PostgreSQL under faults", .onPostgreSQL)
struct PostgresFaultTests {
    private func database(_ test: TestDatabase, _ change: (inout PostgreSQLOptions) -> Void) async throws -> PostgreSQLDatabase {
        let server = try #require(test.server)
        var options = PostgreSQLOptions()
        options.connections = 4
        change(&options)
        return try await PostgreSQLDatabase(url: server.url, options: options, migrations: nil)
    }

    /// Runs as the superuser that the tests connect as.
    private func asSuperuser(_ test: TestDatabase, _ sql: String) throws {
        try PostgreSQLDatabase.execute(sql, url: try #require(test.server).url)
    }

    private let killOthers =
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"

    @Test("connects again when idle connections were cut")
    func idle() async throws {
        let test = try await TestDatabase()
        _ = try await test.read { try $0.query("SELECT 1 AS a", []) }
        _ = try await test.database.fetch(test.scope(test.acme), "SELECT 1 AS a", [])

        for _ in 0..<5 {
            try asSuperuser(test, killOthers)
            try await test.write { try $0.append(test.event()) }
            #expect(try await test.database.fetch(test.scope(test.acme), "SELECT 7 AS a", []).first?.values == [7])
        }
    }

    @Test("runs a transaction again whose connection was cut before its commit, and once only counts")
    func cut() async throws {
        let test = try await TestDatabase()
        try await test.createTable("counter (n BIGINT)")
        let attempts = Atomic(0)

        try await test.write { tx in
            try tx.execute("INSERT INTO counter (n) VALUES (1)", [])
            guard attempts.add(1, ordering: .relaxed).newValue == 1 else { return }
            _ = try tx.query("RESET ROLE", [])
            _ = try tx.query("SELECT pg_terminate_backend(pg_backend_pid())", [])
            _ = try tx.query("SELECT pg_sleep(30)", [])
        }

        #expect(attempts.load(ordering: .relaxed) == 2)
        #expect(try await test.read { try $0.query("SELECT n FROM counter", []).count } == 1)
    }

    @Test("says that a commit without an answer is unknown, and does not run it again")
    func lostCommit() async throws {
        let test = try await TestDatabase()
        try await test.createTable("fatal (n BIGINT)")
        try asSuperuser(
            test,
            """
            CREATE FUNCTION die() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER AS $$
            BEGIN PERFORM pg_terminate_backend(pg_backend_pid()); PERFORM pg_sleep(30); RETURN NULL; END $$
            """)
        try asSuperuser(
            test,
            "CREATE CONSTRAINT TRIGGER die AFTER INSERT ON fatal DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION die()")
        let attempts = Atomic(0)

        let code = await StorageError.code {
            try await test.write { tx in
                attempts.add(1, ordering: .relaxed)
                try tx.execute("INSERT INTO fatal (n) VALUES (1)", [])
            }
        }

        #expect(code == .unknownCommit)
        #expect(attempts.load(ordering: .relaxed) == 1)
        #expect(try await test.read { try $0.query("SELECT 1 AS a", []).count } == 1)
    }

    @Test("runs a transaction again that lost against another one", arguments: ["40001", "40P01"])
    func serialization(state: String) async throws {
        let test = try await TestDatabase()
        let attempts = Atomic(0)

        try await test.write { tx in
            guard attempts.add(1, ordering: .relaxed).newValue < 3 else { return }
            try tx.execute("DO $$ BEGIN RAISE EXCEPTION 'lost' USING ERRCODE = '\(state)'; END $$", [])
        }

        #expect(attempts.load(ordering: .relaxed) == 3)
    }

    @Test("refuses to go on, and to commit, after a failure that the body has swallowed")
    func swallowed() async throws {
        let test = try await TestDatabase()
        try await test.createTable("once (n BIGINT PRIMARY KEY)")

        let code = await StorageError.code {
            try await test.write { tx in
                try tx.execute("INSERT INTO once (n) VALUES (1)", [])
                _ = try? tx.execute("INSERT INTO once (n) VALUES (1)", [])
            }
        }

        #expect(code == .duplicate)
        #expect(try await test.read { try $0.query("SELECT n FROM once", []).isEmpty })
    }

    @Test("ends a statement that takes too long, and one that waits for a lock too long")
    func timeouts() async throws {
        let test = try await TestDatabase()
        let slow = try await database(test) { $0.statementTimeout = .milliseconds(150) }
        let locked = try await database(test) { $0.lockTimeout = .milliseconds(150) }
        defer {
            slow.close()
            locked.close()
        }

        #expect(
            await StorageError.code { try await slow.read(test.scope(test.acme)) { try $0.query("SELECT pg_sleep(30)", []) } } == .timedOut)
        try await test.createTable("held (n BIGINT)")
        _ = try await test.write { try $0.execute("INSERT INTO held (n) VALUES (1)", []) }
        let gate = Gate()
        async let holder: Void = test.write { tx in
            _ = try tx.query("SELECT n FROM held FOR UPDATE", [])
            gate.isHeld.open()
            gate.isDone.wait()
        }
        await gate.isHeld.opened()
        #expect(
            await StorageError.code {
                try await locked.transaction(test.scope(test.acme)) { try $0.query("SELECT n FROM held FOR UPDATE", []) }
            }
                == .busy)
        gate.isDone.open()
        try await holder
    }

    @Test("says busy to whoever waits for a connection longer than he may")
    func exhausted() async throws {
        let test = try await TestDatabase()
        let small = try await database(test) {
            $0.connections = 1
            $0.patience = .milliseconds(200)
        }
        defer { small.close() }
        let gate = Gate()
        let scope = test.scope(test.acme)
        async let holder: Void = small.transaction(scope) { _ in
            gate.isHeld.open()
            gate.isDone.wait()
        }
        await gate.isHeld.opened()

        #expect(await StorageError.code { try await small.read(scope) { try $0.query("SELECT 1 AS a", []) } } == .busy)
        gate.isDone.open()
        try await holder
        #expect(try await small.read(scope) { try $0.query("SELECT 1 AS a", []).count } == 1)
    }

    @Test("stops a read on the server when its task is cancelled, and lets a write go on")
    func cancellation() async throws {
        let test = try await TestDatabase()
        try await test.createTable("counter (n BIGINT)")
        let gate = Gate()

        let reading = Task {
            try await test.read { tx in
                _ = try tx.query("SELECT 1 AS a", [])
                gate.isHeld.open()
                return try tx.query("SELECT pg_sleep(600)", []).count
            }
        }
        await gate.isHeld.opened()
        reading.cancel()
        await #expect(throws: CancellationError.self) { try await reading.value }
        let active = try await test.database.platformRead(test.platform) { tx in
            _ = try tx.query("RESET ROLE", [])
            return try tx.query("SELECT 1 AS a FROM pg_stat_activity WHERE state = 'active' AND query = 'SELECT pg_sleep(600)'", []).count
        }
        #expect(active == 0)

        let second = Gate()
        let writing = Task {
            try await test.write { tx in
                second.isHeld.open()
                second.isDone.wait()
                return try tx.execute("INSERT INTO counter (n) VALUES (1)", [])
            }
        }
        await second.isHeld.opened()
        writing.cancel()
        second.isDone.open()
        #expect(try await writing.value == 1)
        #expect(try await test.read { try $0.query("SELECT n FROM counter", []).count } == 1)
    }

    @Test("tells nobody which row was there already, or which value was refused")
    func silence() async throws {
        let test = try await TestDatabase()
        try await test.createTable("once (name TEXT PRIMARY KEY, n BIGINT CHECK (n > 0))")
        _ = try await test.write { try $0.execute("INSERT INTO once (name, n) VALUES ('canary-7', 1)", []) }

        for sql in [
            "INSERT INTO once (name, n) VALUES ('canary-7', 1)", "INSERT INTO once (name, n) VALUES ('canary-7', -1)",
            "SELECT CAST('canary-7' AS BIGINT) AS n", "SELECT name / 0 AS n FROM once", "SELECT 1 / (n - n) AS n FROM once",
        ] {
            do {
                _ = try await test.write { try $0.query(sql, []) }
                Issue.record("accepted \(sql)")
            } catch {
                #expect(!"\(error)".contains("canary"), "\(sql)")
            }
        }
    }
}

/// Two doors between a test and a body that runs elsewhere.
private struct Gate: Sendable {
    let isHeld = Door()
    let isDone = Door()
}

/// Closed until somebody opens it, for good.
private final class Door: Sendable {
    private let ends: (reader: Int32, writer: Int32)

    init() {
        var ends: [Int32] = [0, 0]
        pipe(&ends)
        self.ends = (ends[0], ends[1])
    }

    func open() {
        var byte: UInt8 = 1
        _ = write(ends.writer, &byte, 1)
    }

    /// On a thread that may wait.
    func wait() {
        var descriptor = pollfd(fd: ends.reader, events: Int16(POLLIN), revents: 0)
        _ = poll(&descriptor, 1, -1)
    }

    func opened() async {
        var descriptor = pollfd(fd: ends.reader, events: Int16(POLLIN), revents: 0)
        while poll(&descriptor, 1, 0) == 0 { await Task.yield() }
    }
}
