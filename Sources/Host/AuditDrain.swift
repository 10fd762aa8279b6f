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
        let events = fallback.drain()
        guard !events.isEmpty else { return }
        do {
            try await database.platform(authority.platform("write waiting audit records")) { tx in
                for event in events { try tx.append(event) }
            }
        } catch {
            fallback.putBack(events)
            logger.error("audit records wait because they cannot be written", metadata: ["count": "\(events.count)"])
        }
        if fallback.lost > 0 { logger.critical("audit records were lost", metadata: ["count": "\(fallback.lost)"]) }
    }
}
