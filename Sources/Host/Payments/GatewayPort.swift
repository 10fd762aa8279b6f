// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors

package import Security
package import Storage

/// What payments need of the rest of the host, so that a test can play the provider without a cell.
package struct GatewayPort: Sendable {
    package typealias Begin = @Sendable (TenantTransaction) throws -> Void
    package typealias Record = @Sendable (InvocationReport, TenantTransaction) throws -> Void

    /// The enabled instance that a name means: plugin id, label, `plugin/label`, or instance id.
    package var instance: @Sendable (Permit, String) async throws -> PluginInstance

    /// Runs one operation of a plugin between two transactions: what must be known before it, and what it came to.
    ///
    /// Nothing runs when the first throws; both carry the audit of the call.
    package var run: @Sendable (Invocation, @escaping Begin, @escaping Record) async throws -> Void

    /// The value of a secret configuration field, nil when it is not set.
    package var secret: @Sendable (PluginInstance, String) async throws -> Secret?

    /// Plays the rest of the host with closures.
    package init(
        instance: @escaping @Sendable (Permit, String) async throws -> PluginInstance,
        run: @escaping @Sendable (Invocation, @escaping Begin, @escaping Record) async throws -> Void,
        secret: @escaping @Sendable (PluginInstance, String) async throws -> Secret?
    ) {
        self.instance = instance
        self.run = run
        self.secret = secret
    }

    /// The rest of the host.
    package init(pipeline: InvocationPipeline, directory: PluginDirectory, encryption: EncryptionService, database: any Database) {
        self.init(
            instance: { permit, name in
                if let id = InstanceID(name) { return try await directory.instance(for: permit, id: id) }
                let id = try await database.read(permit.scope) { tx in try Self.find(name, in: PluginRepository(tx)) }
                guard let id else {
                    throw HostError(
                        .pluginNotEnabled, "no enabled gateway of this tenant is called that: name a plugin, a label, or plugin/label")
                }
                return try await directory.instance(for: permit, id: id)
            },
            run: { invocation, begin, record in
                try await pipeline.run(invocation, begin: begin, record: record)
            },
            secret: { instance, field in
                guard let content = instance.sealed[field] else { return nil }
                return try await encryption.open(content.sealed, at: instance.location(of: field))
            })
    }

    /// A plugin's name comes before a label of the same text: labels are the tenant's own choice.
    private static func find(_ name: String, in plugins: PluginRepository) throws -> InstanceID? {
        let parts = name.split(separator: "/", maxSplits: 1).map(String.init)
        if parts.count == 2 {
            return try PluginID(parts[0]).flatMap { try plugins.findInstance(of: $0, label: parts[1])?.id }
        }
        if let plugin = PluginID(name), let instance = try plugins.findInstance(of: plugin) { return instance.id }
        let labelled = try plugins.instances().filter { $0.label == name }
        // Two gateways under one label: which of them is meant must be said.
        return labelled.count == 1 ? labelled[0].id : nil
    }
}
