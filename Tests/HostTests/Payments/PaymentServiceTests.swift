// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors

import Host
import PluginAPI
import Security
import Storage
import Synchronization
import Testing
import Values

@Suite("Payment service")
struct PaymentServiceTests {
    @Test("charges, and writes down the beginning before and the end after")
    func charge() async throws {
        let bench = try await PaymentBench()

        let reply = try await bench.pay()

        #expect(reply.disposition == .done)
        #expect(reply.payment.status == .succeeded)
        #expect(reply.payment.capturedMinor == 1_230)
        #expect(bench.provider.charges.count == 1)
        #expect(
            try await bench.audit().suffix(4) == [
                "payment.created success", "plugin.invoke.payment started", "payment.succeeded success", "plugin.invoke.payment success",
            ])
    }

    @Test(
        "carries amounts of every exponent unchanged",
        arguments: [("JPY", 80), ("KWD", 1_234), ("EUR", 9_007_199_254_740_991)] as [(String, Int64)])
    func amounts(currency: String, minor: Int64) async throws {
        let bench = try await PaymentBench()

        let reply = try await bench.pay(bench.request(minor, currency))

        #expect(reply.payment.status == .succeeded)
        #expect(reply.payment.value["amount"] == ["amount_minor": .int(minor), "currency": .string(currency)])
        #expect(bench.provider.charges.map(\.minor) == [minor])
    }

    @Test("takes a decline for an answer and not for an error")
    func decline() async throws {
        let bench = try await PaymentBench()
        bench.provider.set { $0.outcome = "declined" }

        let reply = try await bench.pay()

        #expect(reply.disposition == .done)
        #expect(reply.payment.status == .declined)
        #expect(reply.payment.decline?["code"] == "insufficient_funds")
    }

    @Test("cancels what never left, and says so")
    func notSent() async throws {
        let bench = try await PaymentBench()
        bench.provider.set { $0.fate = .refusesConnections }

        let reply = try await bench.pay()

        #expect(reply.disposition == .failed)
        #expect(reply.problem?.outcome == .notSent)
        #expect(reply.payment.status == .canceled)
        #expect(reply.payment.failure?["outcome"] == "not_sent")
        #expect(bench.provider.charges.isEmpty)
    }

    @Test("holds what may have happened for unknown, and finds out")
    func unknown() async throws {
        let bench = try await PaymentBench()
        bench.provider.set { $0.fate = .losesAnswer }

        let reply = try await bench.pay()
        #expect(reply.disposition == .unknown)
        #expect(reply.payment.status == .unknown)

        bench.provider.set { $0.fate = .answers }
        let synced = try await bench.service.sync(bench.permit, reply.payment.id, origin: bench.origin)

        #expect(synced.payment.status == .succeeded)
        #expect(synced.payment.failure == nil)
        #expect(bench.provider.charges.count == 1)
        #expect(bench.provider.calls == ["create_payment", "get_payment"])
    }

    @Test("cancels an unknown payment that the provider never received")
    func unknownNotFound() async throws {
        let bench = try await PaymentBench()
        bench.provider.set { $0.fate = .losesRequest }
        let id = try await bench.pay().payment.id

        bench.provider.set { $0.fate = .answers }
        let synced = try await bench.service.sync(bench.permit, id, origin: bench.origin)

        #expect(synced.payment.status == .canceled)
        #expect(synced.payment.failure?["outcome"] == "not_sent")
    }

    @Test("goes through action, authorization, part capture and cancellation")
    func lifeCycle() async throws {
        let bench = try await PaymentBench()
        bench.provider.set { $0.outcome = "requires_action" }
        let waiting = try await bench.pay()
        #expect(waiting.payment.status == .requiresAction)
        #expect(waiting.payment.nextAction?["type"] == "redirect")
        let confirmed = try await bench.service.confirm(bench.permit, waiting.payment.id, idempotencyKey: "c", origin: bench.origin)
        #expect(confirmed.payment.status == .succeeded)
        #expect(confirmed.payment.nextAction == nil)

        let held = try await bench.pay(bench.request(invoice: "inv-2", capture: .manual), key: "key-2").payment
        #expect(held.status == .authorized)
        let captured = try await bench.service.capture(bench.permit, held.id, amountMinor: 800, idempotencyKey: "d", origin: bench.origin)
        #expect(captured.payment.status == .succeeded)
        #expect(captured.payment.capturedMinor == 800)

        let other = try await bench.pay(bench.request(invoice: "inv-3", capture: .manual), key: "key-3").payment
        let canceled = try await bench.service.cancel(bench.permit, other.id, idempotencyKey: "e", origin: bench.origin)
        #expect(canceled.payment.status == .canceled)
    }

    @Test("refuses to capture more than was authorized, before anything leaves")
    func captureTooMuch() async throws {
        let bench = try await PaymentBench()
        let id = try await bench.pay(bench.request(capture: .manual)).payment.id

        let refused = await code {
            try await bench.service.capture(bench.permit, id, amountMinor: 1_231, idempotencyKey: "c", origin: bench.origin)
        }

        #expect(refused == "capture_exceeds_authorized")
        #expect(bench.provider.calls == ["create_payment"])
    }

    @Test("hands a provider's wrong amount to a human")
    func amountMismatch() async throws {
        let bench = try await PaymentBench()
        bench.provider.set { $0.fate = .losesAnswer }
        let id = try await bench.pay(bench.request(200_000)).payment.id
        bench.provider.set {
            $0.fate = .answers
            $0.charges[0].minor = 100
            $0.charges[0].captured = 100
        }

        let synced = try await bench.service.sync(bench.permit, id, origin: bench.origin)

        #expect(synced.payment.status == .review)
        #expect(synced.payment.value["review_reason"] == "amount_differs")
        #expect(try await bench.audit().contains("payment.review_required success"))
    }

    @Test("never gives one payment of the provider to two of ours")
    func providerPaymentTaken() async throws {
        let bench = try await PaymentBench()
        _ = try await bench.pay()
        bench.provider.set { $0.fate = .losesAnswer }
        let second = try await bench.pay(bench.request(invoice: "inv-2"), key: "key-2").payment.id
        bench.provider.set {
            $0.fate = .answers
            $0.charges[1].id = "pi_1"
        }

        let synced = try await bench.service.sync(bench.permit, second, origin: bench.origin)

        #expect(synced.payment.status == .review)
        #expect(synced.payment.value["review_reason"] == "provider_payment_taken")
    }

    @Test("tells another tenant that there is no such payment, and writes it into that tenant's trail")
    func otherTenant() async throws {
        let bench = try await PaymentBench()
        let id = try await bench.pay().payment.id
        let globex = PaymentBench.permit(bench.globex)
        let before = bench.provider.calls

        #expect(await code { try await bench.service.get(globex, id, origin: bench.origin) } == "not_found")
        #expect(await code { try await bench.service.sync(globex, id, origin: bench.origin) } == "not_found")
        #expect(await code { try await bench.service.refund(globex, id, idempotencyKey: "r", origin: bench.origin) } == "not_found")
        #expect(await code { try await bench.service.capture(globex, id, idempotencyKey: "c", origin: bench.origin) } == "not_found")
        #expect(bench.provider.calls == before)
        #expect(
            try await bench.audit(bench.globex).filter { $0.hasSuffix("denied") } == [
                "payment.read denied", "payment.sync denied", "payment.refund_payment denied", "payment.capture_payment denied",
            ])
        #expect(try await bench.payments(globex).isEmpty)
        #expect(try await bench.payments().map(\.id) == [id])
    }

    @Test("takes no permit that was given for something else")
    func otherPermit() async throws {
        let bench = try await PaymentBench()
        let id = try await bench.pay().payment.id
        let reading = SystemAuthority().permit(.pluginRead, in: bench.acme.id, as: "test")

        await #expect(throws: Denial.missingPermission(.invokePayment)) {
            try await bench.service.refund(reading, id, idempotencyKey: "r", origin: bench.origin)
        }
        #expect(try await bench.service.get(reading, id, origin: bench.origin).id == id)
    }

    @Test("gives a plugin only the personal data that it declared")
    func dataScopes() async throws {
        let bench = try await PaymentBench()
        var request = try bench.request()
        request.customer.email = "anna@example.com"
        request.customer.name = "Anna"

        _ = try await bench.pay(request)

        #expect(bench.provider.state.withLock { $0.requests[0]["customer"] } == ["ref": "client-1"])
    }

    @Test("refuses card data, wherever it stands")
    func cardData() async {
        let body: Value = [
            "plugin": "testpay", "amount": ["amount_minor": 1, "currency": "EUR"], "invoice": ["id": "i"], "customer": ["ref": "c"],
            "metadata": ["note": "4242 4242 4242 4242"],
        ]

        #expect(await code { try CreatePayment(body) } == "contract_violation")
    }

    @Test("names every field of a body that is wrong")
    func body() {
        let body: Value = [
            "plugin": "testpay", "amount": ["amount_minor": 9_007_199_254_740_992, "currency": "EUR"], "invoice": ["id": ""],
            "customer": ["ref": "c", "sex": "f"], "capture": "later",
        ]

        let error = #expect(throws: HostError.self) { try CreatePayment(body) }

        #expect(Set(error?.fields.map(\.field) ?? []) == ["amount.amount_minor", "invoice.id", "customer.sex", "capture"])
    }
}

@Suite("Invoice lock")
struct InvoiceLockTests {
    @Test("keeps a second charge off an invoice while the first is not settled")
    func held() async throws {
        let bench = try await PaymentBench()
        bench.provider.set { $0.fate = .losesAnswer }
        let first = try await bench.pay().payment.id
        bench.provider.set { $0.fate = .answers }

        #expect(await code { try await bench.pay(key: "key-2") } == "invoice_held")
        #expect(bench.provider.charges.count == 1)
        #expect(try await bench.audit().last == "payment.refused denied")

        // Settled, it lets go; another tenant's invoice of the same name was never concerned.
        _ = try await bench.pay(key: "key-2", as: bench.globex)
        _ = try await bench.service.sync(bench.permit, first, origin: bench.origin)
        _ = try await bench.pay(key: "key-3")
        #expect(bench.provider.charges.count == 3)
    }

    @Test("lets one of two racing charges through")
    func race() async throws {
        let bench = try await PaymentBench()
        bench.provider.close()

        async let first = bench.pay(key: "key-1")
        await bench.provider.somebodyWaits()
        let second = await code { try await bench.pay(key: "key-2") }
        bench.provider.open()

        #expect(second == "invoice_held")
        #expect(try await first.payment.status == .succeeded)
        #expect(bench.provider.charges.count == 1)
    }

    @Test("gives way only to who may decide about unknown payments, and says so in the trail")
    func override() async throws {
        let bench = try await PaymentBench()
        bench.provider.set { $0.fate = .losesAnswer }
        _ = try await bench.pay()
        bench.provider.set { $0.fate = .answers }

        #expect(await code { try await bench.pay(bench.request(override: true), key: "key-2") } == "invalid_request")
        #expect(bench.provider.charges.count == 1)
    }

    @Test("refuses a merchant reference twice for one gateway, but not for two")
    func reference() async throws {
        let bench = try await PaymentBench()
        _ = try await bench.pay(bench.request(reference: "ref-1"))

        #expect(
            await code { try await bench.pay(bench.request(invoice: "inv-2", reference: "ref-1"), key: "key-2") }
                == "merchant_reference_taken")
        _ = try await bench.pay(bench.request(invoice: "inv-2", reference: "ref-1", gateway: "second"), key: "key-3")
        #expect(bench.provider.charges.count == 2)
    }
}
