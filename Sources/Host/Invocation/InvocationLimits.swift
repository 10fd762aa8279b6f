// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors

package import PluginAPI
package import Sandbox

/// What one invocation may use: what the manifest asks for, cut to what the host allows.
package struct InvocationLimits: Sendable, Hashable {
    /// What the cell enforces.
    package var budget: InvocationBudget
    /// HTTP requests.
    package var httpCalls: Int

    /// The smaller one of each.
    package init(asked: PluginLimits, caps: InvocationCaps) {
        budget = InvocationBudget(
            cpu: min(asked.cpu, caps.cpu), wall: min(asked.wall, caps.wall), memory: min(asked.memoryBytes, caps.memory),
            hostCalls: min(asked.hostCalls, caps.hostCalls), logBytes: min(asked.logBytes, caps.logBytes))
        httpCalls = min(asked.httpCalls, caps.httpCalls)
    }
}
