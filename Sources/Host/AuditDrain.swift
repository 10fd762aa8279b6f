// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors

package import Logging
package import Security
import ServiceLifecycle
package import Storage

/// Writes down what could not be written where it belonged: the fallback queue of dropped and failed audit records.
package struct AuditDrain: Service {
    private let fallback: AuditFallback
    private let database: any Database
    private let authority: SystemAuthority
    private let logger: Logger

    /// Drains one queue into one database.
    package init(fallback: AuditFallback, database: any Database, authority: SystemAuthority, logger: Logger) {
        (self.fallback, self.database, self.authority, self.logger) = (fallback, database, authority, logger)
    }

    /// Looks every second until the group shuts down, and once more then.
    package func run() async throws {
        await cancelWhenGracefulShutdown {
            while !Task.isCancelled {
                await flush()
                // Cancellation only ends the pause.
                try? await Task.sleep(for: .seconds(1))
            }
        }
        await flush()
    }

    /// Writes what waits now; what cannot be written goes back to the front.
    package func flush() async {
        var rest = fallback.drain()[...]
        guard !rest.isEmpty else { return }
        do {
            while !rest.isEmpty {
                let page = Array(rest.prefix(Self.page))
                try await write(page)
                rest = rest.dropFirst(page.count)
            }
        } catch {
            fallback.putBack(Array(rest))
            logger.error("audit records wait because they cannot be written", metadata: ["count": "\(rest.count)"])
        }
        if fallback.lost > 0 { logger.critical("audit records were lost", metadata: ["count": "\(fallback.lost)"]) }
    }

    /// Fewer than the uses of a key that are fetched at a time: the events of one person share its key.
    private static let page = 128

    private func write(_ events: [AuditEvent]) async throws {
        do {
            try await commit(events)
        } catch let error as StorageError where error.code == .duplicate {
            // A commit whose answer was lost was one after all: those that are there are passed over.
            for event in events {
                do { try await commit([event]) } catch let error as StorageError where error.code == .duplicate {}
            }
        }
    }

    private func commit(_ events: [AuditEvent]) async throws {
        try await database.platform(authority.platform("write waiting audit records")) { tx in
            for event in events { try tx.append(event) }
        }
    }
}
