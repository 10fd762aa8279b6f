// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors

import Values

/// What a payment gateway can do, declared so that the host knows it without running code.
public struct GatewayProfile: Sendable, Hashable {
    /// One currency that the gateway takes, and how much of it.
    public struct CurrencyLimit: Sendable, Hashable {
        /// Least amount in minor units.
        public var minimum: Int64?
        /// Greatest amount in minor units.
        public var maximum: Int64?
    }

    /// How much of the payment can be given back.
    public enum Refunds: String, Sendable, Hashable, CaseIterable { case none, full, partial }

    /// The currencies by code; nil for all that the host knows.
    public let currencies: [String: CurrencyLimit]?
    /// Countries; nil for all.
    public let countries: [String]?
    /// Names of payment methods: `card`, `sepa_debit` and so on.
    public let methods: [String]
    /// How a customer can be asked to act.
    public let flows: Set<String>
    /// `automatic`, `manual`.
    public let capture: Set<String>
    /// Whether less than the authorised amount can be captured.
    public let partialCapture: Bool
    /// Refunds.
    public let refunds: Refunds
    /// Whether a payment can be cancelled before it is captured.
    public let void: Bool
    /// Whether methods can be saved.
    public let saveMethods: Bool
    /// Whether disputes are reported.
    public let disputes: Bool
    /// Repeated requests.
    public let idempotency: ProviderIdempotency
    /// Whether `get_payment` finds a payment by our reference alone.
    public let lookupByReference: Bool
    /// Webhooks, if the provider sends any.
    public let webhook: WebhookProfile?
    /// Currencies whose minor unit this provider counts in another way than ISO 4217: code → digits.
    public let currencyOverrides: [String: Int]
    /// Hosts that customers may be sent to, beside those under `capabilities.http`.
    public let redirectHosts: Set<String>

    /// Whether an amount is inside what the gateway takes; nil when it is, otherwise why not.
    public func refusal(of amount: Money) -> String? {
        guard let currencies else { return nil }
        guard let limit = currencies[amount.currency.code] else { return "the gateway does not take \(amount.currency)" }
        if let minimum = limit.minimum, amount.minor < minimum {
            return "the gateway takes at least \(minimum) minor units of \(amount.currency)"
        }
        if let maximum = limit.maximum, amount.minor > maximum {
            return "the gateway takes at most \(maximum) minor units of \(amount.currency)"
        }
        return nil
    }

    init(known value: Value) {
        func words(_ name: String) -> [String] { (value[name]?.arrayValue ?? []).compactMap(\.stringValue) }
        currencies = value["currencies"]?.arrayValue.map { list in
            Dictionary(
                list.compactMap { entry -> (String, CurrencyLimit)? in
                    guard let code = entry.stringValue ?? entry["code"]?.stringValue else { return nil }
                    return (code, CurrencyLimit(minimum: entry["min_minor"]?.intValue, maximum: entry["max_minor"]?.intValue))
                }, uniquingKeysWith: { first, _ in first })
        }
        countries = value["countries"]?.arrayValue?.compactMap(\.stringValue)
        methods = words("methods")
        flows = Set(words("flows"))
        capture = value["capture"]?.arrayValue == nil ? ["automatic"] : Set(words("capture"))
        partialCapture = value["partial_capture"]?.boolValue ?? false
        refunds = value["refunds"]?.stringValue.flatMap(Refunds.init) ?? .none
        void = value["void"]?.boolValue ?? false
        saveMethods = value["save_methods"]?.boolValue ?? false
        disputes = value["disputes"]?.boolValue ?? false
        idempotency = ProviderIdempotency(known: value["idempotency"])
        lookupByReference = value["lookup_by_reference"]?.boolValue ?? false
        webhook = value["webhook"].flatMap { $0.isNull ? nil : WebhookProfile(known: $0) }
        currencyOverrides = (value["currency_overrides"]?.mapValue ?? [:]).compactMapValues { $0.intValue.map { Int($0) } }
        redirectHosts = Set(words("redirect_hosts"))
    }

    static let flowNames = ["redirect", "form_post", "client_token", "display", "off_session"]

    /// The form of `gateway` in a manifest.
    public static let schema = Schema.type(
        "Gateway", "What the gateway can do.",
        [
            .required(
                "currencies",
                .union([
                    .enumeration(["*"]),
                    .array(
                        .union([
                            .string(3...3, format: .currency),
                            .object(
                                "",
                                [
                                    .required("code", .string(3...3, format: .currency), "", example: "EUR"),
                                    .optional("min_minor", .integer(Money.range), "Least amount.", example: 50),
                                    .optional("max_minor", .integer(Money.range), "Greatest amount.", example: 99_999_999),
                                ]),
                        ]), 1...200),
                ]), "`\"*\"`, or a list of codes or of `{code, min_minor?, max_minor?}`.", example: ["EUR", "USD"]),
            .optional(
                "countries", .union([.enumeration(["*"]), .array(.string(2...2, format: .country), 1...250)]),
                "`\"*\"`, or a list of country codes.", example: "*"),
            .required("methods", .array(.string(1...40), 1...50), "Names of payment methods.", example: ["card"]),
            .required(
                "flows", .array(.enumeration(flowNames), 1...5),
                "How customers can be asked to act; `off_session` for charges without them.", example: ["redirect"]),
            .optional(
                "capture", .array(.enumeration(["automatic", "manual"]), 1...2), "Default `[\"automatic\"]`.",
                example: ["automatic", "manual"]),
            .optional("partial_capture", .boolean, "Whether less than the authorised amount can be captured.", example: true),
            .required("refunds", .enumeration(Refunds.self), "How much can be given back.", example: "partial"),
            .optional("void", .boolean, "Whether `cancel_payment` works before capture.", example: true),
            .optional("save_methods", .boolean, "Whether payment methods can be saved.", example: false),
            .optional("disputes", .boolean, "Whether disputes are reported.", example: false),
            .required(
                "idempotency", ProviderIdempotency.schema, "Repeated requests.", example: ["style": "header", "name": "Idempotency-Key"]),
            .optional(
                "lookup_by_reference", .boolean, "Whether `get_payment` finds a payment by `merchant_reference` alone.", example: true),
            .optional("webhook", WebhookProfile.schema, "Webhooks, if the provider sends any."),
            .optional(
                "currency_overrides", .map(.integer(0...4), 0...50, keyLength: 3),
                "Currencies that the provider counts in another way: code → digits.", example: ["ISK": 2]),
            .optional(
                "redirect_hosts", .array(.string(1...253, format: .hostname), 0...50),
                "Hosts that customers may be sent to, beside those under `capabilities.http`.", example: ["pay.acme.test"]),
        ])
}
