// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors

package import Logging
package import Security
package import Storage

/// Ships the trails to one sink, for as long as this host holds the lease on it.
///
/// A cursor moves after the sink has accepted and in no other case, so that an event may come twice and never gets lost.
package struct SinkWorker: Sendable {
    /// How a worker paces itself.
    package struct Pace: Sendable {
        /// Between two looks while nothing is owed.
        package var idle = Duration.milliseconds(500)
        /// Between two looks at who holds the lease.
        package var takeover = Duration.seconds(3)
        package var lease = Duration.seconds(40)
        package var firstRetry = Duration.seconds(1)
        package var lastRetry = Duration.seconds(60)
        package var limits = AuditShipment.Limits()

        package init() {}

        /// Doubles with each failure, spread over its upper half so that hosts and sinks do not come back together.
        func retry(_ failures: Int, _ jitter: Double) -> Duration {
            let planned = min(firstRetry * (1 << min(max(failures - 1, 0), 10)), lastRetry)
            return planned * (0.5 + 0.5 * jitter)
        }
    }

    /// What one look came to.
    package enum Outcome: Sendable, Hashable {
        /// So many events were accepted.
        case shipped(Int)
        case nothingOwed
        case failed(SinkFailure)
        /// Another host ships.
        case elsewhere
    }

    package let sink: AuditSinkRecord
    private let database: any Database
    private let authority: SystemAuthority
    private let transports: SinkTransports
    private let holder: @Sendable () -> String
    private let logger: Logger
    private let pace: Pace

    /// - Parameter holder: this host's name among the others.
    package init(
        _ sink: AuditSinkRecord, database: any Database, authority: SystemAuthority, transports: SinkTransports,
        holder: @escaping @Sendable () -> String, logger: Logger, pace: Pace = Pace()
    ) {
        (self.sink, self.database, self.authority, self.transports) = (sink, database, authority, transports)
        (self.holder, self.pace) = (holder, pace)
        var logger = logger
        logger[metadataKey: "sink"] = "\(sink.name)"
        self.logger = logger
    }

    /// What a worker carries from one look to the next.
    package struct Progress: Sendable {
        var lease: JobLease?
        var transport: (any SinkTransport)?
        var after = ""
        var failures = 0
        /// The size of the tree over all trails when nothing was owed, and when that was.
        var quiet: (size: Int64, at: ContinuousClock.Instant)?

        package init() {}
    }

    /// Ships until it is cancelled, and then lets another host go on at once.
    package func run() async {
        var progress = Progress()
        while !Task.isCancelled {
            let pause: Duration
            do {
                switch try await look(&progress) {
                case .shipped: continue
                case .nothingOwed: pause = pace.idle
                case .elsewhere: pause = pace.takeover
                case .failed(let failure):
                    let planned = pace.retry(progress.failures, .random(in: 0..<1))
                    pause = max(planned, .seconds(failure.retryAfter ?? 0))
                }
            } catch {
                if !Task.isCancelled { logger.error("an audit sink cannot be served: \(error)") }
                progress.lease = nil
                pause = pace.takeover
            }
            // Cancellation only ends the pause.
            try? await Task.sleep(for: pause)
        }
        await end(&progress)
    }

    /// Ships once what is owed, if it is this host's to do.
    package func look(_ progress: inout Progress) async throws -> Outcome {
        guard try await hold(&progress) else { return .elsewhere }
        guard try await mayBeOwed(&progress) else { return .nothingOwed }
        let (start, limits) = (progress.after, pace.limits)
        let (size, shipment) = try await database.platformRead(scope) { [id = sink.id] tx in
            (try Self.forestSize(tx), try AuditShipment.next(for: id, after: start, limits: limits, on: tx))
        }
        progress.after = shipment.after
        if shipment.moves {
            // The row of now: its secret may have been wrapped anew since this worker began.
            let current = progress.transport == nil ? try await row() : sink
            do throws(SinkFailure) {
                try await deliver(shipment, to: current, &progress)
            } catch {
                return try await failed(error, &progress)
            }
            try await accept(shipment, &progress)
        }
        if let (tenant, place) = shipment.damaged.min(by: { $0.key < $1.key }) {
            let reason = "event \(place) of trail \(tenant) is gone without a pruning, or cannot be read: run 'panelhost audit verify'"
            let outcome = try await failed(SinkFailure(reason), &progress)
            // The other trails go on at their own pace.
            return shipment.moves ? .shipped(shipment.events.count) : outcome
        }
        progress.failures = 0
        guard shipment.moves else {
            progress.quiet = (size, .now)
            return .nothingOwed
        }
        return .shipped(shipment.events.count)
    }

    /// Gives back the lease and closes the way.
    package func end(_ progress: inout Progress) async {
        await progress.transport?.close()
        progress.transport = nil
        guard let lease = progress.lease else { return }
        progress.lease = nil
        // Unstructured: the work is cancelled, the giving back is not. A lease that is not given back runs out.
        await Task { [database, scope] in _ = try? await database.platform(scope) { try JobLeases($0).release(lease) } }.value
    }

    private var scope: PlatformScope { authority.platform("ship audit events") }

    // MARK: Steps

    /// Takes the lease, or prolongs it while it is young enough for one delivery; an idle holder writes nothing.
    private func hold(_ progress: inout Progress) async throws -> Bool {
        let (name, milliseconds, held, holder) = ("audit_sink:\(sink.id)", pace.lease.milliseconds, progress.lease, self.holder())
        if let held, held.holder == holder {
            let isYoung = try await database.platformRead(scope) { tx in
                try held.until - DatabaseClock.now(tx) > milliseconds / 2 && JobLeases(tx).holds(held)
            }
            if isYoung { return true }
        }
        progress.lease = try await database.platform(scope) { tx in
            let (now, leases) = (try DatabaseClock.now(tx), JobLeases(tx))
            if let held, held.holder == holder, try leases.holds(held),
                let longer = try leases.renew(held, milliseconds: milliseconds, at: now)
            {
                return longer
            }
            return try leases.acquire(name, holder: holder, milliseconds: milliseconds, at: now)
        }
        return progress.lease != nil
    }

    /// Whether a trail may have grown: every trail that does, shows in the tree over all of them within a second.
    private func mayBeOwed(_ progress: inout Progress) async throws -> Bool {
        guard let quiet = progress.quiet, quiet.at.duration(to: .now) < .seconds(10) else { return true }
        return try await database.platformRead(scope) { try Self.forestSize($0) } != quiet.size
    }

    private static func forestSize(_ tx: PlatformTransaction) throws -> Int64 {
        try tx.query("SELECT leaf_index FROM forest_leaves ORDER BY leaf_index DESC LIMIT 1", []).first?.int("leaf_index") ?? -1
    }

    private func row() async throws -> AuditSinkRecord {
        let found = try await database.platformRead(scope) { [sink] in try AuditSinkRepository($0).find(name: sink.name) }
        // Another one may have got its name meanwhile.
        return found?.id == sink.id ? found ?? sink : sink
    }

    private func deliver(
        _ shipment: AuditShipment, to sink: AuditSinkRecord, _ progress: inout Progress
    ) async throws(SinkFailure) {
        guard !shipment.events.isEmpty else { return }
        let transport: any SinkTransport
        if let open = progress.transport { transport = open } else { transport = try await transports.make(sink) }
        progress.transport = transport
        try await transport.deliver(try await transports.shipped(shipment.events))
    }

    private func accept(_ shipment: AuditShipment, _ progress: inout Progress) async throws {
        guard let lease = progress.lease else { return }
        do {
            try await database.platform(scope) { [id = sink.id] tx in
                try shipment.accept(for: id, lease: lease, at: try DatabaseClock.now(tx), on: tx)
            }
        } catch {
            progress.lease = nil
            throw error
        }
        if progress.failures > 0, shipment.damaged.isEmpty { logger.notice("an audit sink takes events again") }
        if shipment.pruned > 0 {
            logger.warning("events were pruned before an audit sink had them", metadata: ["count": "\(shipment.pruned)"])
        }
    }

    private func failed(_ failure: SinkFailure, _ progress: inout Progress) async throws -> Outcome {
        guard !Task.isCancelled, let lease = progress.lease else { return .failed(failure) }
        if progress.failures == 0 { logger.error("an audit sink does not take events", metadata: ["reason": "\(failure)"]) }
        progress.failures += 1
        try await database.platform(scope) { [id = sink.id] tx in
            try AuditSinkRepository(tx).fail(id, failure.description, lease: lease, at: try DatabaseClock.now(tx))
        }
        return .failed(failure)
    }
}
