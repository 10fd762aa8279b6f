// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors

import Host
import PluginAPI
import Security
import Testing
import Values

@Suite("Idempotency decision")
struct IdempotencyDecisionTests {
    private func decide(_ memory: IdempotencyMemory?, now: Int64 = 0) -> IdempotencyDecision {
        IdempotencyDecision(memory, bodyHash: "body", nowMs: now)
    }

    @Test("runs what it has not seen")
    func new() { #expect(decide(nil) == .run) }

    @Test("gives the stored answer again")
    func replay() { #expect(decide(IdempotencyMemory(bodyHash: "body", state: .answered("a"))) == .replay("a")) }

    @Test("answers from the resource when the answer died with its host")
    func orphaned() { #expect(decide(IdempotencyMemory(bodyHash: "body", state: .orphaned)) == .answerFromState) }

    @Test(
        "says mismatch whatever became of the other request",
        arguments: [
            IdempotencyMemory.State.answered("a"), .orphaned, .inProgress(leaseUntilMs: 5_000),
        ])
    func mismatch(state: IdempotencyMemory.State) {
        #expect(decide(IdempotencyMemory(bodyHash: "other", state: state)) == .mismatch)
    }

    @Test(
        "asks to wait for one that is at work, at least a second and at most half a minute",
        arguments: [
            (Int64(500), 1), (5_000, 5), (120_000, 30), (-1, 1),
        ])
    func inProgress(left: Int64, seconds: Int) {
        let memory = IdempotencyMemory(bodyHash: "body", state: .inProgress(leaseUntilMs: 1_000_000 + left))

        #expect(decide(memory, now: 1_000_000) == .inProgress(retryAfterS: seconds))
    }

    @Test(
        "takes a key of 1 to 255 visible characters only",
        arguments: [
            ("a", true), ("9f1c-ä", false), ("with space", false), ("", false), ("tab\t", false),
            (String(repeating: "k", count: 255), true),
            (String(repeating: "k", count: 256), false),
        ])
    func keys(text: String, valid: Bool) { #expect((IdempotencyKey(text) != nil) == valid) }
}

@Suite("Provider idempotency key")
struct ProviderIdempotencyKeyTests {
    private func key(_ change: (inout [String]) -> Void = { _ in }) -> String {
        var fields = ["t", "i", "create_payment", "p", "0", "1230", "EUR", "new", "automatic"]
        change(&fields)
        return ProviderIdempotencyKey(
            tenant: fields[0], instance: fields[1], operation: fields[2], payment: fields[3], attemptGroup: fields[4],
            amountMinor: Int64(fields[5]) ?? 0, currency: fields[6], source: fields[7], capture: fields[8]
        ).description
    }

    @Test("is the same for the same request")
    func stable() {
        #expect(key() == key())
        #expect(key().count == 52)
    }

    @Test("differs with every field", arguments: 0..<9)
    func differs(field: Int) {
        #expect(key { $0[field] = field == 5 ? "1231" : $0[field] + "x" } != key())
    }

    @Test("does not run fields into each other")
    func separated() {
        #expect(key { ($0[0], $0[1]) = ("ab", "c") } != key { ($0[0], $0[1]) = ("a", "bc") })
    }

    @Test("writes base32 like RFC 4648", arguments: [("", ""), ("f", "my"), ("fo", "mzxq"), ("foobar", "mzxw6ytboi")])
    func base32(text: String, expected: String) {
        #expect(ProviderIdempotencyKey.base32(Array(text.utf8)) == expected)
    }
}

@Suite("Reconcile schedule")
struct ReconcileScheduleTests {
    @Test("asks after 30 s, 2 min, 10 min, 1 h, 6 h and seven days, then gives up")
    func waits() {
        let schedule = ReconcileSchedule.standard

        let waits = (0..<13).map { schedule.next(afterAsking: $0, nowMs: 0).map { $0 / 1_000 } }

        #expect(waits == [30, 120, 600, 3_600, 21_600] + Array(repeating: 86_400, count: 7) + [nil])
    }
}

@Suite("Payment judge")
struct PaymentJudgeTests {
    private let sent = WireTrace(exchanges: [.init(method: "POST", origin: "https://p", sent: true, status: 200)])
    private let asked = WireTrace(exchanges: [.init(method: "GET", origin: "https://p", sent: true, status: 200)])
    private let judge = PaymentJudge(links: LinkRule(hosts: ["pay.test"]))

    private func outcome(_ claim: PluginFailure.Outcome, _ wire: WireTrace) -> PaymentProblem.Outcome? {
        let failure = PluginFailure(.providerUnavailable, "no", outcome: claim)
        guard case .failed(let problem) = judge.payment(.failure(failure), wire: wire, isQuery: false) else { return nil }
        return problem.outcome
    }

    @Test("believes the wire before the plugin")
    func evidence() {
        #expect(outcome(.notSent, WireTrace()) == .notSent)
        #expect(outcome(.unknown, WireTrace()) == .notSent)
        #expect(outcome(.unknown, asked) == .notSent)
        #expect(outcome(.notSent, sent) == .unknown)
        #expect(outcome(.unknown, sent) == .unknown)
        #expect(outcome(.rejected, sent) == .rejected)
        #expect(outcome(.rejected, WireTrace(mutatingInFlight: 1)) == .unknown)
    }

    @Test("takes not_found as certain for questions only")
    func notFound() {
        let failure = PluginFailure(.notFound, "no", outcome: .rejected)

        #expect(judge.payment(.failure(failure), wire: asked, isQuery: true) == .notFound)
        guard case .failed = judge.payment(.failure(failure), wire: sent, isQuery: false) else { return #expect(Bool(false)) }
    }

    @Test("turns a result that breaks the contract into doubt when bytes left")
    func violation() {
        for (wire, expected) in [(sent, PaymentProblem.Outcome.unknown), (WireTrace(), .notSent)] {
            guard case .failed(let problem) = judge.payment(.success(["status": "paid"]), wire: wire, isQuery: false) else {
                return #expect(Bool(false))
            }
            #expect(problem.code == "contract_violation")
            #expect(problem.outcome == expected)
        }
    }

    @Test(
        "sends customers to declared hosts only",
        arguments: [("https://pay.test/x", true), ("https://evil.test/x", false), ("http://pay.test/x", false)])
    func links(url: String, allowed: Bool) {
        let value: Value = [
            "status": "requires_action", "amount": ["amount_minor": 1, "currency": "EUR"], "captured_minor": 0, "refunded_minor": 0,
            "next_action": ["type": "redirect", "url": .string(url)],
        ]

        let outcome = judge.payment(.success(value), wire: sent, isQuery: false)

        if case .said = outcome { #expect(allowed) } else { #expect(!allowed) }
    }
}
