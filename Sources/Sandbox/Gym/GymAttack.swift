// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors

import Values

/// One script against one cell: a harmless call, the script as often as it wants, a harmless call.
struct GymAttack: Sendable {
    let sandbox: Sandbox
    let script: GymScript
    let limits: GymLimits

    private var key: CellKey { CellKey(tenant: "gym-attacker", partition: "gym", program: script.program.hash) }

    func run(_ report: GymReport) async -> GymReport {
        var report = report
        report.expectation = script.expectation
        let loading = await invoke(GymScript.calm)
        guard case .success = loading.result else {
            // It does not get as far as being a program.
            report.add(loading, limits)
            report.judge()
            return report
        }
        report.memoryBefore = memory
        let process = process
        while report.runs < script.expectation.runs, report.isAsExpected != false, !Task.isCancelled {
            let waited = self.process.flatMap(ProcessTime.waiting)
            report.add(await invoke(GymScript.attack), limits)
            report.preempted = nil
            if let waited, self.process == process, let now = process.flatMap(ProcessTime.waiting) { report.preempted = now - waited }
            report.judge()
        }
        let calm = await invoke(GymScript.calm)
        report.isCellUsable = (try? calm.result.get()) == ["calm": GymHost.request["n"] ?? .null]
        if self.process == process {
            report.memoryAfter = memory
        } else if process != nil, report.outcome == .killedSoft {
            // Its caller was told in time, but the cell did not hear and had to go.
            report.outcome = .killedProcess
            report.judge()
        }
        sandbox.retire(key)
        return report
    }

    private var process: Int32? { sandbox.processes(of: key.program).first }

    private var memory: Int? { process.flatMap(ProcessMemory.anonymous) }

    private func invoke(_ operation: String) async -> InvocationOutcome {
        let host = GymHost()
        return await sandbox.invoke(
            key, program: script.program, operation: operation, request: GymHost.request, context: GymHost.context, budget: limits.budget,
            onLog: { _ in }, onHostCall: { host.reply($0) })
    }
}

extension GymReport {
    /// Takes over how a run ended; of several runs the worst lateness counts, of the rest the last.
    mutating func add(_ run: InvocationOutcome, _ limits: GymLimits) {
        runs += 1
        wall = run.receipt.wall
        cpu = run.receipt.cpu
        overrun = max(overrun, run.overrun(limits))
        overrunCPU = max(overrunCPU, cpu - .milliseconds(limits.cpuMilliseconds))
        switch run.result {
        case .success(let value): (outcome, error, message, result) = (.completed, nil, "", value)
        case .failure(let failure): (outcome, error, message, result) = (failure.gymOutcome, failure.kind, failure.text, nil)
        }
    }

    mutating func judge() {
        isAsExpected = expectation.isEmpty ? nil : expectation.isMet(by: outcome, message: message, result: result)
    }
}

extension InvocationOutcome {
    /// How much longer the caller waited than the limit allows that applies.
    ///
    /// The host calls of a script are answered at once, so that its caller's clock should show little more than its processor time. What
    /// ends within its limits is not late, however busy the machine is.
    fileprivate func overrun(_ limits: GymLimits) -> Duration {
        let (cpu, wall) = (Duration.milliseconds(limits.cpuMilliseconds), Duration.milliseconds(limits.wallMilliseconds))
        let late = max(.zero, receipt.wall - wall)
        switch result {
        case .failure(.cpuExceeded), .failure(.loadFailed(.cpu, _, _, _)), .failure(.loadFailed(.cpuForced, _, _, _)):
            return max(.zero, receipt.wall - cpu, receipt.cpu - cpu)
        // Nobody could say how much processor time it took.
        case .failure(.cellCrashed), .failure(.cellKilled), .failure(.protocolViolation): return max(late, receipt.wall - cpu)
        default: return receipt.cpu > cpu ? max(receipt.wall, receipt.cpu) - cpu : late
        }
    }
}

extension SandboxError {
    var gymOutcome: GymOutcome {
        switch self {
        case .loadFailed(.error, _, _, _): .refused
        case .loadFailed(.cpu, _, _, _), .loadFailed(.memory, _, _, _): .killedSoft
        case .loadFailed(.cpuForced, _, _, _): .killedHard
        case .cpuExceeded(.soft, _), .memoryExceeded, .hostCallsExceeded, .wallExceeded: .killedSoft
        case .cpuExceeded(.hard, _): .killedHard
        case .cpuExceeded(.process, _), .cellKilled, .programKilled, .tenantClosed, .protocolViolation, .unavailable: .killedProcess
        case .cellCrashed: .crashed
        case .scriptError, .invalidValue, .noSuchOperation: .error
        case .quarantined, .backingOff, .cancelled, .overloaded: .refused
        }
    }
}
