// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors

internal import PluginAPI
internal import Security
internal import Storage
internal import Synchronization
internal import Values

/// One call to a provider between its two transactions.
struct PaymentCall: Sendable {
    let permit: Permit
    let origin: CallOrigin
    let instance: PluginInstance
    let operation: String
    let payment: PaymentID
    var refund: RefundID?
    let request: Value
    let providerKey: ProviderIdempotencyKey
    /// How many attempts the provider has answered before; nil where attempts are not counted.
    let group: Int64?
    var remembered: RememberedRequest?
    var isExclusive = true

    /// What the audit trail says is acted on.
    var subject: AuditSubject {
        var detail: [String: Value] = ["operation": .string(operation), "plugin": .string(instance.plugin.description)]
        if let refund { detail["refund"] = .string(refund.description) }
        return AuditSubject(resource: "payment:\(payment)", detail: detail, correlation: origin.correlation, address: origin.address)
    }
}

/// Why a call was not made although nothing is wrong: the caller has its answer already.
private enum Interruption: Error {
    case replay(String)
    case answerFromState(resource: String)
}

extension PaymentService {
    /// Makes a call: `prepare` writes what must be known before it leaves, `conclude` what it came to.
    ///
    /// Both run inside a transaction, beside the attempt, the remembered request and the audit trail.
    func make(
        _ call: PaymentCall,
        prepare: @escaping @Sendable (TenantTransaction) throws -> Void,
        conclude: @escaping @Sendable (TenantTransaction, InvocationReport) throws -> PaymentReply
    ) async throws -> PaymentReply {
        let attempt = CallID.make()
        let invocation = Invocation(
            permit: call.permit, instance: call.instance, operation: call.operation, request: call.request, subject: call.subject,
            idempotencyKey: call.providerKey.description)
        let reply = Slot<PaymentReply>()
        do {
            try await gateways.run(
                invocation,
                { tx in try self.open(call, attempt: attempt, in: tx, prepare: prepare) },
                { report, tx in reply.put(try self.close(attempt, report: report, in: tx, conclude: conclude)) })
        } catch let error as StorageError {
            // Whether the attempt stands in the database is not known here; if it does, nobody works on it any more.
            unfinished.withLock { $0[attempt] = call.permit.scope.tenant }
            throw error
        }
        return try reply.take()
    }

    /// The first transaction: nothing leaves before it is committed.
    private func open(
        _ call: PaymentCall, attempt: CallID, in tx: TenantTransaction, prepare: (TenantTransaction) throws -> Void
    ) throws {
        let now = clock.nowMilliseconds()
        let lease = now + policy.lease.components.seconds * 1_000
        if let remembered = call.remembered {
            try Self.stopIfKnown(remembered, in: tx, nowMs: now)
            // Before all else: the same request on another host waits here for this one, and then finds its answer.
            let isFirst = try remembered.remember(
                in: tx, resource: call.refund?.description ?? call.payment.description, attempt: attempt, lease: lease, nowMs: now,
                expires: now + policy.answers.components.seconds * 1_000)
            if !isFirst {
                try Self.stopIfKnown(remembered, in: tx, nowMs: now)
                throw Self.busy
            }
        }
        try prepare(tx)
        let attempts = PaymentAttemptRepository(tx)
        if let group = call.group, try attempts.answered(call.operation, of: call.payment) != group { throw Self.busy }
        let record = PaymentAttemptRecord(
            id: attempt, payment: call.payment, refund: call.refund, operation: call.operation, providerKey: call.providerKey.description,
            group: call.group ?? 0, isExclusive: call.isExclusive, hostRun: run.description, leaseUntil: lease, startedAt: now)
        guard try attempts.open(record) else { throw Self.busy }
    }

    /// The second transaction.
    ///
    /// Another host may have given the attempt up meanwhile: the news counts all the same.
    private func close(
        _ attempt: CallID, report: InvocationReport, in tx: TenantTransaction,
        conclude: (TenantTransaction, InvocationReport) throws -> PaymentReply
    ) throws -> PaymentReply {
        let reply = try conclude(tx, report)
        let outcome = reply.problem?.outcome.rawValue ?? "answered"
        _ = try PaymentAttemptRepository(tx).end(attempt, state: "closed", outcome: outcome, nowMs: clock.nowMilliseconds())
        try PaymentIdempotencyRepository(tx).answer(attempt: attempt, with: reply.stored)
        return reply
    }

    static let busy = HostError(.paymentBusy, "another operation on this payment is at work: try again", retryAfterSeconds: 1)

    // MARK: Remembered requests

    private static func stopIfKnown(_ request: RememberedRequest, in tx: TenantTransaction, nowMs: Int64) throws {
        let (decision, resource) = try request.decide(in: tx, nowMs: nowMs)
        switch decision {
        case .run: return
        case .replay(let text): throw Interruption.replay(text)
        case .answerFromState: throw Interruption.answerFromState(resource: resource ?? "")
        case .mismatch:
            throw HostError(.idempotencyMismatch, "this Idempotency-Key came with another request before: use a new key for a new request")
        case .inProgress(let seconds):
            throw HostError(.inProgress, "the first request with this Idempotency-Key still runs", retryAfterSeconds: seconds)
        }
    }

    /// Runs `body` unless the request was answered before; an answer that turns up on the way counts, too.
    func once(
        _ permit: Permit, _ request: RememberedRequest, _ body: () async throws -> PaymentReply
    ) async throws -> PaymentReply {
        let now = clock.nowMilliseconds()
        do {
            try await database.readOne(permit.scope) { tx in try Self.stopIfKnown(request, in: tx, nowMs: now) }
            return try await body()
        } catch Interruption.replay(let text) {
            return try PaymentReply(replaying: text)
        } catch Interruption.answerFromState(let resource) {
            return try await fromState(permit, resource)
        }
    }

    /// The answer for a request whose own answer died with its host.
    private func fromState(_ permit: Permit, _ resource: String) async throws -> PaymentReply {
        try await database.read(permit.scope) { tx in
            let refund = try RefundID(resource).flatMap { try PaymentRepository(tx).refund($0) }
            guard let id = refund?.payment ?? PaymentID(resource), let payment = try Self.view(id, in: tx) else { throw Self.notFound }
            let refundView = try refund?.view()
            let failure = (refundView?.value["failure"] ?? payment.failure).flatMap(PaymentProblem.init)
            let disposition: PaymentReply.Disposition =
                if let refundView {
                    refundView.status == .unknown ? .unknown : refundView.status == .failed ? .failed : .done
                } else {
                    payment.status == .unknown ? .unknown : payment.status == .canceled && failure != nil ? .failed : .done
                }
            return PaymentReply(
                disposition: disposition, payment: payment, refund: refundView, problem: disposition == .done ? nil : failure,
                isReplay: true)
        }
    }
}
