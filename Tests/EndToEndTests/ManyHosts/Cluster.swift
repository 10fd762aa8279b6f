// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors

import Foundation
import Glibc
import NIOHTTP1
import Synchronization
import Testing
import Values

/// Ends the cluster when its suite is through: what a process keeps for all its tests nobody else would.
struct ClosingCluster: SuiteTrait, TestScoping {
    func provideScope(for test: Test, testCase: Test.Case?, performing function: @Sendable @concurrent () async throws -> Void) async throws
    {
        do {
            try await function()
        } catch {
            await close()
            throw error
        }
        await close()
    }

    private func close() async { await (try? Cluster.shared.value)?.close() }
}

/// Three hosts on one PostgreSQL, each a process with a data directory of its own, and a provider that keeps books.
final class Cluster: Sendable {
    /// One host of it.
    struct Member: Sendable {
        var process: ChildProcess
        var api: API
    }

    /// One cluster for all tests of a run.
    static let shared = Task { try await Cluster() }

    let world: World
    let postgres: PostgresServer
    let peer: BooksPeer
    let passwords: [String: String]
    private let environment: [String: String]
    private let members: Mutex<[Member]>

    static let size = 3

    private init() async throws {
        let world = try World()
        self.world = world
        postgres = try await PostgresServer()
        peer = try await BooksPeer.start()

        // The first host makes the root keys; the others are given the same.
        let url = ["PANELHOST_DATABASE_URL": postgres.url]
        let first = try await Self.start(world, 0, peer, url)
        let keys = try String(contentsOfFile: world.data + "-0/keys", encoding: .utf8).trimmingCharacters(in: .whitespacesAndNewlines)
        let environment = url.merging(["PANELHOST_KEKS": keys]) { $1 }
        self.environment = environment
        var passwords: [String: String] = [:]
        _ = try await Self.must(world, environment, ["tenant", "create", "acme"])
        for (tenant, role) in [("platform", "SUPER_ADMIN"), ("acme", "ADMIN")] {
            let output = try await Self.must(
                world, environment, ["user", "create", "--tenant", tenant, "--email", "admin@\(tenant).example", "--role", role])
            passwords[tenant] = output.components(separatedBy: "(shown once): ").last?.trimmingCharacters(in: .whitespacesAndNewlines)
        }
        self.passwords = passwords
        var members = [first]
        for number in 1..<Self.size { members.append(try await Self.start(world, number, peer, environment)) }
        self.members = Mutex(members)
        try await install()
    }

    private func install() async throws {
        try BooksPlugins.write(into: world.folder)
        let platform = try await signIn("platform", on: 0)
        let admin = try await signIn("acme", on: 1)
        for plugin in [BooksPlugins.gateway, BooksPlugins.notifier] {
            let archive = world.folder + "/\(plugin).tar"
            try await world.must("plugin", "pack", world.folder + "/" + plugin, "--out", archive)
            let bytes = Array(try Data(contentsOf: URL(fileURLWithPath: archive)))
            let installed = try await platform.send(.POST, "/v1/plugins", bytes: bytes, type: "application/x-tar")
            guard installed.status == 201 else { throw ChildProcess.Failed(description: "install \(plugin): \(installed)") }
            let path = "/v1/tenants/acme/plugins/\(plugin)"
            let requested = try await admin.get(path).json["requested_capabilities"] ?? .null
            let enabled = try await admin.put(path, ["enabled": true, "approved_capabilities": requested])
            guard enabled.status == 200 else { throw ChildProcess.Failed(description: "enable \(plugin): \(enabled)") }
        }
        try await configure("sk_first", by: admin)
    }

    func configure(_ key: String, by admin: API) async throws {
        let answer = try await admin.put(
            "/v1/tenants/acme/plugins/\(BooksPlugins.gateway)/config", ["secret_key": .string(key), "webhook_secret": "whsec_0123456789"])
        guard answer.status == 200 else { throw ChildProcess.Failed(description: "configure: \(answer)") }
    }

    /// Ends everything that was started, and leaves no file.
    func close() async {
        for member in members.withLock({ $0 }) {
            member.process.send(SIGTERM)
            _ = await member.process.exitCode()
        }
        await postgres.stop()
        for folder in [world.folder, postgres.folder] { try? FileManager.default.removeItem(atPath: folder) }
    }

    // MARK: Hosts

    func api(_ number: Int) -> API { members.withLock { $0[number].api } }
    func process(_ number: Int) -> ChildProcess { members.withLock { $0[number].process } }

    /// Starts a host again that has ended.
    func restart(_ number: Int) async throws {
        let member = try await Self.start(world, number, peer, environment)
        members.withLock { $0[number] = member }
    }

    func signIn(_ tenant: String, on number: Int) async throws -> API {
        let api = api(number)
        let answer = try await login(tenant, on: number)
        guard let token = answer.json["access_token"]?.stringValue else { throw ChildProcess.Failed(description: "sign-in: \(answer)") }
        return api.signedIn(token)
    }

    func login(_ tenant: String, on number: Int) async throws -> API.Answer {
        try await api(number).post(
            "/v1/auth/login",
            ["tenant": .string(tenant), "email": .string("admin@\(tenant).example"), "password": .string(passwords[tenant] ?? "")])
    }

    /// Runs a command of the product against the same database.
    func command(_ arguments: String...) async throws -> String { try await Self.must(world, environment, arguments) }

    private static func start(_ world: World, _ number: Int, _ peer: BooksPeer, _ environment: [String: String]) async throws -> Member {
        let process = try ChildProcess(
            [
                World.panelhost, "run", "--data", world.data + "-\(number)", "--listen", "127.0.0.1:0", "--development", "--destination",
                "\(BooksPlugins.origin)=http://127.0.0.1:\(peer.port)",
            ], environment: environment)
        let line = try await process.line(containing: "listening on ")
        guard let url = line.split(separator: " ").first(where: { $0.hasPrefix("http://") }) else {
            throw ChildProcess.Failed(description: "no address in '\(line)'")
        }
        return Member(process: process, api: API(base: String(url)))
    }

    private static func must(_ world: World, _ environment: [String: String], _ arguments: [String]) async throws -> String {
        let process = try ChildProcess([World.panelhost] + arguments + ["--data", world.data + "-0"], environment: environment)
        let code = await process.exitCode()
        _ = try? await process.line(containing: "\u{0}never printed")
        guard code == 0 else {
            throw ChildProcess.Failed(description: "panelhost \(arguments.joined(separator: " ")) ended with \(code): \(process.output)")
        }
        return process.output
    }
}
