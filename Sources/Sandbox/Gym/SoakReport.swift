// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors

package import Values

/// What a soak has seen.
package struct SoakReport: Sendable {
    /// What the machine said at one moment.
    package struct Sample: Sendable {
        var calls = 0, kills = 0, cells = 0, descriptors = 0
        var elapsed = Duration.zero
        var hostResident, hostProportional, zygoteResident, zygoteProportional: Int?

        /// One member a figure; memory in KiB.
        package var json: Value {
            var json: Value = [
                "calls": Value(calls), "kills": Value(kills), "cells": Value(cells), "descriptors": Value(descriptors),
                "seconds": .double(Double(elapsed.wholeNanoseconds / 10_000_000) / 100),
            ]
            for (name, figure) in [
                ("host_rss_kib", hostResident), ("host_pss_kib", hostProportional), ("zygote_rss_kib", zygoteResident),
                ("zygote_pss_kib", zygoteProportional),
            ] { json[name] = figure.map { Value($0) } ?? .null }
            return json
        }
    }

    /// Where the randomness started.
    package let seed: UInt64
    /// In order.
    package internal(set) var samples: [Sample] = []
    /// Calls that ended as they must, and those whose cell was killed meanwhile.
    package internal(set) var right = 0, cutOff = 0
    /// What was wrong, the first of it.
    package internal(set) var problems: [String] = []
    /// How much was wrong.
    package internal(set) var problemCount = 0

    private static let mostProblems = 20
    /// What the first third may differ from the last one, in KiB and as a share.
    private static let hostAllowance = (kib: 4096, percent: 5)
    private static let zygoteAllowance = (kib: 128, percent: 5)

    init(seed: UInt64) { self.seed = seed }

    /// Whether nothing was wrong.
    package var isPassed: Bool { problemCount == 0 }

    mutating func add(problem: String) {
        problemCount += 1
        if problems.count < Self.mostProblems { problems.append(problem) }
    }

    mutating func checkMemory() {
        check("the host's memory", samples.compactMap(\.hostResident), Self.hostAllowance)
        check("the zygote's memory", samples.compactMap(\.zygoteResident), Self.zygoteAllowance)
    }

    private mutating func check(_ what: String, _ figures: [Int], _ allowance: (kib: Int, percent: Int)) {
        guard figures.count >= 6 else { return add(problem: "\(what) was not measured often enough") }
        let (first, last) = (Self.median(figures.prefix(figures.count / 3)), Self.median(figures.suffix(figures.count / 3)))
        guard last > first + allowance.kib + first * allowance.percent / 100 else { return }
        add(problem: "\(what) is not flat: \(first) KiB in the first third, \(last) KiB in the last")
    }

    private static func median(_ figures: ArraySlice<Int>) -> Int { figures.sorted()[figures.count / 2] }

    /// The last line.
    package var json: Value {
        let thirds = { (figures: [Int]) -> Value in
            guard figures.count >= 6 else { return .null }
            return [Value(Self.median(figures.prefix(figures.count / 3))), Value(Self.median(figures.suffix(figures.count / 3)))]
        }
        return [
            "soak": [
                "passed": .bool(isPassed), "seed": .string("\(seed)"), "calls": Value(samples.last?.calls ?? 0),
                "kills": Value(samples.last?.kills ?? 0), "right": Value(right), "cut_off_by_kills": Value(cutOff),
                "problems": Value(problems), "problem_count": Value(problemCount),
                "host_rss_kib_first_and_last_third": thirds(samples.compactMap(\.hostResident)),
                "zygote_rss_kib_first_and_last_third": thirds(samples.compactMap(\.zygoteResident)),
                "seconds": samples.last?.json["seconds"] ?? .null,
            ]
        ]
    }
}
