// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors

package import PluginAPI
package import Sandbox
package import Security
package import Values

/// One tenant's enabled plugin under one label, with everything that an invocation of it needs.
///
/// It is read from the database for every request, so that a change of configuration or approval works at once.
package struct PluginInstance: Sendable {
    /// A configuration field whose value only the host can read.
    package struct SealedField: Sendable {
        /// As it is stored.
        package var sealed: Sealed

        /// Takes it as it is stored.
        package init(sealed: Sealed) { self.sealed = sealed }
    }

    /// The set-up's own identity.
    package let id: InstanceID
    /// What the tenant calls this set-up.
    package let label: String
    /// Whose it is.
    package let scope: TenantScope
    /// The plugin.
    package let plugin: PluginID
    /// What the plugin declares about itself.
    package let manifest: Manifest
    /// What runs.
    package let program: Program
    /// What the tenant's administrator approved.
    package let approved: Capabilities
    /// The plain configuration fields, defaults included.
    package let config: [String: Value]
    /// The secret configuration fields that have a value.
    package let sealed: [String: SealedField]

    /// An instance from its rows.
    package init(
        id: InstanceID, label: String, scope: TenantScope, plugin: PluginID, manifest: Manifest, program: Program, approved: Capabilities,
        config: [String: Value], sealed: [String: SealedField]
    ) {
        self.id = id
        self.label = label
        self.scope = scope
        self.plugin = plugin
        self.manifest = manifest
        self.program = program
        self.approved = approved
        self.config = config
        self.sealed = sealed
    }

    /// What the plugin may really do: asked for and approved.
    package var effective: Capabilities { manifest.requestedCapabilities.intersection(approved) }

    /// The mode that the configuration says, `live` unless it says `test`.
    package var mode: String { config["mode"]?.stringValue == "test" ? "test" : "live" }

    /// The cell that serves it: never shared with another tenant, another instance or another content.
    package var cellKey: CellKey { CellKey(tenant: "\(scope.tenant)", partition: "\(scope.tenant)/\(id)", program: program.hash) }

    /// Whose cells those are; nil for those of a plugin that is only being checked.
    static func holder(of key: CellKey) -> (tenant: TenantID, instance: InstanceID)? {
        let parts = key.partition.split(separator: "/")
        guard parts.count == 2, parts[0] == key.tenant, let tenant = TenantID(key.tenant), let instance = InstanceID(String(parts[1]))
        else {
            return nil
        }
        return (tenant, instance)
    }

    /// The header by which the provider recognises a repeated request, where the manifest declares one.
    package var idempotencyHeader: String? {
        if case .header(let name, _)? = manifest.gateway?.idempotency ?? manifest.notifier?.idempotency { name } else { nil }
    }

    /// Where a sealed field of this instance lives; the same words when it is sealed and when it is opened.
    package func location(of field: String) -> SealedLocation {
        Self.location(of: field, tenant: scope.tenant, plugin: plugin, instance: id)
    }

    /// Where a sealed field of an instance lives, before there is an instance to ask.
    package static func location(of field: String, tenant: TenantID, plugin: PluginID, instance: InstanceID) -> SealedLocation {
        SealedLocation(tenant: tenant, plugin: plugin, field: "plugin_config.\(field)", record: instance.description)
    }
}
