// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors

package import Security

/// One payment as it is stored; words such as the status are the host's, and checked there.
package struct PaymentRecord: Sendable, Hashable {
    package let id: PaymentID
    package let plugin: String
    package let instance: String
    package let merchantReference: String
    package var status: String
    package let amountMinor: Int64
    package let currency: String
    package let capture: String
    package var capturedMinor: Int64
    package var refundedMinor: Int64
    package var requestedCaptureMinor: Int64?
    package var providerPaymentID: String?
    package let invoice: String
    /// True while no second attempt for the invoice may start.
    package var holdsInvoice: Bool
    package let customerReference: String
    /// What was asked for, as JSON, without anything that a retry does not need.
    package let request: String
    /// What the provider said last, as JSON.
    package var detail: String
    package var reviewReason: String?
    package var expiresAt: Int64?
    package var lastEventAt: Int64?
    package var reconcileAt: Int64?
    package var reconcileCount: Int64
    /// Who asked for it, as the audit trail names them.
    package let createdBy: String?
    package let createdAt: Int64
    package var updatedAt: Int64

    package init(
        id: PaymentID, plugin: String, instance: String, merchantReference: String, status: String, amountMinor: Int64, currency: String,
        capture: String, capturedMinor: Int64 = 0, refundedMinor: Int64 = 0, requestedCaptureMinor: Int64? = nil,
        providerPaymentID: String? = nil, invoice: String, holdsInvoice: Bool, customerReference: String, request: String = "{}",
        detail: String = "{}", reviewReason: String? = nil, expiresAt: Int64? = nil, lastEventAt: Int64? = nil, reconcileAt: Int64? = nil,
        reconcileCount: Int64 = 0, createdBy: String? = nil, createdAt: Int64, updatedAt: Int64
    ) {
        self.id = id
        self.plugin = plugin
        self.instance = instance
        self.merchantReference = merchantReference
        self.status = status
        self.amountMinor = amountMinor
        self.currency = currency
        self.capture = capture
        self.capturedMinor = capturedMinor
        self.refundedMinor = refundedMinor
        self.requestedCaptureMinor = requestedCaptureMinor
        self.providerPaymentID = providerPaymentID
        self.invoice = invoice
        self.holdsInvoice = holdsInvoice
        self.customerReference = customerReference
        self.request = request
        self.detail = detail
        self.reviewReason = reviewReason
        self.expiresAt = expiresAt
        self.lastEventAt = lastEventAt
        self.reconcileAt = reconcileAt
        self.reconcileCount = reconcileCount
        self.createdBy = createdBy
        self.createdAt = createdAt
        self.updatedAt = updatedAt
    }

    init(_ row: Row) throws {
        let held: String? = try row["held_invoice"]
        self.init(
            id: try row.id("id"), plugin: try row["plugin_id"], instance: try row["instance_id"],
            merchantReference: try row["merchant_reference"],
            status: try row["status"], amountMinor: try row["amount_minor"], currency: try row["currency"], capture: try row["capture"],
            capturedMinor: try row["captured_minor"], refundedMinor: try row["refunded_minor"],
            requestedCaptureMinor: try row["requested_capture_minor"], providerPaymentID: try row["provider_payment_id"],
            invoice: try row["invoice_id"], holdsInvoice: held != nil, customerReference: try row["customer_ref"],
            request: try row["request"], detail: try row["detail"], reviewReason: try row["review_reason"],
            expiresAt: try row["expires_at"],
            lastEventAt: try row["last_event_at"], reconcileAt: try row["reconcile_at"], reconcileCount: try row["reconcile_count"], createdBy: try row["created_by"],
            createdAt: try row["created_at"], updatedAt: try row["updated_at"])
    }
}

/// One refund as it is stored.
package struct RefundRecord: Sendable, Hashable {
    package let id: RefundID
    package let payment: PaymentID
    package let instance: String
    package let amountMinor: Int64
    package let currency: String
    package var status: String
    package let reason: String
    package let note: String?
    package var providerRefundID: String?
    package var detail: String
    package var reconcileAt: Int64?
    package var reconcileCount: Int64
    package let createdAt: Int64
    package var updatedAt: Int64

    package init(
        id: RefundID, payment: PaymentID, instance: String, amountMinor: Int64, currency: String, status: String, reason: String,
        note: String? = nil, providerRefundID: String? = nil, detail: String = "{}", reconcileAt: Int64? = nil, reconcileCount: Int64 = 0,
        createdAt: Int64, updatedAt: Int64
    ) {
        self.id = id
        self.payment = payment
        self.instance = instance
        self.amountMinor = amountMinor
        self.currency = currency
        self.status = status
        self.reason = reason
        self.note = note
        self.providerRefundID = providerRefundID
        self.detail = detail
        self.reconcileAt = reconcileAt
        self.reconcileCount = reconcileCount
        self.createdAt = createdAt
        self.updatedAt = updatedAt
    }

    init(_ row: Row) throws {
        self.init(
            id: try row.id("id"), payment: try row.id("payment_id"), instance: try row["instance_id"], amountMinor: try row["amount_minor"],
            currency: try row["currency"],
            status: try row["status"], reason: try row["reason"], note: try row["note"], providerRefundID: try row["provider_refund_id"],
            detail: try row["detail"], reconcileAt: try row["reconcile_at"], reconcileCount: try row["reconcile_count"],
            createdAt: try row["created_at"], updatedAt: try row["updated_at"])
    }
}
