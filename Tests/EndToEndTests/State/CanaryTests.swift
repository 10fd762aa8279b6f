// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors

import Foundation
import Testing
import Values

extension StateTests {
    /// Whoever steals the database learns no secret from it.
    @Suite("Secrets in a stolen database", .serialized)
    struct CanaryTests {
        private static let phone = "+4915155501234"

        @Test("no secret, credential or destination is in a dump of it, readable or encoded", arguments: Engine.here)
        func dump(engine: Engine) async throws {
            let house = try await House.shared(engine)
            let login = try await house.login()
            let admin = house.api.signedIn(try #require(login.json["access_token"]?.stringValue))
            let refresh = try #require(login.json["refresh_token"]?.stringValue)
            #expect(try await house.configure(by: admin).status == 200)
            let twilio: Value = [
                "account_sid": "AC00000000000000000000000000000001", "auth_token": "twilio_canary_c0ffee1234", "from": "+15005550006",
            ]
            #expect(try await admin.put("/v1/tenants/acme/plugins/sms-twilio/config", twilio).status == 200)
            let paid = try await admin.post(House.payments, Load.charge("canary-\(engine)"), key: "canary-key-\(engine)")
            #expect(paid.json["status"] == "succeeded", "\(paid)")
            let before = house.phone.requests.count
            let enrolled = try await admin.post(
                "/v1/tenants/acme/2fa/enrollments",
                [
                    "plugin": "sms-twilio", "user_ref": "client-canary", "destination": .string(Self.phone),
                    "session_nonce": "nonce-canary-8231",
                ],
                key: "canary-2fa")
            #expect(enrolled.status == 201, "\(enrolled)")
            await house.phone.received(before + 1)
            #expect(house.phone.requests[before].body.contains("15155501234"), "the code went to the phone")
            let key = try #require(
                try await house.must("api-key", "create", "canary", "--tenant", "acme", "--permission", "plugin.read")
                    .split(separator: "\n").first { $0.hasPrefix("ph_") }.map(String.init))
            let wrong = "wrong-password-canary-5577"
            let refused = try await house.api.post(
                "/v1/auth/login", ["tenant": "acme", "email": "admin@acme.example", "password": .string(wrong)])
            #expect(refused.status == 401)

            let dump = try await house.dump()

            let keyFile = try String(contentsOfFile: house.world.data + "/keys", encoding: .utf8)
            let roots = keyFile.split(separator: "\n").filter { !$0.hasPrefix("#") }.compactMap {
                $0.split(separator: ":").last.map(String.init)
            }
            #expect(!roots.isEmpty)
            let secrets = [
                House.secretKey, House.webhookSecret, "twilio_canary_c0ffee1234", house.password, wrong, refresh, admin.token ?? "",
                String(key.split(separator: "_").last ?? ""), Self.phone, String(Self.phone.dropFirst()), "nonce-canary-8231",
            ]
            #expect(secrets.allSatisfy { $0.count >= 12 })
            #expect(dump.finds(secrets + roots).isEmpty)
            // The search finds what is there: in the open, and what a blob of JSON would hold.
            #expect(dump.finds(["canary-\(engine)", "acme"]).count == 2)
        }
    }
}
