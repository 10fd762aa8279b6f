// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors

package import Logging
package import Sandbox
package import Security
import ServiceLifecycle
package import Storage

/// Carries out in this host's sandbox what the database says about programs that may not run.
///
/// New calls ask the database themselves; this ends what runs already. Every host on a database has one, so that a switch works on all of
/// them in less than a second.
package actor StopWatch: Service {
    /// How often it looks: one row, unless something has changed.
    private static let interval = Duration.milliseconds(250)

    private let database: any Database
    private let sandbox: Sandbox
    private let authority: SystemAuthority
    private let logger: Logger
    private let patience: Duration
    private let forget: @Sendable (TenantID) -> Void

    private var revision: Int64?
    private var held: Set<Quarantine> = []
    private var killedCount = 0
    private var purged: Set<TenantID> = []
    private var lastLook: ContinuousClock.Instant?
    private var startedAt: ContinuousClock.Instant?
    private var isFailing = false

    /// Watches one database for one sandbox.
    ///
    /// - Parameters:
    ///   - patience: how old the last look may be before the host says that it is not ready.
    ///   - forget: takes the keys of a purged tenant out of memory.
    package init(
        database: any Database, sandbox: Sandbox, authority: SystemAuthority, logger: Logger, patience: Duration = .seconds(3),
        forget: @escaping @Sendable (TenantID) -> Void = { _ in }
    ) {
        (self.patience, self.forget) = (patience, forget)
        (self.database, self.sandbox, self.authority, self.logger) = (database, sandbox, authority, logger)
    }

    /// Looks four times a second until the group shuts down, and at once when it is told of a change.
    package func run() async throws {
        startedAt = .now
        let changes = database.notifications(PluginStop.channel)
        await cancelWhenGracefulShutdown {
            await withTaskGroup { group in
                group.addTask {
                    while !Task.isCancelled {
                        await self.look()
                        // Cancellation only ends the pause.
                        try? await Task.sleep(for: Self.interval)
                    }
                }
                group.addTask {
                    for await _ in changes { await self.look() }
                }
            }
        }
    }

    /// Looks now, and carries out what has changed.
    package func look() async {
        let known = revision
        do {
            let (found, stops) = try await database.platformRead(authority.platform("stops of plugins")) { tx in
                let registry = PluginStopRegistry(tx)
                let found = try registry.revision()
                return (found, found == known ? nil : try registry.all())
            }
            lastLook = .now
            if isFailing {
                isFailing = false
                logger.notice("the kill switch can be read again")
            }
            // Another look may have been faster, and have seen more.
            if let stops, found > revision ?? -1 { apply(stops, at: found) }
        } catch {
            if !isFailing, !Task.isCancelled {
                isFailing = true
                logger.error("the kill switch cannot be read: programs that are stopped now keep running here")
            }
        }
    }

    /// Forgets which state it carried out, so that the next look compares everything: the sandbox has changed by itself.
    func lookAtEverything(after key: CellKey) {
        held.insert(Quarantine(tenant: key.tenant, program: key.program))
        revision = nil
    }

    /// What an operator must know; nil when the switch works, or nobody runs it.
    package var problem: String? {
        guard let latest = lastLook ?? startedAt, startedAt != nil else { return nil }
        return latest.duration(to: .now) > patience ? "cannot be read" : nil
    }

    /// How many stops of each kind were seen last.
    package var counts: (killed: Int, quarantined: Int) { (killedCount, held.count) }

    private func apply(_ stops: [PluginStop], at found: Int64) {
        revision = found
        let killed = Set(stops.filter { $0.kind == .killed }.map(\.program))
        killedCount = killed.count
        for program in killed.subtracting(sandbox.killed) { sandbox.kill(program: program) }
        for program in sandbox.killed.subtracting(killed) {
            sandbox.revive(program: program)
            logger.notice("program revived", metadata: ["program": "\(program)"])
        }
        closeTenants(stops.filter { $0.kind == .tenant })
        let quarantined = Set(
            stops.filter { $0.kind == .quarantined }.compactMap { stop in
                stop.tenant.map { Quarantine(tenant: $0.description, program: stop.program) }
            })
        let released = held.subtracting(quarantined)
        for key in sandbox.quarantine where released.contains(Quarantine(tenant: key.tenant, program: key.program)) {
            sandbox.release(key)
            logger.notice("plugin released", metadata: ["tenant": "\(key.tenant)", "program": "\(key.program)"])
        }
        held = quarantined
    }

    /// Ends what runs for tenants that are closed, and forgets the keys of those that are purged.
    private func closeTenants(_ stops: [PluginStop]) {
        sandbox.close(tenants: Set(stops.compactMap { $0.tenant?.description }))
        let gone = Set(stops.filter { $0.reason == TenantRecord.Status.purged.rawValue }.compactMap(\.tenant))
        for tenant in gone.subtracting(purged) { forget(tenant) }
        purged = gone
    }

    /// Whom a quarantine concerns: as the sandbox sees it, every set-up of one tenant.
    private struct Quarantine: Hashable {
        let tenant: String
        let program: String
    }
}
