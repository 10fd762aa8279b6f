// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors

import PluginAPI
package import Security
package import Storage
import Values

/// The life of plugins: installed once for the host, then approved, configured and enabled by each tenant for itself.
///
/// Every change and its audit event are one transaction; a change that is refused leaves nothing behind.
package struct PluginRegistry: Sendable {
    let database: any Database
    let directory: PluginDirectory
    let encryption: EncryptionService
    let pipeline: InvocationPipeline
    let authorizer = Authorizer()
    let configuration: HostConfiguration
    let clock: HostClock

    /// A registry over these parts.
    package init(
        database: any Database, directory: PluginDirectory, encryption: EncryptionService, pipeline: InvocationPipeline,
        configuration: HostConfiguration, clock: HostClock
    ) {
        (self.database, self.directory, self.encryption, self.pipeline) = (database, directory, encryption, pipeline)
        (self.configuration, self.clock) = (configuration, clock)
    }

    /// Installs a version for the whole host: all of it or nothing.
    ///
    /// Only the platform's administrators can.
    package func install(_ archive: [UInt8], _ permit: Permit, _ trace: CallOrigin) async throws -> InstalledPlugin {
        try Self.require(permit, .pluginInstall)
        return try await install(archive, in: authorizer.platform(permit), by: permit.principal.actor, trail: permit.scope.tenant, trace)
    }

    /// Installs a version on the operator's own authority: the command line, and the bundled plugins at the first start.
    package func install(_ archive: [UInt8], as authority: SystemAuthority, trail: TenantID, _ trace: CallOrigin) async throws
        -> InstalledPlugin
    {
        try await install(archive, in: authority.platform("install a plugin"), by: "system:install", trail: trail, trace)
    }

    private func install(
        _ bytes: [UInt8], in scope: PlatformScope, by actor: String, trail: TenantID, _ trace: CallOrigin
    ) async throws -> InstalledPlugin {
        let archive = try PluginArchive(
            verifying: bytes, allowsUnsigned: configuration.allowsUnsigned, panel: SemanticVersion(configuration.panelVersion))
        let now = clock.nowMilliseconds()
        let plugin = InstalledPlugin(
            id: archive.manifest.id, version: archive.manifest.version.description, hash: archive.hash,
            kind: archive.manifest.kind.rawValue,
            name: archive.manifest.name, manifest: archive.manifestText, isSigned: archive.publicKey != nil, installedAt: now,
            installedBy: actor)
        let files = archive.files.map { PluginFile(path: $0.name, sha256: Hex.encode(Hash.sha256($0.content)), content: $0.content) }
        do {
            return try await database.platform(scope) { tx in
                let catalogue = PluginCatalogue(tx)
                try Self.checkPublisher(archive.publicKey, of: plugin.id, catalogue, at: now)
                try catalogue.install(plugin, files: files)
                try tx.append(
                    AuditEvent(
                        tenant: trail, actor: actor, action: Action.pluginInstall.rawValue, resource: "plugin:\(plugin.id)",
                        outcome: .success,
                        detail: ["version": .string(plugin.version), "hash": .string(plugin.hash), "signed": .bool(plugin.isSigned)],
                        correlation: trace.correlation, address: trace.address))
                return plugin
            }
        } catch let error as StorageError where error.code == .duplicate {
            throw HostError(.conflict, error.message)
        }
    }

    /// Takes a version out of the host; refused while a tenant has it.
    package func uninstall(_ plugin: PluginID, version: String, _ permit: Permit, _ trace: CallOrigin) async throws {
        try Self.require(permit, .pluginUninstall)
        do {
            try await database.platform(authorizer.platform(permit)) { tx in
                try PluginCatalogue(tx).remove(plugin, version: version)
                try tx.append(
                    AuditEvent(
                        of: permit, resource: "plugin:\(plugin)", outcome: .success, detail: ["version": .string(version)],
                        correlation: trace.correlation, address: trace.address))
            }
        } catch let error as StorageError where error.code == .conflict || error.code == .notFound {
            throw HostError(error.code == .conflict ? .conflict : .notFound, error.message)
        }
    }

    /// The first key that published a plugin is the only one that can publish it again, and only with a signature.
    private static func checkPublisher(_ key: String?, of plugin: PluginID, _ catalogue: PluginCatalogue, at now: Int64) throws {
        guard let key else {
            guard try catalogue.publisher(of: plugin) == nil else {
                throw HostError(.archiveRefused, "\(plugin) was published with a signature before: an unsigned version is refused")
            }
            return
        }
        guard try catalogue.pinPublisher(key, of: plugin, at: now) == key else {
            throw HostError(
                .archiveRefused, "\(plugin) is signed by another publisher than the one whose key was pinned at its first installation")
        }
    }

    /// Throws unless a permit is for an action, on a resource or else on everything.
    static func require(_ permit: Permit, _ action: Action, on resource: String? = nil) throws(Denial) {
        guard permit.action == action else { throw .missingPermission(action) }
        if let resource { try permit.require(resource) } else { try permit.requireEverything() }
    }
}
