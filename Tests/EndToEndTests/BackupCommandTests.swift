// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors

import Foundation
import Security
import Storage
import Testing

/// The operator's commands, killed where it hurts.
@Suite("Backups at the command line", .timeLimit(.minutes(5)))
struct BackupCommandTests {
    private let world: World
    private let key: String
    private let canary = "canary-\(UUID().uuidString)"

    init() throws {
        world = try World()
        key = world.folder + "/backup.key"
    }

    /// An installation with enough rows that a backup takes a while.
    private func installation(rows: Int) async throws {
        try await world.must("tenant", "create", "acme", "--data", world.data)
        try await world.must("backup", "keygen", "--out", key)
        let database = try SQLiteDatabase(path: world.data + "/panelhost.sqlite")
        let canary = canary
        try await database.platform(SystemAuthority().platform("test")) { tx in
            let tenant = try tx.query("SELECT id FROM tenants WHERE slug = 'acme'", [])[0].text("id")
            let padding = canary + String(repeating: "x", count: 400)
            for number in 0..<rows {
                try tx.execute(
                    "INSERT INTO factor_sends (tenant_id, subject, id, sent_at) VALUES ($1, $2, $3, $4)",
                    [.text(tenant), "s", .text("\(padding)\(number)"), .int(Int64(number))])
            }
        }
        try database.close()
    }

    private func exists(_ path: String) -> Bool { FileManager.default.fileExists(atPath: path) }

    private func size(_ path: String) -> Int {
        (try? FileManager.default.attributesOfItem(atPath: path)[.size] as? Int) ?? 0
    }

    /// Starts a command, and kills it as soon as the condition holds; answers its exit code.
    private func kill(_ arguments: [String], when condition: () -> Bool) async throws -> Int32 {
        let process = try ChildProcess([World.panelhost] + arguments)
        while !condition(), !process.hasEnded { await Task.yield() }
        process.send(SIGKILL)
        return await process.exitCode()
    }

    @Test("a backup or a restore that is killed in the middle leaves nothing that is taken for whole, and the next one succeeds")
    func killed() async throws {
        try await installation(rows: 12_000)
        let file = world.folder + "/a.backup"
        let create = ["backup", "create", "--out", file, "--key", key, "--data", world.data]
        #expect(try await kill(create) { size(file + ".partial") > 100_000 } == 128 + SIGKILL)
        #expect(!exists(file) && exists(file + ".partial"))
        let refused = try await world.run("backup", "verify", file + ".partial", "--key", key)
        #expect(refused.code == 2, "\(refused.output)")
        #expect(try await world.must("backup", "create", "--out", file, "--key", key, "--data", world.data).contains("read back and whole"))
        #expect(!exists(file + ".partial"))
        #expect(try Data(contentsOf: URL(filePath: file)).range(of: Data(canary.utf8)) == nil)

        let fresh = world.folder + "/fresh"
        let restore = ["backup", "restore", file, "--key", key, "--data", fresh]
        #expect(try await kill(restore) { size(fresh + "/panelhost.sqlite.restoring-wal") > 1_000_000 } == 128 + SIGKILL)
        #expect(!exists(fresh + "/panelhost.sqlite") && exists(fresh + "/panelhost.sqlite.restoring"))
        let started = try await world.run("tenant", "list", "--data", fresh)
        #expect(started.code == 1 && started.output.contains("there is no installation"), "\(started.output)")
        let restored = try await world.must("backup", "restore", file, "--key", key, "--data", fresh)
        #expect(restored.contains("each read back and equal"), "\(restored)")
        #expect(!exists(fresh + "/panelhost.sqlite.restoring"))
        try FileManager.default.copyItem(atPath: world.data + "/keys", toPath: fresh + "/keys")
        #expect(try await world.must("tenant", "list", "--data", fresh).contains("acme"))
    }

    @Test("a drill passes over the running installation, leaves nothing, and fails over another one with exit code 2")
    func drill() async throws {
        try await installation(rows: 10)
        let file = world.folder + "/a.backup"
        try await world.must("backup", "create", "--out", file, "--key", key, "--data", world.data)
        try await world.must("tenant", "create", "globex", "--data", world.data)
        let scratch = world.folder + "/scratch"
        try FileManager.default.createDirectory(atPath: scratch, withIntermediateDirectories: false)
        let passed = try await world.must("backup", "drill", file, "--key", key, "--data", world.data, "--scratch", scratch)
        #expect(passed.contains("the drill passed") && passed.contains("continues"), "\(passed)")
        #expect(try FileManager.default.contentsOfDirectory(atPath: scratch).isEmpty)

        let other = world.folder + "/other"
        try await world.must("tenant", "create", "acme", "--data", other)
        let failed = try await world.run("backup", "drill", file, "--key", key, "--data", other, "--scratch", scratch)
        #expect(failed.code == 2 && failed.output.contains("the running one is"), "\(failed.output)")
        #expect(try FileManager.default.contentsOfDirectory(atPath: scratch).isEmpty)
    }

    @Test("every refusal is one line that says what to do, with its exit code")
    func refusals() async throws {
        try await installation(rows: 1)
        let file = world.folder + "/a.backup"
        let noKey = try await world.run("backup", "create", "--out", file, "--data", world.data)
        #expect(noKey.code == 1 && noKey.output.contains("panelhost backup keygen"), "\(noKey.output)")
        let given = try String(contentsOfFile: key, encoding: .utf8)
        let created = try await world.run(
            "backup", "create", "--out", file, "--data", world.data, environment: ["PANELHOST_BACKUP_KEY": given])
        #expect(created.code == 0 && created.output.contains("not in it: the root keys"), "\(created.output)")
        let again = try await world.run("backup", "create", "--out", file, "--key", key, "--data", world.data)
        #expect(again.code == 1 && again.output.contains("never overwrites"), "\(again.output)")
        let over = try await world.run("backup", "restore", file, "--key", key, "--data", world.data)
        #expect(over.code == 1 && over.output.contains("nothing is ever overwritten"), "\(over.output)")
        try await world.must("backup", "keygen", "--out", key + "2")
        let wrong = try await world.run("backup", "verify", file, "--key", key + "2")
        #expect(wrong.code == 2 && wrong.output.contains("give the other one"), "\(wrong.output)")
        #expect(chmod(key, 0o644) == 0)
        let open = try await world.run("backup", "verify", file, "--key", key)
        #expect(open.code == 1 && open.output.contains("chmod 600"), "\(open.output)")
        for output in [noKey, created, again, over, wrong, open] {
            #expect(!output.output.contains(given.split(separator: "\n").last ?? "?"))
        }
    }
}
