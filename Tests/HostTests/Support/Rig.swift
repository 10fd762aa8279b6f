// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors

import Glibc
import Host
import Logging
import PluginAPI
import Sandbox
import Security
import Storage
import Testing
import Values

/// A whole host for one test: a real database in a folder of its own, real keys, real cells, two tenants.
final class Rig: Sendable {
    let host: Host
    let database: SealingDatabase
    private let file: SQLiteDatabase
    let encryption: EncryptionService
    let authority = SystemAuthority()
    let fallback: AuditFallback
    let acme: TenantRecord
    let globex: TenantRecord
    let platform: TenantRecord
    private let folder: String
    let ring: KEKRing

    static let trace = CallOrigin(correlation: "test")

    private init(
        configuration: HostConfiguration, resolver: NameResolver?, clock: HostClock, adjust: (inout SandboxConfiguration) -> Void
    ) async throws {
        var template = Array("/tmp/panelhost-host-tests-XXXXXX".utf8CString)
        guard mkdtemp(&template) != nil else { throw RigError("no temporary folder") }
        folder = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
        file = try SQLiteDatabase(path: folder + "/data.sqlite")
        ring = try KEKRing(parsing: KEKRing.generate().revealedBytes())
        encryption = try EncryptionService(ring: ring, store: SQLKeyStore(file))
        database = SealingDatabase(file, encryption: encryption)
        let hasher = PasswordHasher(ring: ring)
        (acme, globex, platform) = try await database.platform(authority.platform("tests")) { tx in
            let tenants = TenantRegistry(tx)
            let make = { (slug: String) in
                try tenants.create(slug: try #require(TenantSlug(slug)), name: slug, by: "system:test", correlation: "test", at: 1)
            }
            return (try make("acme"), try make("globex"), try make("platform"))
        }
        fallback = AuditFallback()
        host = Host(
            configuration: configuration,
            parts: Host.Parts(
                database: database, sandbox: try await Self.sandbox(adjust), encryption: encryption,
                authenticator: Authenticator(
                    store: SQLIdentityStore(database), keys: ring, hasher: hasher,
                    policy: try AuthenticationPolicy(issuer: "test", audience: "test", environment: "test"),
                    clock: WallClock { clock.nowMilliseconds() }),
                authority: authority, auditSigners: AuditSigners(AuditSigningKeys(HostKeys(derivedFrom: ring)), installation: platform.id),
                cursors: SealedCursor(ring),
                fallback: fallback,
                resolver: resolver, clock: clock))
    }

    /// Runs a body with a rig and takes it down afterwards.
    static func with(
        _ configuration: HostConfiguration = HostConfiguration(isDevelopment: true), resolver: NameResolver? = nil,
        clock: HostClock = .system, sandbox adjust: (inout SandboxConfiguration) -> Void = { _ in },
        _ body: (Rig) async throws -> Void
    ) async throws {
        let rig = try await Rig(configuration: configuration, resolver: resolver, clock: clock, adjust: adjust)
        do {
            try await body(rig)
            await rig.close()
        } catch {
            await rig.close()
            throw error
        }
    }

    static func sandbox(_ adjust: (inout SandboxConfiguration) -> Void = { _ in }) async throws -> Sandbox {
        // The tests run from the package's folder or from another one: the cell lies beside the build's other products.
        let root = String(#filePath.dropLast("/Tests/HostTests/Support/Rig.swift".count))
        let candidates = [SandboxConfiguration.locateCell(), "\(root)/.build/debug/SandboxCell", "\(root)/.build/release/SandboxCell"]
        guard let cell = candidates.compactMap({ $0 }).first(where: { access($0, X_OK) == 0 }) else {
            throw RigError("build the product SandboxCell first")
        }
        var configuration = SandboxConfiguration(cellExecutable: cell)
        adjust(&configuration)
        return try await Sandbox.start(
            configuration, logger: Logger(label: "test", factory: { _ in SwiftLogNoOpLogHandler() }))
    }

    /// Another host on the same database, with cells of its own; the caller shuts it down.
    func anotherHost() async throws -> Host {
        let encryption = try EncryptionService(ring: ring, store: SQLKeyStore(file))
        return Host(
            configuration: host.configuration,
            parts: Host.Parts(
                database: SealingDatabase(file, encryption: encryption), sandbox: try await Self.sandbox(), encryption: encryption,
                authenticator: Authenticator(
                    store: SQLIdentityStore(database), keys: ring, hasher: PasswordHasher(ring: ring),
                    policy: try AuthenticationPolicy(issuer: "test", audience: "test", environment: "test")),
                authority: authority, auditSigners: AuditSigners(AuditSigningKeys(HostKeys(derivedFrom: ring)), installation: platform.id),
                cursors: SealedCursor(ring),
                fallback: fallback))
    }

    /// Runs a body while the host's part that watches stops and cells is at work.
    func watching(_ hosts: Host..., body: () async throws -> Void) async throws {
        try await withThrowingTaskGroup(of: Void.self) { group in
            for host in hosts.isEmpty ? [host] : hosts {
                group.addTask { try await host.stopWatch.run() }
                group.addTask { try await host.cellEvents.run() }
            }
            let outcome: Result<Void, any Error>
            do { outcome = .success(try await body()) } catch { outcome = .failure(error) }
            group.cancelAll()
            try await group.waitForAll()
            try outcome.get()
        }
    }

    private func close() async {
        await host.shutdown()
        try? file.close()
        for name in ["data.sqlite", "data.sqlite-wal", "data.sqlite-shm"] { unlink(folder + "/" + name) }
        rmdir(folder)
    }

    func permit(_ action: Action, _ tenant: TenantRecord? = nil) -> Permit {
        authority.permit(action, in: (tenant ?? acme).id, as: "test")
    }

    /// Installs, approves, configures and enables a plugin for a tenant.
    @discardableResult
    func enable(
        _ plugin: TestPlugin, config: Value = [:], approving: Capabilities? = nil, for tenant: TenantRecord? = nil
    ) async throws -> PluginID {
        let tenant = tenant ?? acme
        let id = try #require(PluginID(plugin.id))
        do {
            _ = try await host.plugins.install(try plugin.archive(), as: authority, trail: platform.id, Self.trace)
        } catch let error as HostError where error.code == .conflict {
            // The other tenant of a test has the same plugin.
        }
        let requested = try UnverifiedManifest(Array(plugin.manifestText.utf8)).validated().requestedCapabilities
        _ = try await host.plugins.approve(
            id, capabilities: approving ?? requested, permit(.pluginApproveCapabilities, tenant), Self.trace)
        _ = try await host.plugins.configure(id, input: config, permit(.pluginConfigure, tenant), Self.trace)
        _ = try await host.plugins.enable(id, permit(.pluginEnable, tenant), Self.trace)
        return id
    }

    /// Calls `send` of a test plugin, which does what the request's `do` names.
    func call(
        _ plugin: PluginID, _ what: String, _ arguments: Value = [:], operation: String = "send", tenant: TenantRecord? = nil,
        key: String? = nil, secrets: [String: Secret] = [:], on host: Host? = nil
    ) async throws -> InvocationReport {
        let permit = permit(.invokeNotifier, tenant)
        let host = host ?? self.host
        let instance = try await host.directory.instance(for: permit, plugin: plugin)
        let invocation = Invocation(
            permit: permit, instance: instance, operation: operation, request: ["do": .string(what), "with": arguments],
            subject: AuditSubject(resource: "notification:test", correlation: "test"), idempotencyKey: key, secrets: secrets)
        return try await host.pipeline.run(invocation) { report, _ in report }
    }

    /// What `send` answered, or the failure's message.
    func answer(_ plugin: PluginID, _ what: String, _ arguments: Value = [:], key: String? = nil) async throws -> String {
        let report = try await call(plugin, what, arguments, key: key)
        switch report.result {
        case .success(let value): return value["provider_message_ids"]?[0]?.stringValue ?? "-"
        case .failure(let failure): return "\(failure.code.rawValue) \(failure.outcome.rawValue): \(failure.message)"
        }
    }

    func trail(_ tenant: TenantRecord? = nil, action: String? = nil) async throws -> [AuditEntry] {
        try await host.audit.search(AuditQuery(action: action, limit: 500), permit(.auditRead, tenant))
    }
}

struct RigError: Error, CustomStringConvertible {
    let description: String
    init(_ description: String) { self.description = description }
}
