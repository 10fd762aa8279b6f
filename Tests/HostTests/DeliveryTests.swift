// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors

import Host
import PluginAPI
import Sandbox
import Security
import Storage
import Testing
import Values

@Suite("Delivery")
struct DeliveryTests {
    private static let now: Int64 = 1_800_000_000_000

    private static func record(attempts: Int = 1, drops: Bool = false) throws -> NotificationRecord {
        NotificationRecord(
            id: .make(), instance: .make(), plugin: try #require(PluginID("probe")), dedupeKey: "k", eventType: "invoice.paid",
            message: "{}",
            status: .sending, dropsUnknown: drops, attempts: attempts, dueAt: now, failure: "earlier", createdAt: now)
    }

    private static func delivery(_ result: Result<Value, PluginFailure>) -> Delivery {
        Delivery(InvocationReport(call: .make(), result: result, wire: WireTrace(), receipt: Receipt(), log: []))
    }

    @Test(
        "is what the notifier answers",
        arguments: [
            (["status": "accepted", "provider_message_ids": ["m1"]], .accepted(providerMessageIDs: ["m1"], isDelivered: false)),
            (["status": "delivered"], .accepted(providerMessageIDs: [], isDelivered: true)),
            (["status": "deferred", "retry_after_s": 90], .failure("deferred", retryAfter: 90_000, isRetryable: true, isUnknown: false)),
            (["status": "deferred"], .failure("deferred", retryAfter: nil, isRetryable: true, isUnknown: false)),
            (["status": "rejected"], .failure("rejected", retryAfter: nil, isRetryable: false, isUnknown: false)),
            // Whatever else it says is no delivery.
            (["status": "sent"], .failure("rejected", retryAfter: nil, isRetryable: false, isUnknown: false)),
            ([:], .failure("rejected", retryAfter: nil, isRetryable: false, isUnknown: false)),
        ] as [(Value, Delivery)])
    func answers(answer: Value, delivery: Delivery) {
        #expect(Self.delivery(.success(answer)) == delivery)
    }

    @Test(
        "is what went wrong",
        arguments: [
            (
                PluginFailure(.rateLimited, "slow", isRetryable: true, outcome: .rejected, retryAfterSeconds: 7), "rate_limited", 7_000,
                true, false
            ),
            (PluginFailure(.providerUnavailable, "503", isRetryable: true, outcome: .unknown), "provider_unavailable", nil, true, true),
            (PluginFailure(.internal, "boom", outcome: .notSent), "internal", nil, false, false),
            (PluginFailure(.internal, "boom", outcome: .unknown), "internal", nil, false, true),
        ] as [(PluginFailure, String, Int64?, Bool, Bool)])
    func failures(failure: PluginFailure, code: String, retryAfter: Int64?, isRetryable: Bool, isUnknown: Bool) {
        #expect(Self.delivery(.failure(failure)) == .failure(code, retryAfter: retryAfter, isRetryable: isRetryable, isUnknown: isUnknown))
    }

    @Test(
        "ends a notification that a provider took",
        arguments: [(false, .accepted), (true, .delivered)] as [(Bool, NotificationRecord.Status)])
    func accepted(isDelivered: Bool, status: NotificationRecord.Status) throws {
        let next = Delivery.accepted(providerMessageIDs: ["m1", "m2"], isDelivered: isDelivered).applied(
            to: try Self.record(), at: Self.now, jitter: 0)

        #expect(next.status == status)
        #expect(next.dueAt == nil)
        #expect(next.failure == nil)
        #expect(next.providerMessageIDs == #"["m1","m2"]"#)
    }

    @Test(
        "decides what follows from a failure",
        arguments: [
            // (retryable, unknown, drops, attempts) → status, delay
            (true, false, false, 1, .queued, 10_000),
            (true, false, true, 1, .queued, 10_000),
            (false, false, false, 1, .failed, nil),
            (false, false, true, 1, .failed, nil),
            (true, true, false, 2, .queued, 60_000),
            (false, true, false, 2, .queued, 60_000),
            (true, true, true, 1, .unknown, nil),
            (false, true, true, 1, .unknown, nil),
            (true, false, false, 7, .deadLetter, nil),
            (true, true, false, 7, .deadLetter, nil),
        ] as [(Bool, Bool, Bool, Int, NotificationRecord.Status, Int64?)])
    func follows(isRetryable: Bool, isUnknown: Bool, drops: Bool, attempts: Int, status: NotificationRecord.Status, delay: Int64?) throws {
        let record = try Self.record(attempts: attempts, drops: drops)

        let next = Delivery.failure("timeout", retryAfter: nil, isRetryable: isRetryable, isUnknown: isUnknown).applied(
            to: record, at: Self.now, jitter: 0)

        #expect(next.status == status)
        #expect(next.dueAt == delay.map { Self.now + $0 })
        #expect(next.failure == "timeout")
        #expect(next.attempts == attempts)
    }
}
