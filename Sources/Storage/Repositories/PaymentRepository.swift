// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors

package import Security

/// Payments and refunds of one tenant.
package struct PaymentRepository {
    let tx: TenantTransaction

    package init(_ tx: TenantTransaction) { self.tx = tx }

    /// Why a payment row could not be added.
    package enum Refusal: Error, Sendable, Hashable {
        /// Another payment of the invoice is not settled yet.
        case invoiceHeld(by: PaymentID?)
        /// The instance has a payment under that merchant reference.
        case merchantReferenceTaken
    }

    /// Adds a payment; throws a ``Refusal`` when the invoice is held or the reference is used.
    package func insert(_ payment: PaymentRecord) throws {
        let added = try tx.execute(
            """
            INSERT INTO payments (tenant_id, id, plugin_id, instance_id, merchant_reference, status, amount_minor, currency, capture,
                captured_minor, refunded_minor, requested_capture_minor, provider_payment_id, invoice_id, held_invoice, customer_ref,
                request, detail, review_reason, expires_at, last_event_at, reconcile_at, reconcile_count, revision, created_by, created_at,
                updated_at)
            VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21, $22, $23, 1, $24, $25, $26)
            ON CONFLICT DO NOTHING
            """,
            [
                tx.tenant, .text(payment.id.description), .text(payment.plugin), .text(payment.instance), .text(payment.merchantReference),
                .text(payment.status), .int(payment.amountMinor), .text(payment.currency), .text(payment.capture),
                .int(payment.capturedMinor), .int(payment.refundedMinor), .int(orNull: payment.requestedCaptureMinor),
                .text(orNull: payment.providerPaymentID), .text(payment.invoice),
                .text(orNull: payment.holdsInvoice ? payment.invoice : nil), .text(payment.customerReference), .text(payment.request),
                .text(payment.detail), .text(orNull: payment.reviewReason), .int(orNull: payment.expiresAt),
                .int(orNull: payment.lastEventAt), .int(orNull: payment.reconcileAt), .int(payment.reconcileCount),
                .text(orNull: payment.createdBy), .int(payment.createdAt), .int(payment.updatedAt),
            ])
        guard added == 0 else { return }
        if payment.holdsInvoice, let holder = try holder(ofInvoice: payment.invoice) { throw Refusal.invoiceHeld(by: holder) }
        throw Refusal.merchantReferenceTaken
    }

    /// The payment that keeps other attempts off the invoice.
    package func holder(ofInvoice invoice: String) throws -> PaymentID? {
        let rows = try tx.query("SELECT id FROM payments WHERE tenant_id = $1 AND held_invoice = $2", [tx.tenant, .text(invoice)])
        return try rows.first?.id("id")
    }

    /// Lets go of an invoice although its payment is not settled.
    package func releaseInvoice(of payment: PaymentID) throws {
        try tx.execute(
            "UPDATE payments SET held_invoice = NULL WHERE tenant_id = $1 AND id = $2", [tx.tenant, .text(payment.description)])
    }

    /// The payment, or nil when this tenant has none of that id.
    package func find(_ id: PaymentID) throws -> PaymentRecord? {
        try tx.query("SELECT * FROM payments WHERE tenant_id = $1 AND id = $2", [tx.tenant, .text(id.description)]).first.map(
            PaymentRecord.init)
    }

    /// The payment, held against other writers until the transaction ends.
    package func lock(_ id: PaymentID) throws -> PaymentRecord? {
        try tx.query(
            "UPDATE payments SET revision = revision + 1 WHERE tenant_id = $1 AND id = $2 RETURNING *",
            [tx.tenant, .text(id.description)]
        ).first.map(PaymentRecord.init)
    }

    /// The payment that a provider's message speaks of: by its id there, else by our reference.
    package func find(instance: String, providerPaymentID: String?, merchantReference: String?) throws -> PaymentRecord? {
        if let providerPaymentID {
            let rows = try tx.query(
                "SELECT * FROM payments WHERE tenant_id = $1 AND instance_id = $2 AND provider_payment_id = $3",
                [tx.tenant, .text(instance), .text(providerPaymentID)])
            if let row = rows.first { return try PaymentRecord(row) }
        }
        guard let merchantReference else { return nil }
        return try tx.query(
            "SELECT * FROM payments WHERE tenant_id = $1 AND instance_id = $2 AND merchant_reference = $3",
            [tx.tenant, .text(instance), .text(merchantReference)]
        ).first.map(PaymentRecord.init)
    }

    /// One page of the payments that may be seen, the newest first.
    package func page(_ permit: ListPermit, invoice: String?, behind place: String?, limit: Int) throws -> ListedPage<PaymentRecord> {
        try permit.page(in: tx, behind: place, limit: limit, isDescending: true) { part, place, count in
            let condition = part.condition(from: 5) { ("created_by", "user:\($0)") }
            return try tx.query(
                """
                SELECT * FROM payments WHERE tenant_id = $1 AND ($2 = '' OR invoice_id = $2) AND ($3 = '' OR id < $3)\(condition.sql)
                ORDER BY id DESC LIMIT $4
                """, [tx.tenant, .text(invoice ?? ""), .text(place ?? ""), .int(Int64(count))] + condition.values
            ).map(PaymentRecord.init)
        }
    }

    /// Writes what may change about a payment.
    ///
    /// Call it on a record that ``lock(_:)`` gave in the same transaction. Throws `.duplicate` when the provider's id belongs to another payment of the instance.
    package func update(_ payment: PaymentRecord) throws {
        let changed = try tx.execute(
            """
            UPDATE payments SET status = $3, captured_minor = $4, refunded_minor = $5, requested_capture_minor = $6,
                provider_payment_id = $7, held_invoice = $8, detail = $9, review_reason = $10, expires_at = $11, last_event_at = $12,
                reconcile_at = $13, reconcile_count = $14, updated_at = $15
            WHERE tenant_id = $1 AND id = $2
            """,
            [
                tx.tenant, .text(payment.id.description), .text(payment.status), .int(payment.capturedMinor), .int(payment.refundedMinor),
                .int(orNull: payment.requestedCaptureMinor), .text(orNull: payment.providerPaymentID),
                .text(orNull: payment.holdsInvoice ? payment.invoice : nil), .text(payment.detail), .text(orNull: payment.reviewReason),
                .int(orNull: payment.expiresAt), .int(orNull: payment.lastEventAt), .int(orNull: payment.reconcileAt),
                .int(payment.reconcileCount), .int(payment.updatedAt),
            ])
        guard changed == 1 else { throw StorageError(.notFound, "the payment to update does not exist") }
    }

    /// True when another payment of the instance has that id at the provider.
    package func isProviderPaymentTaken(_ providerPaymentID: String, instance: String, byOtherThan id: PaymentID) throws -> Bool {
        !(try tx.query(
            "SELECT 1 AS taken FROM payments WHERE tenant_id = $1 AND instance_id = $2 AND provider_payment_id = $3 AND id <> $4",
            [tx.tenant, .text(instance), .text(providerPaymentID), .text(id.description)])).isEmpty
    }

    // MARK: Refunds

    /// Adds a refund; the caller has checked the sum under the payment's lock.
    package func insert(_ refund: RefundRecord) throws {
        try tx.execute(
            """
            INSERT INTO refunds (tenant_id, id, payment_id, instance_id, amount_minor, currency, status, reason, note, provider_refund_id,
                detail, reconcile_at, reconcile_count, created_at, updated_at)
            VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15)
            """,
            [
                tx.tenant, .text(refund.id.description), .text(refund.payment.description), .text(refund.instance),
                .int(refund.amountMinor), .text(refund.currency), .text(refund.status), .text(refund.reason), .text(orNull: refund.note),
                .text(orNull: refund.providerRefundID), .text(refund.detail), .int(orNull: refund.reconcileAt),
                .int(refund.reconcileCount), .int(refund.createdAt), .int(refund.updatedAt),
            ])
    }

    /// The refund, or nil when this tenant has none of that id.
    package func refund(_ id: RefundID) throws -> RefundRecord? {
        try tx.query("SELECT * FROM refunds WHERE tenant_id = $1 AND id = $2", [tx.tenant, .text(id.description)]).first.map(
            RefundRecord.init)
    }

    /// The refund that a provider's message speaks of.
    package func refund(instance: String, providerRefundID: String) throws -> RefundRecord? {
        try tx.query(
            "SELECT * FROM refunds WHERE tenant_id = $1 AND instance_id = $2 AND provider_refund_id = $3",
            [tx.tenant, .text(instance), .text(providerRefundID)]
        ).first.map(RefundRecord.init)
    }

    /// All refunds of a payment, oldest first.
    package func refunds(of payment: PaymentID) throws -> [RefundRecord] {
        try tx.query(
            "SELECT * FROM refunds WHERE tenant_id = $1 AND payment_id = $2 ORDER BY id", [tx.tenant, .text(payment.description)]
        ).map(RefundRecord.init)
    }

    /// Writes what may change about a refund, under its payment's lock.
    package func update(_ refund: RefundRecord) throws {
        let changed = try tx.execute(
            """
            UPDATE refunds SET status = $3, provider_refund_id = $4, detail = $5, reconcile_at = $6, reconcile_count = $7, updated_at = $8
            WHERE tenant_id = $1 AND id = $2
            """,
            [
                tx.tenant, .text(refund.id.description), .text(refund.status), .text(orNull: refund.providerRefundID), .text(refund.detail),
                .int(orNull: refund.reconcileAt), .int(refund.reconcileCount), .int(refund.updatedAt),
            ])
        guard changed == 1 else { throw StorageError(.notFound, "the refund to update does not exist") }
    }
}
