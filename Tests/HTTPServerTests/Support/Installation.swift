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

/// A host on data of its own, put together as the program does it.
final class Installation: Sendable {
    let host: Host
    let database: SealingDatabase
    private let base: any Storage.Database
    let ring: KEKRing
    let acme: TenantRecord
    let globex: TenantRecord
    let platform: TenantRecord
    private let authority = SystemAuthority()
    private let folder: String

    /// - Parameter base: where the rows are; a file of its own unless said otherwise.
    init(on base: (any Storage.Database)? = nil) async throws {
        var template = Array("/tmp/panelhost-http-tests-XXXXXX".utf8CString)
        guard mkdtemp(&template) != nil else { throw MissingPart("no temporary folder") }
        folder = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
        let base = try base ?? SQLiteDatabase(path: folder + "/data.sqlite")
        self.base = base
        ring = try KEKRing(parsing: KEKRing.generate().revealedBytes())
        let encryption = try EncryptionService(ring: ring, store: SQLKeyStore(base))
        database = SealingDatabase(base, encryption: encryption)
        (acme, globex, platform) = try await database.platform(authority.platform("tests")) { tx in
            let tenants = TenantRegistry(tx)
            let make = { (slug: String) in
                try tenants.create(slug: try #require(TenantSlug(slug)), name: slug, by: "system:test", correlation: "set-up", at: 1)
            }
            return (try make("acme"), try make("globex"), try make("platform"))
        }
        let hasher = PasswordHasher(ring: ring)
        host = Host(
            configuration: HostConfiguration(isDevelopment: true),
            parts: Host.Parts(
                database: database, sandbox: try await Self.sandbox(), encryption: encryption,
                authenticator: Authenticator(store: SQLIdentityStore(database), keys: ring, hasher: hasher, policy: try Panel.policy.get()),
                authority: authority, auditSigners: AuditSigners(AuditSigningKeys(HostKeys(derivedFrom: ring)), installation: platform.id),
                cursors: SealedCursor(ring),
                logger: Logger(label: "test", factory: { _ in SwiftLogNoOpLogHandler() })))
        try await addUser(hash: try await hasher.hash(Secret(Panel.password)))
        try await addPlugin()
    }

    func key(for tenant: TenantRecord, _ permissions: [String]) async throws -> String {
        let issued = try await host.authenticator.issueAPIKey(
            authority.permit(.userManage, in: tenant.id, as: "test"), name: "test", permissions: permissions,
            expiresAt: WallClock.system.now() + 300 * 86_400_000)
        return try #require(issued.text.revealedText())
    }

    /// Another host on the same database, in the same sandbox.
    func anotherHost() throws -> Host {
        Host(
            configuration: host.configuration,
            parts: Host.Parts(
                database: database, sandbox: host.sandbox, encryption: host.encryption,
                authenticator: Authenticator(
                    store: SQLIdentityStore(database), keys: ring, hasher: PasswordHasher(ring: ring), policy: try Panel.policy.get()),
                authority: authority, auditSigners: AuditSigners(AuditSigningKeys(HostKeys(derivedFrom: ring)), installation: platform.id),
                cursors: SealedCursor(ring), logger: Logger(label: "test", factory: { _ in SwiftLogNoOpLogHandler() })))
    }

    func close() async {
        await host.shutdown()
        try? (base as? SQLiteDatabase)?.close()
        (base as? PostgreSQLDatabase)?.close()
        for name in ["data.sqlite", "data.sqlite-wal", "data.sqlite-shm"] { unlink(folder + "/" + name) }
        rmdir(folder)
    }

    private func addUser(hash: String) async throws {
        try await database.transaction(authority.permit(.userManage, in: acme.id, as: "test").scope) { tx in
            _ = try UserRepository(tx).create(
                email: Panel.email, name: "Admin", passwordHash: hash, roles: ["ADMIN"], at: WallClock.system.now())
        }
    }

    private func addPlugin() async throws {
        let probe = try #require(PluginID(Probe.id))
        _ = try await host.plugins.install(try Probe.archive(), as: authority, trail: platform.id, Panel.trace)
        let permit = { (action: Action) in self.authority.permit(action, in: self.acme.id, as: "test") }
        _ = try await host.plugins.approve(probe, capabilities: try Probe.capabilities(), permit(.pluginApproveCapabilities), Panel.trace)
        _ = try await host.plugins.configure(
            probe, input: ["token": .string(Probe.secret), "room": "general"], permit(.pluginConfigure), Panel.trace)
        _ = try await host.plugins.enable(probe, permit(.pluginEnable), Panel.trace)
    }

    private static func sandbox() async throws -> Sandbox {
        // The tests run from the package's folder or from another one: the cell lies beside the build's other products.
        let root = String(#filePath.dropLast("/Tests/HTTPServerTests/Support/Installation.swift".count))
        let candidates = [SandboxConfiguration.locateCell(), "\(root)/.build/debug/SandboxCell", "\(root)/.build/release/SandboxCell"]
        guard let cell = candidates.compactMap({ $0 }).first(where: { access($0, X_OK) == 0 }) else {
            throw MissingPart("build the product SandboxCell first")
        }
        return try await Sandbox.start(
            SandboxConfiguration(cellExecutable: cell), logger: Logger(label: "test", factory: { _ in SwiftLogNoOpLogHandler() }))
    }
}

struct MissingPart: Error, CustomStringConvertible {
    let description: String
    init(_ description: String) { self.description = description }
}

/// A notifier with a secret in its configuration.
enum Probe {
    static let id = "probe"
    static let secret = "tok-5up3rs3cr3t-value"

    static func manifest(version: String = "1.0.0") -> String {
        JSON.text(
            [
                "manifest_version": 1, "id": .string(id), "name": "Probe", "version": .string(version), "description": "For tests.",
                "author": "Tests", "license": "MIT", "host_api": "1", "kind": "notifier", "entry": "main.lua",
                "operations": ["validate_config", "send"], "capabilities": [:],
                "config_schema": [
                    "type": "object",
                    "properties": [
                        "token": ["type": "string", "title": "Token", "x-secret": true],
                        "room": ["type": "string", "title": "Room", "maxLength": 20],
                        "retries": ["type": "integer", "title": "Retries", "minimum": 0, "maximum": 5],
                    ],
                    "required": ["token"],
                ],
                "notifier": ["channel": "webhook", "formats": ["text"], "idempotency": ["style": "header", "name": "Idempotency-Key"]],
            ], pretty: true)
    }

    static let main = """
        return {
          validate_config = function(ctx, req) return { ok = true, warnings = panel.array{} } end,
          send = function(ctx, req) return { ok = true, status = "accepted", provider_message_ids = { "m-1" } } end,
        }
        """

    static func archive(version: String = "1.0.0") throws -> [UInt8] {
        try PluginArchive.pack(
            PluginFolder(files: [
                .init(name: "main.lua", content: Array(main.utf8)),
                .init(name: "plugin.json", content: Array(manifest(version: version).utf8)),
            ]), signedBy: nil)
    }

    static func capabilities() throws -> Capabilities {
        try UnverifiedManifest(Array(manifest().utf8)).validated().requestedCapabilities
    }
}
