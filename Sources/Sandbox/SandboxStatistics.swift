// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors

/// What a sandbox is doing and has done.
package struct SandboxStatistics: Sendable, Hashable {
    /// Cells alive now.
    package var cells = 0
    /// Invocations sent to a cell and not ended.
    package var running = 0
    /// Invocations that wait for a place in the sandbox.
    package var queued = 0
    /// Invocations that wait for a state.
    package var waiting = 0
    /// Cells started.
    package var started = 0
    /// Cells that died by themselves.
    package var crashed = 0
    /// Cells that the host ended for cause: overrun, broken protocol, kill switch.
    ///
    /// Idle ones do not count.
    package var killed = 0
    /// Zygotes started.
    package var zygotes = 0
}
