// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors

import Logging

/// A provider simulator that listens already: the host has to know its address before it starts.
struct RunningSimulator: Sendable {
    let simulator: ProviderSimulator
    let url: String

    /// Runs `body` beside a simulator, and ends the simulator with it.
    static func with(_ body: @Sendable (RunningSimulator) async throws -> Void) async throws {
        let (ports, port) = AsyncStream.makeStream(of: Int.self)
        let simulator = ProviderSimulator(logger: Logger(label: "simulator") { _ in SwiftLogNoOpLogHandler() }) { number in
            port.yield(number)
            port.finish()
        }
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await simulator.run() }
            guard let number = await ports.first(where: { _ in true }) else { throw Failure("the provider simulator did not start") }
            try await body(RunningSimulator(simulator: simulator, url: "http://127.0.0.1:\(number)"))
            group.cancelAll()
        }
    }
}
