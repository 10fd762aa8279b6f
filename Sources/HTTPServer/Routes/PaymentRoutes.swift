// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors

import HTTPTypes
import Host
import PluginAPI
import Security
import Values

extension RouteTable {
    private static let payment = "/v1/tenants/{tenant}/payments/{payment}"

    static let payments: [Route] = [
        .permitted(
            .invokePayment, .post, "/v1/tenants/{tenant}/payments", "createPayment", "Charge a customer", tag: "Payments",
            creates: "payment", body: .json(CreatePayment.schema), needsIdempotencyKey: true,
            success: .init(.created, "The payment; `status` says how far it got. A decline is a result, not an error.", .any)
        ) { permit, call, host in
            reply(
                try await host.payments.create(
                    permit, try CreatePayment(call.input), idempotencyKey: call.requiredIdempotencyKey(), origin: call.origin), .created)
        },
        .listed(
            .pluginRead, "/v1/tenants/{tenant}/payments", "listPayments", "The tenant's payments", tag: "Payments",
            query: .pages(of: 100, [.optional("invoice", .string(1...128), "Only those of this invoice.")]),
            success: .init(.ok, "Those that the caller may see, the newest first; `next` goes on, where there may be more.", .any)
        ) { permit, call, host in
            let (payments, next) = try await host.payments(
                permit, invoice: call.query["invoice"]?.stringValue, after: call.page.cursor, limit: call.page.limit)
            return .page("payments", payments.map(\.value), next)
        },
        .permitted(
            .pluginRead, .get, payment, "getPayment", "One payment with its refunds", tag: "Payments",
            success: .init(.ok, "As the host knows it.", .any)
        ) { permit, call, host in
            .ok(try await host.payments.get(permit, call.identifier("payment"), origin: call.origin).value)
        },
        .permitted(
            .invokePayment, .post, payment + "/confirm", "confirmPayment", "Go on after the customer's action", tag: "Payments",
            body: .json(
                .object(
                    "",
                    [
                        .optional(
                            "return_params", .map(.string(max: 2048), 0...50), "What came back with the customer: hints, never proof.")
                    ])), needsIdempotencyKey: true, success: .init(.ok, "The payment, as the provider has it.", .any)
        ) { permit, call, host in
            let parameters = call.input["return_params"]?.mapValue?.compactMapValues(\.stringValue) ?? [:]
            return reply(
                try await host.payments.confirm(
                    permit, call.identifier("payment"), returnParameters: parameters, idempotencyKey: call.requiredIdempotencyKey(),
                    origin: call.origin), .ok)
        },
        .permitted(
            .invokePayment, .post, payment + "/capture", "capturePayment", "Take what was authorized", tag: "Payments",
            body: .json(.object("", [.optional("amount_minor", .integer(1...Money.range.upperBound), "All of it unless said otherwise.")])),
            needsIdempotencyKey: true, success: .init(.ok, "The payment.", .any)
        ) { permit, call, host in
            reply(
                try await host.payments.capture(
                    permit, call.identifier("payment"), amountMinor: call.input["amount_minor"]?.intValue,
                    idempotencyKey: call.requiredIdempotencyKey(), origin: call.origin), .ok)
        },
        .permitted(
            .invokePayment, .post, payment + "/cancel", "cancelPayment", "Give an authorization back", tag: "Payments",
            body: .json(.object("", [.optional("reason", .string(1...64), "For the provider.")])), needsIdempotencyKey: true,
            success: .init(.ok, "The payment.", .any)
        ) { permit, call, host in
            reply(
                try await host.payments.cancel(
                    permit, call.identifier("payment"), reason: call.input["reason"]?.stringValue,
                    idempotencyKey: call.requiredIdempotencyKey(),
                    origin: call.origin), .ok)
        },
        .permitted(
            .invokePayment, .post, payment + "/sync", "syncPayment", "Ask the provider how a payment stands", tag: "Payments",
            success: .init(.ok, "The payment.", .any)
        ) { permit, call, host in
            reply(try await host.payments.sync(permit, call.identifier("payment"), origin: call.origin), .ok)
        },
        .permitted(
            .invokePayment, .post, payment + "/refunds", "refundPayment", "Give money back", tag: "Payments",
            body: .json(
                .object(
                    "",
                    [
                        .optional("amount_minor", .integer(1...Money.range.upperBound), "All that is left unless said otherwise."),
                        .optional("reason", .enumeration(RefundReason.self), "`customer_request` unless said otherwise."),
                        .optional("note", .string(1...255), "For your own records."),
                    ])), needsIdempotencyKey: true, success: .init(.created, "The refund.", .any)
        ) { permit, call, host in
            reply(
                try await host.payments.refund(
                    permit, call.identifier("payment"), amountMinor: call.input["amount_minor"]?.intValue,
                    reason: call.input["reason"]?.stringValue.flatMap(RefundReason.init(rawValue:)) ?? .customerRequest,
                    note: call.input["note"]?.stringValue, idempotencyKey: call.requiredIdempotencyKey(), origin: call.origin), .created)
        },
    ]

    /// Where the provider was not asked, or does not want to be asked now, waiting helps; else something is wrong behind us.
    private static func status(of code: String) -> HTTPResponse.Status {
        let isPassing = code == PluginFailure.Code.rateLimited.rawValue || PluginFailure.Code(rawValue: code)?.isHostsOwn == true
        return isPassing ? .serviceUnavailable : .badGateway
    }

    /// An operation on a payment as an answer: what is done, what nobody knows yet (202), and what did not happen (502).
    private static func reply(_ reply: PaymentReply, _ done: HTTPResponse.Status) -> Reply {
        var headers = HTTPFields()
        if reply.isReplay { headers[.idempotentReplayed] = "true" }
        switch reply.disposition {
        case .done: return Reply(done, .json(reply.value), headers: headers)
        case .unknown: return Reply(.accepted, .json(reply.value), headers: headers)
        case .failed:
            let code = reply.problem?.code ?? "provider_error"
            var problem = Problem(
                status(of: code), code, "The provider did not do it", detail: reply.problem?.message,
                members: ["payment": reply.payment.value], headers: headers)
            problem.members["outcome"] = reply.problem.map { .string($0.outcome.rawValue) }
            if let seconds = reply.problem?.retryAfterSeconds { problem.headers[.retryAfter] = String(seconds) }
            return Reply(problem: problem)
        }
    }
}
