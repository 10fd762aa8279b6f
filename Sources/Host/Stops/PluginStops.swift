// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors

package import Security
package import Storage
import Values

/// The switches that keep plugins from running: the operators' kill switch, and the way out of a quarantine.
///
/// They need a database and nothing else: a host that runs finds out by itself (``StopWatch``), and one that does not is none the worse.
/// Each change and its audit events are one transaction.
package struct PluginStops: Sendable {
    /// What became of one program.
    package struct Change: Sendable, Hashable {
        /// The content's hash.
        package var program: String
        /// `stripe 1.2.0`, or that it is not installed.
        package var label: String
        /// False when it was as asked before.
        package var isNew: Bool
    }

    private let database: any Database
    private let clock: HostClock
    private let authorizer = Authorizer()
    private let changed: @Sendable () async -> Void

    /// - Parameter changed: runs after each change; the host of this process need not wait for its next look.
    package init(database: any Database, clock: HostClock = .system, changed: @escaping @Sendable () async -> Void = {}) {
        (self.database, self.clock, self.changed) = (database, clock, changed)
    }

    // MARK: Kill switch

    /// Stops programs for every tenant; only the platform's administrators can.
    package func kill(_ name: ProgramName, reason: String?, _ permit: Permit, _ trace: CallOrigin) async throws -> [Change] {
        try await kill(name, reason: reason, try operatorScope(permit), trace)
    }

    /// Stops programs on the operator's own authority: the command line.
    package func kill(
        _ name: ProgramName, reason: String?, as authority: SystemAuthority, trail: TenantID, _ trace: CallOrigin
    ) async throws -> [Change] {
        try await kill(name, reason: reason, Self.operatorScope(authority, trail), trace)
    }

    /// Lets programs run again; only the platform's administrators can.
    package func revive(_ name: ProgramName, _ permit: Permit, _ trace: CallOrigin) async throws -> [Change] {
        try await revive(name, try operatorScope(permit), trace)
    }

    /// Lets programs run again on the operator's own authority.
    package func revive(
        _ name: ProgramName, as authority: SystemAuthority, trail: TenantID, _ trace: CallOrigin
    ) async throws -> [Change] {
        try await revive(name, Self.operatorScope(authority, trail), trace)
    }

    private func kill(_ name: ProgramName, reason: String?, _ scope: OperatorScope, _ trace: CallOrigin) async throws -> [Change] {
        let reason = try Self.checked(reason)
        let now = clock.nowMilliseconds()
        return try await change(name, scope, trace, ["change": "killed", "reason": .string(reason)]) { stops, program in
            try stops.kill(program, reason: reason, by: scope.actor, at: now)
        }
    }

    private func revive(_ name: ProgramName, _ scope: OperatorScope, _ trace: CallOrigin) async throws -> [Change] {
        try await change(name, scope, trace, ["change": "revived"]) { stops, program in try stops.revive(program) != nil }
    }

    private func change(
        _ name: ProgramName, _ scope: OperatorScope, _ trace: CallOrigin, _ detail: [String: Value],
        _ change: @escaping @Sendable (PluginStopRegistry, String) throws -> Bool
    ) async throws -> [Change] {
        let changes = try await database.platform(scope.platform) { tx in
            let stops = PluginStopRegistry(tx)
            return try name.programs(in: PluginCatalogue(tx)).map { program, label in
                let isNew = try change(stops, program)
                if isNew { try Self.audit(program, label, detail, scope, trace, stops, tx) }
                return Change(program: program, label: label, isNew: isNew)
            }
        }
        await changed()
        return changes
    }

    /// In the operators' trail, and in that of each tenant whose plugin it is.
    private static func audit(
        _ program: String, _ label: String, _ detail: [String: Value], _ scope: OperatorScope, _ trace: CallOrigin,
        _ stops: PluginStopRegistry, _ tx: PlatformTransaction
    ) throws {
        let detail = detail.merging(["program": .string(program), "label": .string(label)]) { own, _ in own }
        func append(_ tenant: TenantID, _ resource: String) throws {
            try tx.append(
                AuditEvent(
                    tenant: tenant, actor: scope.actor, action: Action.pluginKill.rawValue, resource: resource, outcome: .success,
                    detail: detail, correlation: trace.correlation, address: tenant == scope.trail ? trace.address : nil))
        }
        try append(scope.trail, "program:\(program)")
        for (tenant, plugin) in try stops.tenants(with: program) where tenant != scope.trail { try append(tenant, "plugin:\(plugin)") }
    }

    /// Who acts on the installation, and where that is written down.
    private struct OperatorScope: Sendable {
        let platform: PlatformScope
        let actor: String
        let trail: TenantID
    }

    private func operatorScope(_ permit: Permit) throws -> OperatorScope {
        try PluginRegistry.require(permit, .pluginKill)
        return OperatorScope(platform: try authorizer.platform(permit), actor: permit.principal.actor, trail: permit.scope.tenant)
    }

    private static func operatorScope(_ authority: SystemAuthority, _ trail: TenantID) -> OperatorScope {
        OperatorScope(
            platform: authority.platform("stop or revive a plugin"),
            actor: authority.permit(.pluginKill, in: trail, as: "command-line").principal.actor, trail: trail)
    }

    /// Every tenant that has the plugin reads it, so it is one line, and short.
    private static func checked(_ reason: String?) throws(HostError) -> String {
        guard let reason, !reason.isEmpty else { return "no reason was given" }
        guard reason.count <= 200, !reason.unicodeScalars.contains(where: { $0.properties.generalCategory == .control }) else {
            throw HostError(
                .invalidRequest, "the reason is not valid",
                fields: [.init(field: "reason", message: "must be one line of at most 200 characters")])
        }
        return reason
    }

    // MARK: Quarantine

    /// Lets a tenant's quarantined plugin run again, in every version; answers the versions that were in quarantine.
    package func release(_ plugin: PluginID, _ permit: Permit, _ trace: CallOrigin) async throws -> [String] {
        try PluginRegistry.require(permit, .pluginEnable, on: "plugin:\(plugin)")
        let released = try await database.transaction(permit.scope) { tx in
            let plugins = PluginRepository(tx)
            guard try plugins.find(plugin) != nil else { throw HostError(.notFound, "\(plugin) is not one of this tenant's plugins") }
            let released = try plugins.catalogue().filter { try $0.id == plugin && PluginStopRepository(tx).release($0.hash) != nil }
                .map(\.version)
            guard !released.isEmpty else { return released }
            try tx.append(
                AuditEvent(
                    tenant: permit.scope.tenant, actor: permit.principal.actor, action: "plugin.released", resource: "plugin:\(plugin)",
                    outcome: .success, detail: ["versions": Value(released)],
                    correlation: trace.correlation, address: trace.address))
            return released
        }
        await changed()
        return released
    }
}
