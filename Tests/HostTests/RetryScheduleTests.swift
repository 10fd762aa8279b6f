// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors

import Host
import Testing

@Suite("RetrySchedule")
struct RetryScheduleTests {
    @Test(
        "waits longer after each try, then gives up",
        arguments: [
            (1, 10_000), (2, 60_000), (3, 300_000), (4, 1_800_000), (5, 7_200_000), (6, 43_200_000), (7, nil), (8, nil), (0, nil),
            (-1, nil),
        ] as [(Int, Int64?)])
    func delays(attempts: Int, delay: Int64?) {
        #expect(RetrySchedule.delay(afterAttempts: attempts, retryAfter: nil, jitter: 0) == delay)
    }

    @Test(
        "waits at least as long as the provider asks for",
        arguments: [
            (1, 0, 10_000), (1, 9_999, 10_000), (1, 10_001, 10_001), (1, 120_000, 120_000), (3, 120_000, 300_000),
            // The most that the contract lets a plugin say: a week.
            (1, 604_800_000, 604_800_000),
        ] as [(Int, Int64, Int64)])
    func retryAfter(attempts: Int, asked: Int64, delay: Int64) {
        #expect(RetrySchedule.delay(afterAttempts: attempts, retryAfter: asked, jitter: 0) == delay)
    }

    @Test("does not try again after the last time because the provider would like it")
    func last() {
        #expect(RetrySchedule.delay(afterAttempts: 7, retryAfter: 1_000, jitter: 0) == nil)
    }

    @Test(
        "spreads what failed together over a tenth of the delay",
        arguments: [(0.0, 60_000), (0.5, 63_000), (0.999, 65_994)] as [(Double, Int64)])
    func jitter(jitter: Double, delay: Int64) {
        #expect(RetrySchedule.delay(afterAttempts: 2, retryAfter: nil, jitter: jitter) == delay)
    }
}
