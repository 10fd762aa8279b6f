// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors

package import Sandbox
package import Security
package import Storage
import Values

/// Whether the host can do its work, part by part, for `/readyz` and `panelhost doctor`.
package struct HostHealth: Sendable {
    /// One part and what is wrong with it; nil when nothing is.
    package struct Part: Sendable, Hashable {
        /// The part, for example `database`.
        package var name: String
        /// One phrase, safe to show; nil when it works.
        package var problem: String?
        /// Whether nothing can be served without it.
        package var isEssential = true
    }

    private let database: any Database
    private let sandbox: Sandbox
    private let authority: SystemAuthority
    private let fallback: AuditFallback
    private let sequencing: AuditSequencing
    private let stopWatch: StopWatch
    private let membership: HostMembership
    private let sinks: AuditSinkGate

    /// Looks at these parts.
    package init(
        database: any Database, sandbox: Sandbox, authority: SystemAuthority, fallback: AuditFallback, sequencing: AuditSequencing,
        stopWatch: StopWatch, membership: HostMembership, sinks: AuditSinkGate
    ) {
        (self.database, self.sandbox, self.authority, self.fallback) = (database, sandbox, authority, fallback)
        (self.sequencing, self.stopWatch, self.membership, self.sinks) = (sequencing, stopWatch, membership, sinks)
    }

    /// The layers of the sandbox that are in force here.
    package var layers: SandboxLayers { sandbox.layers }

    /// Looks at every part, without details of whose fault it is.
    package func parts() async -> [Part] {
        var database = Part(name: "database", problem: nil)
        do {
            _ = try await self.database.platformRead(authority.platform("readiness")) { tx in try tx.query("SELECT 1 AS one", []) }
        } catch {
            database.problem = "does not answer"
        }
        let waiting = fallback.lost > 0 ? "records were lost" : fallback.count > 0 ? "records wait to be written" : nil
        let audit = Part(name: "audit", problem: await sequencing.problem ?? waiting)
        return [
            database, audit, Part(name: "kill_switch", problem: await stopWatch.problem),
            Part(name: "membership", problem: membership.problem),
            Part(name: "audit_sinks", problem: await sinkProblem(), isEssential: false),
        ]
    }

    /// Reading goes on while a sink lags, so this never takes a host out of service.
    private func sinkProblem() async -> String? {
        guard let statuses = try? await sinks.statuses() else { return "not known" }
        if statuses.contains(where: \.isOverLimit) { return "over the limit: changes are refused" }
        return statuses.contains { $0.sink.failingSince != nil && $0.sink.pausedAt == nil } ? "failing" : nil
    }
}
