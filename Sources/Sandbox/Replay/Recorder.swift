// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors

import Glibc
import Logging
import Synchronization
import Values

/// Writes recordings into a folder, each invocation its own file.
final class Recorder: Sendable {
    private let folder: String
    private let logger: Logger
    private let count = Mutex(0)

    private static let mostAttempts = 1000

    init(folder: String, logger: Logger) throws(SandboxError) {
        if mkdir(folder, 0o700) != 0, errno != EEXIST { throw .unavailable("\(folder) cannot be made: \(PlainFile.reason())") }
        guard access(folder, W_OK | X_OK) == 0 else { throw .unavailable("\(folder) cannot be written to: \(PlainFile.reason())") }
        self.folder = folder
        self.logger = logger
    }

    /// Writes a file that was not there before. A recording that cannot be written is a line in the log: the invocation is over and goes on.
    func write(_ recording: Recording) {
        let content = recording.serialized
        guard content.count <= Recording.maximumBytes else {
            return logger.warning(
                "not recorded: larger than \(Recording.maximumBytes) bytes", metadata: ["operation": "\(recording.operation)"])
        }
        do {
            for _ in 0..<Self.mostAttempts where try PlainFile.create("\(folder)/\(name(recording.operation))", content) { return }
            logger.warning("not recorded: every name is taken in \(folder)")
        } catch {
            logger.warning("not recorded: \(error)")
        }
    }

    /// Sorts by time.
    private func name(_ operation: String) -> String {
        let number = count.withLock { count in
            count += 1
            return count
        }
        var (now, parts) = (time(nil), tm())
        gmtime_r(&now, &parts)
        var stamp = [CChar](repeating: 0, count: 32)
        let length = strftime(&stamp, stamp.count, "%Y%m%dT%H%M%SZ", &parts)
        let digits = String(repeating: "0", count: max(0, 6 - "\(number)".count)) + "\(number)"
        let safe = operation.utf8.prefix(40).map { byte in
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "0")...UInt8(ascii: "9"): byte
            default: UInt8(ascii: "_")
            }
        }
        return String(decoding: stamp[..<length].map { UInt8(bitPattern: $0) }, as: UTF8.self) + "-\(digits)-"
            + String(decoding: safe, as: UTF8.self) + ".json"
    }
}

/// Takes down what an invocation does.
final class Tape: Sendable {
    private let recorded = Mutex<[Recording.Step]>([])

    var steps: [Recording.Step] { recorded.withLock { $0 } }

    func add(_ step: Recording.Step) { recorded.withLock { $0.append(step) } }
}

extension Sandbox {
    /// Invokes in the deterministic mode and writes down what happened.
    func invokeRecorded(
        by recorder: Recorder, _ key: CellKey, program: Program, operation: String, request: Value, context: CallContext,
        budget: InvocationBudget, onLog: @Sendable (LogLine) -> Void, onHostCall: @escaping @Sendable (HostCall) async -> HostReply
    ) async -> InvocationOutcome {
        let tape = Tape()
        let budget = budget.counted
        let outcome = await invokeOnce(key, program: program, operation: operation, request: request, context: context, budget: budget) {
            line in
            tape.add(.log(line))
            onLog(line)
        } onHostCall: { call in
            let reply = await onHostCall(call)
            tape.add(.hostCall(name: call.name, arguments: call.arguments, reply: reply))
            return reply
        }
        recorder.write(
            Recording(
                program: program, operation: operation, context: context, request: request, budget: budget, steps: tape.steps,
                end: Recording.End(outcome.result), receipt: outcome.receipt))
        return outcome
    }
}
