// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors

package import PluginAPI
package import Security
import Storage
package import Values

extension PluginRegistry {
    /// Changes settings of an instance: absent fields keep what they have, null clears, secrets are sealed and never read again.
    ///
    /// Answers the names of the fields that were touched. A label that does not exist yet becomes a new instance.
    package func configure(
        _ plugin: PluginID, label: String = Storage.PluginInstance.defaultLabel, input: Value, _ permit: Permit, _ trace: CallOrigin
    ) async throws -> [String] {
        try Self.require(permit, .pluginConfigure, on: "plugin:\(plugin)")
        guard Self.isLabel(label) else {
            throw HostError(
                .invalidRequest, "the label is not valid", fields: [.init(field: "label", message: "must be 1 to 40 of a-z, 0-9 and -")])
        }
        let now = clock.nowMilliseconds()
        let tenant = try await database.readOne(permit.scope) { tx in try PluginRepository(tx).find(plugin) }
        guard let tenant else { throw HostError(.notFound, "\(plugin) is not one of this tenant's plugins: approve or enable it first") }
        let manifest = try await directory.manifest(of: plugin, version: tenant.version, hash: tenant.hash, permit.scope)

        let (instance, fields) = try await database.read(permit.scope) { tx in
            let instance = try PluginRepository(tx).findInstance(of: plugin, label: label)
            return (instance, try instance.map { try PluginConfigRepository(tx).fields(of: $0.id) } ?? [])
        }
        let (plain, sealed) = PluginDirectory.split(fields)
        let update: ConfigUpdate
        do {
            update = try manifest.config.update(input, plain: plain, setSecrets: Set(sealed.keys))
        } catch {
            throw HostError(
                .invalidRequest, "the configuration is not valid", fields: error.violations.map { HostError.Field($0, under: "config") })
        }

        // The seal names the instance, so the instance comes first; an empty one does nothing by itself.
        let id: InstanceID
        if let instance {
            id = instance.id
        } else {
            id = try await database.transaction(permit.scope) { tx in
                try PluginRepository(tx).instance(of: plugin, label: label, at: now).id
            }
        }
        let changes = try await rows(of: update, plugin, id, permit, at: now)
        try await database.transaction(permit.scope) { tx in
            guard try PluginRepository(tx).find(plugin)?.hash == tenant.hash else {
                throw HostError(.conflict, "the plugin was changed meanwhile; try again")
            }
            let repository = PluginConfigRepository(tx)
            for field in update.changed {
                if let row = changes[field] { try repository.set(row, of: id) } else { try repository.remove(field, of: id) }
            }
            try tx.append(
                AuditEvent(
                    of: permit, resource: "plugin:\(plugin)", outcome: .success,
                    detail: ["fields": Value(update.changed), "instance": .string(id.description), "label": .string(label)],
                    correlation: trace.correlation, address: trace.address))
        }
        return update.changed
    }

    /// Asks the plugin whether it can work with its configuration.
    ///
    /// It may read from the provider, never change anything there.
    package func test(
        _ plugin: PluginID, label: String = Storage.PluginInstance.defaultLabel, _ permit: Permit, _ trace: CallOrigin
    ) async throws -> InvocationReport {
        try Self.require(permit, .pluginConfigure, on: "plugin:\(plugin)")
        let instance = try await directory.instanceUnderTest(for: permit, plugin: plugin, label: label)
        let invocation = Invocation(
            permit: permit, instance: instance, operation: "validate_config", request: ["changed": []],
            subject: AuditSubject(
                resource: "plugin:\(plugin)", detail: ["change": "tested"], correlation: trace.correlation, address: trace.address),
            isReadOnly: true)
        return try await pipeline.run(invocation) { report, _ in report }
    }

    private func rows(
        of update: ConfigUpdate, _ plugin: PluginID, _ id: InstanceID, _ permit: Permit, at now: Int64
    ) async throws -> [String: PluginConfigField] {
        var rows: [String: PluginConfigField] = [:]
        for field in update.changed {
            if let text = update.secretsToSet[field] {
                let bytes = Array(text.utf8)
                let place = PluginInstance.location(of: field, tenant: permit.scope.tenant, plugin: plugin, instance: id)
                let sealed = try await encryption.seal(bytes, as: place)
                let fingerprint = try await encryption.fingerprint(of: bytes, at: place)
                rows[field] = PluginConfigField(
                    field: field, content: .sealed(sealed, fingerprint: fingerprint), updatedAt: now, updatedBy: permit.principal.actor)
            } else if let value = update.plain[field] {
                rows[field] = PluginConfigField(field: field, content: .plain(value), updatedAt: now, updatedBy: permit.principal.actor)
            }
        }
        return rows
    }

    private static func isLabel(_ label: String) -> Bool {
        (1...40).contains(label.utf8.count)
            && label.utf8.allSatisfy { (0x61...0x7A).contains($0) || (0x30...0x39).contains($0) || $0 == UInt8(ascii: "-") }
    }
}

extension HostError.Field {
    /// A schema violation under the member of the request that it was found in.
    package init(_ violation: Violation, under member: String) {
        let path = violation.path
        self.init(
            field: path.isEmpty ? member : path.hasPrefix("[") ? member + path : "\(member).\(path)",
            message: violation.message + (violation.hint.map { "; \($0)" } ?? ""))
    }
}
