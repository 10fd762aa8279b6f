// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors

internal import PluginAPI
public import Security
internal import Storage
internal import Values

extension PaymentService {
    /// Goes on after the customer came back; the parameters are hints that the plugin has to check with the provider.
    public func confirm(
        _ permit: Permit, _ id: PaymentID, returnParameters: [String: String] = [:], methodRef: String? = nil, idempotencyKey: String,
        origin: CallOrigin
    ) async throws -> PaymentReply {
        let parameters = Value.map(returnParameters.mapValues(Value.string))
        return try await operate(
            permit, id, "confirm_payment", body: .compact(["return_params": parameters, "method_ref": methodRef.map(Value.string)]),
            key: idempotencyKey, origin,
            allowed: [.requiresAction, .processing]
        ) { payment in
            .compact([
                "payment_id": .string(id.description), "provider_payment_id": payment.providerPaymentID.map(Value.string),
                "return_params": parameters, "method_ref": methodRef.map(Value.string),
            ])
        }
    }

    /// Takes money that is authorized: `amountMinor` of it, or all that is left.
    public func capture(
        _ permit: Permit, _ id: PaymentID, amountMinor: Int64? = nil, idempotencyKey: String, origin: CallOrigin
    ) async throws -> PaymentReply {
        try await operate(
            permit, id, "capture_payment", body: .compact(["amount_minor": amountMinor.map { .int($0) }]), key: idempotencyKey, origin,
            allowed: [.authorized, .partiallyCaptured], amountMinor: { try Self.toCapture(amountMinor, of: $0) },
            prepare: { payment in
                payment.requestedCaptureMinor = payment.capturedMinor + (try Self.toCapture(amountMinor, of: payment))
            }
        ) { payment in
            [
                "provider_payment_id": Value(payment.providerPaymentID),
                "amount": try Self.money(Self.toCapture(amountMinor, of: payment), payment.currency),
            ]
        }
    }

    /// Gives up a payment whose money was not taken.
    public func cancel(
        _ permit: Permit, _ id: PaymentID, reason: String? = nil, idempotencyKey: String, origin: CallOrigin
    ) async throws -> PaymentReply {
        let reason = reason ?? "requested"
        return try await operate(
            permit, id, "cancel_payment", body: ["reason": .string(reason)], key: idempotencyKey, origin,
            allowed: [.requiresAction, .processing, .authorized]
        ) { payment in
            ["provider_payment_id": Value(payment.providerPaymentID), "reason": .string(reason)]
        }
    }

    // MARK: The common way

    private func operate(
        _ permit: Permit, _ id: PaymentID, _ operation: String, body: Value, key: String, _ origin: CallOrigin,
        allowed: Set<PaymentStatus>, amountMinor: @escaping @Sendable (PaymentRecord) throws -> Int64 = { $0.amountMinor },
        prepare: @escaping @Sendable (inout PaymentRecord) throws -> Void = { _ in },
        request: @Sendable (PaymentRecord) throws -> Value
    ) async throws -> PaymentReply {
        try demand(.invokePayment, permit, on: id)
        let remembered = try RememberedRequest(operation: operation, key: key, body: ["payment": .string(id.description), "body": body])
        return try await once(permit, remembered) {
            let payment = try await self.settled(permit, id, operation: operation, origin)
            do {
                try Self.check(payment, allowed)
                try Self.checkKnownAtProvider(payment)
                let instance = try await self.gateways.instance(permit, payment.instance)
                try GatewayRules(instance).check(operation, payment, amountMinor: try amountMinor(payment))
                let group = try await self.database.readOne(permit.scope) { tx in
                    try PaymentAttemptRepository(tx).answered(operation, of: id)
                }
                let call = PaymentCall(
                    permit: permit, origin: origin, instance: instance, operation: operation, payment: id, request: try request(payment),
                    providerKey: self.providerKey(permit, payment, operation, amountMinor: try amountMinor(payment), group: "\(group)"),
                    group: group, remembered: remembered)
                return try await self.make(call) { tx in
                    guard var locked = try PaymentRepository(tx).lock(id) else { throw Self.notFound }
                    // What the request was built upon must still be so.
                    try Self.check(locked, allowed)
                    guard locked.capturedMinor == payment.capturedMinor, locked.providerPaymentID == payment.providerPaymentID else {
                        throw Self.busy
                    }
                    try prepare(&locked)
                    try PaymentRepository(tx).update(locked)
                } conclude: { tx, report in
                    try self.conclude(
                        id, self.judge(instance).payment(report.result, wire: report.wire, isQuery: false), from: .answer(operation),
                        self.book(tx, permit, origin))
                }
            } catch let error as HostError where error.isRefusal {
                throw try await self.refuse(permit, operation, resource: "payment:\(id)", error, origin)
            }
        }
    }

    /// The payment, asked about first when its outcome is not known: nothing is built upon doubt.
    func settled(_ permit: Permit, _ id: PaymentID, operation: String, _ origin: CallOrigin) async throws -> PaymentRecord {
        func load() async throws -> PaymentRecord {
            if let payment = try await database.readOne(permit.scope, { tx in try PaymentRepository(tx).find(id) }) { return payment }
            try await denyUnknown(permit, id, action: "payment.\(operation)", origin: origin)
            throw Self.notFound
        }
        let payment = try await load()
        guard payment.status == PaymentStatus.unknown.rawValue else { return payment }
        _ = try await sync(permit, id, origin: origin)
        let asked = try await load()
        guard asked.status == PaymentStatus.unknown.rawValue else { return asked }
        throw HostError(
            .paymentUnknown, "what became of this payment is not known yet, and the provider does not say: try again later",
            retryAfterSeconds: 30)
    }

    static func check(_ payment: PaymentRecord, _ allowed: Set<PaymentStatus>) throws(HostError) {
        let status = try payment.truth().status
        guard allowed.contains(status) else {
            throw HostError(.paymentState, "a payment that is \(status) does not allow this")
        }
    }

    /// The provider must have named the payment before anything can be done with it there.
    static func checkKnownAtProvider(_ payment: PaymentRecord) throws(HostError) {
        guard payment.providerPaymentID == nil else { return }
        throw HostError(.paymentState, "the provider has not named this payment yet: sync it first")
    }

    static func toCapture(_ amountMinor: Int64?, of payment: PaymentRecord) throws(HostError) -> Int64 {
        let rest = payment.amountMinor - payment.capturedMinor
        let amount = amountMinor ?? rest
        guard amount > 0 else { throw .invalid("amount_minor", "must be at least 1") }
        guard amount <= rest else {
            throw HostError(
                .captureExceedsAuthorized, "\(rest) minor units are left to capture",
                fields: [HostError.Field(field: "amount_minor", message: "must be at most \(rest)")])
        }
        return amount
    }

    static func money(_ minor: Int64, _ currency: String) throws -> Value { try Money(minor: minor, currency: currency).value }

    func providerKey(
        _ permit: Permit, _ payment: PaymentRecord, _ operation: String, amountMinor: Int64, group: String
    ) -> ProviderIdempotencyKey {
        ProviderIdempotencyKey(
            tenant: permit.scope.tenant.description, instance: payment.instance, operation: operation, payment: payment.id.description,
            attemptGroup: group, amountMinor: amountMinor, currency: payment.currency, source: "", capture: payment.capture)
    }
}

extension HostError {
    /// True for refusals that the audit trail should know of.
    var isRefusal: Bool {
        [.refundExceedsCaptured, .captureExceedsAuthorized, .paymentState, .merchantReferenceTaken, .invoiceHeld].contains(code)
    }
}
