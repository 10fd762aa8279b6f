// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors

import Host
import Security
import Storage
import Testing
import Values

@Suite("Payments while the clock jumps or the disk is full")
struct PaymentFaultTests {
    @Test("an hour forward or back in the middle of a charge costs nobody money, and a neighbour does no harm", arguments: [3_600, -3_600])
    func jumpInTheMiddle(jump: Int64) async throws {
        let bench = try await PaymentBench()
        bench.provider.close()
        async let reply = bench.pay()
        await bench.provider.somebodyWaits()
        bench.clock.advance(seconds: jump)

        // Forward, the lease has ended for all that anybody can see; back, it lasts an hour longer.
        let neighbour = bench.restarted("neighbour", gone: [])
        #expect(try await neighbour.recover() == (jump > 0 ? 1 : 0))
        bench.provider.open()
        let payment = try await reply.payment
        bench.clock.advance(seconds: -jump)
        try await neighbour.recover()
        try await neighbour.reconcileDue()
        let again = try await bench.pay(on: neighbour)

        #expect(payment.status == .succeeded && again.payment.status == .succeeded && again.payment.id == payment.id)
        #expect(bench.provider.charges.count == 1)
    }

    @Test("a host that died before its clock jumped is taken over, and its payment ends truthfully", arguments: [3_600, -3_600])
    func jumpAfterCrash(jump: Int64) async throws {
        let bench = try await PaymentBench()
        bench.provider.set { $0.fate = .killsHost }
        await #expect(throws: Killed.self) { try await bench.pay() }
        bench.provider.set { $0.fate = .answers }
        bench.clock.advance(seconds: jump)

        let after = bench.restarted()
        #expect(try await after.recover() == 1)
        try await after.reconcileDue()
        let reply = try await bench.pay(on: after)

        #expect(reply.payment.status == .succeeded)
        #expect(bench.provider.charges.count == 1)
    }

    @Test("a question that was due is asked once the clock is there again, and at any time by who wants to know")
    func jumpBackBeforeQuestion() async throws {
        let bench = try await PaymentBench()
        bench.provider.set { $0.fate = .losesAnswer }
        let ids = [try await bench.pay().payment.id, try await bench.pay(bench.request(invoice: "inv-2"), key: "key-2").payment.id]
        bench.provider.set { $0.fate = .answers }
        bench.clock.advance(seconds: -3_600)

        #expect(try await bench.service.reconcileDue() == 0)
        #expect(try await bench.service.sync(bench.permit, ids[0], origin: bench.origin).payment.status == .succeeded)
        #expect(try await bench.status(ids[1]) == .unknown)
        bench.clock.advance(seconds: 3_600 + 60)
        #expect(try await bench.service.reconcileDue() == 1)

        #expect(try await bench.status(ids[1]) == .succeeded)
        #expect(bench.provider.charges.count == 2)
    }

    @Test("a full disk refuses a payment before anything is sent")
    func fullBefore() async throws {
        let bench = try await PaymentBench()
        try await bench.fillDisk()

        await #expect(throws: StorageError.self) { try await bench.pay() }
        #expect(bench.provider.calls.isEmpty)

        try await bench.freeDisk()
        #expect(try await bench.pay().payment.status == .succeeded)
        #expect(bench.provider.charges.count == 1)
    }

    @Test("a disk that fills up while the provider charges leaves a doubt, which is settled when there is room")
    func fullAfter() async throws {
        let bench = try await PaymentBench()
        bench.provider.close()
        async let reply = bench.pay()
        await bench.provider.somebodyWaits()
        try await bench.fillDisk()
        bench.provider.open()

        // The charge is made and cannot be written down: no success is claimed.
        let claimed = try? await reply.disposition
        #expect(claimed != .done)
        #expect(bench.provider.charges.count == 1)
        try await bench.freeDisk()
        // Its host lives and has lost sight of it; the lease ends.
        bench.clock.advance(seconds: 121)
        #expect(try await bench.restarted("neighbour", gone: []).recover() == 1)
        try await bench.service.reconcileDue()
        let again = try await bench.pay()

        #expect(again.payment.status == .succeeded)
        #expect(bench.provider.charges.count == 1)
        #expect(bench.provider.calls == ["create_payment", "get_payment"])
    }
}

extension PaymentBench {
    private var platform: PlatformScope { SystemAuthority().platform("test") }

    /// Leaves no page in the database for anything more.
    func fillDisk() async throws {
        _ = try await database.platform(platform) { tx in
            let pages = try tx.query("PRAGMA page_count", [])[0].int("page_count")
            return try tx.query("PRAGMA max_page_count = \(pages)", [])
        }
        let tenant = globex.id
        for count in [50, 1] {
            var isFull = false
            while !isFull {
                do {
                    try await database.platform(platform) { tx in
                        for _ in 0..<count {
                            try tx.append(
                                AuditEvent(
                                    tenant: tenant, actor: "system:test", action: "test.filler", resource: "x", outcome: .success,
                                    correlation: "c"))
                        }
                    }
                } catch let error as StorageError where error.code == .diskFull { isFull = true }
            }
        }
    }

    func freeDisk() async throws {
        _ = try await database.platform(platform) { tx in try tx.query("PRAGMA max_page_count = 1000000", []) }
    }
}
