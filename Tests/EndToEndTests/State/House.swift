// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors

import Foundation
import Glibc
import Security
import Storage
import Synchronization
import Testing
import Values

/// Where an installation keeps its state.
enum Engine: String, CaseIterable, Sendable, CustomTestStringConvertible {
    case sqlite, postgresql

    var testDescription: String { rawValue }

    /// The engines that this machine has.
    static var here: [Engine] { PostgresServer.programs == nil ? [.sqlite] : allCases }
}

/// One host on one engine, with a tenant, its administrator, and a gateway whose provider keeps books of its own.
final class House: Sendable {
    /// One house for each engine and all tests of a run.
    static func shared(_ engine: Engine) async throws -> House {
        switch engine {
        case .sqlite: try await sqlite.value
        case .postgresql: try await postgresql.value
        }
    }

    private static let sqlite = Task { try await House(.sqlite) }
    private static let postgresql = Task { try await House(.postgresql) }

    let engine: Engine
    let world: World
    let postgres: PostgresServer?
    let peer: BooksPeer
    let phone: LoopbackPeer
    let password: String
    /// The same database, opened by the test beside the host.
    let database: any Database
    private let running: Mutex<(process: ChildProcess, api: API)>

    static let plugin = "/v1/tenants/acme/plugins/\(BooksPlugins.gateway)"
    static let payments = "/v1/tenants/acme/payments"
    static let secretKey = "sk_canary_77c1d0a94b"
    static let webhookSecret = "whsec_canary_5a1f33e0d2"

    private init(_ engine: Engine) async throws {
        self.engine = engine
        let world = try World()
        self.world = world
        postgres = engine == .postgresql ? try await PostgresServer() : nil
        peer = try await BooksPeer.start()
        phone = try LoopbackPeer(.answer(status: 201, body: #"{"sid":"SM00000000000000000000000000000001","status":"queued"}"#))
        let environment = Self.environment(postgres)
        if let postgres {
            // Hosts and commands are nobody who could pass row-level security.
            _ = try await Self.run(world, ["PANELHOST_DATABASE_URL": postgres.url], ["migrate", "up"], must: true)
        }
        running = Mutex(try await Self.start(world, peer, phone, environment))
        if let postgres {
            var options = PostgreSQLOptions()
            options.isDevelopment = true
            database = try await PostgreSQLDatabase(url: postgres.url, options: options)
        } else {
            database = try SQLiteDatabase(path: world.data + "/panelhost.sqlite")
        }
        var passwords: [String] = []
        _ = try await Self.run(world, environment, ["tenant", "create", "acme"], must: true)
        for (tenant, role) in [("platform", "SUPER_ADMIN"), ("acme", "ADMIN")] {
            let output = try await Self.run(
                world, environment, ["user", "create", "--tenant", tenant, "--email", "admin@\(tenant).example", "--role", role], must: true
            ).output
            passwords.append(
                output.components(separatedBy: "(shown once): ").last?.trimmingCharacters(in: .whitespacesAndNewlines) ?? "")
        }
        password = passwords[1]
        let admin = try await signIn()
        try BooksPlugins.write(into: world.folder)
        for (plugin, folder) in [(BooksPlugins.gateway, world.folder), ("sms-twilio", World.project + "/plugins")] {
            let archive = world.folder + "/\(plugin).tar"
            try await must("plugin", "pack", "\(folder)/\(plugin)", "--out", archive, data: false)
            try await must("plugin", "install", archive, "--allow-unsigned")
            let path = "/v1/tenants/acme/plugins/\(plugin)"
            let requested = try await admin.get(path).json["requested_capabilities"] ?? .null
            let enabled = try await admin.put(path, ["enabled": true, "approved_capabilities": requested])
            guard enabled.status == 200 else { throw ChildProcess.Failed(description: "enable \(plugin): \(enabled)") }
        }
        let configured = try await configure(by: admin)
        guard configured.status == 200 else { throw ChildProcess.Failed(description: "configure: \(configured)") }
    }

    func configure(by admin: API) async throws -> API.Answer {
        try await admin.put(
            Self.plugin + "/config", ["secret_key": .string(Self.secretKey), "webhook_secret": .string(Self.webhookSecret)])
    }

    // MARK: The host

    var api: API { running.withLock { $0.api } }
    var host: ChildProcess { running.withLock { $0.process } }

    /// Ends the host with a signal; it stays down.
    func end(with signal: Int32) async {
        host.send(signal)
        _ = await host.exitCode()
    }

    /// Starts a host again on the same data.
    func start() async throws {
        let fresh = try await Self.start(world, peer, phone, Self.environment(postgres))
        running.withLock { $0 = fresh }
    }

    func login() async throws -> API.Answer {
        try await api.post("/v1/auth/login", ["tenant": "acme", "email": "admin@acme.example", "password": .string(password)])
    }

    func signIn() async throws -> API {
        let answer = try await login()
        guard let token = answer.json["access_token"]?.stringValue else { throw ChildProcess.Failed(description: "sign-in: \(answer)") }
        return api.signedIn(token)
    }

    // MARK: Commands

    /// Runs a command on this installation to its end.
    func run(_ arguments: [String]) async throws -> (code: Int32, output: String) {
        try await Self.run(world, Self.environment(postgres), arguments)
    }

    @discardableResult
    func must(_ arguments: String..., data: Bool = true) async throws -> String {
        try await Self.run(world, Self.environment(postgres), arguments, must: true, data: data).output
    }

    /// Starts a command and kills it as soon as the condition holds; answers its exit code.
    func kill(_ arguments: [String], when condition: () async throws -> Bool) async throws -> Int32 {
        let process = try ChildProcess(
            [World.panelhost] + arguments + ["--data", world.data], environment: Self.environment(postgres))
        while try await !condition(), !process.hasEnded {}
        process.send(SIGKILL)
        return await process.exitCode()
    }

    /// One column out of the database, past every policy, as text.
    func texts(_ sql: String) async throws -> [String] {
        if let postgres { return try await postgres.sql("SET search_path = panelhost; \(sql)").split(separator: "\n").map(String.init) }
        return try await database.platformRead(SystemAuthority().platform("tests")) { tx in
            try tx.query("SELECT CAST(found.value AS TEXT) AS value FROM (\(sql)) AS found", []).map { try $0.text("value") }
        }
    }

    func count(_ what: String) async throws -> Int {
        try await texts("SELECT COUNT(*) AS value FROM \(what)").first.flatMap { Int($0) } ?? -1
    }

    private static func environment(_ postgres: PostgresServer?) -> [String: String] {
        postgres.map { ["PANELHOST_DATABASE_URL": $0.url.replacing("postgres@", with: "panelhost_app@")] } ?? [:]
    }

    private static func start(
        _ world: World, _ peer: BooksPeer, _ phone: LoopbackPeer, _ environment: [String: String]
    ) async throws -> (process: ChildProcess, api: API) {
        let process = try ChildProcess(
            [
                World.panelhost, "run", "--data", world.data, "--listen", "127.0.0.1:0", "--development",
                "--destination", "\(BooksPlugins.origin)=http://127.0.0.1:\(peer.port)",
                "--destination", "https://api.twilio.com=\(phone.base)",
            ], environment: environment)
        let line = try await process.line(containing: "listening on ")
        guard let url = line.split(separator: " ").first(where: { $0.hasPrefix("http://") }) else {
            throw ChildProcess.Failed(description: "no address in '\(line)'")
        }
        return (process, API(base: String(url)))
    }

    private static func run(
        _ world: World, _ environment: [String: String], _ arguments: [String], must: Bool = false, data: Bool = true
    ) async throws -> (code: Int32, output: String) {
        let process = try ChildProcess(
            [World.panelhost] + arguments + (data ? ["--data", world.data] : []), environment: environment)
        let code = await process.exitCode()
        _ = try? await process.line(containing: "\u{0}never printed")
        guard !must || code == 0 else {
            throw ChildProcess.Failed(description: "panelhost \(arguments.joined(separator: " ")) ended with \(code): \(process.output)")
        }
        return (code, process.output)
    }
}
