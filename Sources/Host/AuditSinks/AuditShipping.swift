// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors

package import Logging
package import Security
import ServiceLifecycle
package import Storage

/// Keeps one worker for each sink, as the database has them: what one sink does to its worker, the others do not feel.
package struct AuditShipping: Service {
    private let database: any Database
    private let authority: SystemAuthority
    private let transports: SinkTransports
    private let holder: @Sendable () -> String
    private let logger: Logger
    private let pace: SinkWorker.Pace

    package init(
        database: any Database, authority: SystemAuthority, transports: SinkTransports, holder: @escaping @Sendable () -> String,
        logger: Logger, pace: SinkWorker.Pace = SinkWorker.Pace()
    ) {
        (self.database, self.authority, self.transports) = (database, authority, transports)
        (self.holder, self.logger, self.pace) = (holder, logger, pace)
    }

    /// Looks for sinks that came or went until the group shuts down.
    package func run() async throws {
        await cancelWhenGracefulShutdown {
            await withTaskGroup(of: Void.self) { group in
                var workers: [AuditSinkRecord.ID: WorkerTask] = [:]
                while !Task.isCancelled {
                    if let sinks = await self.sinks() {
                        let wanted = Dictionary(uniqueKeysWithValues: sinks.map { ($0.id, $0) })
                        for (id, worker) in workers where wanted[id] == nil {
                            worker.task.cancel()
                            workers[id] = nil
                        }
                        for (id, sink) in wanted where workers[id] == nil { workers[id] = start(sink, in: &group) }
                    }
                    // Cancellation only ends the pause.
                    try? await Task.sleep(for: .seconds(2))
                }
                for worker in workers.values { worker.task.cancel() }
            }
        }
    }

    private struct WorkerTask {
        let task: Task<Void, Never>
    }

    private func start(_ sink: AuditSinkRecord, in group: inout TaskGroup<Void>) -> WorkerTask {
        let worker = SinkWorker(
            sink, database: database, authority: authority, transports: transports, holder: holder, logger: logger, pace: pace)
        // Cancelled one by one, and waited for by the group.
        let task = Task { await worker.run() }
        group.addTask { await task.value }
        return WorkerTask(task: task)
    }

    /// Those that are to be served; nil when the database does not say.
    private func sinks() async -> [AuditSinkRecord]? {
        try? await database.platformRead(authority.platform("list audit sinks")) { tx in
            try AuditSinkRepository(tx).all().filter { $0.pausedAt == nil }
        }
    }
}
