// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors

import Values

/// How long each of many calls took, and all of them together.
struct Samples {
    var nanoseconds: [Int64]
    var total: Duration

    func percentile(_ share: Double) -> Double {
        guard !nanoseconds.isEmpty else { return 0 }
        let sorted = nanoseconds.sorted()
        return Double(sorted[min(sorted.count - 1, Int(Double(sorted.count) * share))]) / 1000
    }

    var perSecond: Double { Double(nanoseconds.count) / (total / .seconds(1)) }

    var json: Value {
        ["calls_per_second": .int(Int64(perSecond)), "p50_us": .double(percentile(0.5)), "p99_us": .double(percentile(0.99))]
    }
}

/// Text of a fixed width, for tables.
func column(_ text: String, _ width: Int, right: Bool = true) -> String {
    let padding = String(repeating: " ", count: max(0, width - text.count))
    return right ? padding + text : text + padding
}

/// One digit after the point; none from a hundred on.
func short(_ number: Double) -> String {
    let tenths = Int((number * 10).rounded())
    return number >= 100 ? grouped(Int(number.rounded())) : "\(tenths / 10).\(tenths % 10)"
}

/// Thousands apart.
func grouped(_ number: Int) -> String {
    let digits = String(number)
    return String(digits.enumerated().flatMap { index, digit in
        index > 0 && (digits.count - index) % 3 == 0 ? [" ", digit] : [digit]
    })
}
