// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors

public import Logging
public import ServiceLifecycle

/// Keeps the payments true while nobody asks: takes over what dead hosts left, asks about what is not known, works off webhooks.
public struct PaymentReconciler: Service {
    private let payments: PaymentService
    private let logger: Logger
    private let interval: Duration

    /// Works every `interval`, and at once when a webhook came in.
    public init(_ payments: PaymentService, logger: Logger, interval: Duration = .seconds(5)) {
        self.payments = payments
        self.logger = logger
        self.interval = interval
    }

    /// Works until the host shuts down.
    public func run() async throws {
        await cancelWhenGracefulShutdown {
            await withTaskGroup { group in
                group.addTask {
                    while !Task.isCancelled {
                        await round()
                        // What waits for another try is not rung for.
                        payments.wake()
                        try? await Task.sleep(for: interval)
                    }
                }
                // Beside the rounds: a message does not wait for a slow provider's answer to another question.
                for await _ in payments.wakes {
                    if Task.isCancelled { break }
                    await attempt("work off webhooks") { try await payments.processWebhooks() }
                }
                group.cancelAll()
            }
        }
    }

    /// A failure of one part does not keep the others from their work.
    private func round() async {
        await attempt("recover payments") { try await payments.recover() }
        await attempt("reconcile payments") { try await payments.reconcileDue() }
        await attempt("forget idempotency answers") { try await payments.forgetAnswers() }
    }

    private func attempt<Result>(_ what: String, _ body: () async throws -> Result) async {
        do {
            _ = try await body()
        } catch is CancellationError {
            return
        } catch {
            logger.error("could not \(what): \(error)")
        }
    }
}
