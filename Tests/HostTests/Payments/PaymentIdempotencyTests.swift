// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors

import Host
import Security
import Storage
import Testing
import Values

@Suite("Idempotency of payments")
struct PaymentIdempotencyTests {
    @Test("makes one charge of 64 requests with one key")
    func parallel() async throws {
        let bench = try await PaymentBench()
        let request = try bench.request()

        let outcomes = try await withThrowingTaskGroup(of: String.self) { group in
            for _ in 0..<64 {
                group.addTask {
                    do {
                        let reply = try await bench.pay(request)
                        return reply.payment.id.description
                    } catch let error as HostError {
                        return error.code.description
                    }
                }
            }
            return try await group.reduce(into: Set<String>()) { $0.insert($1) }
        }

        #expect(bench.provider.charges.count == 1)
        // Each heard of the one payment, or was asked to come again.
        let ids = outcomes.filter { $0 != "in_progress" }
        #expect(ids.count == 1)
        #expect(try await bench.pay(request).payment.id.description == ids.first)
    }

    @Test("gives the first answer again, whatever has happened since")
    func replay() async throws {
        let bench = try await PaymentBench()
        let first = try await bench.pay()
        _ = try await bench.service.refund(bench.permit, first.payment.id, idempotencyKey: "r", origin: bench.origin)

        let again = try await bench.pay()

        #expect(again.isReplay)
        #expect(again.payment.value == first.payment.value)
        #expect(again.payment.refundedMinor == 0)
    }

    @Test("gives the answer of a failure again, too")
    func replayFailure() async throws {
        let bench = try await PaymentBench()
        bench.provider.set { $0.fate = .refusesConnections }
        let first = try await bench.pay()
        bench.provider.set { $0.fate = .answers }

        let again = try await bench.pay()

        #expect(again.disposition == .failed)
        #expect(again.problem == first.problem)
        #expect(bench.provider.charges.isEmpty)
    }

    @Test("refuses one key for two requests")
    func mismatch() async throws {
        let bench = try await PaymentBench()
        _ = try await bench.pay()

        #expect(await code { try await bench.pay(bench.request(1_231)) } == "idempotency_mismatch")
        #expect(bench.provider.charges.count == 1)
    }

    @Test("asks to come again while the first is at work")
    func inProgress() async throws {
        let bench = try await PaymentBench()
        bench.provider.close()
        async let first = bench.pay()
        await bench.provider.somebodyWaits()

        let error = await #expect(throws: HostError.self) { try await bench.pay() }
        bench.provider.open()

        #expect(error?.code == .inProgress)
        #expect((error?.retryAfterSeconds ?? 0) >= 1)
        #expect(try await first.payment.status == .succeeded)
    }

    @Test("keeps the keys of two tenants and of two operations apart")
    func bound() async throws {
        let bench = try await PaymentBench()
        let mine = try await bench.pay().payment.id

        let theirs = try await bench.pay(as: bench.globex).payment.id
        let refund = try await bench.service.refund(bench.permit, mine, amountMinor: 1, idempotencyKey: "key-1", origin: bench.origin)

        #expect(theirs != mine)
        #expect(refund.refund?.status == .succeeded)
        #expect(bench.provider.charges.count == 2)
    }

    @Test("keeps an answer for 30 days, and not for ever")
    func kept() async throws {
        let bench = try await PaymentBench()
        let first = try await bench.pay()

        bench.clock.advance(seconds: 30 * 86_400)
        try await bench.service.forgetAnswers()
        #expect(try await bench.pay().payment.id == first.payment.id)

        bench.clock.advance(seconds: 6 * 86_400)
        try await bench.service.forgetAnswers()
        #expect(try await bench.pay().payment.id != first.payment.id)
    }

    @Test("demands a key that a header can carry", arguments: ["", "with space", String(repeating: "k", count: 256)])
    func required(key: String) async throws {
        let bench = try await PaymentBench()

        #expect(await code { try await bench.pay(key: key) } == "invalid_request")
        #expect(bench.provider.calls.isEmpty)
    }

    @Test("sends the provider the same key for one request and another for another")
    func providerKey() async throws {
        let bench = try await PaymentBench()
        let id = try await bench.pay(bench.request(capture: .manual)).payment.id
        _ = try await bench.service.capture(bench.permit, id, idempotencyKey: "c", origin: bench.origin)

        let keys = try await bench.database.read(bench.permit.scope) { tx in
            try PaymentAttemptRepository(tx).attempts(of: id).map(\.providerKey)
        }

        #expect(Set(keys).count == 2)
    }
}

@Suite("Refunds")
struct PaymentRefundTests {
    private func refund(_ bench: PaymentBench, _ id: PaymentID, _ minor: Int64?, key: String) async throws -> PaymentReply {
        try await bench.service.refund(bench.permit, id, amountMinor: minor, idempotencyKey: key, origin: bench.origin)
    }

    @Test("give back a part, then the rest, and nothing beyond")
    func partial() async throws {
        let bench = try await PaymentBench()
        let id = try await bench.pay().payment.id

        #expect(try await refund(bench, id, 500, key: "r1").payment.refundedMinor == 500)
        #expect(await code { try await refund(bench, id, 731, key: "r2") } == "refund_exceeds_captured")
        #expect(try await refund(bench, id, nil, key: "r3").payment.refundedMinor == 1_230)
        #expect(await code { try await refund(bench, id, nil, key: "r4") } == "refund_exceeds_captured")
        #expect(bench.provider.refunds == 2)
    }

    @Test("are refused where nothing was captured", arguments: ["declined", "requires_action"])
    func nothingCaptured(outcome: String) async throws {
        let bench = try await PaymentBench()
        bench.provider.set { $0.outcome = outcome }
        let id = try await bench.pay().payment.id

        #expect(await code { try await refund(bench, id, 1, key: "r1") } == "refund_exceeds_captured")
        #expect(bench.provider.calls == ["create_payment"])
    }

    @Test("that race never give back more than there is")
    func race() async throws {
        let bench = try await PaymentBench()
        let id = try await bench.pay(bench.request(1_000)).payment.id

        let outcomes = await withTaskGroup(of: String?.self) { group in
            for number in 0..<32 {
                group.addTask { await code { try await refund(bench, id, 300, key: "r\(number)") } }
            }
            return await group.reduce(into: [String?]()) { $0.append($1) }
        }

        #expect(outcomes.filter { $0 == nil }.count == 3)
        #expect(outcomes.filter { $0 == "refund_exceeds_captured" }.count == 29)
        #expect(bench.provider.charges[0].refunded == 900)
    }

    @Test("count while nobody knows what became of them, and no longer when it is known")
    func unknownCounts() async throws {
        let bench = try await PaymentBench()
        let id = try await bench.pay().payment.id
        bench.provider.set { $0.fate = .losesRequest }
        let lost = try await refund(bench, id, 1_000, key: "r1")
        #expect(lost.disposition == .unknown)
        #expect(lost.refund?.status == .unknown)
        bench.provider.set { $0.fate = .answers }

        #expect(await code { try await refund(bench, id, 300, key: "r2") } == "refund_exceeds_captured")
        _ = try await bench.service.sync(bench.permit, id, origin: bench.origin)
        #expect(try await refund(bench, id, 300, key: "r3").refund?.status == .succeeded)
        #expect(bench.provider.charges[0].refunded == 300)
    }

    @Test("whose answer was lost are found, not repeated")
    func lostAnswer() async throws {
        let bench = try await PaymentBench()
        let id = try await bench.pay().payment.id
        bench.provider.set { $0.fate = .losesAnswer }
        _ = try await refund(bench, id, 500, key: "r1")
        bench.provider.set { $0.fate = .answers }

        bench.clock.advance(seconds: 31)
        try await bench.service.reconcileDue()

        let payment = try await bench.service.get(bench.permit, id, origin: bench.origin)
        #expect(payment.value["refunds"]?[0]?["status"] == "succeeded")
        #expect(payment.refundedMinor == 500)
        #expect(bench.provider.refunds == 1)
    }
}
