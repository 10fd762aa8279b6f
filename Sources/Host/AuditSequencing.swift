// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors

package import Logging
import Security
import ServiceLifecycle
package import Storage

/// Gives audit events their places, batch after batch, as long as the host runs.
///
/// Every host has one; on a shared database they take turns.
package actor AuditSequencing: Service {
    /// How long an event waits for others to share a checkpoint with, at most.
    private static let pause = Duration.milliseconds(100)
    /// How long after an event of this process it may still be committed.
    private static let attention = Duration.seconds(5)
    /// How often the database is asked while this process appends nothing: other processes do.
    private static let idlePause = Duration.seconds(1)
    /// How often the tree over all trails is signed while events come in.
    private static let forestInterval = Duration.seconds(1)

    private let sequencer: AuditSequencer
    private let logger: Logger
    private var refused: [TenantID: String] = [:]
    private var isFailing = false
    private var lastForest: ContinuousClock.Instant?

    package init(_ sequencer: AuditSequencer, logger: Logger) {
        (self.sequencer, self.logger) = (sequencer, logger)
    }

    /// Looks until the group shuts down, and once more then: ten times a second while events come in, else once.
    package func run() async throws {
        await cancelWhenGracefulShutdown {
            await self.adoptOrphans()
            var (rings, rungAt, lookedAt) = (UInt64(0), ContinuousClock.now, ContinuousClock.Instant?.none)
            while !Task.isCancelled {
                let (count, now) = (AuditBell.count, ContinuousClock.now)
                if count != rings { (rings, rungAt) = (count, now) }
                if rungAt.duration(to: now) < Self.attention || lookedAt.map({ $0.duration(to: now) >= Self.idlePause }) ?? true {
                    await self.look()
                    lookedAt = now
                }
                // Cancellation only ends the pause.
                try? await Task.sleep(for: Self.pause)
            }
        }
        await finish()
    }

    /// Queues what a restore, or a hand in the database, has left without a place.
    private func adoptOrphans() async {
        do {
            let count = try await sequencer.adoptOrphans()
            if count > 0 {
                logger.warning(
                    "audit events had neither a place nor a place in the queue: they are queued", metadata: ["count": "\(count)"])
            }
        } catch {
            logger.error("whether audit events have lost their place in the queue is not known: \(error)")
        }
    }

    /// Sequences what waits now.
    package func look() async {
        do {
            var pass: AuditSequencer.Pass
            repeat {
                pass = try await sequencer.pass()
                report(pass.refused)
            } while pass.isBehind && !pass.isElsewhere && !Task.isCancelled
            if lastForest.map({ .now - $0 >= Self.forestInterval }) ?? true {
                try await sequencer.plantForest()
                lastForest = .now
            }
            if isFailing { logger.notice("audit events are sequenced again") }
            isFailing = false
        } catch {
            if !isFailing, !Task.isCancelled {
                isFailing = true
                logger.error("audit events cannot be sequenced: they stay in the queue", metadata: ["error": "\(error)"])
            }
        }
    }

    /// Sequences all that waits and signs the forest.
    package func finish() async {
        lastForest = nil
        await look()
    }

    /// One phrase for the health of the host; nil when all is well.
    package var problem: String? {
        refused.isEmpty ? isFailing ? "events cannot be sequenced" : nil : "a trail does not match its last checkpoint"
    }

    private func report(_ found: [TenantID: String]) {
        for (tenant, reason) in found where refused[tenant] == nil {
            logger.critical(
                "an audit trail was tampered with: nothing is signed on top of it; run 'panelhost audit verify'",
                metadata: ["tenant": "\(tenant)", "reason": "\(reason)"])
        }
        refused = found
    }
}
