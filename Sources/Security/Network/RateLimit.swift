// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors

/// How often something may happen: so many times in a period, and so many at once.
public struct RateLimit: Sendable, Hashable, CustomStringConvertible {
    /// How many in a period, on the long run.
    public let count: Int
    /// Seconds.
    public let period: Int
    /// How many at once after a time of rest.
    public let burst: Int

    /// A limit; nil unless all are positive and in a range that makes sense.
    public init?(_ count: Int, per period: Int, burst: Int? = nil) {
        let burst = burst ?? count
        guard (1...1_000_000).contains(count), (1...86_400).contains(period), (1...1_000_000).contains(burst) else { return nil }
        // The whole burst takes a year at most to come back: in nanoseconds that fits, with room for sums.
        guard Int64(period) * Int64(burst) / Int64(count) <= 31_536_000 else { return nil }
        (self.count, self.period, self.burst) = (count, period, burst)
    }

    /// Reads `20/60` or `20/60:5`: so many in so many seconds, so many at once.
    public init?(_ text: String) {
        let halves = text.split(separator: ":", omittingEmptySubsequences: false)
        let parts = halves[0].split(separator: "/", omittingEmptySubsequences: false)
        guard halves.count <= 2, parts.count == 2, let count = Int(parts[0]), let period = Int(parts[1]) else { return nil }
        let burst = halves.count == 2 ? Int(halves[1]) : count
        guard let burst else { return nil }
        self.init(count, per: period, burst: burst)
    }

    /// As it is written.
    public var description: String { "\(count)/\(period):\(burst)" }

    /// Nanoseconds that one of them takes.
    var interval: Int64 { Int64(period) * 1_000_000_000 / Int64(count) }
}
