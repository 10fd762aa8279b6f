// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors

import Glibc

/// A point of the monotonic clock, in nanoseconds.
package struct Moment: Comparable, Hashable, Sendable {
    /// Nanoseconds since the clock's own beginning.
    package var nanoseconds: Int64

    /// That many nanoseconds after the clock's beginning.
    package init(nanoseconds: Int64) { self.nanoseconds = nanoseconds }

    /// A point that never comes.
    package static let never = Moment(nanoseconds: .max)

    /// The present.
    package static var now: Moment {
        var time = timespec()
        clock_gettime(CLOCK_MONOTONIC, &time)
        return Moment(nanoseconds: Int64(time.tv_sec) * 1_000_000_000 + Int64(time.tv_nsec))
    }

    package static func < (left: Moment, right: Moment) -> Bool { left.nanoseconds < right.nanoseconds }

    package static func + (moment: Moment, nanoseconds: Int64) -> Moment {
        let (sum, overflow) = moment.nanoseconds.addingReportingOverflow(nanoseconds)
        return Moment(nanoseconds: overflow ? .max : sum)
    }

    package static func - (later: Moment, earlier: Moment) -> Int64 { later.nanoseconds - earlier.nanoseconds }
}

extension Duration {
    /// Whole nanoseconds, at most what fits.
    package var wholeNanoseconds: Int64 {
        let (seconds, attoseconds) = components
        let (product, overflow) = seconds.multipliedReportingOverflow(by: 1_000_000_000)
        return overflow ? .max : product.addingReportingOverflow(attoseconds / 1_000_000_000).partialValue
    }
}
