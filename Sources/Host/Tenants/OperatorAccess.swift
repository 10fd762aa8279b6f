// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors

package import Security
package import Storage
import Values

/// Whether operators of the installation may act in a tenant, and as what: the tenant's own decision.
package struct OperatorAccess: Sendable {
    /// What a tenant sees of it.
    package struct View: Sendable {
        /// The role of the tenant's policy that operators act with; nil where they may not.
        package let role: String?
        /// What they did, the newest first.
        package let acts: [ActingRepository.Act]
    }

    private let database: any Database
    private let authenticator: Authenticator
    private let authority: SystemAuthority
    private let clock: HostClock

    package init(database: any Database, authenticator: Authenticator, authority: SystemAuthority, clock: HostClock = .system) {
        (self.database, self.authenticator, self.authority, self.clock) = (database, authenticator, authority, clock)
    }

    /// The tenant's decision, and the latest acts under it.
    package func show(_ permit: Permit, limit: Int = 100) async throws -> View {
        try PluginRegistry.require(permit, .roleRead)
        return try await database.read(permit.scope) { tx in
            let acting = ActingRepository(tx)
            return View(role: try acting.role(), acts: try acting.latest(limit: limit))
        }
    }

    /// Decides which role operators act with, nil for none; forbidding ends what runs, in the same moment for the next request.
    ///
    /// Whoever decides gives no more than they hold in that moment, and no operator decides about operators.
    package func set(_ role: String?, _ permit: Permit, _ trace: CallOrigin) async throws -> View {
        try PluginRegistry.require(permit, .roleManage)
        guard !permit.principal.isActing else { throw Denial.actingForbidden }
        guard permit.principal.slug != .platform else {
            throw HostError(.invalidRequest, "operators act as themselves in their own tenant")
        }
        let now = clock.nowMilliseconds()
        try await database.transaction(permit.scope) { tx in
            // The role stays, and gives what it gives, until this is decided.
            try PolicyRepository(tx).beginChange()
            if let role { try Self.check(role, permit, tx, at: now) }
            try ActingRepository(tx).setRole(role)
            var detail: [String: Value] = ["change": role == nil ? "operators_forbidden" : "operators_allowed"]
            if let role { detail["role"] = .string(role) }
            try tx.append(
                AuditEvent(
                    occurredAt: now, tenant: permit.scope.tenant, actor: permit.principal.actor, action: Action.roleManage.rawValue,
                    resource: "tenant:\(permit.scope.tenant)", outcome: .success, detail: detail, correlation: trace.correlation,
                    address: trace.address))
        }
        if role == nil {
            _ = try await authenticator.endActs(in: permit.scope.tenant, by: permit.principal.actor, correlation: trace.correlation)
        }
        return try await show(authority.permit(.roleRead, in: permit.scope.tenant, as: "operators"))
    }

    /// Refuses a role that the tenant has not, or that gives more than its author holds.
    private static func check(_ role: String, _ permit: Permit, _ tx: TenantTransaction, at now: Int64) throws {
        let policy = try PolicyRepository(tx).load().policy
        do {
            // As if somebody were given the role for good.
            _ = try policy.applying(
                .assign(Policy.Assignment(.make(), role)), within: permit.principal.ceiling(in: policy, at: now), at: now)
        } catch {
            throw HostError(.invalidRequest, "this role cannot be given to operators", fields: [.init(field: "role", message: "\(error)")])
        }
    }
}
