// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors

/// What a script in the gym may use.
package struct GymLimits: Sendable, Hashable {
    /// Milliseconds of processor time, for loading the script and for each run of it.
    package var cpuMilliseconds: Int
    /// Milliseconds until a run ends, whatever it does.
    package var wallMilliseconds: Int
    /// KiB of its Lua state.
    package var memoryKiB: Int
    /// Host calls of a run.
    package var hostCalls: Int
    /// Bytes that a run may log.
    package var logBytes: Int

    /// Limits; the defaults are those of a plugin.
    package init(
        cpuMilliseconds: Int = 100, wallMilliseconds: Int = 5000, memoryKiB: Int = 4096, hostCalls: Int = 64, logBytes: Int = 16 << 10
    ) {
        self.cpuMilliseconds = cpuMilliseconds
        self.wallMilliseconds = wallMilliseconds
        self.memoryKiB = memoryKiB
        self.hostCalls = hostCalls
        self.logBytes = logBytes
    }

    var budget: InvocationBudget {
        InvocationBudget(
            cpu: .milliseconds(cpuMilliseconds), wall: .milliseconds(wallMilliseconds), memory: memoryKiB << 10, hostCalls: hostCalls,
            logBytes: logBytes)
    }
}
