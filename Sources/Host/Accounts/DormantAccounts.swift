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
            try UserRepository(tx).dormant(days: days, at: now)
        }
    }

    /// Suspends them, but never the last administrator; answers whom.
    package func suspend(in tenant: TenantID, days: Int64? = nil) async throws -> [UserRecord] {
        guard try await !list(in: tenant, days: days).isEmpty else { return [] }
        let permit = authority.permit(.userManage, in: tenant, as: "dormant")
        let (now, correlation) = (clock.nowMilliseconds(), CallID.make().description)
        return try await database.transaction(permit.scope) { tx in
            let suspended = try UserRepository(tx).suspendDormant(days: days, at: now)
            for user in suspended {
                try tx.append(
                    AuditEvent(
                        occurredAt: now, tenant: tenant, actor: permit.principal.actor, action: "user.dormant", resource: "user:\(user.id)",
                        outcome: .success, detail: ["last_signed_in_at": user.lastSignedInAt.map(Value.int) ?? .null],
                        correlation: correlation))
            }
            return suspended
        }
    }
}
