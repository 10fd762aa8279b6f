// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors

internal import PluginAPI
public import Security
internal import Storage
internal import Values

extension PaymentService {
    /// Charges a customer.
    ///
    /// The same key with the same request gives the first answer again, whatever has happened since; the key is bound to the tenant.
    public func create(
        _ permit: Permit, _ request: CreatePayment, idempotencyKey: String, origin: CallOrigin
    ) async throws -> PaymentReply {
        try demand(.invokePayment, permit)
        let remembered = try RememberedRequest(operation: "payment.create", key: idempotencyKey, body: request.fingerprint)
        return try await once(permit, remembered) {
            try self.checkOverride(permit, request)
            let instance = try await self.gateways.instance(permit, request.gateway)
            try GatewayRules(instance).check(request)
            let id = PaymentID.make()
            do {
                return try await self.charge(permit, request, id, instance, remembered, origin)
            } catch let refusal as PaymentRepository.Refusal {
                throw try await self.refuse(permit, "create_payment", resource: "invoice:\(request.invoice.id)", HostError(refusal), origin)
            }
        }
    }

    private func charge(
        _ permit: Permit, _ request: CreatePayment, _ id: PaymentID, _ instance: PluginInstance, _ remembered: RememberedRequest,
        _ origin: CallOrigin
    ) async throws -> PaymentReply {
        let reference = request.merchantReference ?? id.description
        let key = ProviderIdempotencyKey(
            tenant: permit.scope.tenant.description, instance: instance.id.description, operation: "create_payment",
            payment: id.description, attemptGroup: "0", amountMinor: request.amount.minor, currency: request.amount.currency.code,
            source: request.source.keyPart, capture: request.capture.rawValue)
        let call = PaymentCall(
            permit: permit, origin: origin, instance: instance, operation: "create_payment", payment: id,
            request: request.pluginRequest(payment: id, reference: reference, scopes: instance.effective.data), providerKey: key, group: 0,
            remembered: remembered)
        let now = clock.nowMilliseconds()
        let record = PaymentRecord(
            id: id, plugin: instance.plugin.description, instance: instance.id.description, merchantReference: reference,
            status: PaymentStatus.created.rawValue, amountMinor: request.amount.minor, currency: request.amount.currency.code,
            capture: request.capture.rawValue, invoice: request.invoice.id, holdsInvoice: true, customerReference: request.customer.ref,
            request: JSON.text(request.kept), createdBy: permit.principal.actor, createdAt: now, updatedAt: now)
        return try await make(call) { tx in
            let payments = PaymentRepository(tx)
            let book = self.book(tx, permit, origin)
            if request.overridesHeldInvoice, let holder = try payments.holder(ofInvoice: request.invoice.id),
                let held = try payments.find(holder)
            {
                try payments.releaseInvoice(of: holder)
                try book.audit(
                    "payment.invoice_released", held, .success, ["for": .string(id.description), "status": .string(held.status)])
            }
            try payments.insert(record)
            try book.audit(
                "payment.created", record, .success,
                [
                    "amount_minor": .int(record.amountMinor), "currency": .string(record.currency), "invoice": .string(record.invoice),
                    "plugin": .string(record.plugin), "capture": .string(record.capture),
                ])
        } conclude: { tx, report in
            try self.conclude(
                id, self.judge(instance).payment(report.result, wire: report.wire, isQuery: false), from: .answer("create_payment"),
                self.book(tx, permit, origin))
        }
    }

    private func checkOverride(_ permit: Permit, _ request: CreatePayment) throws(HostError) {
        guard request.overridesHeldInvoice, !permit.principal.permissions.covers(.resolveUnknownPayment) else { return }
        throw .invalid("override_held_invoice", "needs the permission \(Action.resolveUnknownPayment)")
    }

    /// Writes what an operation came to and shapes the answer.
    func conclude(
        _ id: PaymentID, _ outcome: GatewayOutcome<PaymentNews>, from source: NewsSource, _ book: PaymentBook
    ) throws -> PaymentReply {
        guard let payment = try PaymentRepository(book.tx).lock(id) else { throw Self.notFound }
        let settled = try book.settle(payment, with: outcome, from: source)
        let view = try settled.payment.view(refunds: try PaymentRepository(book.tx).refunds(of: id))
        guard case .failed(let problem) = outcome else { return PaymentReply(disposition: .done, payment: view) }
        if view.status == .unknown { return PaymentReply(disposition: .unknown, payment: view, problem: problem) }
        // The call failed, but a message has said meanwhile where the payment stands.
        let isKnownOtherwise = problem.outcome == .unknown || source == .answer("create_payment") && view.status != .canceled
        if isKnownOtherwise, source != .query { return PaymentReply(disposition: .done, payment: view) }
        return PaymentReply(disposition: .failed, payment: view, problem: problem)
    }
}

extension CreatePayment {
    /// What the plugin gets.
    func pluginRequest(payment: PaymentID, reference: String, scopes: Set<String>) -> Value {
        .compact([
            "payment_id": .string(payment.description), "merchant_reference": .string(reference), "amount": amount.value,
            "capture": .string(capture.rawValue), "source": source.value, "off_session": .bool(offSession),
            "save_method": .bool(saveMethod),
            "method": method.map(Value.string), "customer": customer.value(scopes), "invoice": invoice.value,
            "return_url": returnURL.map(Value.string), "cancel_url": cancelURL.map(Value.string),
            "metadata": .map(metadata.mapValues(Value.string)),
        ])
    }

    /// What the host keeps: nothing personal that it does not need.
    fileprivate var kept: Value {
        .compact([
            "invoice": invoice.value, "customer": ["ref": .string(customer.ref)], "source": source.value,
            "metadata": metadata.isEmpty ? nil : .map(metadata.mapValues(Value.string)),
        ])
    }
}

extension CreatePayment.Customer {
    /// What a plugin with these data scopes gets to see.
    fileprivate func value(_ scopes: Set<String>) -> Value {
        .compact([
            "ref": .string(ref), "email": scopes.contains("client.contact") ? email.map(Value.string) : nil,
            "name": scopes.contains("client.identity") ? name.map(Value.string) : nil,
            "country": scopes.contains("client.address") ? country.map(Value.string) : nil,
        ])
    }
}

extension HostError {
    init(_ refusal: PaymentRepository.Refusal) {
        switch refusal {
        case .invoiceHeld(let holder):
            let which = holder.map { " (\($0))" } ?? ""
            self.init(.invoiceHeld, "another payment\(which) of this invoice is not settled yet: a second charge could be one too many")
        case .merchantReferenceTaken:
            self.init(
                .merchantReferenceTaken, "this gateway has a payment with that merchant_reference already",
                fields: [Field(field: "merchant_reference", message: "is taken: use a new one for each payment")])
        }
    }
}
