// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors

import Values

/// Ours and theirs, round by round: the median of each and of their ratio.
struct Comparison {
    private(set) var ours: [Double] = []
    private(set) var theirs: [Double] = []

    mutating func add(ours: Double, theirs: Double) {
        self.ours.append(ours)
        self.theirs.append(theirs)
    }

    var ratio: Double { median(zip(ours, theirs).map { $0 / $1 }) }

    var json: Value {
        ["ours": .int(Int64(median(ours))), "theirs": .int(Int64(median(theirs))), "ratio": .double((ratio * 1000).rounded() / 1000)]
    }

    func line(_ what: String) -> String {
        "  \(padded(what, 44)) \(column(grouped(median(ours)), 10)) \(column(grouped(median(theirs)), 10)) \(column("\(Int((ratio * 100).rounded())) %", 7))"
    }

    static func heading(_ title: String, _ theirs: String) -> String {
        "\(padded(title, 46)) \(column("ours/s", 10)) \(column(theirs, 10)) \(column("ratio", 7))"
    }
}

/// Text of a fixed width, for tables.
func column(_ text: String, _ width: Int) -> String { String(repeating: " ", count: max(0, width - text.count)) + text }
func padded(_ text: String, _ width: Int) -> String { text + String(repeating: " ", count: max(0, width - text.count)) }

/// Whole, with its thousands apart.
func grouped(_ number: Double) -> String {
    let digits = String(Int(number.rounded()))
    return String(digits.enumerated().flatMap { index, digit in index > 0 && (digits.count - index) % 3 == 0 ? [" ", digit] : [digit] })
}

/// The middle one; 0 of none.
func median(_ numbers: [Double]) -> Double { numbers.isEmpty ? 0 : numbers.sorted()[numbers.count / 2] }
