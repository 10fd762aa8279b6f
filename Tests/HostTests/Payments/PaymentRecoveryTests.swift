// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors

import Host
import Security
import Storage
import Testing
import Values

@Suite("Recovery of payments")
struct PaymentRecoveryTests {
    @Test("finds the charge of a host that died before it could write it down")
    func killedAfterCharge() async throws {
        let bench = try await PaymentBench()
        bench.provider.set { $0.fate = .killsHost }
        await #expect(throws: Killed.self) { try await bench.pay() }
        let id = try #require(try await bench.payments().first?.id)
        #expect(try await bench.status(id) == .created)

        bench.provider.set { $0.fate = .answers }
        let after = bench.restarted()
        #expect(try await after.recover() == 1)
        #expect(try await bench.status(id) == .unknown)
        try await after.reconcileDue()

        #expect(try await bench.status(id) == .succeeded)
        #expect(bench.provider.charges.count == 1)
        #expect(bench.provider.calls == ["create_payment", "get_payment"])
        #expect(try await bench.audit().contains("payment.attempt_lost abandoned"))
    }

    @Test("cancels what a host had not sent when it died")
    func killedBeforeCharge() async throws {
        let bench = try await PaymentBench()
        bench.provider.set { $0.fate = .killsHostEarly }
        await #expect(throws: Killed.self) { try await bench.pay() }

        bench.provider.set { $0.fate = .answers }
        let after = bench.restarted()
        try await after.recover()
        try await after.reconcileDue()

        let payment = try #require(try await bench.payments().first)
        #expect(payment.status == .canceled)
        #expect(payment.failure?["outcome"] == "not_sent")
        #expect(bench.provider.charges.isEmpty)
    }

    @Test("answers a repeated request of before the crash without charging again")
    func replayAfterCrash() async throws {
        let bench = try await PaymentBench()
        bench.provider.set { $0.fate = .killsHost }
        await #expect(throws: Killed.self) { try await bench.pay() }
        bench.provider.set { $0.fate = .answers }
        let after = bench.restarted()

        #expect(await code { try await bench.pay(on: after) } == "in_progress")
        try await after.recover()
        #expect(try await bench.pay(on: after).disposition == .unknown)
        try await after.reconcileDue()
        let reply = try await bench.pay(on: after)

        #expect(reply.disposition == .done)
        #expect(reply.payment.status == .succeeded)
        #expect(bench.provider.charges.count == 1)
    }

    @Test("leaves the calls of living hosts alone, its own included, until their lease ends")
    func livingHosts() async throws {
        let bench = try await PaymentBench()
        bench.provider.close()
        async let reply = bench.pay()
        await bench.provider.somebodyWaits()

        #expect(try await bench.service.recover() == 0)
        #expect(try await bench.restarted("neighbour", gone: []).recover() == 0)
        bench.provider.open()

        #expect(try await reply.payment.status == .succeeded)
    }

    @Test("takes a call over when its lease has ended, and still believes its late answer")
    func leaseEnded() async throws {
        let bench = try await PaymentBench()
        bench.provider.close()
        async let reply = bench.pay()
        await bench.provider.somebodyWaits()
        bench.clock.advance(seconds: 121)

        #expect(try await bench.restarted("neighbour", gone: []).recover() == 1)
        bench.provider.open()

        #expect(try await reply.payment.status == .succeeded)
        #expect(bench.provider.charges.count == 1)
    }

    @Test("asks about a refund whose host died, and counts it until then")
    func killedInRefund() async throws {
        let bench = try await PaymentBench()
        let id = try await bench.pay().payment.id
        bench.provider.set { $0.fate = .killsHost }
        await #expect(throws: Killed.self) {
            try await bench.service.refund(bench.permit, id, amountMinor: 1_000, idempotencyKey: "r", origin: bench.origin)
        }
        bench.provider.set { $0.fate = .answers }
        let after = bench.restarted()
        try await after.recover()

        #expect(
            await code { try await after.refund(bench.permit, id, amountMinor: 300, idempotencyKey: "s", origin: bench.origin) }
                == "refund_exceeds_captured")
        try await after.reconcileDue()

        #expect(try await after.get(bench.permit, id, origin: bench.origin).refundedMinor == 1_000)
        #expect(bench.provider.refunds == 1)
    }

    @Test("asks by the schedule, and hands over to a human at its end")
    func schedule() async throws {
        let bench = try await PaymentBench()
        bench.provider.set { $0.fate = .losesAnswer }
        let id = try await bench.pay().payment.id

        var questions = 0
        for wait in ReconcileSchedule.standard.waits {
            bench.clock.advance(seconds: wait.components.seconds - 1)
            #expect(try await bench.service.reconcileDue() == 0)
            bench.clock.advance(seconds: 1)
            questions += try await bench.service.reconcileDue()
        }

        #expect(questions == 12)
        #expect(try await bench.status(id) == .review)
        bench.clock.advance(seconds: 86_400 * 30)
        #expect(try await bench.service.reconcileDue() == 0)
    }

    @Test("asks first when something is to be done with an unknown payment")
    func askFirst() async throws {
        let bench = try await PaymentBench()
        bench.provider.set { $0.fate = .losesAnswer }
        let id = try await bench.pay().payment.id

        #expect(
            await code { try await bench.service.refund(bench.permit, id, idempotencyKey: "r", origin: bench.origin) } == "payment_unknown")
        bench.provider.set { $0.fate = .answers }
        let refund = try await bench.service.refund(bench.permit, id, idempotencyKey: "r", origin: bench.origin)

        #expect(refund.payment.refundedMinor == 1_230)
    }

    @Test("lets one operation at a time touch a payment")
    func busy() async throws {
        let bench = try await PaymentBench()
        let id = try await bench.pay(bench.request(capture: .manual)).payment.id
        bench.provider.close()
        async let captured = bench.service.capture(bench.permit, id, idempotencyKey: "c", origin: bench.origin)
        await bench.provider.somebodyWaits()

        #expect(
            await code { try await bench.service.cancel(bench.permit, id, idempotencyKey: "d", origin: bench.origin) } == "payment_busy")
        #expect(await code { try await bench.service.sync(bench.permit, id, origin: bench.origin) } == "payment_busy")
        bench.provider.open()

        #expect(try await captured.payment.status == .succeeded)
    }

    @Test("knows a dead process of this machine from a living one")
    func hostRun() {
        let run = HostRun.current()
        var parts = run.description.split(separator: "/", omittingEmptySubsequences: false).map(String.init)

        #expect(!run.isGone(run.description))
        #expect(!run.isGone("elsewhere/ns/1/1/x"))
        parts[4] = "another"
        #expect(!run.isGone(parts.joined(separator: "/")))
        parts[3] = "1"
        #expect(run.isGone(parts.joined(separator: "/")))
        #expect(!run.isGone("nonsense"))
    }

    @Test("asks for a second part under another key than the first, even when the first one's answer was lost")
    func keyAfterDoubt() async throws {
        let bench = try await PaymentBench()
        let id = try await bench.pay(bench.request(capture: .manual)).payment.id
        bench.provider.set { $0.fate = .losesRequest }
        _ = try await bench.service.capture(bench.permit, id, amountMinor: 500, idempotencyKey: "c1", origin: bench.origin)
        bench.provider.set { $0.fate = .answers }
        _ = try await bench.service.capture(bench.permit, id, amountMinor: 500, idempotencyKey: "c2", origin: bench.origin)

        let keys = try await bench.database.read(bench.permit.scope) { tx in
            try PaymentAttemptRepository(tx).attempts(of: id).filter { $0.operation == "capture_payment" }.map(\.providerKey)
        }

        #expect(keys.count == 2)
        #expect(Set(keys).count == 2)
        #expect(bench.provider.charges[0].captured == 500)
    }

    @Test("closes an authorization that ran out, once the provider was asked")
    func expiry() async throws {
        let bench = try await PaymentBench()
        let end = bench.clock.nowMs + 3_600_000
        bench.provider.set { $0.expiresAtMs = end }
        let id = try await bench.pay(bench.request(capture: .manual)).payment.id
        bench.clock.advance(seconds: 3_599)
        #expect(try await bench.service.reconcileDue() == 0)

        bench.clock.advance(seconds: 1)
        try await bench.service.reconcileDue()

        #expect(try await bench.status(id) == .expired)
    }
}
