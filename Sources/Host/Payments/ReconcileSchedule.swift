// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors

/// When the reconciler asks the provider again about a payment whose outcome is not known.
package struct ReconcileSchedule: Sendable, Hashable {
    /// Waits between two questions, from the moment the doubt began.
    package let waits: [Duration]

    package init(waits: [Duration]) { self.waits = waits }

    /// 30 s, 2 min, 10 min, 1 h, 6 h, then daily for a week.
    package static let standard = ReconcileSchedule(
        waits: [.seconds(30), .seconds(120), .seconds(600), .seconds(3_600), .seconds(21_600)]
            + Array(repeating: .seconds(86_400), count: 7))

    /// The moment of the next question after `asked` of them, or nil when a human has to take over.
    package func next(afterAsking asked: Int, nowMs: Int64) -> Int64? {
        guard asked >= 0, asked < waits.count else { return nil }
        return nowMs + waits[asked].components.seconds * 1_000
    }
}
