// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors

package import PluginAPI
package import Security
package import Storage
package import Values

/// A plugin as one tenant sees it: what is on offer, what was decided, how it is set up.
///
/// Never a secret.
package struct PluginListing: Sendable {
    /// One setting of an instance, as it may be shown.
    package enum Setting: Sendable, Hashable {
        case plain(Value)
        /// A secret that is stored: when it was set, and a mark by which it can be recognised.
        case secret(updatedAt: Int64, fingerprint: String)
    }

    /// One set-up of the plugin.
    package struct Instance: Sendable {
        /// The instance's own identity.
        package var id: InstanceID
        /// What the tenant calls it.
        package var label: String
        /// The settings that have a value, by name.
        package var settings: [String: Setting]
        /// Required settings without a value: the instance cannot be called while there are any.
        package var missing: [String]
    }

    /// The version that the tenant has, or the newest on offer.
    package var installed: InstalledPlugin
    /// What that version declares.
    package var manifest: Manifest
    /// The tenant's decision; nil while there is none.
    package var decision: TenantPlugin?
    /// The set-ups, by label.
    package var instances: [Instance]
    /// Why it may not run: killed for everybody, or quarantined for the tenant.
    package var stop: PluginStop?
    /// A newer version on offer than the one that the tenant has.
    package var upgrade: String?
}

extension PluginRegistry {
    /// Every plugin that the host offers and that may be seen, with what the tenant made of it.
    package func list(_ permit: ListPermit) async throws -> [PluginListing] {
        try permit.require(.pluginRead)
        let ids = try await database.readOne(permit.scope) { tx in try PluginRepository(tx).catalogue().map(\.id) }
        var listings: [PluginListing] = []
        for id in Set(ids).sorted() {
            if let one = permit.permit(for: Host.plugin(id.description)) { listings.append(try await get(id, one)) }
        }
        return listings
    }

    /// One plugin with what the tenant made of it.
    package func get(_ plugin: PluginID, _ permit: Permit) async throws -> PluginListing {
        try Self.require(permit, .pluginRead, on: "plugin:\(plugin)")
        let (decision, newest, current, instances, stop) = try await database.read(permit.scope) { tx in
            let repository = PluginRepository(tx)
            let decision = try repository.find(plugin)
            let instances = try repository.instances(of: plugin).map { ($0, try PluginConfigRepository(tx).fields(of: $0.id)) }
            let current = try repository.installed(plugin, version: decision?.version)
            let stop = try current.flatMap { try PluginStopRepository(tx).find($0.hash) }
            return (decision, try repository.installed(plugin), current, instances, stop)
        }
        guard let newest, let installed = current else { throw HostError(.notFound, "\(plugin) is not installed on this host") }
        let manifest = try await directory.manifest(of: plugin, version: installed.version, hash: installed.hash, permit.scope)
        return PluginListing(
            installed: installed, manifest: manifest, decision: decision,
            instances: instances.map { Self.instance($0, fields: $1, manifest) }, stop: stop,
            upgrade: newest.version == installed.version ? nil : newest.version)
    }

    private static func instance(_ row: Storage.PluginInstance, fields: [PluginConfigField], _ manifest: Manifest) -> PluginListing.Instance
    {
        let (plain, sealed) = PluginDirectory.split(fields)
        var settings = manifest.config.effective(plain).mapValues { PluginListing.Setting.plain($0) }
        for field in fields {
            if case .sealed(_, let fingerprint) = field.content {
                settings[field.field] = .secret(updatedAt: field.updatedAt, fingerprint: fingerprint)
            }
        }
        return PluginListing.Instance(
            id: row.id, label: row.label, settings: settings, missing: manifest.config.missing(plain: plain, setSecrets: Set(sealed.keys)))
    }
}
