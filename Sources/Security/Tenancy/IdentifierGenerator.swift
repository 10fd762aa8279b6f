// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors

internal import Synchronization

/// Makes version 7 UUIDs that only grow within this process.
final class IdentifierGenerator: Sendable {
    static let shared = IdentifierGenerator(clock: .system)

    private struct State {
        var milliseconds: Int64 = 0
        var counter: UInt64 = 0
    }

    private let clock: WallClock
    private let state = Mutex(State())

    init(clock: WallClock) {
        self.clock = clock
    }

    func next() -> (high: UInt64, low: UInt64) {
        let random = SecureRandom.words()
        let now = clock.now()
        let (milliseconds, counter) = state.withLock { state in
            if now > state.milliseconds {
                state.milliseconds = now
                // The top bit stays free, so that at least 2,048 more fit into this millisecond.
                state.counter = random.0 & 0x7FF
            } else {
                state.counter += 1
                if state.counter > 0xFFF {
                    // Borrow from the next millisecond rather than wait for it, or go back.
                    state.milliseconds += 1
                    state.counter = random.0 & 0x7FF
                }
            }
            return (state.milliseconds, state.counter)
        }
        let high = UInt64(truncatingIfNeeded: milliseconds) << 16 | 0x7000 | counter
        return (high, random.1 & 0x3FFF_FFFF_FFFF_FFFF | 0x8000_0000_0000_0000)
    }
}
