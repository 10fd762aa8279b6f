// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors

import Host
import Security
import Storage
import Testing
import Values

@Suite("Webhooks of payments")
struct PaymentWebhookTests {
    /// A payment whose answer was lost, and which succeeded at the provider.
    private func lost(_ bench: PaymentBench, reference: String = "ref-1") async throws -> PaymentID {
        bench.provider.set { $0.fate = .losesAnswer }
        let id = try await bench.pay(bench.request(reference: reference)).payment.id
        bench.provider.set { $0.fate = .answers }
        return id
    }

    @Test("settle a payment, after the provider was asked itself")
    func good() async throws {
        let bench = try await PaymentBench()
        let id = try await lost(bench)

        try await bench.deliver("evt_1", [bench.event("succeeded", provider: "pi_1", reference: "ref-1")], to: bench.endpoint())

        #expect(try await bench.status(id) == .succeeded)
        #expect(try await bench.messages() == ["applied"])
        #expect(bench.provider.calls == ["create_payment", "parse_webhook", "get_payment"])
        #expect(try await bench.audit().contains("webhook.received success"))
    }

    @Test("that claim money which the provider does not know of change nothing")
    func lyingEvent() async throws {
        let bench = try await PaymentBench()
        bench.provider.set { $0.outcome = "processing" }
        let id = try await bench.pay(bench.request(reference: "ref-1")).payment.id

        try await bench.deliver("evt_1", [bench.event("succeeded", provider: "pi_1", reference: "ref-1")], to: bench.endpoint())

        #expect(try await bench.status(id) == .processing)
    }

    @Test("are refused and audited when they are not the provider's, and leave nothing behind")
    func rejected() async throws {
        let bench = try await PaymentBench()
        let token = try await bench.endpoint()
        let body = Array(#"{"id":"evt_1"}"#.utf8)
        let now = bench.clock.nowMs / 1_000

        for headers in [
            [:], ["x-signature": "t=\(now),v1=00"], bench.sign(body, secret: Secret("whsec_other")), bench.sign(body, at: now - 301),
            bench.sign(body + [32]),
        ] {
            let refused = await code {
                try await bench.service.receive(token: token, method: "POST", headers: headers, body: body, origin: bench.origin)
            }
            #expect(refused == "webhook_rejected")
        }

        #expect(try await bench.messages() == [])
        #expect(try await bench.audit().filter { $0 == "webhook.rejected denied" }.count == 5)
        #expect(bench.provider.calls.isEmpty)
    }

    @Test("for an unknown token are for nobody")
    func unknownToken() async throws {
        let bench = try await PaymentBench()
        let token = try await bench.endpoint()
        let body = Array("{}".utf8)

        #expect(
            await code {
                try await bench.service.receive(
                    token: token + "x", method: "POST", headers: bench.sign(body), body: body, origin: bench.origin)
            } == "not_found")
    }

    @Test("go to the newest endpoint only")
    func rotatedToken() async throws {
        let bench = try await PaymentBench()
        let old = try await bench.endpoint()
        let new = try await bench.endpoint()

        #expect(await code { try await bench.deliver("evt_1", [], to: old) } == "not_found")
        _ = try await bench.deliver("evt_1", [], to: new)
    }

    @Test("are never accepted unsigned: without a secret the endpoint is closed")
    func noSecret() async throws {
        let bench = try await PaymentBench(webhookSecret: nil)

        #expect(await code { try await bench.deliver("evt_1", [], to: bench.endpoint()) } == "webhook_not_configured")
        #expect(try await bench.messages() == [])
    }

    @Test("of more than a mebibyte are refused before anything is computed")
    func tooLarge() async throws {
        let bench = try await PaymentBench()
        let body = [UInt8](repeating: 32, count: (1 << 20) + 1)
        let token = try await bench.endpoint()

        #expect(
            await code {
                try await bench.service.receive(token: token, method: "POST", headers: bench.sign(body), body: body, origin: bench.origin)
            } == "payload_too_large")
    }

    @Test("that come twice, or in parallel, are dealt with once")
    func replay() async throws {
        let bench = try await PaymentBench()
        _ = try await lost(bench)
        let token = try await bench.endpoint()
        let event = bench.event("succeeded", provider: "pi_1", reference: "ref-1")
        _ = try await bench.deliver("evt_1", [event], to: token)
        let before = bench.provider.calls

        let again = try await bench.deliver("evt_1", [event], to: token)
        #expect(again.isDuplicate)
        #expect(bench.provider.calls == before)

        let body = Array(#"{"id":"evt_2"}"#.utf8)
        let fresh = try await withThrowingTaskGroup(of: Bool.self) { group in
            for _ in 0..<16 {
                group.addTask {
                    try await !bench.service.receive(
                        token: token, method: "POST", headers: bench.sign(body), body: body, origin: bench.origin
                    ).isDuplicate
                }
            }
            return try await group.reduce(0) { $0 + ($1 ? 1 : 0) }
        }
        #expect(fresh == 1)
        #expect(try await bench.messages().count == 2)
    }

    @Test("of another tenant's or another gateway's payment change nothing")
    func foreign() async throws {
        let bench = try await PaymentBench()
        let id = try await lost(bench)
        let event = bench.event("succeeded", provider: "pi_1", reference: "ref-1")

        try await bench.deliver("evt_1", [event], to: bench.endpoint("testpay", bench.globex))
        try await bench.deliver("evt_2", [event], to: bench.endpoint("second"))

        #expect(try await bench.status(id) == .unknown)
        #expect(try await bench.messages(bench.globex) == ["ignored:unknown_payment"])
        #expect(try await bench.messages() == ["ignored:unknown_payment"])
    }

    @Test("marked for a sibling instance, or with another reference, change nothing")
    func sibling() async throws {
        let bench = try await PaymentBench()
        let id = try await bench.pay(bench.request(reference: "ref-1", gateway: "testpay")).payment.id
        let token = try await bench.endpoint()

        try await bench.deliver("evt_1", [bench.event("canceled", provider: "pi_1", reference: "ref-1", tag: "another")], to: token)
        try await bench.deliver("evt_2", [bench.event("canceled", provider: "pi_1", reference: "ref-9")], to: token)

        #expect(try await bench.status(id) == .succeeded)
        #expect(try await bench.messages() == ["ignored:other_instance", "ignored:other_reference"])
    }

    @Test("with other money hand the payment to a human", arguments: [(100, "EUR"), (200_000, "USD")] as [(Int64, String)])
    func mismatch(minor: Int64, currency: String) async throws {
        let bench = try await PaymentBench()
        bench.provider.set { $0.outcome = "processing" }
        let id = try await bench.pay(bench.request(200_000, reference: "ref-1")).payment.id

        try await bench.deliver(
            "evt_1", [bench.event("succeeded", minor: minor, currency: currency, provider: "pi_1", reference: "ref-1")],
            to: bench.endpoint())

        #expect(try await bench.status(id) == .review)
    }

    @Test("that come before the answer settle the payment, and the answer changes nothing back")
    func beforeTheAnswer() async throws {
        let bench = try await PaymentBench()
        let token = try await bench.endpoint()
        bench.provider.close()
        async let reply = bench.pay(bench.request(reference: "ref-1"))
        await bench.provider.somebodyWaits()
        bench.provider.set {
            $0.events = [bench.event("processing", provider: "pi_1", reference: "ref-1")]
        }
        let body = Array(#"{"id":"evt_1"}"#.utf8)
        _ = try await bench.service.receive(token: token, method: "POST", headers: bench.sign(body), body: body, origin: bench.origin)
        bench.provider.open()
        try await bench.service.processWebhooks()

        #expect(try await reply.payment.status == .succeeded)
        #expect(bench.provider.charges.count == 1)
        #expect(try await bench.status(reply.payment.id) == .succeeded)
    }

    @Test("that settle a payment while its answer gets lost are not put into doubt by that")
    func beforeTheLostAnswer() async throws {
        let bench = try await PaymentBench()
        let token = try await bench.endpoint()
        bench.provider.set {
            $0.fate = .losesAnswer
            $0.beforeAnswer = {
                try await bench.deliver("evt_1", [bench.event("succeeded", provider: "pi_1", reference: "ref-1")], to: token)
            }
        }

        let reply = try await bench.pay(bench.request(reference: "ref-1"))

        #expect(try await bench.messages() == ["applied"])
        #expect(reply.disposition == .done)
        #expect(reply.payment.status == .succeeded)
        #expect(try await bench.status(reply.payment.id) == .succeeded)
    }

    @Test("of a lower rank do not bring a payment back")
    func regress() async throws {
        let bench = try await PaymentBench()
        let id = try await bench.pay(bench.request(reference: "ref-1")).payment.id

        try await bench.deliver("evt_1", [bench.event("processing", provider: "pi_1", reference: "ref-1")], to: bench.endpoint())

        #expect(try await bench.status(id) == .succeeded)
        #expect(try await bench.messages() == ["ignored:late"])
    }

    @Test("of an unknown type are answered with success, and counted")
    func unknownType() async throws {
        let bench = try await PaymentBench()

        try await bench.deliver("evt_1", [], to: bench.endpoint())

        #expect(try await bench.messages() == ["ignored:unrecognised_type"])
    }

    @Test("that could not be dealt with are tried again, and again when the provider repeats them")
    func failed() async throws {
        let bench = try await PaymentBench()
        let id = try await lost(bench)
        let token = try await bench.endpoint()
        let event = bench.event("succeeded", provider: "pi_1", reference: "ref-1")
        bench.provider.set { $0.fate = .refusesConnections }
        _ = try await bench.deliver("evt_1", [event], to: token)
        #expect(try await bench.messages() == ["failed:provider_unavailable"])
        #expect(try await bench.status(id) == .unknown)

        bench.provider.set { $0.fate = .answers }
        let again = try await bench.deliver("evt_1", [event], to: token)

        #expect(!again.isDuplicate)
        #expect(try await bench.messages() == ["applied"])
        #expect(try await bench.status(id) == .succeeded)
    }

    @Test("are kept sealed while they wait, and not at all afterwards")
    func sealed() async throws {
        let bench = try await PaymentBench()
        let token = try await bench.endpoint()
        let body = Array(#"{"id":"evt_1","name":"Anna Example"}"#.utf8)
        _ = try await bench.service.receive(token: token, method: "POST", headers: bench.sign(body), body: body, origin: bench.origin)
        let column = {
            try await bench.database.read(bench.permit.scope) { tx in
                try tx.query("SELECT sealed FROM webhook_events", [])[0].value("sealed")
            }
        }

        guard case .text(let text) = try await column() else { return #expect(Bool(false)) }
        #expect(!text.contains("Anna"))
        try await bench.service.processWebhooks()
        #expect(try await column() == .null)
    }

    @Test("store no token, only its hash")
    func tokenHash() async throws {
        let bench = try await PaymentBench()
        let token = try await bench.endpoint()

        let stored = try await bench.database.read(bench.permit.scope) { tx in
            try tx.query("SELECT token_hash FROM webhook_endpoints", [])[0].text("token_hash")
        }

        #expect(token.utf8.count == 43)
        #expect(stored == Hex.encode(Hash.sha256(Array(token.utf8))))
    }
}
