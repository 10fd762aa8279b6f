// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors

public import PluginAPI
public import Values

/// What a panel asks for when it charges a customer.
public struct CreatePayment: Sendable, Hashable {
    /// The means of payment.
    public enum Source: Sendable, Hashable {
        /// The customer enters it at the provider.
        case new
        /// One that was saved before, by the provider's reference.
        case saved(String)
    }

    /// The invoice that the payment is for.
    ///
    /// A payment that is not settled holds its invoice against others.
    public struct Invoice: Sendable, Hashable {
        /// The panel's id of the invoice.
        public var id: String
        /// The number that the customer sees.
        public var number: String?
        /// One line for the customer's statement.
        public var description: String?

        /// Names an invoice.
        public init(id: String, number: String? = nil, description: String? = nil) {
            self.id = id
            self.number = number
            self.description = description
        }
    }

    /// Who pays.
    public struct Customer: Sendable, Hashable {
        /// The panel's id of the customer.
        public var ref: String
        /// Handed to the plugin, not kept.
        public var email: String?
        /// Handed to the plugin, not kept.
        public var name: String?
        /// ISO 3166, two letters.
        public var country: String?

        /// Names a customer.
        public init(ref: String, email: String? = nil, name: String? = nil, country: String? = nil) {
            self.ref = ref
            self.email = email
            self.name = name
            self.country = country
        }
    }

    /// A plugin's id, an instance's label, `plugin/label`, or an instance's id.
    public var gateway: String
    /// How much.
    public var amount: Money
    /// The panel's own name for this payment, unique per instance; the payment's id when nil.
    public var merchantReference: String?
    /// Who takes the money after it was authorized.
    public var capture: CaptureMode
    /// The means of payment.
    public var source: Source
    /// One of the plugin's methods, if the panel has a wish.
    public var method: String?
    /// What is paid.
    public var invoice: Invoice
    /// Who pays.
    public var customer: Customer
    /// Where the provider sends the customer back to.
    public var returnURL: String?
    /// Where the provider sends a customer who gives up.
    public var cancelURL: String?
    /// Handed to the provider: at most 20 pairs of at most 40 and 200 characters.
    public var metadata: [String: String]
    /// The customer is not there.
    public var offSession: Bool
    /// The customer agreed that the means of payment is kept.
    public var saveMethod: Bool
    /// Pays although an earlier payment of the invoice is not settled; needs `plugin.payment.resolve_unknown`.
    public var overridesHeldInvoice: Bool

    /// Describes a charge.
    public init(
        gateway: String, amount: Money, merchantReference: String? = nil, capture: CaptureMode = .automatic, source: Source = .new,
        method: String? = nil, invoice: Invoice, customer: Customer, returnURL: String? = nil, cancelURL: String? = nil,
        metadata: [String: String] = [:], offSession: Bool = false, saveMethod: Bool = false, overridesHeldInvoice: Bool = false
    ) {
        self.gateway = gateway
        self.amount = amount
        self.merchantReference = merchantReference
        self.capture = capture
        self.source = source
        self.method = method
        self.invoice = invoice
        self.customer = customer
        self.returnURL = returnURL
        self.cancelURL = cancelURL
        self.metadata = metadata
        self.offSession = offSession
        self.saveMethod = saveMethod
        self.overridesHeldInvoice = overridesHeldInvoice
    }
}

extension CreatePayment {
    /// The body of a request that creates a payment.
    public static let schema = Schema.type(
        "CreatePayment", "A charge.",
        [
            .required(
                "plugin", .string(2...140), "The plugin's id, an instance's label, `plugin/label`, or an instance's id.", example: "stripe"),
            .required("amount", .money, "How much.", example: ["amount_minor": 1230, "currency": "EUR"]),
            .optional("merchant_reference", .string(1...64, format: .text), "Your own name for the payment, unique per instance."),
            .optional("capture", .enumeration(CaptureMode.self), "Who takes the money after it was authorized; automatic if not said."),
            .optional(
                "source",
                .object(
                    "The means of payment.",
                    [
                        .required(
                            "kind", .enumeration(["new", "saved"]), "Whether the customer enters it, or it was saved before.",
                            example: "new"),
                        .optional("method_ref", .string(1...255, format: .text), "The saved one; for kind saved."),
                    ])),
            .optional("method", .string(1...64, format: .text), "One of the plugin's methods."),
            .required(
                "invoice",
                .object(
                    "What is paid.",
                    [
                        .required("id", .string(1...100, format: .text), "Your id of the invoice.", example: "inv-1001"),
                        .optional("number", .string(1...100, format: .text), "The number that the customer sees."),
                        .optional("description", .string(0...255, format: .text), "One line for the customer's statement."),
                    ])),
            .required(
                "customer",
                .object(
                    "Who pays.",
                    [
                        .required("ref", .string(1...100, format: .text), "Your id of the customer.", example: "client-7"),
                        .optional("email", .string(3...254, format: .email), "Handed to the plugin, not kept."),
                        .optional("name", .string(1...200, format: .text), "Handed to the plugin, not kept."),
                        .optional("country", .string(2...2, format: .country), "ISO 3166, two capital letters."),
                    ])),
            .optional("return_url", .string(8...2000, format: .https), "Where the provider sends the customer back to."),
            .optional("cancel_url", .string(8...2000, format: .https), "Where the provider sends a customer who gives up."),
            .optional("metadata", .map(.string(0...200, format: .text), 0...20, keyLength: 40), "Handed to the provider."),
            .optional("off_session", .boolean, "The customer is not there."),
            .optional("save_method", .boolean, "The customer agreed that the means of payment is kept."),
            .optional(
                "override_held_invoice", .boolean,
                "Pay although an earlier payment of the invoice is not settled; needs plugin.payment.resolve_unknown."),
        ])

    /// Reads the body of a request, and names every field that is wrong.
    public init(_ body: Value) throws(HostError) {
        let body = try Self.schema.read(body)
        guard let amount = try? Money(validating: body["amount"] ?? .null), amount.minor > 0 else {
            throw .invalid("amount.amount_minor", "must be at least 1")
        }
        let kind = body["source"]?["kind"]?.stringValue ?? "new"
        let reference = body["source"]?["method_ref"]?.stringValue
        guard (kind == "saved") == (reference != nil) else {
            throw .invalid("source.method_ref", kind == "saved" ? "is missing" : "belongs to kind saved only")
        }
        let invoice = body["invoice"]
        let customer = body["customer"]
        self.init(
            gateway: body["plugin"]?.stringValue ?? "", amount: amount, merchantReference: body["merchant_reference"]?.stringValue,
            capture: body["capture"]?.stringValue.flatMap(CaptureMode.init(rawValue:)) ?? .automatic,
            source: reference.map(Source.saved) ?? .new, method: body["method"]?.stringValue,
            invoice: Invoice(
                id: invoice?["id"]?.stringValue ?? "", number: invoice?["number"]?.stringValue,
                description: invoice?["description"]?.stringValue),
            customer: Customer(
                ref: customer?["ref"]?.stringValue ?? "", email: customer?["email"]?.stringValue, name: customer?["name"]?.stringValue,
                country: customer?["country"]?.stringValue),
            returnURL: body["return_url"]?.stringValue, cancelURL: body["cancel_url"]?.stringValue,
            metadata: body["metadata"]?.mapValue?.compactMapValues(\.stringValue) ?? [:],
            offSession: body["off_session"]?.boolValue ?? false, saveMethod: body["save_method"]?.boolValue ?? false,
            overridesHeldInvoice: body["override_held_invoice"]?.boolValue ?? false)
    }

    /// The form that the Idempotency-Key is bound to.
    var fingerprint: Value {
        .compact([
            "plugin": .string(gateway), "amount": amount.apiValue, "merchant_reference": merchantReference.map(Value.string),
            "capture": .string(capture.rawValue), "source": source.value, "method": method.map(Value.string),
            "invoice": invoice.value, "customer": customer.value,
            "return_url": returnURL.map(Value.string), "cancel_url": cancelURL.map(Value.string),
            "metadata": .map(metadata.mapValues(Value.string)), "off_session": .bool(offSession), "save_method": .bool(saveMethod),
            "override_held_invoice": .bool(overridesHeldInvoice),
        ])
    }
}

extension CreatePayment.Source {
    var value: Value {
        switch self {
        case .new: ["kind": "new"]
        case .saved(let reference): ["kind": "saved", "method_ref": .string(reference)]
        }
    }

    /// The part of the provider's idempotency key that names the means of payment.
    var keyPart: String {
        switch self {
        case .new: "new"
        case .saved(let reference): "saved:" + reference
        }
    }
}

extension CreatePayment.Invoice {
    var value: Value {
        .compact(["id": .string(id), "number": number.map(Value.string), "description": description.map(Value.string)])
    }
}

extension CreatePayment.Customer {
    var value: Value {
        .compact([
            "ref": .string(ref), "email": email.map(Value.string), "name": name.map(Value.string), "country": country.map(Value.string),
        ])
    }
}
