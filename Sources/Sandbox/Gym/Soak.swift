// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors

import Glibc
package import Logging
import Synchronization
import Values

/// Calls healthy and unhealthy programs for a long time while their cells are killed at random moments, and watches what stays behind.
package final class Soak: Sendable {
    private struct State {
        var next = 0
        var ordered = 0
        var kills = 0
        var report: SoakReport
    }

    private let calls: Int
    private let seed: UInt64
    /// The calls before which somebody is killed, in order.
    private let plan: [Int]
    private let state: Mutex<State>

    private static let tenants = 4, programs = 2, width = 16, samples = 60
    private static let settlingTime = Duration.seconds(20), pause = Duration.milliseconds(20)

    /// So many calls and kills; the randomness of both starts at the seed.
    package init(calls: Int, kills: Int, seed: UInt64) {
        self.calls = calls
        self.seed = seed
        var random = SeededRandom(seed)
        plan = (0..<kills).map { _ in Int.random(in: 0..<max(1, calls - calls / 100), using: &random) }.sorted()
        state = Mutex(State(report: SoakReport(seed: seed)))
    }

    /// Runs to the end, or until the task is cancelled.
    package func run(cell: String, logger: Logger, onSample: (SoakReport.Sample) -> Void) async throws(SandboxError) -> SoakReport {
        var configuration = SandboxConfiguration(cellExecutable: cell)
        // We kill the cells ourselves: nobody is to blame.
        configuration.crashes = .forgiving
        let others = Set(ProcessTree.children(of: getpid()))
        let sandbox = try await Sandbox.start(configuration, logger: logger)
        guard let zygote = ProcessTree.children(of: getpid()).first(where: { !others.contains($0) }) else {
            throw .unavailable("the zygote is not to be found in /proc")
        }
        // What the first calls leave behind for good is no leak.
        for number in 0..<Self.tenants * Self.programs { _ = await call(calls + number, in: sandbox) }
        await settle(sandbox, zygote)
        let descriptors = ProcessTree.descriptors

        await soak(sandbox, zygote, onSample)

        await settle(sandbox, zygote, descriptors: descriptors)
        let left = ProcessTree.children(of: zygote).count
        if left > 0 { add(problem: "\(left) process(es) were left behind") }
        let opened = ProcessTree.descriptors - descriptors
        if opened > 0 { add(problem: "\(opened) descriptor(s) were left open") }
        if sandbox.statistics.zygotes != 1 { add(problem: "the zygote died") }
        await sandbox.shutdown()
        return state.withLock { state in
            if Task.isCancelled { state.report.add(problem: "interrupted") }
            if state.kills < plan.count { state.report.add(problem: "only \(state.kills) of \(plan.count) kills happened") }
            state.report.checkMemory()
            return state.report
        }
    }

    private func soak(_ sandbox: Sandbox, _ zygote: Int32, _ onSample: (SoakReport.Sample) -> Void) async {
        let began = Moment.now
        await withTaskGroup { group in
            for _ in 0..<Self.width {
                group.addTask { [self] in
                    while !Task.isCancelled, let (number, victims) = take() {
                        for victim in victims { await strike(victim, in: sandbox) }
                        judge(await call(number, in: sandbox))
                    }
                }
            }
            var shown = 0
            while true {
                let done = state.withLock { $0.next }
                if done >= calls * (shown + 1) / Self.samples || Task.isCancelled {
                    let sample = sample(sandbox, zygote, since: began)
                    state.withLock { $0.report.samples.append(sample) }
                    onSample(sample)
                    shown = calls == 0 ? shown + 1 : done * Self.samples / calls
                }
                if done >= calls || Task.isCancelled { break }
                try? await Task.sleep(for: Self.pause)
            }
        }
    }

    // MARK: - Calls

    /// The next call and who is killed before it; nil when there are enough.
    private func take() -> (number: Int, victims: [Int])? {
        state.withLock { state in
            guard state.next < calls else { return nil }
            let victims = state.ordered..<plan.partitioningIndex(after: state.next)
            defer { (state.next, state.ordered) = (state.next + 1, victims.upperBound) }
            return (state.next, Array(victims))
        }
    }

    private func call(_ number: Int, in sandbox: Sandbox) async -> String? {
        let call = SoakCall(number, seed: seed)
        let key = Self.key(number)
        let program = Program(hash: key.program, entry: "main.lua", files: [("main.lua", Array(SoakCall.source.utf8))])
        let outcome = await sandbox.invoke(
            key, program: program, operation: call.operation, request: call.request, context: SoakCall.context, budget: call.budget,
            onLog: { _ in }, onHostCall: { await call.reply($0) })
        if case .failure(.cellCrashed(.signal(SIGKILL))) = outcome.result { return "" }
        return call.problem(outcome.result)
    }

    /// Counts a call: nil is right, an empty text was cut off by a kill.
    private func judge(_ problem: String?) {
        state.withLock { state in
            switch problem {
            case nil: state.report.right += 1
            case "": state.report.cutOff += 1
            case let problem?: state.report.add(problem: problem)
            }
        }
    }

    private func add(problem: String) { state.withLock { $0.report.add(problem: problem) } }

    private static func key(_ number: Int) -> CellKey {
        CellKey(tenant: "soak-\(number % tenants)", partition: "soak-\(number % tenants)", program: "soak-\(number / tenants % programs)")
    }

    // MARK: - Kills

    private func strike(_ victim: Int, in sandbox: Sandbox) async {
        var random = SeededRandom(~seed, victim)
        let count = Self.tenants * Self.programs
        let first = Int.random(in: 0..<count, using: &random)
        while !Task.isCancelled {
            // One that is being started has no process yet: then its neighbour.
            if (first..<first + count).contains(where: { sandbox.strike(Self.key($0)) }) { return state.withLock { $0.kills += 1 } }
            try? await Task.sleep(for: .milliseconds(1))
        }
    }

    // MARK: - Measuring

    private func sample(_ sandbox: Sandbox, _ zygote: Int32, since began: Moment) -> SoakReport.Sample {
        var sample = SoakReport.Sample()
        (sample.calls, sample.kills) = state.withLock { ($0.next, $0.kills) }
        sample.cells = sandbox.statistics.cells
        sample.descriptors = ProcessTree.descriptors
        sample.elapsed = .nanoseconds(Moment.now - began)
        sample.hostResident = ProcessMemory.own
        sample.hostProportional = ProcessMemory.proportional(of: getpid())
        sample.zygoteResident = ProcessMemory.resident(of: zygote)
        sample.zygoteProportional = ProcessMemory.proportional(of: zygote)
        return sample
    }

    /// Ends every cell and waits until the system has taken them back.
    ///
    /// A cell's socket closes with the last reference to the cell, which may outlive the process for a moment.
    private func settle(_ sandbox: Sandbox, _ zygote: Int32, descriptors: Int = .max) async {
        for number in 0..<Self.tenants * Self.programs { sandbox.retire(Self.key(number)) }
        let deadline = Moment.now + Self.settlingTime.wholeNanoseconds
        while Moment.now < deadline,
            sandbox.statistics.cells > 0 || !ProcessTree.children(of: zygote).isEmpty || ProcessTree.descriptors > descriptors
        {
            do { try await Task.sleep(for: Self.pause) } catch { return }
        }
    }
}

extension Sandbox {
    /// Sends SIGKILL to the processes of that key, as anybody on the machine could; false when there was none.
    func strike(_ key: CellKey) -> Bool { registry.cells(of: key).reduce(false) { $1.strike() || $0 } }
}

extension [Int] {
    /// How many of the sorted elements are at most that large.
    fileprivate func partitioningIndex(after element: Int) -> Int {
        var (low, high) = (0, count)
        while low < high {
            let middle = (low + high) / 2
            if self[middle] <= element { low = middle + 1 } else { high = middle }
        }
        return low
    }
}
