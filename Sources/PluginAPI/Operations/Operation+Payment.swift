// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors

import Values

extension Operation {
    private static let paymentID = Schema.Field.required("payment_id", .string(36...36, format: .uuid), "Our name for the payment.")
    private static let providerPaymentID = Schema.Field.required(
        "provider_payment_id", .string(1...255), "The provider's name for the payment.")
    private static let amount = Schema.Field.required("amount", .money, "How much.")
    private static let returnParams = Schema.Field.required(
        "return_params", .map(.string(max: 4096), 0...50, keyLength: 100),
        "What came back with the customer's browser: hints that anybody can forge. Ask the provider.")
    private static let returnURL = Schema.Field.optional(
        "return_url", .string(8...2048, format: .https), "Where the customer comes back to.")

    static let customer = Schema.type(
        "Customer", "Who pays, as far as the manifest's data scopes allow.",
        [
            .required("ref", .string(1...100), "Our name for the customer; stable.", example: "client-42"),
            .optional("email", .string(3...254, format: .email), "With the scope `client.contact`."),
            .optional("name", .string(1...200, format: .text), "With the scope `client.identity`."),
            .optional("country", .string(2...2, format: .country), "With the scope `client.address`."),
            .optional("address", .map(.string(max: 200, format: .text), 0...12, keyLength: 40), "With the scope `client.address`."),
        ])

    static let invoice = Schema.type(
        "Invoice", "What is paid.",
        [
            .required("id", .string(1...100), "Our name for the invoice.", example: "inv-1001"),
            .optional("number", .string(1...100, format: .text), "The number on the invoice."),
            .optional("description", .string(max: 255, format: .text), "A line for the customer's statement."),
            .optional(
                "lines",
                .array(
                    .object(
                        "",
                        [
                            .required("description", .string(max: 255, format: .text), "What."),
                            .required("amount", .money, "How much."),
                            .optional("quantity", .integer(1...1_000_000), "How many."),
                        ]), 0...100), "With the scope `invoice.lines`."),
        ])

    /// The contract of payment gateways.
    static let payment: [Operation] = [
        Operation(
            .paymentGateway, "validate_config", .required,
            "Tries the settings with read-only calls to the provider. Runs when an administrator saves or tests them.",
            request: [.optional("changed", .array(.string(1...64), 0...64), "The settings that have changed.")], result: ConfigCheck.schema),
        Operation(
            .paymentGateway, "create_payment", .required, isMutating: true,
            "Starts a payment. With a saved source it may be over at once; otherwise answer `requires_action` with a `next_action`.",
            request: [
                paymentID,
                .required(
                    "merchant_reference", .string(1...64), "Our reference; put it where the provider lets you search.",
                    example: "INV-1001-1"),
                amount,
                .required("capture", .enumeration(["automatic", "manual"]), "`manual` only authorises."),
                .required(
                    "source",
                    .object(
                        "",
                        [
                            .required("kind", .enumeration(["new", "saved"]), "Whether the customer enters it, or it was saved before."),
                            .optional("method_ref", .string(1...255), "The method's reference at the provider."),
                        ]), "What is charged."),
                .required("off_session", .boolean, "The customer is not there."),
                .required("save_method", .boolean, "The customer agreed that the method is saved."),
                .optional("method", .string(1...64), "One of the manifest's methods."),
                .required("customer", customer, "Who pays."),
                .required("invoice", invoice, "What is paid."),
                returnURL,
                .optional("cancel_url", .string(8...2048, format: .https), "Where a customer goes who gives up."),
                .optional("expires_at", .milliseconds, "After this the payment is of no use."),
                .optional(
                    "metadata", .map(.string(max: 200), 0...20, keyLength: 40),
                    "The caller's notes; hand them on if the provider takes any."),
            ], result: PaymentResult.schema),
        Operation(
            .paymentGateway, "confirm_payment", .when("`flows` has redirect, form_post, client_token or display"), isMutating: true,
            "The customer is back. Ask the provider what became of the payment.",
            request: [
                paymentID, providerPaymentID, returnParams,
                .optional("method_ref", .string(1...255), "The method that the page got from the provider's script."),
            ], result: PaymentResult.schema),
        Operation(
            .paymentGateway, "get_payment", .required,
            "What does the provider know? The host asks when it must know the truth. Answer the error `not_found` only when the provider is certain.",
            request: [
                paymentID, .required("merchant_reference", .string(1...64), "Our reference."),
                .optional(
                    "provider_payment_id", .string(1...255), "The provider's name; missing when the answer to `create_payment` was lost."),
            ], result: PaymentResult.schema),
        Operation(
            .paymentGateway, "capture_payment", .when("`capture` has manual"), isMutating: true,
            "Takes an authorised payment, or a part of it.",
            request: [providerPaymentID, amount], result: PaymentResult.schema),
        Operation(
            .paymentGateway, "cancel_payment", .when("`void` is true"), isMutating: true, "Gives up a payment that is not captured.",
            request: [providerPaymentID, .optional("reason", .string(max: 255, format: .text), "Why.")], result: PaymentResult.schema),
        Operation(
            .paymentGateway, "refund_payment", .when("`refunds` is not none"), isMutating: true,
            "Gives back money. The host has checked that it is there.",
            request: [
                .required("refund_id", .string(36...36, format: .uuid), "Our name for the refund."), providerPaymentID, amount,
                .required("reason", .enumeration(["duplicate", "fraud", "customer_request", "other"]), "Why."),
                .optional("note", .string(max: 255, format: .text), "In the words of who asked for it."),
            ], result: RefundResult.schema),
        Operation(
            .paymentGateway, "get_refund", .when("`refunds` is not none"), "What does the provider know about a refund?",
            request: [
                .required("refund_id", .string(36...36, format: .uuid), "Our name for the refund."),
                .optional("provider_refund_id", .string(1...255), "The provider's name; missing when the answer was lost."),
                providerPaymentID,
            ], result: RefundResult.schema),
        Operation(
            .paymentGateway, "begin_save_method", .when("`save_methods` is true"), isMutating: true,
            "Starts saving a payment method without a payment.",
            request: [.required("customer", customer, "Whose."), returnURL],
            result: .object(
                "",
                [
                    .required("next_action", NextAction.schema, "What the customer has to do."),
                    .optional("state", .string(max: 4096), "Comes back in `complete_save_method`; sealed by the host."),
                ])),
        Operation(
            .paymentGateway, "complete_save_method", .when("`save_methods` is true"), isMutating: true, "The customer is back.",
            request: [.optional("state", .string(max: 4096), "What `begin_save_method` answered."), returnParams],
            result: .object("", [.required("method", PaymentResult.Method.schema, "The saved method, with its `ref`.")])),
        Operation(
            .paymentGateway, "delete_method", .when("`save_methods` is true"), isMutating: true, "Forgets a saved method at the provider.",
            request: [.required("method_ref", .string(1...255), "Its reference.")], result: nothing),
        verifyWebhook(.paymentGateway),
        Operation(
            .paymentGateway, "parse_webhook", .when("`webhook` is declared"),
            "Reads a request whose signature the host has verified. What it tells is checked against our records, and money is confirmed with `get_payment`.",
            request: webhookRequest,
            result: .object(
                "",
                [
                    .required("events", .array(WebhookEvent.schema, 0...50), "What happened; empty for a type that you have no use for."),
                    .optional(
                        "reply",
                        .object(
                            "",
                            [
                                .required("status", .integer(200...299), "Status."),
                                .optional("body", .string(max: 1024), "Body."),
                                .optional("content_type", .enumeration(["text/plain", "application/json"]), "Type of the body."),
                            ]), "What the provider wants to hear; 200 without a body when missing."),
                ])),
    ]

    static let webhookRequest: [Schema.Field] = [
        .required("method", .string(1...10), "HTTP method."),
        .required("path", .string(1...512), "The path, without the token."),
        .optional("query", .map(.string(max: 4096), 0...50, keyLength: 100), "Query parameters."),
        .required(
            "headers", .map(.string(max: 8192), 0...50, keyLength: 100),
            "Headers by lower-case name; those that say nothing about the event are left out."),
        .required("raw_body", .octets(max: 1 << 20), "The body, byte by byte."),
    ]

    static func verifyWebhook(_ kind: PluginKind) -> Operation {
        Operation(
            kind, "verify_webhook", .when("`webhook.verify` is custom"),
            "Decides whether a request comes from the provider. Cannot write to storage nor send anything that changes state.",
            request: webhookRequest,
            result: .object(
                "",
                [
                    .required("verified", .boolean, "Whether it does."),
                    .optional("event_id", .string(1...255), "The provider's name for the event."),
                    .optional("occurred_at_ms", .milliseconds, "When it happened."),
                ]))
    }
}
