// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors

package import Logging
package import Security
import ServiceLifecycle
package import Storage
import Values

/// Suspends accounts that nobody has used for as long as their tenant says.
package final class DormantAccounts: Service {
    private static let interval = Duration.seconds(3600)

    private let database: any Database
    private let authority: SystemAuthority
    private let clock: HostClock
    private let logger: Logger

    package init(database: any Database, authority: SystemAuthority, clock: HostClock, logger: Logger) {
        (self.database, self.authority, self.clock, self.logger) = (database, authority, clock, logger)
    }

    /// Looks at the start and once an hour.
    package func run() async throws {
        try? await cancelWhenGracefulShutdown {
            while !Task.isCancelled {
                do {
                    for tenant in try await self.tenants() { _ = try await self.suspend(in: tenant) }
                } catch is CancellationError {
                    return
                } catch {
                    self.logger.error(
                        "looking for dormant accounts failed; trying again in an hour",
                        metadata: ["error": .string(String(describing: error))])
                }
                try await Task.sleep(for: Self.interval)
            }
        }
    }

    private func tenants() async throws -> [TenantID] {
        try await database.platformRead(authority.platform("look for dormant accounts")) { tx in
            try TenantRegistry(tx).all().filter { $0.status == .active }.map(\.id)
        }
    }

    /// Whose accounts in a tenant nobody has used for longer than it says, or for longer than so many days.
    package func list(in tenant: TenantID, days: Int64? = nil) async throws -> [UserRecord] {
        let now = clock.nowMilliseconds()
        return try await database.read(authority.permit(.userManage, in: tenant, as: "dormant").scope) { tx in
            try Self.dormant(tx, days: days, at: now)
        }
    }

    /// Suspends them, but never the last administrator; answers whom.
    package func suspend(in tenant: TenantID, days: Int64? = nil) async throws -> [UserRecord] {
        guard try await !list(in: tenant, days: days).isEmpty else { return [] }
        let permit = authority.permit(.userManage, in: tenant, as: "dormant")
        let (now, correlation) = (clock.nowMilliseconds(), CallID.make().description)
        return try await database.transaction(permit.scope) { tx in
            // Two hosts look one after the other, and the second finds nobody.
            try PolicyRepository(tx).beginChange()
            let users = UserRepository(tx)
            var suspended: [UserRecord] = []
            for user in try Self.dormant(tx, days: days, at: now) {
                if user.isAdministrator, try !users.hasAdministrator(besides: user.id, at: now) { continue }
                try users.setStatus(.suspended, reason: "dormant", of: user.id, at: now)
                try tx.append(
                    AuditEvent(
                        occurredAt: now, tenant: tenant, actor: permit.principal.actor, action: "user.dormant", resource: "user:\(user.id)",
                        outcome: .success, detail: ["last_signed_in_at": user.lastSignedInAt.map(Value.int) ?? .null],
                        correlation: correlation))
                suspended.append(user)
            }
            return suspended
        }
    }

    private static func dormant(_ tx: TenantTransaction, days: Int64?, at now: Int64) throws -> [UserRecord] {
        let days = try days ?? AccountPolicyRepository(tx).current().dormantDays
        guard days > 0 else { return [] }
        return try UserRepository(tx).dormant(since: now - days * 86_400_000)
    }
}
