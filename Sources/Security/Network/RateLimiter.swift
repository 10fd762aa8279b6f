// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors

internal import Synchronization

/// Limits rates by GCRA (ITU-T I.371): one time stamp for each key, no windows whose edges double the rate.
///
/// Memory is fixed, however many keys a flood brings: each key has a place in each of four rows, shared with others by chance, and
/// it is refused only when all four say so. The seed of the places is random, so nobody can aim at another's.
public final class RateLimiter: Sendable {
    /// What was decided about one request.
    public struct Verdict: Sendable, Hashable {
        /// Whether it may go on.
        public let isAllowed: Bool
        /// How many more may follow at once.
        public let remaining: Int
        /// Whole seconds until the next one may come, from 1, when this one may not; until all may, when it may.
        public let seconds: Int

        package init(isAllowed: Bool, remaining: Int, seconds: Int) {
            (self.isAllowed, self.remaining, self.seconds) = (isAllowed, remaining, seconds)
        }
    }

    private static let rows = 4
    /// The limit that is enforced.
    public let limit: RateLimit
    private let width: Int
    private let seed: UInt64
    /// When each place is at rest again, in nanoseconds of the clock.
    private let times: Mutex<[Int64]>

    /// A limiter with places for about so many keys at once.
    public init(_ limit: RateLimit, places: Int = 65_536) {
        self.limit = limit
        width = max(1, places)
        seed = UInt64.random(in: .min ... .max)
        times = Mutex([Int64](repeating: .min, count: Self.rows * width))
    }

    /// Takes one of what is allowed to the key, or refuses and takes nothing.
    ///
    /// - Parameters:
    ///   - own: the key's own limit in place of everybody's; what was taken under another one is forgotten.
    ///   - now: nanoseconds of a clock that never goes back.
    public func take(_ key: some Hashable, within own: RateLimit? = nil, at now: Int64) -> Verdict {
        let (one, two, three, four) = places(of: key, own)
        let limit = own ?? limit
        let (interval, tolerance) = (limit.interval, limit.interval * Int64(limit.burst))
        return times.withLock { times in
            // The least of the four: the others are later because of somebody else.
            let rest = max(now, min(times[one], times[two], times[three], times[four]))
            let next = rest + interval
            guard next - now <= tolerance else {
                return Verdict(isAllowed: false, remaining: 0, seconds: Self.seconds(next - now - tolerance))
            }
            times[one] = max(times[one], next)
            times[two] = max(times[two], next)
            times[three] = max(times[three], next)
            times[four] = max(times[four], next)
            return Verdict(isAllowed: true, remaining: Int((tolerance - (next - now)) / interval), seconds: Self.seconds(next - now))
        }
    }

    /// What the times take, from the first key to the last.
    package var byteCount: Int { times.withLock { $0.capacity * MemoryLayout<Int64>.stride } }

    private static func seconds(_ nanoseconds: Int64) -> Int { Int(max(1, (nanoseconds + 999_999_999) / 1_000_000_000)) }

    /// One place in each row, from one hash: nothing is allocated for a request.
    private func places(of key: some Hashable, _ own: RateLimit?) -> (Int, Int, Int, Int) {
        // Swift's hasher has a random key of its own for each process.
        var hasher = Hasher()
        hasher.combine(seed)
        hasher.combine(key)
        if let own { hasher.combine(own) }
        var state = UInt64(truncatingIfNeeded: hasher.finalize())
        func place(_ row: Int) -> Int {
            // SplitMix64: each row sees other bits of the hash.
            state &+= 0x9E37_79B9_7F4A_7C15
            var bits = state
            bits = (bits ^ (bits >> 30)) &* 0xBF58_476D_1CE4_E5B9
            bits = (bits ^ (bits >> 27)) &* 0x94D0_49BB_1331_11EB
            return row * width + Int((bits ^ (bits >> 31)) % UInt64(width))
        }
        return (place(0), place(1), place(2), place(3))
    }
}
