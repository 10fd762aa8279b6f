// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors

package import PluginAPI
package import Security
package import Storage
import Values

extension PluginRegistry {
    /// Agrees to what a version asks for, or to a part of it, for one tenant.
    ///
    /// It does not switch the plugin on.
    package func approve(
        _ plugin: PluginID, version: String? = nil, capabilities: Capabilities, _ permit: Permit, _ trace: CallOrigin
    ) async throws -> TenantPlugin {
        try Self.require(permit, .pluginApproveCapabilities, on: "plugin:\(plugin)")
        let (current, offered, requested) = try await offer(plugin, version: version, permit)
        let beyond = capabilities.increase(over: requested)
        guard beyond == .none else {
            throw HostError(
                .capabilityExceeded, "only what plugin.json of \(plugin) \(offered.version) asks for can be approved",
                fields: beyond.names.sorted().map { .init(field: "capabilities.\($0)", message: "is more than the plugin asks for") })
        }
        return try await decide(
            plugin, offered, after: current, status: current?.status ?? .disabled, approved: capabilities, permit, trace,
            detail: ["capabilities": .string(JSON.text(capabilities.value))])
    }

    /// Switches a plugin on, in the version that the tenant has, or in the one named.
    ///
    /// A version that asks for more than the approved one did has to be approved first; one that asks for less loses the rest.
    package func enable(_ plugin: PluginID, version: String? = nil, _ permit: Permit, _ trace: CallOrigin) async throws -> TenantPlugin {
        try Self.require(permit, .pluginEnable, on: "plugin:\(plugin)")
        let (current, offered, requested) = try await offer(plugin, version: version, permit)
        let approved: Capabilities
        if let current {
            let before = try Capabilities(validating: current.approved)
            if current.hash != offered.hash {
                let agreed = try await directory.manifest(of: plugin, version: current.version, hash: current.hash, permit.scope)
                try Self.refuseIncrease(requested.increase(over: agreed.requestedCapabilities), plugin, offered.version)
            }
            approved = requested.intersection(before)
        } else {
            try Self.refuseIncrease(requested, plugin, offered.version)
            approved = .none
        }
        return try await decide(
            plugin, offered, after: current, status: .enabled, approved: approved, permit, trace, detail: ["change": "enabled"])
    }

    /// Switches a plugin off for the tenant: the next call finds it disabled; its configuration stays.
    package func disable(_ plugin: PluginID, _ permit: Permit, _ trace: CallOrigin) async throws -> TenantPlugin {
        try Self.require(permit, .pluginEnable, on: "plugin:\(plugin)")
        let now = clock.nowMilliseconds()
        do {
            return try await database.transaction(permit.scope) { tx in
                let row = try PluginRepository(tx).setStatus(.disabled, of: plugin, by: permit.principal.actor, at: now)
                try tx.append(
                    AuditEvent(
                        of: permit, resource: "plugin:\(plugin)", outcome: .success, detail: ["change": "disabled"],
                        correlation: trace.correlation, address: trace.address))
                return row
            }
        } catch let error as StorageError where error.code == .notFound {
            throw HostError(.notFound, error.message)
        }
    }

    /// What the tenant has, the version on offer, and what that asks for.
    private func offer(
        _ plugin: PluginID, version: String?, _ permit: Permit
    ) async throws -> (current: TenantPlugin?, offered: InstalledPlugin, requested: Capabilities) {
        let (current, offered) = try await database.read(permit.scope) { tx in
            let repository = PluginRepository(tx)
            let current = try repository.find(plugin)
            return (current, try repository.installed(plugin, version: version ?? current?.version))
        }
        guard let offered else {
            throw HostError(.notFound, "\(plugin)\(version.map { " " + $0 } ?? "") is not installed on this host")
        }
        let manifest = try await directory.manifest(of: plugin, version: offered.version, hash: offered.hash, permit.scope)
        return (current, offered, manifest.requestedCapabilities)
    }

    /// Writes a decision, if that is still in force after which it was taken.
    private func decide(
        _ plugin: PluginID, _ offered: InstalledPlugin, after current: TenantPlugin?, status: TenantPlugin.Status, approved: Capabilities,
        _ permit: Permit,
        _ trace: CallOrigin, detail: [String: Value]
    ) async throws -> TenantPlugin {
        let now = clock.nowMilliseconds()
        let detail = detail.merging(["version": .string(offered.version), "hash": .string(offered.hash)]) { own, _ in own }
        return try await database.transaction(permit.scope) { tx in
            let repository = PluginRepository(tx)
            let row = try repository.decide(
                plugin, version: offered.version, hash: offered.hash, status: status, approved: approved.value,
                by: permit.principal.actor, after: current, at: now)
            guard let row else {
                throw HostError(.conflict, "somebody else has decided about \(plugin) meanwhile: look at it again")
            }
            _ = try repository.instance(of: plugin, at: now)
            try tx.append(
                AuditEvent(
                    of: permit, resource: "plugin:\(plugin)", outcome: .success, detail: detail, correlation: trace.correlation,
                    address: trace.address))
            return row
        }
    }

    private static func refuseIncrease(_ increase: Capabilities, _ plugin: PluginID, _ version: String) throws(HostError) {
        guard increase != .none else { return }
        throw HostError(
            .approvalRequired, "\(plugin) \(version) asks for capabilities that nobody has approved for this tenant",
            fields: increase.value.mapValue?.sorted { $0.key < $1.key }.map {
                .init(field: "capabilities.\($0.key)", message: "approve \(JSON.text($0.value)), or a part of it")
            } ?? [])
    }
}
