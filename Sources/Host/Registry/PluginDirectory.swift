// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors

import PluginAPI
import Sandbox
package import Security
package import Storage
import Synchronization
import Values

/// Finds the instance that a service wants to call, as it is at this moment.
///
/// What a tenant decides is read for every request; only what can never change, the content behind a hash, is remembered.
package final class PluginDirectory: Sendable {
    private struct Content: Sendable {
        let manifest: Manifest
        let program: Program
    }

    private let database: any Database
    private let contents = Mutex<[String: Content]>([:])

    /// Looks into this database.
    package init(database: any Database) { self.database = database }

    /// The tenant's enabled and fully configured instance of a plugin.
    package func instance(
        for permit: Permit, plugin: PluginID, label: String = Storage.PluginInstance.defaultLabel
    ) async throws -> PluginInstance {
        try await find(permit, onlyUsable: true) { tx in
            try PluginRepository(tx).findInstance(of: plugin, label: label)
        }
    }

    /// The tenant's enabled and fully configured instance with an id, for webhooks and jobs.
    package func instance(for permit: Permit, id: InstanceID) async throws -> PluginInstance {
        try await find(permit, onlyUsable: true) { tx in try PluginRepository(tx).instance(id) }
    }

    /// The instance even when it is disabled or incomplete, for tests of a configuration.
    func instanceUnderTest(for permit: Permit, plugin: PluginID, label: String) async throws -> PluginInstance {
        try await find(permit, onlyUsable: false) { tx in
            try PluginRepository(tx).findInstance(of: plugin, label: label)
        }
    }

    private struct Rows: Sendable {
        let instance: Storage.PluginInstance
        let tenant: TenantPlugin
        let fields: [PluginConfigField]
        let stop: PluginStop?
    }

    private func find(
        _ permit: Permit, onlyUsable: Bool, _ look: @escaping @Sendable (TenantTransaction) throws -> Storage.PluginInstance?
    ) async throws -> PluginInstance {
        let rows = try await database.read(permit.scope) { tx -> Rows? in
            guard let instance = try look(tx), let tenant = try PluginRepository(tx).find(instance.plugin) else { return nil }
            return Rows(
                instance: instance, tenant: tenant, fields: try PluginConfigRepository(tx).fields(of: instance.id),
                stop: try PluginStopRepository(tx).find(tenant.hash))
        }
        guard let rows else { throw HostError(.pluginNotEnabled, "the plugin is not enabled for this tenant under this label") }
        guard rows.tenant.status == .enabled || !onlyUsable else {
            throw HostError(.pluginNotEnabled, "the plugin is \(rows.tenant.status.rawValue) for this tenant")
        }
        // Asked of the database at every call: a stop works at once on every host, and where it cannot be read nothing runs.
        if let stop = rows.stop { throw stop.refusal(of: rows.tenant.plugin, version: rows.tenant.version) }
        let content = try await content(rows.tenant.plugin, version: rows.tenant.version, hash: rows.tenant.hash, permit.scope)
        let (plain, sealed) = Self.split(rows.fields)
        let missing = content.manifest.config.missing(plain: plain, setSecrets: Set(sealed.keys))
        guard missing.isEmpty || !onlyUsable else {
            throw HostError(
                .configInvalid, "the plugin's configuration is incomplete",
                fields: missing.map { .init(field: "config.\($0)", message: "is required") })
        }
        return PluginInstance(
            id: rows.instance.id, label: rows.instance.label, scope: permit.scope, plugin: rows.tenant.plugin, manifest: content.manifest,
            program: content.program, approved: try Capabilities(validating: rows.tenant.approved),
            config: content.manifest.config.effective(plain), sealed: sealed.mapValues { PluginInstance.SealedField(sealed: $0) })
    }

    /// The manifest of an installed version, parsed once.
    func manifest(of plugin: PluginID, version: String, hash: String, _ scope: TenantScope) async throws -> Manifest {
        try await content(plugin, version: version, hash: hash, scope).manifest
    }

    private func content(_ plugin: PluginID, version: String, hash: String, _ scope: TenantScope) async throws -> Content {
        if let known = contents.withLock({ $0[hash] }) { return known }
        let (installed, files) = try await database.read(scope) { tx in
            let repository = PluginRepository(tx)
            return (try repository.installed(plugin, version: version), try repository.files(of: plugin, version: version))
        }
        // Whoever could change these rows could change what runs: the content must still be what the tenant agreed to.
        let members = files.map { UstarArchive.Member(name: $0.path, content: $0.content) }
        guard let installed, installed.hash == hash, PluginArchive.hash(of: members) == hash,
            let text = members.first(where: { $0.name == "plugin.json" })?.content
        else {
            throw HostError(.unavailable, "the installed files of the plugin are not those that were approved; install it again")
        }
        let manifest: Manifest
        do {
            manifest = try UnverifiedManifest(text).validated()
        } catch {
            throw HostError(
                .pluginInvalid, "the installed plugin.json is not valid for this host", fields: error.problems.map(HostError.Field.init))
        }
        let content = Content(manifest: manifest, program: PluginArchive.program(of: members, entry: manifest.entry, hash: hash))
        contents.withLock { contents in
            if contents.count >= Self.maximumContents { contents.removeAll() }
            contents[hash] = content
        }
        return content
    }

    private static let maximumContents = 128

    static func split(_ fields: [PluginConfigField]) -> (plain: [String: Value], sealed: [String: Sealed]) {
        var plain: [String: Value] = [:]
        var sealed: [String: Sealed] = [:]
        for field in fields {
            switch field.content {
            case .plain(let value): plain[field.field] = value
            case .sealed(let value, _): sealed[field.field] = value
            }
        }
        return (plain, sealed)
    }
}
