// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors

package import Values

/// What came of one script.
package struct GymReport: Sendable {
    /// Its name relative to the folder.
    package let file: String
    /// How it ended.
    package internal(set) var outcome = GymOutcome.refused
    /// The typed error that its caller got, in one word; nil when it returned.
    package internal(set) var error: String?
    /// The error's text, or the reason why it was refused.
    package internal(set) var message = ""
    /// What it returned.
    package internal(set) var result: Value?
    /// How long its caller waited.
    package internal(set) var wall = Duration.zero
    /// Processor time of its code, as its cell counted; zero when the cell could not tell.
    package internal(set) var cpu = Duration.zero
    /// How much longer its caller waited than the limit allows that ended it.
    package internal(set) var overrun = Duration.zero
    /// Processor time beyond the limit: what is left of the overrun on a machine that has nothing else to do.
    package internal(set) var overrunCPU = Duration.zero
    /// How long its cell was ready to run and the machine busy with others.
    package internal(set) var preempted: Duration?
    /// KiB of its cell's process before it ran, and when it had run and a harmless call after it; nil when the process had gone.
    package internal(set) var memoryBefore, memoryAfter: Int?
    /// How often it ran.
    package internal(set) var runs = 0
    /// Every answer of the neighbour was right, before, meanwhile and afterwards.
    package internal(set) var isNeighbourCorrect = true
    /// Calls of the neighbour.
    package internal(set) var neighbourCalls = 0
    /// The longest that one of them took.
    package internal(set) var neighbourSlowest = Duration.zero
    /// The host served on: the same zygote, and a new cell answered.
    package internal(set) var isHostAlive = true
    /// A harmless call of the same program was answered afterwards.
    package internal(set) var isCellUsable = true
    /// What its header asks for.
    package internal(set) var expectation = GymExpectation()
    /// Whether it came so; nil without a header.
    package internal(set) var isAsExpected: Bool?

    private static let mostText = 1024
    /// KiB that a cell may keep warm; an arena that a script had filled goes back to the system.
    private static let allowance = 1024

    init(_ file: String) { self.file = file }

    /// Memory is where it was, or the process gave it back altogether.
    package var isMemoryReturned: Bool {
        guard let memoryBefore, let memoryAfter else { return true }
        return memoryAfter <= memoryBefore + Self.allowance
    }

    /// The host and every other cell went on, the caller got a typed error or the value, and the memory came back.
    package var isSurvived: Bool { isHostAlive && isNeighbourCorrect && isCellUsable && isMemoryReturned }

    /// One member a fact.
    package var json: Value {
        var json = Value.compact([
            "file": .string(file), "outcome": .string(outcome.rawValue), "error": Value(error), "message": .string(Self.cut(message)),
            "wall_ms": Self.milliseconds(wall), "cpu_ms": Self.milliseconds(cpu), "overrun_ms": Self.milliseconds(overrun),
            "cpu_overrun_ms": Self.milliseconds(overrunCPU), "preempted_ms": preempted.map(Self.milliseconds),
            "neighbour_correct": .bool(isNeighbourCorrect), "neighbour_calls": Value(neighbourCalls),
            "neighbour_slowest_ms": Self.milliseconds(neighbourSlowest), "host_alive": .bool(isHostAlive),
            "cell_usable": .bool(isCellUsable), "survived": .bool(isSurvived), "runs": Value(runs),
            "result": result.map { .string(Self.cut($0.description)) },
            "expected": expectation.isEmpty ? nil : .string(Self.cut(expectation.description)),
            "as_expected": isAsExpected.map(Value.bool),
        ])
        json["memory_before_kib"] = memoryBefore.map { Value($0) } ?? .null
        json["memory_after_kib"] = memoryAfter.map { Value($0) } ?? .null
        return json
    }

    mutating func add(_ record: GymNeighbour.Record) {
        isNeighbourCorrect = isNeighbourCorrect && record.isCorrect
        neighbourCalls += record.calls
        neighbourSlowest = max(neighbourSlowest, record.slowest)
    }

    static func milliseconds(_ duration: Duration) -> Value { .double(Double(duration.wholeNanoseconds / 10_000) / 100) }

    /// At most a KiB, whole characters.
    static func cut(_ text: String) -> String {
        guard text.utf8.count > mostText else { return text }
        var text = String(decoding: text.utf8.prefix(mostText), as: UTF8.self)
        while text.utf8.count > mostText { text.removeLast() }
        return text
    }
}
