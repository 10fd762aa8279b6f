// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors

import Glibc

/// How cells are started and how long they live.
package struct SandboxConfiguration: Sendable {
    /// The path of the `SandboxCell` executable.
    package var cellExecutable: String
    /// Layers without which nothing is started.
    package var requiredLayers: SandboxLayers
    /// Lua states of one cell: as many invocations of it may overlap, the others wait in order.
    package var states: Int
    /// Invocations that may wait for a state of one cell before further ones are refused.
    package var maximumWaiting: Int
    /// Cells at the same time.
    ///
    /// An idle one makes room for a new one.
    package var maximumCells: Int
    /// How long a cell without work is kept.
    package var idleTime: Duration
    /// How long a cell may take from its start until its program is loaded.
    package var startTime: Duration
    /// Processor time that loading a program may take, from a millisecond to a minute.
    package var loadTime: Duration
    /// Processor time that a cell may take beyond a limit which it should have enforced itself, before it is killed.
    ///
    /// It leaves the interpreter by force 50 ms beyond the limit. One that does not hear gets ten times as long.
    package var grace: Duration
    /// Where Lua's hashes of strings start, from 1.
    ///
    /// Random, so that nobody can prepare keys that collide; a recorded call is repeated with the number that it was recorded with.
    package var hashSeed: UInt32
    /// A folder that every invocation is recorded in; nil outside of development.
    ///
    /// Recordings hold what plugins are given and what providers answer. Invocations then run in the deterministic mode.
    package var recordings: String?
    /// What follows when a cell's process dies.
    package var crashes: CrashPolicy
    /// How tenants share the sandbox.
    package var fairness: Fairness
    /// The clock of back-off and quarantine.
    package var clock: @Sendable () -> Moment

    /// A configuration; the defaults are those of `panelhost run`.
    package init(
        cellExecutable: String, requiredLayers: SandboxLayers = .production, states: Int = 64, maximumWaiting: Int = 1024,
        maximumCells: Int = 512,
        idleTime: Duration = .seconds(60), startTime: Duration = .seconds(10), loadTime: Duration = .seconds(1),
        grace: Duration = .milliseconds(100), crashes: CrashPolicy = CrashPolicy(), fairness: Fairness = Fairness(),
        clock: @escaping @Sendable () -> Moment = { .now },
        recordings: String? = nil,
        hashSeed: UInt32 = .random(in: 1 ... .max)
    ) {
        self.cellExecutable = cellExecutable
        self.requiredLayers = requiredLayers
        self.states = states
        self.maximumWaiting = maximumWaiting
        self.maximumCells = maximumCells
        self.idleTime = idleTime
        self.startTime = startTime
        self.loadTime = loadTime
        self.grace = grace
        self.crashes = crashes
        self.fairness = fairness
        self.clock = clock
        self.recordings = recordings
        self.hashSeed = hashSeed
    }

    /// Cells of one tenant at the same time: its share.
    ///
    /// It bounds the processes with which a tenant competes for the processor, too; between processes the kernel is fair, and one that
    /// computes seldom is served first.
    var cellsPerTenant: Int { fairness.part(of: maximumCells) }

    /// The `SandboxCell` executable beside the running one, as the build and the installation put it; nil when there is none.
    package static func locateCell() -> String? {
        var buffer = [UInt8](repeating: 0, count: Int(PATH_MAX))
        let length = readlink("/proc/self/exe", &buffer, buffer.count)
        guard length > 0, let slash = buffer[..<length].lastIndex(of: UInt8(ascii: "/")) else { return nil }
        let folder = String(decoding: buffer[..<slash], as: UTF8.self)
        return ["\(folder)/SandboxCell", "\(folder)/../libexec/panelhost/SandboxCell"].first { access($0, X_OK) == 0 }
    }
}
