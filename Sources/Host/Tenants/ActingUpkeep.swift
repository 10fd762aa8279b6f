// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors

package import Logging
package import Security
import ServiceLifecycle

/// Writes down the ends of acts that nobody ended: their time was over, or their operator, session or tenant is gone.
///
/// Nothing waits for it: such an act is refused by itself.
package struct ActingUpkeep: Service {
    private static let interval = Duration.seconds(5)

    private let authenticator: Authenticator
    private let logger: Logger

    package init(_ authenticator: Authenticator, logger: Logger) { (self.authenticator, self.logger) = (authenticator, logger) }

    package func run() async throws {
        await cancelWhenGracefulShutdown {
            while !Task.isCancelled {
                do {
                    _ = try await authenticator.endActsThatAreOver()
                } catch {
                    if !Task.isCancelled { logger.error("the ends of acts of operators cannot be written down yet: \(error)") }
                }
                // Cancellation only ends the pause.
                try? await Task.sleep(for: Self.interval)
            }
        }
    }
}
