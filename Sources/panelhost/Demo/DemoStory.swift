// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors

import NIOHTTP1
import Security
import Values

/// The main job, played through the HTTP API alone, with a line for each step.
///
/// Every step checks what it got: a story that does not come out as told ends with an error.
struct DemoStory {
    /// Somebody who can sign in.
    struct Account: Sendable {
        var tenant: String
        var email: String
        var password: String
    }

    /// A bundled plugin, packed.
    struct Package: Sendable {
        var id: String
        var archive: [UInt8]
    }

    let client: PanelClient
    let operatorAccount: Account
    let acme: Account
    let globex: Account
    let packages: [Package]
    let simulator: ProviderSimulator
    let simulatorURL: String
    let say: @Sendable (String) -> Void

    func play() async throws {
        let platform = try await signIn(operatorAccount)
        for package in packages { try await install(package, as: platform) }
        let admin = try await signIn(acme)
        try await setUp(as: admin)
        let payment = try await charge(as: admin)
        try await decline(as: admin)
        try await refund(payment, as: admin)
        try await secondFactor(as: admin)
        try await notification(as: admin)
        try await isolation(of: payment)
        try await trail(as: admin)
    }

    // MARK: Steps

    private func signIn(_ account: Account) async throws -> PanelClient {
        let tokens = try await client.expect(
            200, .POST, "/v1/auth/login",
            [
                "tenant": .string(account.tenant), "email": .string(account.email), "password": .string(account.password),
            ])
        guard tokens["status"]?.stringValue != "factor_required" else {
            throw PanelClient.Unexpected(description: "\(account.email) has a second factor, which the demo cannot show")
        }
        guard let token = tokens["access_token"]?.stringValue else { throw PanelClient.Unexpected(description: "sign-in gave no token") }
        say("\(account.email) signs in at \(account.tenant)")
        return client.signedIn(with: token)
    }

    private func install(_ package: Package, as platform: PanelClient) async throws {
        let answer = try await platform.send(.POST, "/v1/plugins", bytes: package.archive, contentType: "application/x-tar")
        guard answer.status == 201 else {
            throw PanelClient.Unexpected(description: "installing \(package.id) answered \(answer.status): \(JSON.text(answer.body))")
        }
        say("plugin \(package.id) \(answer.body["version"]?.stringValue ?? "") is installed (signed, sha256 \(short(answer.body["hash"])))")
    }

    private func setUp(as admin: PanelClient) async throws {
        let settings: [(String, Value)] = [
            ("stripe", ["secret_key": "sk_test_demo_0123456789abcdef", "webhook_secret": "whsec_demo_0123456789abcdef"]),
            (
                "sms-twilio",
                ["account_sid": "AC00000000000000000000000000000001", "auth_token": "demo_0123456789abcdef_twilio", "from": "+15005550006"]
            ),
            ("webhook", ["url": .string(simulatorURL + "/hooks/panel"), "signing_secret": "demo_0123456789abcdef_signing_secret"]),
        ]
        for (plugin, config) in settings {
            let path = "/v1/tenants/acme/plugins/\(plugin)"
            let view = try await admin.expect(200, .GET, path)
            let requested = view["requested_capabilities"] ?? .map([:])
            _ = try await admin.expect(200, .PUT, path, ["enabled": true, "approved_capabilities": requested])
            let kept = try await admin.expect(200, .PUT, path + "/config", config)
            guard !JSON.text(kept).contains("demo_0123456789abcdef") else {
                throw PanelClient.Unexpected(description: "a secret came back from the API")
            }
            say("acme enables \(plugin), approves what it asks for, and gives it its configuration (secrets sealed, never shown again)")
        }
    }

    private func charge(as admin: PanelClient) async throws -> String {
        let body = charge(reference: "INV-2026-0001", method: "pm_card_visa")
        let payment = try await admin.expect(201, .POST, "/v1/tenants/acme/payments", body, idempotencyKey: "demo-charge-1")
        guard payment["status"] == "succeeded", let id = payment["id"]?.stringValue else {
            throw PanelClient.Unexpected(description: "the charge ended as \(JSON.text(payment))")
        }
        say("the panel charges 12.30 EUR through the stripe plugin: succeeded")
        let again = try await admin.expect(201, .POST, "/v1/tenants/acme/payments", body, idempotencyKey: "demo-charge-1")
        guard again["id"]?.stringValue == id else { throw PanelClient.Unexpected(description: "a retry charged again") }
        say("the same request again (same Idempotency-Key): the same payment, charged once")
        return id
    }

    private func decline(as admin: PanelClient) async throws {
        let body = charge(reference: "INV-2026-0002", method: "pm_card_chargeDeclined")
        let payment = try await admin.expect(201, .POST, "/v1/tenants/acme/payments", body, idempotencyKey: "demo-charge-2")
        guard payment["status"] == "declined" else {
            throw PanelClient.Unexpected(description: "the decline ended as \(JSON.text(payment))")
        }
        say("a card that is declined: a result, not an error (\(payment["decline"]?["code"]?.stringValue ?? "?"))")
    }

    private func refund(_ payment: String, as admin: PanelClient) async throws {
        let path = "/v1/tenants/acme/payments/\(payment)/refunds"
        let part: Value = ["amount_minor": 500, "reason": "customer_request"]
        _ = try await admin.expect(201, .POST, path, part, idempotencyKey: "demo-refund-1")
        let rest: Value = ["amount_minor": 1000, "reason": "customer_request"]
        let refused = try await admin.send(.POST, path, rest, idempotencyKey: "demo-refund-2")
        guard refused.status == 409 || refused.status == 422 else {
            throw PanelClient.Unexpected(description: "a refund beyond the rest answered \(refused.status)")
        }
        say("5.00 EUR are refunded; 10.00 EUR more are refused: only 7.30 EUR are left")
    }

    private func secondFactor(as admin: PanelClient) async throws {
        let enrollment = try await admin.expect(
            201, .POST, "/v1/tenants/acme/2fa/enrollments",
            ["plugin": "sms-twilio", "user_ref": "client-42", "destination": "+4915112345678", "session_nonce": "demo-session-1"],
            idempotencyKey: "demo-enroll-1")
        guard let challenge = enrollment["challenge_id"]?.stringValue, let code = lastCode() else {
            throw PanelClient.Unexpected(description: "no code arrived: \(JSON.text(enrollment))")
        }
        say("a second factor is enrolled: a code goes to \(enrollment["hint"]?.stringValue ?? "the phone")")
        let path = "/v1/tenants/acme/2fa/challenges/\(challenge)/verify"
        let wrong = try await admin.expect(200, .POST, path, ["code": .string(other(than: code)), "session_nonce": "demo-session-1"])
        let right = try await admin.expect(200, .POST, path, ["code": .string(code), "session_nonce": "demo-session-1"])
        let replay = try await admin.expect(200, .POST, path, ["code": .string(code), "session_nonce": "demo-session-1"])
        guard wrong["result"] == "rejected", right["result"] == "accepted", replay["result"] == "rejected" else {
            throw PanelClient.Unexpected(description: "verification answered \(JSON.text(.array([wrong, right, replay])))")
        }
        say("a wrong code is rejected, the right one accepted once, its replay rejected")
    }

    private func notification(as admin: PanelClient) async throws {
        let queued = try await admin.expect(
            202, .POST, "/v1/tenants/acme/notifications",
            [
                "plugin": "webhook", "event_type": "invoice.paid", "severity": "success", "title": "Invoice INV-2026-0001 is paid",
                "text": "12.30 EUR from Example Ltd.",
            ], idempotencyKey: "demo-notification-1")
        guard let id = queued["notification_id"]?.stringValue else { throw PanelClient.Unexpected(description: "nothing was queued") }
        var status: String?
        for _ in 0..<200 where status != "accepted" && status != "delivered" {
            status = try await admin.expect(200, .GET, "/v1/tenants/acme/notifications/\(id)")["status"]?.stringValue
            try await Task.sleep(for: .milliseconds(50))
        }
        guard status == "accepted" || status == "delivered", !simulator.deliveries(to: "/hooks/panel").isEmpty else {
            throw PanelClient.Unexpected(description: "the notification is \(status ?? "gone")")
        }
        say("a signed notification goes out through the webhook plugin: \(status ?? "")")
    }

    private func isolation(of payment: String) async throws {
        let stranger = try await signIn(globex)
        for path in ["/v1/tenants/acme/payments/\(payment)", "/v1/tenants/globex/payments/\(payment)"] {
            let answer = try await stranger.send(.GET, path)
            guard answer.status == 404 else { throw PanelClient.Unexpected(description: "globex got \(answer.status) for \(path)") }
        }
        say("globex asks for acme's payment: 404, and the attempt is in the audit trail")
    }

    private func trail(as admin: PanelClient) async throws {
        let trail = try await admin.expect(200, .GET, "/v1/tenants/acme/audit?limit=200")
        let events = trail["events"]?.arrayValue ?? []
        guard events.count >= 10 else { throw PanelClient.Unexpected(description: "the audit trail has \(events.count) events only") }
        say("acme's audit trail holds \(events.count) events, each provable: panelhost audit verify --data ./data")
    }

    // MARK: Details

    private func charge(reference: String, method: String) -> Value {
        [
            "plugin": "stripe", "amount": ["amount_minor": 1230, "currency": "EUR"], "merchant_reference": .string(reference),
            "source": ["kind": "saved", "method_ref": .string(method)],
            "invoice": ["id": .string(reference), "number": .string(reference), "description": "Hosting, one month"],
            "customer": ["ref": "client-42", "email": "ada@example.com"],
            "return_url": "https://panel.example/return", "cancel_url": "https://panel.example/cancel",
        ]
    }

    /// The code in the newest simulated text message.
    private func lastCode() -> String? {
        guard let body = simulator.deliveries(to: "/2010-04-01/").last?.body else { return nil }
        let text = body.split(separator: "&").first { $0.hasPrefix("Body=") }.flatMap { ProviderSimulator.decode($0.dropFirst(5)) }
        return text?.split { !$0.isNumber }.map(String.init).first { (6...8).contains($0.count) }
    }

    private func other(than code: String) -> String {
        String(code.map { $0 == "9" ? "0" : "9" })
    }

    private func short(_ hash: Value?) -> String {
        String((hash?.stringValue ?? "").prefix(12))
    }
}
