// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors

package import Logging
import Synchronization
import Values

/// Runs hostile scripts in real cells beside a healthy neighbour, and says what came of them.
package struct Gym: Sendable {
    private let sandbox: Sandbox
    private let limits: GymLimits
    private let jobs: Int

    /// Starts a sandbox of its own.
    package static func start(cell: String, limits: GymLimits, jobs: Int = 1, logger: Logger) async throws(SandboxError) -> Gym {
        var configuration = SandboxConfiguration(cellExecutable: cell)
        // A script that kills its cell is judged, not punished.
        configuration.crashes = .forgiving
        configuration.loadTime = .milliseconds(limits.cpuMilliseconds)
        return Gym(sandbox: try await Sandbox.start(configuration, logger: logger), limits: limits, jobs: max(1, jobs))
    }

    /// Ends the sandbox.
    package func shutdown() async { await sandbox.shutdown() }

    /// Runs every script; the reports come in the order of the names.
    ///
    /// A cancelled task runs no further script.
    package func run(_ folder: GymFolder, onReport: (GymReport) -> Void) async -> GymScore {
        var score = GymScore()
        var neighbours = (0..<jobs).map { GymNeighbour(sandbox, partition: "\($0)") }
        for neighbour in neighbours { _ = await neighbour.check() }
        score.host.before = ProcessMemory.own
        await withTaskGroup(of: (Int, GymNeighbour, GymReport).self) { group in
            var (next, shown) = (0, 0)
            var early: [Int: GymReport] = [:]
            while true {
                while next < folder.count, !Task.isCancelled, let neighbour = neighbours.popLast() {
                    let index = next
                    group.addTask { (index, neighbour, await run(folder.entry(index), number: index, beside: neighbour)) }
                    next += 1
                }
                guard let (index, neighbour, report) = await group.next() else { break }
                neighbours.append(neighbour)
                if Task.isCancelled { continue }
                early[index] = report
                while let report = early.removeValue(forKey: shown) {
                    score.add(report)
                    onReport(report)
                    shown += 1
                }
            }
        }
        score.isInterrupted = Task.isCancelled
        score.host.after = ProcessMemory.own
        score.environment = environment
        return score
    }

    private var environment: [String: Value] {
        [
            "lua": .string(sandbox.lua), "liblua": Value(SystemPackage.version(of: "liblua5.4-0")), "jobs": Value(jobs),
            "layers": Value(sandbox.layers.names),
            "limits": [
                "cpu_ms": Value(limits.cpuMilliseconds), "wall_ms": Value(limits.wallMilliseconds), "memory_kib": Value(limits.memoryKiB),
                "host_calls": Value(limits.hostCalls), "log_bytes": Value(limits.logBytes),
            ],
        ]
    }

    private func run(_ entry: GymFolder.Entry, number: Int, beside neighbour: GymNeighbour) async -> GymReport {
        var report = GymReport(entry.name)
        let zygotes = sandbox.statistics.zygotes
        var record = await neighbour.check()
        switch entry.content {
        case .refused(let reason):
            report.message = reason
        case .source(let source):
            let script = GymScript(name: entry.name, source: source, hash: "gym-\(number)")
            let flag = GymFlag()
            async let meanwhile = neighbour.check(until: flag)
            report = await GymAttack(sandbox: sandbox, script: script, limits: limits).run(report)
            flag.raise()
            record.add(await meanwhile)
        }
        record.add(await neighbour.check())
        report.add(record)
        let fresh = GymNeighbour(sandbox, partition: "fresh-\(number)")
        report.isHostAlive = await fresh.check().isCorrect && sandbox.statistics.zygotes == zygotes
        fresh.retire()
        return report
    }
}

/// Tells a task that it has done enough.
final class GymFlag: Sendable {
    private let state = Mutex(false)

    var isRaised: Bool { state.withLock { $0 } }

    func raise() { state.withLock { $0 = true } }
}
