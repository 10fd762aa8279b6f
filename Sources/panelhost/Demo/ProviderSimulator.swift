// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors

import HTTPServer
import Hummingbird
import Logging
import NIOCore
import Security
import ServiceLifecycle
import Synchronization
import Values

/// The providers of the demo, on loopback: enough of Stripe, Twilio and an incoming webhook to play a whole story without
/// an account anywhere. Development only: it keeps everything in memory and accepts any key.
final class ProviderSimulator: Service {
    /// A request that a notifier or a second factor has sent.
    struct Delivery: Sendable {
        var path: String
        var body: String
    }

    private struct State {
        var intents: [String: [String: Value]] = [:]
        var refunds: [String: [String: Value]] = [:]
        var deliveries: [Delivery] = []
        var order: [String] = []
    }

    private let state = Mutex(State())
    private let port: Int
    private let logger: Logger
    private let onListening: @Sendable (Int) async -> Void

    /// - Parameters:
    ///   - port: on 127.0.0.1; 0 lets the system choose.
    ///   - onListening: told the port once connections are accepted.
    init(port: Int = 0, logger: Logger, onListening: @escaping @Sendable (Int) async -> Void) {
        self.port = port
        self.logger = logger
        self.onListening = onListening
    }

    /// What was delivered to a path that starts with `prefix`, oldest first.
    func deliveries(to prefix: String) -> [Delivery] {
        state.withLock { $0.deliveries.filter { $0.path.hasPrefix(prefix) } }
    }

    func run() async throws {
        let router = Router()
        router.get("/v1/balance") { _, _ in Self.answer(["object": "balance", "livemode": false]) }
        router.get("/v1/payment_intents") { _, _ in self.list() }
        router.post("/v1/payment_intents") { request, _ in self.create(try await Self.form(request)) }
        router.get("/v1/payment_intents/{id}") { _, context in self.intent(context.parameters.get("id")) }
        router.post("/v1/payment_intents/{id}/{verb}") { request, context in
            let form = try await Self.form(request)
            return self.advance(context.parameters.get("id"), context.parameters.get("verb"), form)
        }
        router.post("/v1/refunds") { request, _ in self.refund(try await Self.form(request)) }
        router.get("/v1/refunds/{id}") { _, context in self.refund(named: context.parameters.get("id")) }
        router.post("/2010-04-01/Accounts/{account}/Messages.json") { request, _ in
            try await self.remember(request)
            return Self.answer(["sid": .string("SM" + Self.token()), "status": "queued"], status: .created)
        }
        router.get("/2010-04-01/Accounts/{account}") { _, context in
            Self.answer(["sid": .string(context.parameters.get("account") ?? ""), "status": "active"])
        }
        router.post("/hooks/{name}") { request, _ in
            try await self.remember(request)
            return Response(status: .ok, body: .init(byteBuffer: ByteBuffer(string: "ok")))
        }
        let application = Application(
            router: router, configuration: .init(address: .hostname("127.0.0.1", port: port)),
            onServerRunning: { channel in await self.onListening(channel.localAddress?.port ?? self.port) }, logger: logger)
        try await application.run()
    }

    // MARK: Payments

    private func create(_ form: [String: String]) -> Response {
        guard let amount = form["amount"].flatMap({ Int64($0) }), amount > 0, let currency = form["currency"] else {
            return Self.failure(.badRequest, ["type": "invalid_request_error", "message": "amount and currency are required"])
        }
        let method = form["payment_method"] ?? ""
        let id = "pi_" + Self.token()
        var metadata: [String: Value] = [:]
        for (key, value) in form where key.hasPrefix("metadata[") { metadata[String(key.dropFirst(9).dropLast())] = .string(value) }
        let manual = form["capture_method"] == "manual"
        var intent: [String: Value] = [
            "id": .string(id), "object": "payment_intent", "amount": .int(amount), "currency": .string(currency), "livemode": false,
            "amount_received": 0, "client_secret": .string(id + "_secret_" + Self.token()), "metadata": .map(metadata),
            "capture_method": manual ? "manual" : "automatic", "payment_method": .string(method), "next_action": .null,
            "latest_charge": .null, "last_payment_error": .null,
        ]
        switch method {
        case "pm_card_chargeDeclined", "pm_card_visa_chargeDeclined":
            let error: Value = [
                "type": "card_error", "code": "card_declined", "decline_code": "generic_decline", "message": "Your card was declined.",
            ]
            intent["status"] = "requires_payment_method"
            intent["last_payment_error"] = error
            keep(intent)
            return Self.answer(["error": error], status: .init(code: 402))
        case "pm_card_authenticationRequired":
            intent["status"] = "requires_action"
            intent["next_action"] = ["type": "use_stripe_sdk", "use_stripe_sdk": ["type": "three_d_secure_redirect"]]
        default:
            intent["status"] = manual ? "requires_capture" : "succeeded"
            intent["amount_received"] = manual ? 0 : .int(amount)
            intent["latest_charge"] = .string("ch_" + Self.token())
        }
        keep(intent)
        return Self.answer(.map(intent))
    }

    private func keep(_ intent: [String: Value]) {
        state.withLock {
            guard let id = intent["id"]?.stringValue else { return }
            if $0.intents.updateValue(intent, forKey: id) == nil { $0.order.insert(id, at: 0) }
        }
    }

    private func list() -> Response {
        let all = state.withLock { state in state.order.compactMap { state.intents[$0].map(Value.map) } }
        return Self.answer(["object": "list", "data": .array(all), "has_more": false])
    }

    private func intent(_ id: String?) -> Response {
        guard let id, let intent = state.withLock({ $0.intents[id] }) else { return Self.missing }
        return Self.answer(.map(intent))
    }

    private func advance(_ id: String?, _ verb: String?, _ form: [String: String]) -> Response {
        guard let id, var intent = state.withLock({ $0.intents[id] }) else { return Self.missing }
        let amount = intent["amount"]?.intValue ?? 0
        switch (verb, intent["status"]?.stringValue) {
        case ("confirm", "requires_action"), ("confirm", "requires_confirmation"):
            intent["status"] = "succeeded"
            intent["next_action"] = .null
            intent["amount_received"] = .int(amount)
        case ("capture", "requires_capture"):
            intent["status"] = "succeeded"
            intent["amount_received"] = .int(form["amount_to_capture"].flatMap { Int64($0) } ?? amount)
        case ("cancel", "requires_capture"), ("cancel", "requires_action"), ("cancel", "requires_payment_method"):
            intent["status"] = "canceled"
        default:
            return Self.failure(
                .badRequest,
                [
                    "type": "invalid_request_error", "code": "payment_intent_unexpected_state", "message": "This is not possible now.",
                ])
        }
        keep(intent)
        return Self.answer(.map(intent))
    }

    private func refund(_ form: [String: String]) -> Response {
        guard let id = form["payment_intent"], let intent = state.withLock({ $0.intents[id] }) else { return Self.missing }
        let amount = form["amount"].flatMap { Int64($0) } ?? intent["amount_received"]?.intValue ?? 0
        var metadata: [String: Value] = [:]
        for (key, value) in form where key.hasPrefix("metadata[") { metadata[String(key.dropFirst(9).dropLast())] = .string(value) }
        let refund: [String: Value] = [
            "id": .string("re_" + Self.token()), "object": "refund", "amount": .int(amount), "currency": intent["currency"] ?? "eur",
            "payment_intent": .string(id), "status": "succeeded", "metadata": .map(metadata), "charge": intent["latest_charge"] ?? .null,
        ]
        state.withLock { $0.refunds[refund["id"]?.stringValue ?? ""] = refund }
        return Self.answer(.map(refund))
    }

    private func refund(named id: String?) -> Response {
        guard let id, let refund = state.withLock({ $0.refunds[id] }) else { return Self.missing }
        return Self.answer(.map(refund))
    }

    // MARK: Plumbing

    private func remember(_ request: Request) async throws {
        let body = try await String(buffer: request.body.collect(upTo: 256 * 1024))
        state.withLock { $0.deliveries.append(Delivery(path: request.uri.path, body: body)) }
    }

    private static func form(_ request: Request) async throws -> [String: String] {
        let body = try await String(buffer: request.body.collect(upTo: 256 * 1024))
        var form: [String: String] = [:]
        for pair in body.split(separator: "&") {
            let halves = pair.split(separator: "=", maxSplits: 1)
            guard let name = halves.first.flatMap({ decode($0) }) else { continue }
            form[name] = halves.count == 2 ? decode(halves[1]) : ""
        }
        return form
    }

    /// The text of one message as a phone would show it.
    static func decode(_ text: Substring) -> String? {
        FormText.decode(text)
    }

    private static func token() -> String { Hex.encode(SecureRandom.bytes(12)) }

    private static let missing = failure(
        .notFound, ["type": "invalid_request_error", "code": "resource_missing", "message": "No such object"])

    private static func failure(_ status: HTTPResponse.Status, _ error: Value) -> Response {
        answer(["error": error], status: status)
    }

    private static func answer(_ value: Value, status: HTTPResponse.Status = .ok) -> Response {
        Response(
            status: status, headers: [.contentType: "application/json"],
            body: .init(byteBuffer: ByteBuffer(bytes: JSON.serialize(value))))
    }
}
