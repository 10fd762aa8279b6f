// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors

/// How many codes may be sent, to one user and to one destination.
///
/// Messages cost money and annoy: an attacker who knows a number must not be able to flood it (contracts, "SMS flood").
package struct SendLimits: Sendable, Hashable {
    /// At most `count` sends in `milliseconds`.
    package struct Window: Sendable, Hashable {
        package var count: Int
        package var milliseconds: Int64
    }

    package var windows: [Window]

    /// 1 in 30 seconds, 5 in 15 minutes, 20 a day.
    package static let standard = SendLimits(windows: [
        Window(count: 1, milliseconds: 30_000), Window(count: 5, milliseconds: 900_000), Window(count: 20, milliseconds: 86_400_000),
    ])

    /// What one tenant may send a day, to everybody together.
    package static let tenantBudget = SendLimits(windows: [Window(count: 2_000, milliseconds: 86_400_000)])

    /// How far back sends matter.
    package var horizon: Int64 { windows.map(\.milliseconds).max() ?? 0 }

    /// Nil when another may be sent now, else how many milliseconds to wait.
    ///
    /// - Parameter sends: times of earlier sends within the horizon, newest first.
    package func wait(after sends: [Int64], at now: Int64) -> Int64? {
        windows.compactMap { window -> Int64? in
            guard sends.count >= window.count else { return nil }
            let wait = sends[window.count - 1] + window.milliseconds - now
            return wait > 0 ? wait : nil
        }.max()
    }
}
