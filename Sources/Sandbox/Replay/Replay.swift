// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors

import Synchronization
import Values

/// A recording that is run again, in a real cell, with the replies of then.
package struct Replay: Sendable {
    /// The first thing that was not as it was.
    package struct Difference: Sendable, Hashable {
        /// What and where, for people: `host call 2 (http.request), argument 1.body`.
        package var place: String
        /// What was recorded there.
        package var recorded: String
        /// What came now.
        package var now: String
    }

    /// What came of it.
    package struct Verdict: Sendable {
        /// Nil when everything was the same.
        package var difference: Difference?
        /// How many steps were the same.
        package var matched: Int
        /// The recorded run was ended by something that is not in the recording: a clock, a person. The rest cannot be compared.
        package var isCutShort: Bool
        /// What the run of now did at its end.
        package var outcome: InvocationOutcome
    }

    /// What is run again.
    package var recording: Recording

    /// A replay of that recording.
    package init(_ recording: Recording) { self.recording = recording }

    /// How a sandbox is started for replays.
    package static func configuration(cellExecutable: String) -> SandboxConfiguration {
        SandboxConfiguration(cellExecutable: cellExecutable, hashSeed: Recording.hashSeed)
    }

    /// Runs it, with another program if there is one; that one may take another number of instructions.
    package func run(in sandbox: Sandbox, program: Program? = nil) async -> Verdict {
        let isSameProgram = program == nil
        let program = program ?? recording.program
        let isCutShort = recording.end.isFromOutside
        let player = ReplayPlayer(recording.steps, isCutShort: isCutShort)
        var budget = recording.budget
        // Nobody waits for a provider here: only a machine with no time could make this clock count.
        budget.wall = max(budget.wall, .seconds(60))
        let key = CellKey(tenant: "replay", partition: "replay", program: program.hash)
        let outcome = await sandbox.invoke(
            key, program: program, operation: recording.operation, request: recording.request, context: recording.context,
            budget: budget, onLog: { player.log($0) }, onHostCall: { player.answer($0) })
        var (difference, matched) = player.result
        if difference == nil, !isCutShort { difference = compare(outcome, matched: matched, isSameProgram: isSameProgram) }
        return Verdict(difference: difference, matched: matched, isCutShort: isCutShort, outcome: outcome)
    }

    private func compare(_ outcome: InvocationOutcome, matched: Int, isSameProgram: Bool) -> Difference? {
        let end = Recording.End(outcome.result)
        if matched < recording.steps.count {
            return Difference(
                place: "step \(matched + 1) of \(recording.steps.count)", recorded: ReplayText.text(recording.steps[matched]),
                now: "the end: \(ReplayText.text(end))")
        }
        if case (.value(let recorded), .value(let now)) = (recording.end, end) {
            if let difference = ReplayText.difference(recorded, now, "the result") { return difference }
        } else if recording.end != end {
            return Difference(place: "the end", recorded: ReplayText.text(recording.end), now: ReplayText.text(end))
        }
        guard isSameProgram, recording.receipt.instructions != outcome.receipt.instructions else { return nil }
        return Difference(
            place: "instructions", recorded: "\(recording.receipt.instructions)", now: "\(outcome.receipt.instructions)")
    }
}

/// Plays the host of then, as long as the plugin does what it did then.
final class ReplayPlayer: Sendable {
    private struct State {
        var next = 0
        var difference: Replay.Difference?
    }

    private let steps: [Recording.Step]
    private let isCutShort: Bool
    private let state = Mutex(State())

    /// After the last step of a recording that is cut short everything is right.
    init(_ steps: [Recording.Step], isCutShort: Bool) {
        self.steps = steps
        self.isCutShort = isCutShort
    }

    /// The first difference, and how many steps were the same.
    var result: (Replay.Difference?, Int) { state.withLock { ($0.difference, $0.next) } }

    func log(_ line: LogLine) {
        _ = step(.log(line)) { recorded, number in
            guard case .log(let then) = recorded else { return nil }
            let place = "log line (step \(number))"
            if then.level != line.level {
                return Replay.Difference(place: "\(place), level", recorded: then.level.rawValue, now: line.level.rawValue)
            }
            return ReplayText.difference(.string(then.message), .string(line.message), "\(place), message")
                ?? ReplayText.difference(.map(then.fields), .map(line.fields), "\(place), fields")
        }
    }

    func answer(_ call: HostCall) -> HostReply {
        let name = "host call \(call.index + 1) (\(call.name))"
        let recorded = step(.hostCall(name: call.name, arguments: call.arguments, reply: .value(.null))) { recorded, _ in
            guard case .hostCall(call.name, let arguments, _) = recorded else { return nil }
            return ReplayText.difference(.array(arguments), .array(call.arguments), "\(name), argument")
        }
        guard case .hostCall(_, _, let reply)? = recorded else {
            return .failure(code: "internal", message: "the replay has no answer: this call is not in the recording")
        }
        return reply
    }

    /// Compares a step with the next one that was recorded; gives it back when they are the same.
    ///
    /// `compare` knows steps of the same kind; every other pair differs as a whole.
    private func step(_ now: Recording.Step, compare: (Recording.Step, Int) -> Replay.Difference?) -> Recording.Step? {
        state.withLock { state in
            guard state.difference == nil else { return nil }
            let place = "step \(state.next + 1) of \(steps.count)"
            guard state.next < steps.count else {
                if isCutShort { return nil }
                state.difference = Replay.Difference(place: "after step \(steps.count)", recorded: "the end", now: ReplayText.text(now))
                return nil
            }
            let recorded = steps[state.next]
            if ReplayText.kind(recorded) != ReplayText.kind(now) {
                state.difference = Replay.Difference(place: place, recorded: ReplayText.text(recorded), now: ReplayText.text(now))
            } else {
                state.difference = compare(recorded, state.next + 1)
            }
            guard state.difference == nil else { return nil }
            state.next += 1
            return recorded
        }
    }
}
