// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors

import FoundationEssentials
import Logging
import Security
import ServiceLifecycle
import Storage
import Values

/// Tells people that somebody signed in to their account from a device that was not seen before.
///
/// Apart from the sign-in, which neither waits for it nor fails with it.
package final class NewDeviceNotices: Service {
    private let authenticator: Authenticator
    private let messages: AccountMessages
    private let database: any Database
    private let authority: SystemAuthority
    private let metrics: HostMetrics
    private let logger: Logger

    init(
        _ authenticator: Authenticator, _ messages: AccountMessages, database: any Database, authority: SystemAuthority,
        metrics: HostMetrics, logger: Logger
    ) {
        (self.authenticator, self.messages, self.database) = (authenticator, messages, database)
        (self.authority, self.metrics, self.logger) = (authority, metrics, logger)
    }

    /// Works until the service group shuts down; what waits then is queued before it ends.
    package func run() async throws {
        for await _ in authenticator.newDevices.wakeUps.cancelOnGracefulShutdown() { await queueWaiting() }
        await queueWaiting()
    }

    /// Queues a message for each sign-in that waits to be told of.
    package func queueWaiting() async {
        let (signIns, lost) = authenticator.newDevices.take()
        for signIn in signIns { await queue(signIn) }
        guard lost > 0 else { return }
        metrics.countNotice(.lost, lost)
        logger.warning("too many sign-ins from new devices waited to be told of", metadata: ["lost": .stringConvertible(lost)])
    }

    private func queue(_ signIn: NewDeviceSignIn) async {
        let origin = CallOrigin(correlation: signIn.correlation, address: signIn.address)
        do {
            let isSent = try await messages.send(
                .newDevice(name: signIn.device, address: signIn.address, at: signIn.at.utcText), to: signIn.user, in: signIn.tenant,
                key: signIn.key, origin: origin)
            metrics.countNotice(isSent ? .queued : .noNotifier)
        } catch {
            metrics.countNotice(.failed)
            logger.error(
                "a notice of a new device could not be queued",
                metadata: ["correlation": .string(signIn.correlation), "error": .string(String(describing: type(of: error)))])
            // What cannot be written here either is in the log and in the count.
            try? await database.append(
                authority.permit(.invokeNotifier, in: signIn.tenant, as: "accounts").scope,
                AuditEvent(
                    occurredAt: signIn.at, tenant: signIn.tenant, actor: "system:accounts", action: "session.new_device_notice",
                    resource: "user:\(signIn.user)", outcome: .failure, detail: ["reason": "not_queued"],
                    correlation: signIn.correlation))
        }
    }
}

extension Int64 {
    /// Milliseconds as a moment that people can read.
    var utcText: String { Date(timeIntervalSince1970: Double(self) / 1000).formatted(.iso8601) }
}
