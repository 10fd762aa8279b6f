// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors

import Sandbox
import Testing

@Suite("CrashLedger")
struct CrashLedgerTests {
    private static let key = CellKey(tenant: "acme", partition: "acme/1", program: "p")
    private static let memory = 4 << 20

    private static func at(_ time: Duration) -> Moment { Moment(nanoseconds: time.wholeNanoseconds) }

    private func refusal(_ ledger: CrashLedger, _ key: CellKey = key, memory: Int = memory, at time: Duration) -> SandboxError? {
        do {
            try ledger.check(key, memory: memory, now: Self.at(time))
            return nil
        } catch {
            return error
        }
    }

    @Test("the first death costs nothing, each further one doubles the back-off, up to the longest")
    func doubles() {
        var ledger = CrashLedger(CrashPolicy(crashes: .max))
        var time = Duration.zero
        var waits: [Duration] = []
        _ = ledger.crashed(Self.key, now: Self.at(time))
        #expect(refusal(ledger, at: time) == nil)

        for _ in 0..<11 {
            _ = ledger.crashed(Self.key, now: Self.at(time))
            guard case .backingOff(let wait) = refusal(ledger, at: time) else { break }
            waits.append(wait)
            #expect(refusal(ledger, at: time + wait - .nanoseconds(1)) == .backingOff(.nanoseconds(1)))
            #expect(refusal(ledger, at: time + wait) == nil)
            time += wait
        }

        let milliseconds = [100, 200, 400, 800, 1600, 3200, 6400, 12800, 25600, 30000, 30000]
        #expect(waits == milliseconds.map { .milliseconds($0) })
    }

    @Test("an invocation that returns clears the back-off and not the deaths")
    func success() {
        var ledger = CrashLedger(CrashPolicy())
        for _ in 0..<2 { #expect(ledger.crashed(Self.key, now: Self.at(.zero)) == nil) }
        #expect(refusal(ledger, at: .zero) == .backingOff(.milliseconds(100)))
        ledger.succeeded(Self.key, memory: Self.memory)
        #expect(refusal(ledger, at: .zero) == nil)

        #expect(ledger.crashed(Self.key, now: Self.at(.seconds(2))) == 3)
        #expect(refusal(ledger, at: .seconds(3)) == .quarantined)
    }

    @Test("three deaths within an hour mean quarantine for ever, for every set-up of that tenant and no other tenant")
    func quarantine() {
        var ledger = CrashLedger(CrashPolicy())
        let sibling = CellKey(tenant: "acme", partition: "acme/2", program: "p")

        #expect(ledger.crashed(Self.key, now: Self.at(.zero)) == nil)
        #expect(ledger.crashed(sibling, now: Self.at(.seconds(1800))) == nil)
        #expect(ledger.crashed(Self.key, now: Self.at(.seconds(3599))) == 3)

        #expect(refusal(ledger, at: .seconds(1_000_000)) == .quarantined)
        #expect(refusal(ledger, sibling, at: .seconds(1_000_000)) == .quarantined)
        #expect(refusal(ledger, CellKey(tenant: "other", partition: "other/1", program: "p"), at: .seconds(3600)) == nil)
        #expect(refusal(ledger, CellKey(tenant: "acme", partition: "acme/1", program: "q"), at: .seconds(3600)) == nil)
        #expect(ledger.quarantine == [Self.key])
    }

    @Test("deaths that are an hour apart mean none")
    func window() {
        var ledger = CrashLedger(CrashPolicy())

        for hour in 0..<20 { #expect(ledger.crashed(Self.key, now: Self.at(.seconds(1800 * hour))) == nil) }

        #expect(ledger.quarantine.isEmpty)
    }

    @Test("a release forgets the deaths, and only a quarantine can be released")
    func release() {
        var ledger = CrashLedger(CrashPolicy())
        let early = ledger.release(Self.key)
        for _ in 0..<3 { _ = ledger.crashed(Self.key, now: Self.at(.zero)) }

        let released = ledger.release(Self.key)
        #expect(refusal(ledger, at: .zero) == nil)
        #expect(ledger.crashed(Self.key, now: Self.at(.zero)) == nil)
        let again = ledger.release(Self.key)

        #expect([early, released, again] == [false, true, false])
    }

    @Test("a program that did not load is refused with the same error for a while, with that much memory only")
    func loadFailure() {
        var ledger = CrashLedger(CrashPolicy())
        let error = SandboxError.loadFailed(.error, file: "main.lua", line: 3, message: "no")

        ledger.loadFailed("p", memory: Self.memory, error, now: Self.at(.zero))
        #expect(refusal(ledger, at: .milliseconds(4999)) == error)
        #expect(refusal(ledger, memory: 8 << 20, at: .zero) == nil)
        #expect(refusal(ledger, at: .seconds(5)) == nil)
        ledger.loadFailed("p", memory: Self.memory, error, now: Self.at(.seconds(5)))

        #expect(refusal(ledger, at: .milliseconds(14_999)) == error)
        #expect(refusal(ledger, at: .seconds(15)) == nil)
    }

    @Test("what is over is forgotten")
    func stays() {
        var ledger = CrashLedger(CrashPolicy())
        for n in 0..<10_000 {
            _ = ledger.crashed(CellKey(tenant: "t\(n)", partition: "t", program: "p"), now: Self.at(.seconds(n * 10)))
            ledger.loadFailed("p\(n)", memory: 0, .cellKilled, now: Self.at(.seconds(n * 10)))
        }

        #expect(ledger.entries < 3 * 1100)
    }
}
