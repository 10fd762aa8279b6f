// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors

package import Security
package import Storage
import Synchronization

/// Whether the sinks keep up, for whoever is about to change something: what is changed must not stay unshipped for long.
///
/// Every host asks the database, so that all of them agree, and asks once a second at most.
package final class AuditSinkGate: Sendable {
    /// How one sink does.
    package struct Status: Sendable, Hashable {
        package let sink: AuditSinkRecord
        /// The age of the oldest event that it has not got, in milliseconds.
        package let lag: Int64

        /// Whether changes are refused because of it.
        package var isOverLimit: Bool { sink.pausedAt == nil && sink.lagLimit > 0 && lag > sink.lagLimit }
    }

    /// Before `until` a sink cannot be over its limit, whatever happens.
    private struct Horizon {
        let owedSince: Int64
        let until: Int64
        let checkedAt: Int64
    }

    private struct State {
        var isOverLimit = false
        var checkedAt: ContinuousClock.Instant?
        var check: Task<Bool, any Error>?
        var horizons: [AuditSinkRecord.ID: Horizon] = [:]
        var statuses: (all: [Status], at: ContinuousClock.Instant)?
    }

    private let database: any Database
    private let authority: SystemAuthority
    private let memory: Duration
    private let state = Mutex(State())

    /// - Parameter memory: how long an answer is good.
    package init(database: any Database, authority: SystemAuthority, memory: Duration = .seconds(1)) {
        (self.database, self.authority, self.memory) = (database, authority, memory)
    }

    /// Throws when events have not reached a sink for longer than its operator allows.
    package func admit() async throws {
        guard try await isOverLimit() else { return }
        throw HostError(
            .auditSinkLagging,
            "Audit events have not reached the place that they are kept in for too long. Nothing was changed; reading works.",
            retryAfterSeconds: 10)
    }

    private func isOverLimit() async throws -> Bool {
        let check = state.withLock { state -> Task<Bool, any Error>? in
            if let at = state.checkedAt, at.duration(to: .now) < memory { return nil }
            if let check = state.check { return check }
            let check = Task { try await self.look() }
            state.check = check
            return check
        }
        guard let check else { return state.withLock { $0.isOverLimit } }
        return try await check.value
    }

    private func look() async throws -> Bool {
        let horizons = state.withLock { $0.horizons }
        do {
            let found = try await database.platformRead(scope) { tx in try Self.horizons(horizons, on: tx) }
            return state.withLock { state in
                state.horizons = found.horizons
                state.isOverLimit = found.isOverLimit
                state.checkedAt = .now
                state.check = nil
                return found.isOverLimit
            }
        } catch {
            state.withLock { $0.check = nil }
            throw error
        }
    }

    /// Looks at the trails only where the limit may have been reached; at any rate every ten seconds.
    private static func horizons(
        _ known: [AuditSinkRecord.ID: Horizon], on tx: PlatformTransaction
    ) throws -> (horizons: [AuditSinkRecord.ID: Horizon], isOverLimit: Bool) {
        let sinks = try AuditSinkRepository(tx).all().filter { $0.pausedAt == nil && $0.lagLimit > 0 }
        guard !sinks.isEmpty else { return ([:], false) }
        let now = try DatabaseClock.now(tx)
        var (horizons, isOverLimit) = ([AuditSinkRecord.ID: Horizon](), false)
        for sink in sinks {
            if let known = known[sink.id], known.owedSince == sink.owedSince, now < known.until,
                (0..<10_000).contains(now - known.checkedAt)
            {
                horizons[sink.id] = known
                continue
            }
            let lag = try lag(sink, at: now, on: tx)
            horizons[sink.id] = Horizon(owedSince: sink.owedSince, until: now - lag + sink.lagLimit, checkedAt: now)
            if lag > sink.lagLimit { isOverLimit = true }
        }
        return (horizons, isOverLimit)
    }

    private static func lag(_ sink: AuditSinkRecord, at now: Int64, on tx: PlatformTransaction) throws -> Int64 {
        guard let oldest = try AuditSinkRepository(tx).oldestOwed(sink.id) else { return 0 }
        return max(0, now - max(oldest, sink.owedSince))
    }

    // MARK: Telling

    /// How every sink does, as of a second ago at most.
    package func statuses() async throws -> [Status] {
        if let known = state.withLock({ $0.statuses }), known.at.duration(to: .now) < memory { return known.all }
        let all = try await database.platformRead(scope) { tx in
            let now = try DatabaseClock.now(tx)
            return try AuditSinkRepository(tx).all().map { Status(sink: $0, lag: try Self.lag($0, at: now, on: tx)) }
        }
        state.withLock { $0.statuses = (all, .now) }
        return all
    }

    private var scope: PlatformScope { authority.platform("audit sinks") }
}
