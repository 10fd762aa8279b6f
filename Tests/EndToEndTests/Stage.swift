// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors

import Foundation
import NIOHTTP1
import Synchronization
import Testing
import Values

/// Everything that the story needs, started once: Stripe's stand-in behind a door that can be closed, a text-message service, a chat,
/// the host with two tenants, and the bundled plugins enabled for both.
final class Stage: Sendable {
    let world: World
    let stripe: (process: ChildProcess, base: String)
    let stripePort: Int
    /// The way to Stripe's stand-in.
    let door: LoopbackPeer
    let phone: LoopbackPeer
    let chat: LoopbackPeer
    let operatorPassword: String
    let passwords: [String: String]
    private let running: Mutex<(process: ChildProcess, api: API)>

    static let stripeKey = "sk_test_canary0123456789abcdef"
    static let webhookSecret = "whsec_canary0123456789abcdef"
    static let chatURL = "/services/T000/B000/canaryXXXXXXXXXXXXXXXXXXXX"

    /// One stage for all tests of a run.
    static let shared = Task { try await Stage() }

    private init() async throws {
        world = try World()
        stripe = try await World.localstripe()
        stripePort = Int(stripe.base.split(separator: ":").last ?? "") ?? 0
        door = try LoopbackPeer(.forward(stripePort))
        phone = try LoopbackPeer(.answer(status: 201, body: #"{"sid":"SM00000000000000000000000000000001","status":"queued"}"#))
        chat = try LoopbackPeer(.answer(status: 200, body: "ok"))

        // The first start makes the data directory; people come by the command line.
        let first = try await world.host()
        first.process.send(SIGTERM)
        _ = await first.process.exitCode()
        for tenant in ["acme", "globex"] { try await world.must("tenant", "create", tenant, "--data", world.data) }
        var passwords: [String: String] = [:]
        for (tenant, role) in [("platform", "SUPER_ADMIN"), ("acme", "ADMIN"), ("globex", "ADMIN")] {
            let output = try await world.must(
                "user", "create", "--data", world.data, "--tenant", tenant, "--email", "admin@\(tenant).example", "--role", role)
            passwords[tenant] = output.components(separatedBy: "(shown once): ").last?.trimmingCharacters(in: .whitespacesAndNewlines)
        }
        self.passwords = passwords
        operatorPassword = passwords["platform"] ?? ""
        running = Mutex(try await Self.start(world, door, phone, chat))

        let platform = try await signIn("platform")
        for plugin in ["stripe", "sms-twilio", "webhook", "slack"] {
            let archive = world.folder + "/\(plugin).tar"
            try await world.must("plugin", "pack", World.project + "/plugins/" + plugin, "--out", archive)
            let bytes = Array(try Data(contentsOf: URL(fileURLWithPath: archive)))
            let answer = try await platform.send(.POST, "/v1/plugins", bytes: bytes, type: "application/x-tar")
            guard answer.status == 201 else { throw ChildProcess.Failed(description: "install \(plugin): \(answer)") }
        }
        for tenant in ["acme", "globex"] {
            let admin = try await signIn(tenant)
            for (plugin, config) in Self.configurations {
                let path = "/v1/tenants/\(tenant)/plugins/\(plugin)"
                let requested = try await admin.get(path).json["requested_capabilities"] ?? .null
                for answer in [
                    try await admin.put(path, ["enabled": true, "approved_capabilities": requested]),
                    try await admin.put(path + "/config", config),
                ] where answer.status != 200 { throw ChildProcess.Failed(description: "set up \(plugin): \(answer)") }
            }
        }
    }

    private static let configurations: [(String, Value)] = [
        ("stripe", ["secret_key": .string(stripeKey), "webhook_secret": .string(webhookSecret), "mode": "test"]),
        (
            "sms-twilio",
            ["account_sid": "AC00000000000000000000000000000001", "auth_token": "canary_twilio_0123456789", "from": "+15005550006"]
        ),
        ("slack", ["webhook_url": .string("https://hooks.slack.com" + chatURL)]),
    ]

    var api: API { running.withLock { $0.api } }
    var host: ChildProcess { running.withLock { $0.process } }

    func signIn(_ tenant: String) async throws -> API {
        let answer = try await api.post(
            "/v1/auth/login",
            ["tenant": .string(tenant), "email": .string("admin@\(tenant).example"), "password": .string(passwords[tenant] ?? "")])
        guard let token = answer.json["access_token"]?.stringValue else { throw ChildProcess.Failed(description: "sign-in: \(answer)") }
        return api.signedIn(token)
    }

    /// Ends the host with a signal and starts it again on the same data.
    func restart(with signal: Int32) async throws {
        let old = host
        old.send(signal)
        _ = await old.exitCode()
        let fresh = try await Self.start(world, door, phone, chat)
        running.withLock { $0 = fresh }
    }

    private static func start(_ world: World, _ door: LoopbackPeer, _ phone: LoopbackPeer, _ chat: LoopbackPeer) async throws -> (
        process: ChildProcess, api: API
    ) {
        try await world.host(
            "--destination", "https://api.stripe.com=\(door.base)", "--destination", "https://api.twilio.com=\(phone.base)",
            "--destination",
            "https://hooks.slack.com=\(chat.base)")
    }

    // MARK: The provider's own side

    /// A saved card at Stripe's stand-in.
    func card(_ number: String) async throws -> String {
        let body = "type=card&card[number]=\(number)&card[exp_month]=12&card[exp_year]=2034&card[cvc]=123"
        let answer = try await API(base: stripe.base, token: Self.stripeKey).send(
            .POST, "/v1/payment_methods", bytes: Array(body.utf8), type: "application/x-www-form-urlencoded")
        guard let id = answer.json["id"]?.stringValue else { throw ChildProcess.Failed(description: "payment method: \(answer)") }
        return id
    }

    /// What Stripe's stand-in knows of a merchant reference.
    func intents(of reference: String) async throws -> [Value] {
        let answer = try await API(base: stripe.base, token: Self.stripeKey).get("/v1/payment_intents?limit=100")
        return (answer.json["data"]?.arrayValue ?? []).filter { $0["metadata"]?["merchant_reference"]?.stringValue == reference }
    }
}

/// A charge of 12.30 EUR.
func charge(_ reference: String, _ method: String, _ more: [String: Value] = [:]) -> Value {
    var body: [String: Value] = [
        "plugin": "stripe", "amount": ["amount_minor": 1230, "currency": "EUR"], "merchant_reference": .string(reference),
        "source": ["kind": "saved", "method_ref": .string(method)], "invoice": ["id": .string(reference), "number": .string(reference)],
        "customer": ["ref": "client-1"], "return_url": "https://panel.example/return", "cancel_url": "https://panel.example/cancel",
    ]
    body.merge(more) { $1 }
    return .map(body)
}
