// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors

import PluginAPI
import Testing
import Values

@Suite("Payloads")
struct PayloadTests {
    static let links = LinkRule(hosts: ["pay.acme.test"])
    static let succeeded: Value = [
        "status": "succeeded", "provider_payment_id": "pay_1", "amount": ["amount_minor": 1230, "currency": "EUR"], "captured_minor": 1230,
        "refunded_minor": 0,
    ]

    static func changed(_ changes: [String: Value]) -> Value {
        var value = succeeded
        for (name, change) in changes { value[name] = change }
        return value
    }

    @Test("a payment result is typed, and unknown fields are dropped")
    func payment() throws {
        let result = try PaymentResult(
            validating: Self.changed([
                "x": 1, "method": ["type": "card", "last4": "4242", "x": 1], "fee": ["amount_minor": 30, "currency": "EUR"],
                "decline": ["code": "insufficient_funds", "advice": "new_method"],
                "next_action": ["type": "redirect", "url": "https://pay.acme.test/p#top"],
            ]), links: Self.links)

        #expect(result.status == .succeeded)
        #expect(result.amount.description == "12.30 EUR")
        #expect(result.fee?.minor == 30)
        #expect(result.method?.last4 == "4242")
        #expect(result.decline?.code == .insufficientFunds)
        #expect(result.nextAction == .redirect(url: "https://pay.acme.test/p#top"))
        #expect(result.value["x"] == nil)
        #expect(result.value["method"]?["x"] == nil)
    }

    @Test(
        "a payment result that breaks the contract is refused",
        arguments: [
            (["status": "paid"], "status"), (["status": "created"], "status"),
            (["amount": ["amount_minor": 12.3, "currency": "EUR"]], "amount.amount_minor"), (["captured_minor": -1], "captured_minor"),
            (["captured_minor": "1230"], "captured_minor"),
            (["amount": ["amount_minor": 1, "currency": "BTC"]], "amount.currency"), (["provider_payment_id": 5], "provider_payment_id"),
            (["provider_payment_id": .string(String(repeating: "x", count: 256))], "provider_payment_id"),
            (["next_action": ["type": "redirect", "url": "https://evil.test/"]], "next_action.url"),
            (["next_action": ["type": "redirect", "url": "http://pay.acme.test/"]], "next_action.url"),
            (["next_action": ["type": "redirect", "url": "javascript:alert(1)"]], "next_action.url"),
            (["next_action": ["type": "form_post", "url": "https://pay.acme.test@evil.test/", "fields": [:]]], "next_action.url"),
            (["next_action": ["type": "html", "html": "<b>"]], "next_action.type"),
            (["next_action": ["type": "display", "lines": ["<img src=x>"]]], "next_action.lines[0]"),
            (["dashboard_url": "http://acme.test"], "dashboard_url"),
            (["method": ["type": "card", "brand": "4242424242424242"]], "method.brand"), (["cvv": "123"], "cvv"),
            (["decline": ["code": "nope", "advice": "retry"]], "decline.code"),
        ] as [([String: Value], String)])
    func refused(changes: [String: Value], path: String) {
        let error = #expect(throws: SchemaViolations.self) { try PaymentResult(validating: Self.changed(changes), links: Self.links) }
        #expect(error?.violations.map(\.path) == [path])
    }

    @Test("links to the machine itself need the development rule")
    func loopback() throws {
        let value = Self.changed(["next_action": ["type": "redirect", "url": "http://127.0.0.1:8420/3ds"]])

        #expect(throws: SchemaViolations.self) { try PaymentResult(validating: value, links: Self.links) }
        #expect(throws: Never.self) { try PaymentResult(validating: value, links: LinkRule(hosts: [], allowsLoopback: true)) }
    }

    @Test("a failure has defaults, and passes through what the network said")
    func failure() throws {
        let network = try PluginFailure(validating: ["code": "timeout", "message": "no answer", "outcome": "unknown"])
        let bare = try PluginFailure(validating: ["code": "invalid_request", "message": "no"])

        #expect(network.isRetryable)
        #expect(!bare.isRetryable)
        #expect(bare.outcome == .unknown)
        #expect(try PluginFailure(validating: network.value) == network)
        #expect("\(network)" == "PluginFailure(timeout, unknown)")
        #expect(throws: SchemaViolations.self) { try PluginFailure(validating: ["code": "declined", "message": "no"]) }
        #expect(throws: SchemaViolations.self) {
            try PluginFailure(validating: ["code": "internal", "message": .string(String(repeating: "x", count: 513))])
        }
        #expect(throws: SchemaViolations.self) { try PluginFailure(validating: ["code": "internal", "message": "card 4242424242424242"]) }
    }

    @Test("an answer is a success, a failure, or a breach of the contract")
    func answers() throws {
        let send = try #require(Operation.named("send", for: .notifier))

        #expect(try PluginAnswer(["ok": true, "status": "accepted", "x": 1], to: send) == .success(["status": "accepted"]))
        #expect(
            try PluginAnswer(["ok": false, "error": ["code": "timeout", "message": ""]], to: send)
                == .failure(PluginFailure(.timeout, "", isRetryable: true, outcome: .unknown)))
        for (value, path) in [
            ([:], "ok"), (["ok": 1], "ok"), (["ok": true], "status"), (["ok": false], "error"),
            (["ok": false, "error": ["code": "x"]], "error.code"), ("x", ""), (["ok": true, "status": "sent"], "status"),
        ] as [(Value, String)] {
            let error = #expect(throws: SchemaViolations.self) { try PluginAnswer(value, to: send) }
            #expect(error?.violations.first?.path == path)
        }
    }

    @Test("an event carries what its kind says")
    func events() throws {
        let event = try WebhookEvent(
            validating: [
                "kind": "payment", "event_id": "evt_1", "occurred_at_ms": 1_732_200_000_000, "merchant_reference": "INV-1",
                "result": Self.succeeded,
            ], links: Self.links)

        guard case .payment(let result) = event.content else { return #expect(Bool(false), "not a payment") }
        #expect(result.status == .succeeded)
        #expect(event.merchantReference == "INV-1")
        let error = #expect(throws: SchemaViolations.self) {
            try WebhookEvent(validating: ["kind": "refund", "event_id": "evt_1", "occurred_at_ms": 1, "result": ["status": "succeeded"]])
        }
        #expect(error?.violations.map(\.path) == ["result.amount"])
    }

    @Test("results of the other kinds are typed too")
    func others() throws {
        #expect(try DeliveryResult(validating: ["status": "accepted", "provider_message_ids": [:]]).providerMessageIDs == [])
        #expect(try DeliverCodeResult(validating: ["status": "accepted", "channel": "sms", "delivery_id": "SM1"]).deliveryID == "SM1")
        #expect(throws: SchemaViolations.self) { try DeliverCodeResult(validating: ["status": "delivered", "channel": "sms"]) }
        #expect(try RefundResult(validating: ["status": "pending", "amount": ["amount_minor": 5, "currency": "EUR"]]).status == .pending)
        #expect(try ConfigCheck(validating: ["ok": true, "warnings": ["x"]]).warnings == ["x"])
    }

    @Test("random answers never do anything but throw", arguments: [1, 2, 3, UInt64.random(in: 0...(.max))])
    func random(seed: UInt64) {
        var generator = SplitMix(state: seed)
        for _ in 0..<200 {
            let value = Self.random(&generator, 0)
            for operation in PluginKind.allCases.flatMap(Operation.all) { _ = try? PluginAnswer(value, to: operation) }
            _ = try? PaymentResult(validating: value)
            _ = try? WebhookEvent(validating: value)
        }
    }

    private static func random(_ generator: inout SplitMix, _ depth: Int) -> Value {
        let names = [
            "ok", "status", "amount", "error", "code", "message", "events", "result", "kind", "next_action", "type", "url", "lines",
            "amount_minor", "currency", "4242424242424242",
        ]
        switch Int.random(in: 0..<(depth > 3 ? 5 : 8), using: &generator) {
        case 0: return .null
        case 1: return .bool(.random(using: &generator))
        case 2: return .int(.random(in: .min ... .max, using: &generator))
        case 3: return .string(names.randomElement(using: &generator) ?? "")
        case 4: return .bytes([0xFF])
        case 5: return .array((0..<3).map { _ in random(&generator, depth + 1) })
        default:
            return .map(
                Dictionary(
                    (0..<4).map { _ in (names.randomElement(using: &generator) ?? "", random(&generator, depth + 1)) },
                    uniquingKeysWith: { $1 }))
        }
    }
}
