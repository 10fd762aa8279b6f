// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors

import Host
import Testing

@Suite("SendLimits")
struct SendLimitsTests {
    private static let now: Int64 = 1_800_000_000_000

    /// Sends that were so many seconds ago.
    private static func ago(_ seconds: [Int64]) -> [Int64] { seconds.map { now - $0 * 1000 } }

    @Test(
        "let another code go, or say how long to wait",
        arguments: [
            ([], nil),
            ([0], 30_000),
            ([29], 1_000),
            ([30], nil),
            ([31, 62, 93, 124], nil),
            // Five within a quarter of an hour: until the oldest of the five is that old.
            ([31, 62, 93, 124, 155], 745_000),
            ([31, 62, 93, 124, 899], 1_000),
            ([31, 62, 93, 124, 900], nil),
            // Both windows are full: the longer wait counts.
            ([10, 62, 93, 124, 155], 745_000),
            (Array(1...19).map { $0 * 1000 }, nil),
            (Array(1...20).map { $0 * 1000 }, 66_400_000),
            (Array(1...20).map { $0 * 4320 }, nil),
        ] as [([Int64], Int64?)])
    func standard(secondsAgo: [Int64], wait: Int64?) {
        #expect(SendLimits.standard.wait(after: Self.ago(secondsAgo), at: Self.now) == wait)
    }

    @Test("give a tenant two thousand codes a day")
    func tenant() {
        let sends = [Int64](repeating: Self.now - 1000, count: 1_999)

        #expect(SendLimits.tenantBudget.wait(after: sends, at: Self.now) == nil)
        #expect(SendLimits.tenantBudget.wait(after: sends + [Self.now - 2000], at: Self.now) == 86_398_000)
    }

    @Test("look back as far as their longest window")
    func horizon() {
        #expect(SendLimits.standard.horizon == 86_400_000)
    }

    @Test("never send more than a window allows, whatever the pace", arguments: [1, 7, 30, 31, 180] as [Int64])
    func pace(seconds: Int64) {
        var sends: [Int64] = []
        for step in 0..<Int64(90_000 / seconds) {
            let now = Self.now + step * seconds * 1000
            if SendLimits.standard.wait(after: sends, at: now) == nil { sends.insert(now, at: 0) }
        }

        for window in SendLimits.standard.windows {
            let most = sends.map { first in sends.count { $0 <= first && $0 > first - window.milliseconds } }.max()
            #expect((most ?? 0) <= window.count)
        }
    }
}
