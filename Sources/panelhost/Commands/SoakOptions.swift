// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors

import ArgumentParser
import Logging
import Sandbox
import Values

/// How long a soak takes.
struct SoakOptions: ParsableArguments {
    @Option(name: .long, help: "Calls of a soak.")
    var calls = 100_000

    @Option(name: .long, help: "Cells that a soak kills at random moments.")
    var kills = 1000

    @Option(name: .long, help: "Where the soak's randomness starts; printed when it is chosen.")
    var seed: UInt64?

    func validate() throws {
        guard 1...1_000_000_000 ~= calls else { throw ValidationError("--calls: from 1 to 1000000000") }
        guard 0...1_000_000 ~= kills else { throw ValidationError("--kills: from 0 to 1000000") }
    }

    /// Soaks, prints a line of JSON at intervals and one at the end, and exits with 1 when something is wrong.
    func run(cell: String, logger: Logger) async throws {
        let soak = Soak(calls: calls, kills: kills, seed: seed ?? .random(in: 1 ... .max))
        let report: SoakReport
        do {
            report = try await GymCommand.untilInterrupted {
                try await soak.run(cell: cell, logger: logger) { Console.line(JSON.text($0.json)) }
            }
        } catch let error as SandboxError {
            throw Failure(startingSandbox: error)
        }
        Console.line(JSON.text(report.json))
        if !report.isPassed { throw ExitCode(1) }
    }
}
