// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors

package import Values

/// What one invocation has cost, however it ended.
///
/// Processor time, memory and instructions are the cell's own word and zero when it never got to give it; the rest is the host's count.
package struct Receipt: Sendable, Hashable {
    /// Processor time of the plugin's own code.
    package var cpu: Duration
    /// Time from the call to its end, waiting and host calls included.
    package var wall: Duration
    /// The most bytes that the Lua state held at once.
    package var memoryPeak: Int
    /// Host calls by the name of the function.
    package var hostCalls: [String: Int]
    /// Bytes of the frames that went to the cell: the call and the replies.
    package var bytesIn: Int
    /// Bytes of the frames that came from the cell: host calls, log lines and the result.
    package var bytesOut: Int
    /// Steps of the interpreter; zero unless the budget counts them.
    package var instructions: Int

    /// A receipt; zero unless told otherwise.
    package init(
        cpu: Duration = .zero, wall: Duration = .zero, memoryPeak: Int = 0, hostCalls: [String: Int] = [:], bytesIn: Int = 0,
        bytesOut: Int = 0, instructions: Int = 0
    ) {
        self.cpu = cpu
        self.wall = wall
        self.memoryPeak = memoryPeak
        self.hostCalls = hostCalls
        self.bytesIn = bytesIn
        self.bytesOut = bytesOut
        self.instructions = instructions
    }

    /// Host calls of every name.
    package var hostCallCount: Int { hostCalls.values.reduce(0, +) }
}

/// How an invocation ended and what it has cost.
package struct InvocationOutcome: Sendable {
    /// The operation's value, or why there is none.
    package var result: Result<Value, SandboxError>
    /// What it has cost; there is a receipt for every end.
    package var receipt: Receipt

    /// An outcome.
    package init(result: Result<Value, SandboxError>, receipt: Receipt) {
        self.result = result
        self.receipt = receipt
    }
}
