// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors

package import Values

/// What the header of a script says should come of it.
///
/// The header is the comment at the beginning of the file: `-- Expect: killed_soft | error`, `-- Message: not enough memory`,
/// `-- Result: {"ok": true}`, `-- Runs: 3`. A script without one is judged by its survivors alone.
package struct GymExpectation: Sendable, Hashable {
    /// The ends that are right; empty when every one is.
    package var outcomes: [GymOutcome] = []
    /// What the error's text contains.
    package var message: String?
    /// What it returns.
    package var result: Value?
    /// How often it runs, each time from the same state.
    package var runs = 1
    /// Lines of the header that make no sense.
    package var problem: String?

    private static let mostRuns = 1000

    /// Nothing is expected.
    package init() {}

    /// Reads the header of a script.
    package init(header source: [UInt8]) {
        for line in source.prefix(16 << 10).split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false) {
            guard line.starts(with: "--".utf8), let text = String(validating: line.dropFirst(2), as: UTF8.self) else { return }
            guard let colon = text.firstIndex(of: ":") else { continue }
            let value = Self.trimmed(text[text.index(after: colon)...])
            switch Self.trimmed(text[..<colon]) {
            case "Expect": expect(value)
            case "Message": message = value
            case "Result": expectResult(value)
            case "Runs":
                if let runs = Int(value), 1...Self.mostRuns ~= runs { self.runs = runs } else { problem = "Runs: \(value)" }
            default: continue
            }
        }
    }

    /// Whether there is one at all.
    package var isEmpty: Bool { outcomes.isEmpty && message == nil && result == nil && problem == nil }

    /// As a person reads it.
    package var description: String {
        var parts: [String] = []
        if !outcomes.isEmpty { parts.append(outcomes.map(\.rawValue).joined(separator: " | ")) }
        if let message { parts.append("message “\(message)”") }
        if let result { parts.append("result \(result)") }
        if let problem { parts.append("a header that makes sense, not “\(problem)”") }
        return parts.joined(separator: ", ")
    }

    /// Whether a run ended as it should.
    package func isMet(by outcome: GymOutcome, message: String, result: Value?) -> Bool {
        guard problem == nil, outcomes.isEmpty || outcomes.contains(outcome) else { return false }
        if outcome == .completed { return self.result == nil || self.result == result }
        return self.message.map(message.contains) ?? true
    }

    private mutating func expect(_ value: String) {
        for name in value.split(separator: "|").map(Self.trimmed) {
            if let outcome = GymOutcome(rawValue: name) { outcomes.append(outcome) } else { problem = "Expect: \(value)" }
        }
    }

    private mutating func expectResult(_ value: String) {
        do {
            result = try JSON.parse(value)
        } catch {
            problem = "Result: \(value)"
        }
    }

    private static func trimmed(_ text: some StringProtocol) -> String {
        var text = Substring(text)
        while let first = text.first, first.isWhitespace { text.removeFirst() }
        while let last = text.last, last.isWhitespace { text.removeLast() }
        return String(text)
    }
}
