// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors

package import Logging
package import Security
import ServiceLifecycle
package import Storage
internal import Synchronization

/// This host among those that share its database: its name, its heartbeat, and the clock that all of them agree on.
///
/// A host that has not been heard of for as long as its lease is taken for dead by the others, who then take over what it held. One that was
/// merely asleep finds that out at its next beat and goes on under a new name; what it began under the old one no longer counts.
package final class HostMembership: Service {
    /// How long a host may be silent.
    package static let lease = Duration.seconds(15)
    private static let interval = Duration.seconds(4)
    /// When nobody needs to know any more that a run has ended.
    private static let memory: Int64 = 7 * 86_400_000

    private struct State {
        var run: HostRun
        var hasJoined = false
        /// What the database's clock said, and when that was.
        var anchor: (milliseconds: Int64, at: ContinuousClock.Instant)?
        /// Since when no beat was missed: before that others may not have been able to beat either.
        var steadySince: ContinuousClock.Instant?
        /// Since when it has its name; what began earlier, began under a name that is used up.
        var renamedAt: ContinuousClock.Instant?
        /// Until when nobody can take it for dead.
        var currentUntil: ContinuousClock.Instant?
        var isFailing = false
    }

    private let database: any Database
    private let authority: SystemAuthority
    private let hostClock: HostClock
    private let logger: Logger
    private let elapsed: @Sendable () -> ContinuousClock.Instant
    private let state: Mutex<State>

    /// - Parameter elapsed: a clock that only moves forward, and goes on while the machine sleeps.
    package init(
        database: any Database, authority: SystemAuthority, clock: HostClock, logger: Logger, run: HostRun = .current(),
        elapsed: @escaping @Sendable () -> ContinuousClock.Instant = { .now }
    ) {
        (self.database, self.authority, hostClock, self.logger, self.elapsed) = (database, authority, clock, logger, elapsed)
        state = Mutex(State(run: run))
    }

    /// Under which name this host claims work.
    package var run: HostRun { state.withLock { $0.run } }

    /// The time by which leases are judged: the database's, carried on by this machine's steps since the last beat.
    ///
    /// A jump of this machine's clock moves nothing. Until the first beat it is the host's own clock.
    package var clock: HostClock {
        HostClock { [self] in
            let now = elapsed()
            guard let anchor = state.withLock({ $0.anchor }) else { return hostClock.nowMilliseconds() }
            return anchor.milliseconds + anchor.at.duration(to: now).milliseconds
        }
    }

    /// Whether a call that began at `start` may still act at a provider: not if another host can have taken it over meanwhile.
    ///
    /// When that is not certain, as after an outage of the database, one more beat settles it.
    package func makeCertain(begunAt start: ContinuousClock.Instant) async -> Bool {
        if mayAct(begunAt: start) { return true }
        await beat()
        return mayAct(begunAt: start)
    }

    /// What is certain without asking.
    package func mayAct(begunAt start: ContinuousClock.Instant) -> Bool {
        let now = elapsed()
        return state.withLock { state in
            guard let until = state.currentUntil else { return true }
            return now < until && start >= (state.renamedAt ?? start)
        }
    }

    /// What an operator must know; nil when the others hear of this host.
    package var problem: String? { mayAct(begunAt: elapsed()) ? nil : "not heard of by the other hosts" }

    /// Beats until the group shuts down, and then says goodbye.
    package func run() async throws {
        await cancelWhenGracefulShutdown {
            while !Task.isCancelled {
                await self.beat()
                // Cancellation only ends the pause.
                try? await Task.sleep(for: Self.interval)
            }
        }
        await leave()
    }

    /// Says that this host lives, and ends those that were not heard of.
    package func beat() async {
        let start = elapsed()
        let (name, hasJoined, steadySince) = state.withLock { state in
            // All hosts may have slept, as on one suspended machine.
            if let until = state.currentUntil, start >= until { state.steadySince = nil }
            return (state.run.description, state.hasJoined, state.steadySince)
        }
        // After an outage everybody's lease is over: whoever comes back first must leave the others time to beat.
        let mayBury = steadySince.map { $0.duration(to: start) >= Self.lease } ?? false
        do {
            let elapsed = self.elapsed
            let (lives, now, readAt, buried) = try await database.platform(authority.platform("heartbeat")) { tx in
                let hosts = HostRegistry(tx)
                let now = try DatabaseClock.now(tx)
                let readAt = elapsed()
                if !hasJoined { try hosts.join(name, milliseconds: Self.lease.milliseconds, at: now) }
                let lives = try hosts.beat(name, milliseconds: Self.lease.milliseconds, at: now)
                let buried = lives && mayBury ? try hosts.buryOverdue(at: now) : []
                if !buried.isEmpty { try hosts.forget(endedBefore: now - Self.memory) }
                return (lives, now, readAt, buried)
            }
            for run in buried { logger.warning("a host was not heard of: its work is taken over", metadata: ["run": "\(run)"]) }
            settle(lives: lives, name: name, anchor: (now, readAt), start: start)
            // A new name is to be known before work is claimed under it.
            if !lives { await beat() }
        } catch {
            let isNew = state.withLock { state in
                state.steadySince = nil
                defer { state.isFailing = true }
                return !state.isFailing
            }
            if isNew, !Task.isCancelled { logger.error("the heartbeat cannot be written: \(error)") }
        }
    }

    private func settle(
        lives: Bool, name: String, anchor: (milliseconds: Int64, at: ContinuousClock.Instant), start: ContinuousClock.Instant
    ) {
        let wasFailing = state.withLock { state in
            defer { state.isFailing = false }
            // Another beat may have found out first.
            guard state.run.description == name else { return state.isFailing }
            state.anchor = anchor
            state.steadySince = state.steadySince ?? start
            state.hasJoined = lives
            if lives {
                // Counted from before the question: the others count from a later moment.
                state.currentUntil = start + Self.lease
            } else {
                (state.run, state.renamedAt) = (.current(), elapsed())
            }
            return state.isFailing
        }
        if wasFailing { logger.notice("the heartbeat can be written again") }
        if !lives { logger.warning("this host was taken for dead and goes on under a new name", metadata: ["old": "\(name)"]) }
    }

    /// Whatever this host still held can be taken over at once.
    private func leave() async {
        let (name, now) = (run.description, clock.nowMilliseconds())
        guard state.withLock({ $0.hasJoined }) else { return }
        do {
            _ = try await database.platform(authority.platform("heartbeat")) { tx in try HostRegistry(tx).bury(name, at: now) }
        } catch {
            logger.notice("the other hosts find out by themselves that this one has ended")
        }
    }
}
