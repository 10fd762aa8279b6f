// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors

package import Logging
import ServiceLifecycle
package import Values

/// Runs programs in cells: processes of their own that hold nothing worth stealing and can be killed.
package final class Sandbox: Service {
    /// The layers in force around cells here.
    package let layers: SandboxLayers

    private init(layers: SandboxLayers) { self.layers = layers }

    /// Starts the zygote and looks at one cell, so that a missing layer is known before the first plugin runs.
    package static func start(_ configuration: SandboxConfiguration, logger: Logger) async throws(SandboxError) -> Sandbox {
        throw .unavailable("not built yet")
    }

    /// Keeps the cells until the service group shuts down, then ends them.
    package func run() async throws {
        try await gracefulShutdown()
        await shutdown()
    }

    /// Ends every cell and the zygote. Calls in flight end with ``SandboxError/cellKilled``.
    package func shutdown() async {}

    /// Calls an operation of a program, in the cell of that key, from a clean state.
    ///
    /// `onLog` and `onHostCall` run in the caller's task; log lines come in order, at the latest before the next host call or the end.
    package func invoke(
        _ key: CellKey, program: Program, operation: String, request: Value, context: CallContext, budget: InvocationBudget,
        onLog: @Sendable (LogLine) -> Void, onHostCall: @Sendable (HostCall) async -> HostReply
    ) async throws(SandboxError) -> (value: Value, usage: Usage) {
        throw .unavailable("not built yet")
    }

    /// Ends every cell of that program at once; its calls in flight end with ``SandboxError/cellKilled``.
    package func kill(program hash: String) {}

    /// What is running now and what has happened since the start.
    package var statistics: SandboxStatistics { SandboxStatistics() }
}
