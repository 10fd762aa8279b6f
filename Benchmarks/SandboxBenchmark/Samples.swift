// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors

import Glibc
import Values

/// How long each of many calls took, and all of them together.
struct Samples {
    var nanoseconds: [Int64]
    var total: Duration
    /// Processor time of this process and of the cell's, in nanoseconds: what a busy machine does not blur.
    var hostCPU: Int64 = 0
    var cellCPU: Int64 = 0

    func percentile(_ share: Double) -> Double {
        guard !nanoseconds.isEmpty else { return 0 }
        let sorted = nanoseconds.sorted()
        return Double(sorted[min(sorted.count - 1, Int(Double(sorted.count) * share))]) / 1000
    }

    var perSecond: Double { Double(nanoseconds.count) / (total / .seconds(1)) }

    func perCall(_ cpu: Int64) -> Double { Double(cpu) / Double(max(1, nanoseconds.count)) / 1000 }

    var json: Value {
        [
            "calls_per_second": .int(Int64(perSecond)), "p50_us": .double(percentile(0.5)), "p99_us": .double(percentile(0.99)),
            "host_cpu_us": .double(perCall(hostCPU)), "cell_cpu_us": .double(perCall(cellCPU)),
        ]
    }
}

/// Processor time that a process has used, in nanoseconds; 0 when it cannot be told.
func processorTime(of pid: Int32) -> Int64 {
    var clock = clockid_t()
    var time = timespec()
    guard clock_getcpuclockid(pid, &clock) == 0, clock_gettime(clock, &time) == 0 else { return 0 }
    return Int64(time.tv_sec) * 1_000_000_000 + Int64(time.tv_nsec)
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
    return String(
        digits.enumerated().flatMap { index, digit in
            index > 0 && (digits.count - index) % 3 == 0 ? [" ", digit] : [digit]
        })
}

/// Two digits after the point.
func hundredths(_ number: Double) -> String {
    let whole = Int((abs(number) * 100).rounded())
    return "\(number < 0 && whole > 0 ? "-" : "")\(whole / 100).\(whole / 10 % 10)\(whole % 10)"
}

/// The middle one; 0 of none.
func median(_ numbers: [Double]) -> Double { numbers.isEmpty ? 0 : numbers.sorted()[numbers.count / 2] }
