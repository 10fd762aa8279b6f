// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors

import Security

/// Where the host reads the time; a test puts its own hands on it.
public struct HostClock: Sendable {
    /// Milliseconds since 1970.
    public var nowMilliseconds: @Sendable () -> Int64

    /// Reads the time from `nowMilliseconds`.
    public init(nowMilliseconds: @escaping @Sendable () -> Int64) { self.nowMilliseconds = nowMilliseconds }

    /// The machine's clock.
    public static let system = HostClock(nowMilliseconds: WallClock.system.now)
}
