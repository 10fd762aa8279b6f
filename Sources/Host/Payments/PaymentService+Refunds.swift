// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors

internal import PluginAPI
public import Security
internal import Storage
internal import Values

/// Why money goes back.
public enum RefundReason: String, Sendable, Hashable, CaseIterable {
    case duplicate
    case fraud
    case customerRequest = "customer_request"
    case other
}

extension PaymentService {
    /// Gives money back: `amountMinor` of it, or all that is left.
    ///
    /// More than is left is refused before anything leaves, with every refund counted that is done or may be.
    public func refund(
        _ permit: Permit, _ id: PaymentID, amountMinor: Int64? = nil, reason: RefundReason = .customerRequest, note: String? = nil,
        idempotencyKey: String, origin: CallOrigin
    ) async throws -> PaymentReply {
        let body = Value.compact([
            "payment": .string(id.description), "amount_minor": amountMinor.map { .int($0) }, "reason": .string(reason.rawValue),
            "note": note.map(Value.string),
        ])
        try demand(.invokePayment, permit, on: id)
        let remembered = try RememberedRequest(operation: "refund_payment", key: idempotencyKey, body: body)
        return try await once(permit, remembered) {
            let payment = try await self.settled(permit, id, operation: "refund_payment", origin)
            do {
                return try await self.giveBack(permit, payment, amountMinor, reason, note, remembered, origin)
            } catch let error as HostError where error.isRefusal {
                throw try await self.refuse(permit, "refund_payment", resource: "payment:\(id)", error, origin)
            }
        }
    }

    private func giveBack(
        _ permit: Permit, _ payment: PaymentRecord, _ wanted: Int64?, _ reason: RefundReason, _ note: String?,
        _ remembered: RememberedRequest, _ origin: CallOrigin
    ) async throws -> PaymentReply {
        let id = RefundID.make()
        let amount = try await database.read(permit.scope) { tx in try Self.toRefund(wanted, of: payment, in: tx) }
        try Self.checkKnownAtProvider(payment)
        let instance = try await gateways.instance(permit, payment.instance)
        try GatewayRules(instance).check("refund_payment", payment, amountMinor: amount)
        let now = clock.nowMilliseconds()
        let record = RefundRecord(
            id: id, payment: payment.id, instance: payment.instance, amountMinor: amount, currency: payment.currency,
            status: RefundStatus.created.rawValue, reason: reason.rawValue, note: note, createdAt: now, updatedAt: now)
        let call = PaymentCall(
            permit: permit, origin: origin, instance: instance, operation: "refund_payment", payment: payment.id, refund: id,
            request: .compact([
                "refund_id": .string(id.description), "provider_payment_id": payment.providerPaymentID.map(Value.string),
                "amount": try Self.money(amount, payment.currency), "reason": .string(reason.rawValue), "note": note.map(Value.string),
            ]),
            // A refund has a row of its own, so the row is its group of attempts.
            providerKey: providerKey(permit, payment, "refund_payment", amountMinor: amount, group: id.description),
            group: nil, remembered: remembered, isExclusive: false)
        return try await make(call) { tx in
            guard let locked = try PaymentRepository(tx).lock(payment.id) else { throw Self.notFound }
            // Under the lock: of two refunds that race for the rest, one finds it gone.
            _ = try Self.toRefund(amount, of: locked, in: tx)
            try PaymentRepository(tx).insert(record)
            try tx.append(
                AuditEvent(
                    occurredAt: now, tenant: permit.scope.tenant, actor: permit.principal.actor, action: "refund.created",
                    resource: "refund:\(id)", outcome: .success,
                    detail: [
                        "payment": .string(payment.id.description), "amount_minor": .int(amount), "currency": .string(payment.currency),
                        "reason": .string(reason.rawValue),
                    ], correlation: origin.correlation, address: origin.address))
        } conclude: { tx, report in
            try self.conclude(
                refund: id, of: payment.id, self.judge(instance).refund(report.result, wire: report.wire, isQuery: false), isQuery: false,
                self.book(tx, permit, origin))
        }
    }

    static func toRefund(_ wanted: Int64?, of payment: PaymentRecord, in tx: TenantTransaction) throws -> Int64 {
        let truth = try payment.truth()
        guard truth.status != .review else { throw HostError(.paymentState, "a payment that is in review does not allow this") }
        let refunds = try PaymentRepository(tx).refunds(of: payment.id).map { (amountMinor: $0.amountMinor, status: try $0.word()) }
        let account = RefundAccount(capturedMinor: payment.capturedMinor, refunds: refunds, providerRefundedMinor: payment.refundedMinor)
        let amount = wanted ?? account.remainingMinor
        guard account.allows(amount) else {
            throw HostError(
                .refundExceedsCaptured, "\(account.remainingMinor) minor units are left to refund",
                fields: [HostError.Field(field: "amount_minor", message: "must be from 1 to \(account.remainingMinor)")])
        }
        return amount
    }

    /// Writes what a refund came to and shapes the answer.
    func conclude(
        refund id: RefundID, of payment: PaymentID, _ outcome: GatewayOutcome<RefundNews>, isQuery: Bool, _ book: PaymentBook
    ) throws -> PaymentReply {
        let payments = PaymentRepository(book.tx)
        guard try payments.lock(payment) != nil, let refund = try payments.refund(id) else { throw Self.notFound }
        let settled = try book.settle(refund, with: outcome, isQuery: isQuery).view()
        guard let view = try Self.view(payment, in: book.tx) else { throw Self.notFound }
        guard case .failed(let problem) = outcome else { return PaymentReply(disposition: .done, payment: view, refund: settled) }
        if settled.status == .unknown { return PaymentReply(disposition: .unknown, payment: view, refund: settled, problem: problem) }
        // The call failed, but a message has said meanwhile where the refund stands.
        if !isQuery, settled.status != .failed { return PaymentReply(disposition: .done, payment: view, refund: settled) }
        return PaymentReply(disposition: .failed, payment: view, refund: settled, problem: problem)
    }
}
