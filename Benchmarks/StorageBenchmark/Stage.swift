// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors

import Glibc
import Security
import Storage
import Values

/// A PostgreSQL server of our own with fsync on, an SQLite file beside it, and the same tenant in both.
final class Stage {
    static let payments = 100_000
    static let clients = [1, 8, 32]

    let rounds: Int
    let seconds: Double
    let authority = SystemAuthority()
    let postgres: PostgreSQLDatabase
    let sqlite: SQLiteDatabase
    /// In both databases of the same id.
    let tenant: TenantID
    let folder: String
    private let server: ThrowawayServer

    var scope: TenantScope { authority.permit(.auditRead, in: tenant, as: "bench").scope }

    /// Nil without PostgreSQL on this machine.
    init?(isQuick: Bool) async throws {
        guard let server = try ThrowawayServer() else { return nil }
        self.server = server
        rounds = isQuick ? 1 : 5
        seconds = isQuick ? 1 : 3
        folder = server.folder
        try PostgreSQLDatabase.execute("CREATE DATABASE bench", url: server.url("postgres", as: "postgres"))
        try PostgreSQLSchema.migrate(url: server.url("bench", as: "postgres"))
        var options = PostgreSQLOptions()
        options.connections = 32
        options.isDevelopment = true
        // As a host connects: neither owner nor superuser.
        postgres = try await PostgreSQLDatabase(url: server.url("bench", as: "panelhost_app"), options: options)
        sqlite = try SQLiteDatabase(path: server.scratch + "/panelhost.sqlite")
        let record = try await Self.createTenant(in: postgres, authority)
        tenant = record.id
        _ = try await sqlite.platform(authority.platform("bench")) { tx in
            try tx.execute(
                "INSERT INTO tenants (id, slug, name, status, epoch, created_at, changed_at) VALUES ($1, 'bench', 'Bench', 'active', 1, 1, 1)",
                [.text(record.id.description)])
        }
        try psql(
            """
            INSERT INTO payments (tenant_id, id, plugin_id, instance_id, merchant_reference, status, amount_minor, currency, capture,
                captured_minor, refunded_minor, invoice_id, customer_ref, request, detail, reconcile_count, revision, created_at, updated_at)
            SELECT '\(tenant)', 'p' || n, 'stripe', 'i', 'r' || n, 'succeeded', 100, 'EUR', 'automatic', 100, 0, 'inv' || n, 'c', '{}', '{}', 0, 1, 1, 1
            FROM generate_series(1, \(Self.payments)) AS n;
            """)
        try psql("VACUUM ANALYZE; CHECKPOINT;")
    }

    private static func createTenant(in database: any Database, _ authority: SystemAuthority) async throws -> TenantRecord {
        guard let slug = TenantSlug("bench") else { throw Failed("a slug") }
        return try await database.platform(authority.platform("bench")) { tx in
            try TenantRegistry(tx).create(slug: slug, name: "Bench", by: "system:bench", correlation: "c", at: 1)
        }
    }

    func close() {
        postgres.close()
        try? sqlite.close()
        server.stop()
    }

    var scratch: String { server.scratch }

    func url(as role: String) -> String { server.url("bench", as: role) }

    /// Runs statements as the superuser.
    func psql(_ sql: String) throws {
        let path = server.scratch + "/statements.sql"
        try write(sql, to: path)
        // From a file, each statement on its own: VACUUM runs in no transaction.
        try output("PGOPTIONS='-c search_path=panelhost' psql -q -v ON_ERROR_STOP=1 -h \(folder) -U postgres -f \(path) bench 2>&1")
    }

    /// Transactions a second of `pgbench` with this script, as a host connects.
    func pgbench(_ script: String, clients: Int, as role: String = "panelhost_app") throws -> Double {
        let path = server.scratch + "/script.sql"
        try write(script, to: path)
        // So many connections take a while before the first transaction.
        let time = Int(max(seconds, clients > 32 ? 3 : 1).rounded(.up))
        let text = try output(
            "PGOPTIONS='-c search_path=panelhost' pgbench -n -M prepared -c \(clients) -j \(min(2, clients)) -T \(time) "
                + "-f \(path) -h \(folder) -U \(role) bench 2>&1")
        for line in text.split(separator: "\n") where line.hasPrefix("tps = ") {
            if let rate = Double(line.dropFirst(6).prefix { $0 != " " }) { return rate }
        }
        throw Failed("pgbench did not say how fast it was: \(text)")
    }

    /// Calls a second of `body` from so many tasks, after a short warm-up.
    func rate(tasks: Int, _ body: @escaping @Sendable (Int) async throws -> Void) async throws -> Double {
        try await Self.load(tasks: tasks, seconds: 0.3, body).perSecond
            > 0 ? try await Self.load(tasks: tasks, seconds: seconds, body).perSecond : 0
    }

    private static func load(
        tasks: Int, seconds: Double, _ body: @escaping @Sendable (Int) async throws -> Void
    ) async throws -> (calls: Int, perSecond: Double) {
        let start = ContinuousClock.now
        let end = start + .seconds(seconds)
        let calls = try await withThrowingTaskGroup(of: Int.self) { group in
            for task in 0..<tasks {
                group.addTask { @concurrent in
                    var calls = 0
                    while ContinuousClock.now < end {
                        try await body(task)
                        calls += 1
                    }
                    return calls
                }
            }
            return try await group.reduce(0, +)
        }
        return (calls, Double(calls) / ((ContinuousClock.now - start) / .seconds(1)))
    }
}

/// What went wrong, in one line.
struct Failed: Error, CustomStringConvertible {
    let description: String

    init(_ description: String) { self.description = description }
}

/// The output of a shell command that must succeed.
@discardableResult
func output(_ command: String) throws -> String {
    guard let pipe = popen(command, "r") else { throw Failed("no shell") }
    var bytes: [UInt8] = []
    var buffer = [UInt8](repeating: 0, count: 4096)
    while case let count = fread(&buffer, 1, buffer.count, pipe), count > 0 { bytes += buffer[..<count] }
    let text = String(decoding: bytes, as: UTF8.self)
    guard pclose(pipe) == 0 else { throw Failed(text) }
    return text
}

/// Replaces a file.
func write(_ text: String, to path: String) throws {
    guard let file = fopen(path, "w") else { throw Failed("cannot write \(path)") }
    defer { fclose(file) }
    guard fputs(text, file) >= 0 else { throw Failed("cannot write \(path)") }
}
