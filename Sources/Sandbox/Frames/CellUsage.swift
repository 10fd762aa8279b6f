// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors

/// What an invocation has spent, in the cell's words.
package struct CellUsage: Sendable, Hashable {
    /// Processor time.
    package var cpu: Duration
    /// The most bytes that the Lua state held at once.
    package var memoryPeak: Int
    /// Host calls.
    package var hostCalls: Int
    /// Bytes of the request and of all replies.
    package var bytesIn: Int
    /// Bytes of all host calls and of the result.
    package var bytesOut: Int
    /// Steps of the interpreter; zero unless the budget counts them.
    package var instructions: Int

    /// A usage; zero unless told otherwise.
    package init(
        cpu: Duration = .zero, memoryPeak: Int = 0, hostCalls: Int = 0, bytesIn: Int = 0, bytesOut: Int = 0, instructions: Int = 0
    ) {
        self.cpu = cpu
        self.memoryPeak = memoryPeak
        self.hostCalls = hostCalls
        self.bytesIn = bytesIn
        self.bytesOut = bytesOut
        self.instructions = instructions
    }
}
