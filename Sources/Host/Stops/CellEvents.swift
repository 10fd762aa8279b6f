// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors

package import Logging
package import Sandbox
package import Security
import ServiceLifecycle
package import Storage
import Values

/// Writes down what happens to cells: crashes and quarantines, in the trail of the tenant whose plugin it is.
package struct CellEvents: Service {
    /// A quarantine that could not be written is still in force in this process; it is tried again for so long.
    private static let tries = 20
    private static let pause = Duration.milliseconds(250)

    private let database: any Database
    private let sandbox: Sandbox
    private let watch: StopWatch
    private let authority: SystemAuthority
    private let fallback: AuditFallback
    private let clock: HostClock
    private let logger: Logger
    private let metrics: HostMetrics

    /// Listens to one sandbox.
    package init(
        database: any Database, sandbox: Sandbox, watch: StopWatch, authority: SystemAuthority, fallback: AuditFallback, clock: HostClock,
        logger: Logger, metrics: HostMetrics
    ) {
        (self.database, self.sandbox, self.watch, self.authority) = (database, sandbox, watch, authority)
        (self.fallback, self.clock, self.logger, self.metrics) = (fallback, clock, logger, metrics)
    }

    /// Listens until the group shuts down.
    package func run() async throws {
        await cancelWhenGracefulShutdown {
            for await event in sandbox.events { await record(event) }
        }
    }

    private func record(_ event: SandboxEvent) async {
        switch event {
        case .crashed(let key, let exit):
            await write(key, "plugin.crashed", ["exit": .string(exit.description)], quarantine: nil)
        case .quarantined(let key, let crashes):
            metrics.countQuarantine()
            let reason = "its process died \(crashes) times within an hour"
            await write(key, "plugin.quarantined", ["crashes": Value(crashes)], quarantine: reason)
            await watch.lookAtEverything(after: key)
        case .killed, .revived, .released:
            // Whoever does these writes them down.
            break
        }
    }

    private func write(_ key: CellKey, _ action: String, _ detail: [String: Value], quarantine reason: String?) async {
        // A plugin that is only being checked belongs to no tenant.
        guard let (tenant, id) = PluginInstance.holder(of: key) else { return }
        let permit = authority.permit(.pluginInvoke, in: tenant, as: "sandbox")
        let now = clock.nowMilliseconds()
        let detail = detail.merging(["instance": .string(id.description), "program": .string(key.program)]) { own, _ in own }
        @Sendable func event(_ resource: String, _ more: [String: Value] = [:]) -> AuditEvent {
            AuditEvent(
                tenant: tenant, actor: permit.principal.actor, action: action, resource: resource, outcome: .failure,
                detail: detail.merging(more) { own, _ in own }, correlation: CallID.make().description)
        }
        for _ in 0..<Self.tries {
            do {
                try await database.transaction(permit.scope) { tx in
                    guard let instance = try PluginRepository(tx).instance(id) else { return }
                    if let reason {
                        let isNew = try PluginStopRepository(tx).quarantine(
                            key.program, reason: reason, by: permit.principal.actor, at: now)
                        guard isNew else { return }
                    }
                    try tx.append(event("plugin:\(instance.plugin)", ["label": .string(instance.label)]))
                }
                return
            } catch {
                logger.error("what happened to a cell cannot be written down yet", metadata: ["action": "\(action)"])
                guard (try? await Task.sleep(for: Self.pause)) != nil else { break }
            }
        }
        fallback.record(event("instance:\(id)"))
    }
}
