// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors

/// One metric with its samples, in the text format 0.0.4 that Prometheus reads.
package struct MetricFamily: Sendable {
    /// What a sample means over time.
    package enum Kind: String, Sendable {
        case counter, gauge, histogram
    }

    /// Names and values that tell one sample from another.
    package typealias Labels = [(name: String, value: String)]

    /// The metric's name.
    package let name: String
    private let help: String
    private let kind: Kind
    private var lines: [(order: String, text: String)] = []

    /// A metric without samples.
    package init(_ name: String, _ kind: Kind, _ help: String) {
        (self.name, self.kind, self.help) = (name, kind, help)
    }

    /// Adds a sample; each set of labels may come once.
    package mutating func add(_ value: Double, _ labels: Labels = []) {
        let text = Self.text(labels)
        lines.append((text, "\(name)\(text) \(Self.text(value))\n"))
    }

    /// Adds a sample that is a number of things.
    package mutating func add(_ value: some BinaryInteger, _ labels: Labels = []) { add(Double(value), labels) }

    /// Adds a distribution; each set of labels may come once.
    package mutating func add(_ histogram: Histogram, _ labels: Labels = []) {
        var text = ""
        for (bound, count) in histogram.cumulative {
            text += "\(name)_bucket\(Self.text(labels + [("le", Self.text(bound))])) \(count)\n"
        }
        text += "\(name)_sum\(Self.text(labels)) \(Self.text(histogram.sum))\n"
        text += "\(name)_count\(Self.text(labels)) \(histogram.count)\n"
        lines.append((Self.text(labels), text))
    }

    /// The text of several families, sorted, so that two scrapes can be compared.
    package static func exposition(_ families: [MetricFamily]) -> String {
        families.sorted { $0.name < $1.name }.map(\.text).joined()
    }

    private var text: String {
        "# HELP \(name) \(Self.escaped(help, quotes: false))\n# TYPE \(name) \(kind.rawValue)\n"
            + lines.sorted { $0.order < $1.order }.map(\.text).joined()
    }

    private static func text(_ labels: Labels) -> String {
        guard !labels.isEmpty else { return "" }
        return "{" + labels.map { "\($0.name)=\"\(escaped($0.value, quotes: true))\"" }.joined(separator: ",") + "}"
    }

    private static func text(_ value: Double) -> String {
        if value.isNaN { return "NaN" }
        if value.isInfinite { return value < 0 ? "-Inf" : "+Inf" }
        return Int64(exactly: value).map(String.init) ?? value.description
    }

    private static func escaped(_ text: String, quotes: Bool) -> String {
        let escaped = text.replacing("\\", with: "\\\\").replacing("\n", with: "\\n")
        return quotes ? escaped.replacing("\"", with: "\\\"") : escaped
    }
}

/// How often a duration fell below each of a few bounds.
package struct Histogram: Sendable {
    /// Seconds: from a call without any host call to the longest that the host allows.
    package static let bounds: [Double] = [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30]

    private var counts = [Int](repeating: 0, count: Self.bounds.count + 1)
    /// All durations together.
    package private(set) var sum = 0.0

    /// Nothing has been measured.
    package init() {}

    /// Takes a duration in.
    package mutating func add(_ seconds: Double) {
        counts[Self.bounds.firstIndex { seconds <= $0 } ?? Self.bounds.count] += 1
        sum += seconds
    }

    /// How many there were.
    package var count: Int { counts.reduce(0, +) }

    /// For each bound, how many were not above it; the last bound is infinite.
    package var cumulative: [(bound: Double, count: Int)] {
        var total = 0
        return zip(Self.bounds + [.infinity], counts).map { bound, count in
            total += count
            return (bound, total)
        }
    }
}
