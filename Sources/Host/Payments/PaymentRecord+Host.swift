// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors

internal import Security
internal import Storage
internal import Values

extension PaymentRecord {
    /// The record in the words of the state machine.
    func truth() throws(HostError) -> PaymentTruth {
        guard let status = PaymentStatus(rawValue: status), let capture = CaptureMode(rawValue: capture) else {
            throw HostError(.unavailable, "the stored payment has a status that this host does not know")
        }
        return PaymentTruth(
            status: status, amountMinor: amountMinor, currency: currency, capture: capture, capturedMinor: capturedMinor,
            refundedMinor: refundedMinor, requestedCaptureMinor: requestedCaptureMinor, providerPaymentID: providerPaymentID,
            lastEventMs: lastEventAt)
    }

    /// Takes over what the state machine decided.
    mutating func take(_ truth: PaymentTruth) {
        status = truth.status.rawValue
        capturedMinor = truth.capturedMinor
        refundedMinor = truth.refundedMinor
        providerPaymentID = truth.providerPaymentID
        lastEventAt = truth.lastEventMs
    }

    /// What the panel sees.
    func view(refunds: [RefundRecord]) throws -> Payment {
        let truth = try truth()
        let request = try JSON.parse(request)
        let detail = try JSON.parse(detail)
        let isOpen = !truth.status.isTerminal && truth.status != .review
        let value = Value.compact([
            "id": .string(id.description), "status": .string(status), "plugin": .string(plugin), "instance_id": .string(instance),
            "merchant_reference": .string(merchantReference), "amount": money(amountMinor), "captured": money(capturedMinor),
            "refunded": money(refundedMinor), "capture": .string(capture), "invoice": request["invoice"], "customer": request["customer"],
            "metadata": request["metadata"], "provider_payment_id": providerPaymentID.map(Value.string),
            "next_action": isOpen ? detail["next_action"] : nil, "decline": detail["decline"], "method": detail["method"],
            "fee": detail["fee"], "dashboard_url": detail["dashboard_url"], "failure": detail["failure"],
            "review_reason": reviewReason.map(Value.string), "expires_at_ms": expiresAt.map { .int($0) },
            "refunds": refunds.isEmpty ? nil : .array(try refunds.map { try $0.view().value }), "created_at_ms": .int(createdAt),
            "updated_at_ms": .int(updatedAt),
        ])
        return Payment(id: id, status: truth.status, value: value)
    }

    private func money(_ minor: Int64) -> Value { ["amount_minor": .int(minor), "currency": .string(currency)] }
}

extension RefundRecord {
    /// The status in the words of the state machine.
    func word() throws(HostError) -> RefundStatus {
        guard let word = RefundStatus(rawValue: status) else {
            throw HostError(.unavailable, "the stored refund has a status that this host does not know")
        }
        return word
    }

    /// What the panel sees.
    func view() throws -> Refund {
        let detail = try JSON.parse(detail)
        let value = Value.compact([
            "id": .string(id.description), "payment_id": .string(payment.description), "status": .string(status),
            "amount": ["amount_minor": .int(amountMinor), "currency": .string(currency)], "reason": .string(reason),
            "note": note.map(Value.string), "provider_refund_id": providerRefundID.map(Value.string), "failure": detail["failure"],
            "created_at_ms": .int(createdAt), "updated_at_ms": .int(updatedAt),
        ])
        return Refund(id: id, status: try word(), value: value)
    }
}
