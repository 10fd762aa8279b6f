// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors

import Host
import PluginAPI
import Security
import Testing
import Values

@Suite("Webhook signature")
struct WebhookSignatureTests {
    private static let secret = Secret("whsec_test")
    private static let now: Int64 = 1_800_000_000
    private static let body = Array(#"{"id":"evt_1","amount":1230}"#.utf8)

    private static func timestamped(_ time: Int64, _ body: [UInt8] = body, secret: Secret = secret) -> String {
        "t=\(time),v1=" + Hex.encode(HMAC.authenticate(Array("\(time).".utf8) + body, key: secret))
    }

    private func reason(_ webhook: Value, _ headers: [String: String], body: [UInt8] = body, secrets: [Secret] = [secret]) throws
        -> WebhookRejection?
    {
        let profile = try #require(try TestGateway.manifest(webhook: webhook).gateway?.webhook)
        do {
            try WebhookSignature(profile).verify(body: body, headers: headers, secrets: secrets, nowS: Self.now)
            return nil
        } catch {
            return error
        }
    }

    @Test("accepts the provider's own, to both ends of the tolerance", arguments: [-300, -299, 0, 299, 300] as [Int64])
    func good(offset: Int64) throws {
        #expect(try reason(TestGateway.timestamped, ["x-signature": Self.timestamped(Self.now + offset)]) == nil)
    }

    @Test("refuses one that is too old, or from the future", arguments: [-301, 301, -86_400] as [Int64])
    func stale(offset: Int64) throws {
        #expect(try reason(TestGateway.timestamped, ["x-signature": Self.timestamped(Self.now + offset)]) == .stale)
    }

    @Test(
        "refuses what is missing, malformed or wrong",
        arguments: [
            ("", WebhookRejection.missingSignature), ("nonsense", .malformedSignature), ("t=1800000000", .malformedSignature),
            ("t=1800000000,v1=zz", .malformedSignature), ("v1=" + String(repeating: "0", count: 64), .malformedSignature),
            ("t=1800000000,v1=" + String(repeating: "0", count: 64), .wrongSignature),
            ("t=1800000000,t=1,v1=" + String(repeating: "0", count: 64), .malformedSignature),
        ])
    func bad(header: String, expected: WebhookRejection) throws {
        #expect(try reason(TestGateway.timestamped, ["x-signature": header]) == expected)
    }

    @Test("covers every byte: a body that was parsed and written again is another body")
    func reserialised() throws {
        let header = Self.timestamped(Self.now)

        #expect(
            try reason(TestGateway.timestamped, ["x-signature": header], body: JSON.serialize(try JSON.parse(Self.body))) == .wrongSignature
        )
    }

    @Test("accepts one of several signatures, while a secret changes")
    func rotation() throws {
        let old = Self.timestamped(Self.now, secret: Secret("whsec_old"))
        let both = old + "," + Self.timestamped(Self.now).drop { $0 != "v" }

        #expect(try reason(TestGateway.timestamped, ["x-signature": both]) == nil)
        #expect(try reason(TestGateway.timestamped, ["x-signature": old], secrets: [Self.secret, Secret("whsec_old")]) == nil)
        #expect(try reason(TestGateway.timestamped, ["x-signature": old]) == .wrongSignature)
    }

    @Test("never matches an empty secret")
    func emptySecret() throws {
        let header = Self.timestamped(Self.now, secret: Secret(""))

        #expect(try reason(TestGateway.timestamped, ["x-signature": header], secrets: [Secret("")]) == .wrongSignature)
    }

    @Test("reads plain hashes of the body, in hex with a prefix and in base64")
    func plain() throws {
        let code = HMAC.authenticate(Self.body, key: Self.secret)
        let hex: Value = ["verify": "hmac", "signature_header": "X-Signature", "signature_prefix": "sha256="]
        let base64: Value = ["verify": "hmac", "signature_header": "X-Signature", "encoding": "base64"]

        #expect(try reason(hex, ["x-signature": "sha256=" + Hex.encode(code)]) == nil)
        #expect(try reason(hex, ["x-signature": Hex.encode(code)]) == .malformedSignature)
        #expect(try reason(base64, ["x-signature": Base64.encode(code)]) == nil)
        #expect(try reason(base64, ["x-signature": Hex.encode(code)]) != nil)
    }

    /// The example of the specification's own library.
    @Test("knows the standard webhooks of standardwebhooks.com")
    func standard() throws {
        let webhook: Value = ["verify": "standard_webhooks"]
        let key = Secret("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw")
        let body = Array(#"{"test": 2432232314}"#.utf8)
        let profile = try #require(try TestGateway.manifest(webhook: webhook).gateway?.webhook)
        var headers = [
            "webhook-id": "msg_p5jXN8AQM9LWM0D4loKWxJek", "webhook-timestamp": "1614265330",
            "webhook-signature": "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE= v2,later",
        ]

        try WebhookSignature(profile).verify(body: body, headers: headers, secrets: [key], nowS: 1_614_265_330)
        #expect(throws: WebhookRejection.stale) {
            try WebhookSignature(profile).verify(body: body, headers: headers, secrets: [key], nowS: 1_614_266_000)
        }
        headers["webhook-id"] = "msg_other"
        #expect(throws: WebhookRejection.wrongSignature) {
            try WebhookSignature(profile).verify(body: body, headers: headers, secrets: [key], nowS: 1_614_265_330)
        }
    }
}
