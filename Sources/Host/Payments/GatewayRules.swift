// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors

internal import PluginAPI
internal import Storage

/// Refuses what a gateway declares that it cannot do, before anything is written or sent.
struct GatewayRules {
    private let instance: PluginInstance
    private let profile: GatewayProfile

    init(_ instance: PluginInstance) throws(HostError) {
        guard let profile = instance.manifest.gateway else { throw HostError(.unsupported, "\(instance.plugin) is not a payment gateway") }
        self.instance = instance
        self.profile = profile
    }

    /// Checks a new charge.
    func check(_ request: CreatePayment) throws(HostError) {
        guard request.amount.minor > 0 else { throw .invalid("amount.amount_minor", "must be at least 1") }
        if let refusal = profile.refusal(of: request.amount) { throw .invalid("amount", refusal) }
        guard profile.capture.contains(request.capture.rawValue) else {
            throw .invalid("capture", "the gateway captures \(profile.capture.sorted().joined(separator: " or ")) only")
        }
        if let method = request.method, !profile.methods.contains(method) {
            throw .invalid("method", "the gateway offers \(profile.methods.joined(separator: ", "))")
        }
        if let country = request.customer.country, let countries = profile.countries, !countries.contains(country) {
            throw .invalid("customer.country", "the gateway does not serve this country")
        }
        if request.offSession, !profile.flows.contains("off_session") {
            throw .invalid("off_session", "the gateway cannot charge without the customer")
        }
        if request.saveMethod, !profile.saveMethods { throw .invalid("save_method", "the gateway cannot keep a means of payment") }
        try implements("create_payment")
    }

    /// Checks an operation on a payment.
    func check(_ operation: String, _ payment: PaymentRecord, amountMinor: Int64) throws(HostError) {
        try implements(operation)
        switch operation {
        case "capture_payment":
            if !profile.partialCapture, amountMinor != payment.amountMinor {
                throw .invalid("amount_minor", "the gateway captures the whole amount only")
            }
        case "cancel_payment":
            if !profile.void { throw HostError(.unsupported, "the gateway cannot cancel a payment") }
        case "refund_payment":
            if profile.refunds == .none { throw HostError(.unsupported, "the gateway cannot refund") }
            if profile.refunds == .full, amountMinor != payment.capturedMinor {
                throw .invalid("amount_minor", "the gateway refunds the whole amount only")
            }
        default: break
        }
    }

    private func implements(_ operation: String) throws(HostError) {
        guard instance.manifest.implements(operation) else {
            throw HostError(.unsupported, "\(instance.plugin) does not implement \(operation)")
        }
    }
}
