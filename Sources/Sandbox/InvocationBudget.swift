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

    /// A budget; the defaults suit one call to one provider.
    package init(
        cpu: Duration = .milliseconds(100), wall: Duration = .seconds(10), memory: Int = 4 << 20, hostCalls: Int = 64,
        logBytes: Int = 16 << 10
    ) {
        self.cpu = cpu
        self.wall = wall
        self.memory = memory
        self.hostCalls = hostCalls
        self.logBytes = logBytes
    }
}

/// What one invocation has spent.
package struct Usage: Sendable, Hashable {
    /// Processor time, as the cell counted it.
    package var cpu: Duration
    /// The most bytes that the Lua state held at once.
    package var memoryPeak: Int
    /// Host calls.
    package var hostCalls: Int
    /// Bytes of the request and of all replies.
    package var bytesIn: Int
    /// Bytes of all host calls and of the result.
    package var bytesOut: Int
    /// Time from the call to its end, as the host measured it.
    package var wall: Duration

    /// A usage; zero unless told otherwise.
    package init(
        cpu: Duration = .zero, memoryPeak: Int = 0, hostCalls: Int = 0, bytesIn: Int = 0, bytesOut: Int = 0, wall: Duration = .zero
    ) {
        self.cpu = cpu
        self.memoryPeak = memoryPeak
        self.hostCalls = hostCalls
        self.bytesIn = bytesIn
        self.bytesOut = bytesOut
        self.wall = wall
    }
}
