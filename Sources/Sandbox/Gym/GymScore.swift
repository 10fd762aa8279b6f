// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors

package import Values

/// What came of all of them.
package struct GymScore: Sendable {
    /// Scripts, refused ones included.
    package private(set) var tried = 0
    /// Those that did no harm.
    package private(set) var survived = 0
    /// Those whose header asks for something, and those that did not do it.
    package private(set) var expecting = 0, unexpected = 0
    /// How many ended how.
    package private(set) var outcomes: [GymOutcome: Int] = [:]
    /// How late they were ended, by outcome.
    private var overruns: [GymOutcome: [Duration]] = [:]
    /// The latest one.
    package private(set) var worst: (file: String, overrun: Duration)?
    /// KiB of the host's process and of the zygote, before and after.
    package var host: (before: Int?, after: Int?)
    /// What was run with, for whoever compares scores.
    package var environment: [String: Value] = [:]
    /// Somebody ended it early.
    package var isInterrupted = false

    /// Nothing yet.
    package init() {}

    /// Whether every script did no harm and ended as it should.
    package var isPerfect: Bool { survived == tried && unexpected == 0 && !isInterrupted }

    /// Counts one.
    package mutating func add(_ report: GymReport) {
        tried += 1
        if report.isSurvived { survived += 1 }
        if let isAsExpected = report.isAsExpected {
            expecting += 1
            if !isAsExpected { unexpected += 1 }
        }
        outcomes[report.outcome, default: 0] += 1
        if report.overrun > .zero { overruns[report.outcome, default: []].append(report.overrun) }
        if report.overrun > worst?.overrun ?? .zero { worst = (report.file, report.overrun) }
    }

    /// The last line.
    package var json: Value {
        var lateness: [String: Value] = [:]
        for (outcome, overruns) in overruns {
            let sorted = overruns.sorted()
            lateness[outcome.rawValue] = [
                "count": Value(sorted.count), "p50": GymReport.milliseconds(sorted[sorted.count / 2]),
                "p99": GymReport.milliseconds(sorted[min(sorted.count - 1, sorted.count * 99 / 100)]),
                "max": GymReport.milliseconds(sorted[sorted.count - 1]),
            ]
        }
        var counts: [String: Value] = [:]
        for outcome in GymOutcome.allCases { counts[outcome.rawValue] = Value(outcomes[outcome] ?? 0) }
        var score: [String: Value] = [
            "survived": Value(survived), "tried": Value(tried), "outcomes": .map(counts), "overrun_ms": .map(lateness),
            "worst_overrun_ms": GymReport.milliseconds(worst?.overrun ?? .zero), "worst_overrun_file": Value(worst?.file),
            "expecting": Value(expecting), "as_expected": Value(expecting - unexpected),
            "host_memory_before_kib": host.before.map { Value($0) } ?? .null,
            "host_memory_after_kib": host.after.map { Value($0) } ?? .null,
        ]
        score.merge(environment) { own, _ in own }
        if isInterrupted { score["interrupted"] = true }
        return ["score": .map(score)]
    }
}
