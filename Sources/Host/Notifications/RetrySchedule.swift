// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors

/// When a message that could not be delivered is tried again.
package enum RetrySchedule {
    /// 10 s, 1 min, 5 min, 30 min, 2 h, 12 h; then it is a dead letter.
    private static let delays: [Int64] = [10_000, 60_000, 300_000, 1_800_000, 7_200_000, 43_200_000]

    /// The delay in milliseconds after `attempts` tries, or nil when it is time to give up.
    ///
    /// - Parameters:
    ///   - retryAfter: what the provider asked for, in milliseconds; never shortened.
    ///   - jitter: 0 ..< 1; spreads what failed together over a tenth of the delay.
    package static func delay(afterAttempts attempts: Int, retryAfter: Int64?, jitter: Double) -> Int64? {
        guard attempts >= 1, attempts <= delays.count else { return nil }
        let planned = delays[attempts - 1]
        return max(planned, retryAfter ?? 0) + Int64(Double(planned) * 0.1 * jitter)
    }
}
