// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors

/// What one invocation may spend.
package struct InvocationBudget: Sendable, Hashable {
    /// Processor time of the plugin's own code.
    package var cpu: Duration
    /// Time from ``Sandbox/invoke(_:program:operation:request:context:budget:onLog:onHostCall:)`` to its end, waiting and host calls included.
    package var wall: Duration
    /// Bytes of one Lua state.
    ///
    /// Invocations with different amounts never share a cell.
    package var memory: Int
    /// Host calls of every kind.
    package var hostCalls: Int
    /// Bytes of log lines; what is beyond is dropped.
    package var logBytes: Int
    /// Steps of the interpreter, for deterministic runs: they are limited instead of processor time, and the plugin's clock stands still.
    ///
    /// Nil in ordinary runs; then ``cpu`` is what counts.
    package var instructions: Int?

    /// A budget; the defaults suit one call to one provider.
    package init(
        cpu: Duration = .milliseconds(100), wall: Duration = .seconds(10), memory: Int = 4 << 20, hostCalls: Int = 64,
        logBytes: Int = 16 << 10, instructions: Int? = nil
    ) {
        self.cpu = cpu
        self.wall = wall
        self.memory = memory
        self.hostCalls = hostCalls
        self.logBytes = logBytes
        self.instructions = instructions
    }
}
