// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors

internal import Glibc

/// The time of day, as something that a test can set.
public struct WallClock: Sendable {
    /// Milliseconds since 1970, UTC.
    public let now: @Sendable () -> Int64

    /// A clock that answers with the given closure.
    public init(now: @escaping @Sendable () -> Int64) {
        self.now = now
    }

    /// The clock of this machine.
    public static let system = WallClock {
        var time = timespec()
        clock_gettime(CLOCK_REALTIME, &time)
        return Int64(time.tv_sec) * 1000 + Int64(time.tv_nsec) / 1_000_000
    }
}
