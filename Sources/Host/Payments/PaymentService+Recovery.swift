// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors

internal import PluginAPI
internal import Security
internal import Storage
internal import Synchronization
internal import Values

extension PaymentService {
    /// Takes over the calls whose host died in the middle; answers how many there were.
    ///
    /// Each payment becomes unknown and is due for a question at once: what happened at the provider is asked, never assumed,
    /// and nothing is sent a second time. Calls of living hosts, this one included, are left alone.
    @discardableResult
    package func recover() async throws -> Int {
        let now = clock.nowMilliseconds()
        let own = unfinished.withLock { $0 }
        try await buryNeighbours(at: now)
        let lost = try await database.platformRead(system.platform("recover payments")) { tx in
            try PaymentQueue(tx).lostAttempts(nowMs: now)
        }
        var recovered = 0
        var failure: (any Error)?
        for (id, tenant) in own.map({ ($0.key, $0.value) }) + lost.compactMap({ item in CallID(item.id).map { ($0, item.tenant) } }) {
            let (permit, origin) = job(tenant)
            do {
                if try await takeOver(id, permit, origin) { recovered += 1 }
                unfinished.withLock { _ = $0.removeValue(forKey: id) }
            } catch {
                // One that cannot be read must not keep the others in doubt.
                failure = failure ?? error
            }
        }
        if let failure { throw failure }
        return recovered
    }

    /// A host on this machine whose process has ended need not be waited for until its lease is over.
    private func buryNeighbours(at now: Int64) async throws {
        let run = self.run
        let scope = system.platform("recover payments")
        let gone = try await database.platformRead(scope) { tx in try PaymentQueue(tx).runsInFlight() }.filter(run.isGone)
        guard !gone.isEmpty else { return }
        try await database.platform(scope) { tx in
            for other in gone { try HostRegistry(tx).bury(other, at: now) }
        }
    }

    private func takeOver(_ id: CallID, _ permit: Permit, _ origin: CallOrigin) async throws -> Bool {
        let now = clock.nowMilliseconds()
        return try await database.transaction(permit.scope) { tx in
            let attempts = PaymentAttemptRepository(tx)
            let payments = PaymentRepository(tx)
            guard let attempt = try attempts.find(id), attempt.state == "in_flight", let payment = try payments.lock(attempt.payment),
                try attempts.end(id, state: "lost", outcome: "unknown", nowMs: now)
            else { return false }
            try PaymentIdempotencyRepository(tx).orphan(attempt: id)
            let book = self.book(tx, permit, origin)
            try book.audit(
                "payment.attempt_lost", payment, .abandoned,
                ["operation": .string(attempt.operation), "attempt": .string(id.description), "refund": Value(attempt.refund?.description)])
            let problem = PaymentProblem(
                code: "internal", message: "the host stopped before the provider's answer was recorded", outcome: .unknown,
                isRetryable: false)
            switch attempt.operation {
            case "get_payment", "get_refund":
                break
            case "refund_payment":
                guard let refund = try attempt.refund.flatMap({ try payments.refund($0) }), try refund.isOpen else { break }
                _ = try book.doubt(refund, problem: problem, dueAt: now)
            default:
                let status = try payment.truth().status
                guard !status.isTerminal, status != .review else { break }
                _ = try book.doubt(payment, problem: problem, dueAt: now, from: .answer(attempt.operation))
            }
            return true
        }
    }

    /// Forgets answers that were kept long enough.
    package func forgetAnswers() async throws {
        let now = clock.nowMilliseconds()
        try await database.platform(system.platform("forget idempotency answers")) { tx in
            _ = try PaymentQueue(tx).forgetAnswers(nowMs: now)
        }
    }
}
