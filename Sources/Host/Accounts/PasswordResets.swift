// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors

import Logging
import Security
import ServiceLifecycle

/// Requests to reset a password, worked off apart from whoever made them.
///
/// The answer is given before anything is looked up: neither its words nor its time tell whether there is an account.
package final class PasswordResets: Service {
    private struct Request: Sendable {
        let slug: String
        let email: String
        let origin: CallOrigin
    }

    private let accounts: AccountService
    private let logger: Logger
    private let requests: AsyncStream<Request>
    private let queue: AsyncStream<Request>.Continuation

    /// - Parameter capacity: requests that wait at most; more are forgotten, and those who made them ask again.
    init(_ accounts: AccountService, capacity: Int = 1000, logger: Logger) {
        (self.accounts, self.logger) = (accounts, logger)
        (requests, queue) = AsyncStream.makeStream(bufferingPolicy: .bufferingOldest(capacity))
    }

    /// Takes a request: one look at the tenant and one event in its trail, whoever it is about.
    package func ask(slug: String, email: String, origin: CallOrigin) async throws {
        try await accounts.recordResetRequest(slug: slug, email: email, origin: origin)
        if case .dropped = queue.yield(Request(slug: slug, email: email, origin: origin)) {
            logger.warning("too many requests to reset passwords wait; one was forgotten")
        }
    }

    /// Works until the service group shuts down.
    package func run() async throws {
        for await request in requests.cancelOnGracefulShutdown() {
            do {
                try await accounts.requestReset(slug: request.slug, email: request.email, origin: request.origin)
            } catch {
                logger.error(
                    "a password reset could not be sent",
                    metadata: ["correlation": .string(request.origin.correlation), "error": .string(String(describing: type(of: error)))])
            }
        }
    }
}
