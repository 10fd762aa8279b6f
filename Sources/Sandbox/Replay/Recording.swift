// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors

package import Values

/// One invocation, complete enough to run it again: what went in, every step between the plugin and the host, and what came out.
///
/// A recording holds what the plugin was given and what providers answered. It never holds a secret: a plugin only has handles.
package struct Recording: Sendable {
    /// One thing that the plugin did and its host could see.
    package enum Step: Sendable, Hashable {
        /// It wrote a line to its log.
        case log(LogLine)
        /// It asked the host for something and got that reply.
        case hostCall(name: String, arguments: [Value], reply: HostReply)
    }

    /// How it ended.
    package enum End: Sendable, Hashable {
        case value(Value)
        case error(kind: String, message: String)
    }

    /// The program that ran.
    package var program: Program
    /// The operation that was called.
    package var operation: String
    /// What it found in `ctx`.
    package var context: CallContext
    /// What it was asked.
    package var request: Value
    /// What it could use; always counted in instructions.
    package var budget: InvocationBudget
    /// What it did, in order.
    package var steps: [Step]
    /// How it ended.
    package var end: End
    /// What it cost, but for the times.
    package var receipt: Receipt

    /// Where Lua's hashes start in recorded runs and when they are replayed.
    package static let hashSeed: UInt32 = 1
    /// The version of the file's form.
    package static let version = 1
    /// The most bytes of a file.
    package static let maximumBytes = 16 << 20
}

extension Recording.End {
    init(_ result: Result<Value, SandboxError>) {
        switch result {
        case .success(let value): self = .value(value)
        case .failure(let error): self = .error(kind: error.kind, message: error.text)
        }
    }

    /// Whether somebody else ended it: a clock, a person, the machine. Another run cannot end so by itself.
    var isFromOutside: Bool {
        guard case .error(let kind, _) = self else { return false }
        return [
            "wall", "cancelled", "cell_killed", "program_killed", "quarantined", "backing_off", "unavailable", "overloaded",
        ].contains(kind)
    }
}

/// Why a file is no recording that can be run.
package enum RecordingError: Error, Sendable, Hashable, CustomStringConvertible {
    /// It cannot be read.
    case unreadable(String)
    /// It is not JSON, or too large.
    case invalidJSON(JSONError)
    /// Another version wrote it.
    case unknownVersion
    /// Something in it is not what it should be.
    case malformed(ValuePath, String)

    /// In one line.
    package var description: String {
        switch self {
        case .unreadable(let reason): reason
        case .invalidJSON(let error): "this is no recording: \(error)"
        case .unknownVersion: "this is no recording of version \(Recording.version)"
        case .malformed(let path, let reason): "\(path) \(reason)"
        }
    }
}

extension InvocationBudget {
    /// The same in instructions, which are the same in every run. Processor time is left as a backstop: counting is slow.
    var counted: InvocationBudget {
        var budget = self
        let cpu = min(max(self.cpu, .zero), Self.longest)
        let microseconds = max(cpu.wholeNanoseconds / 1000, 1)
        budget.instructions = instructions ?? Int(clamping: microseconds * Self.instructionsPerMicrosecond)
        budget.cpu = max(cpu * 20, .seconds(2))
        return budget
    }

    private static var longest: Duration { .seconds(3600) }
    /// What a present-day processor does of the interpreter's.
    private static var instructionsPerMicrosecond: Int64 { 100 }
}
