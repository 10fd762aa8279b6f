// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors

import Values

/// What the cell says, and whether it may.
extension CellProtocol {
    /// The cell has sent a frame of that many bytes.
    package mutating func receive(_ frame: CellFrame, size: Int = 0, now: Moment, _ effects: inout CellEffects) {
        guard phase != .ended else { return }
        frameSize = size
        // A log line ends no turn.
        if case .log = frame {} else { (hasSpoken, lastHeard) = (true, now) }
        switch (phase, frame) {
        case (.starting, .ready(let layers, let lua)): begin(layers, lua: lua, &effects)
        case (.loading, .loaded):
            phase = .serving
            idleSince = now
            sendWaiting(now: now, &effects)
        case (.loading, .loadFailed(let kind, let file, let line, let message)):
            let error = SandboxError.loadFailed(kind, file: file, line: line, message: message)
            finish(error, waiting: error, &effects)
            effects.kill = .spent
        case (.serving, .hostCall(let id, let name, let arguments)): hostCall(id, name, arguments, now: now, &effects)
        case (.serving, .result(let id, let value, let usage)):
            guard let invocation = expect(id, &effects) else { return }
            conclude(invocation, .finished(value), usage, now: now, &effects)
        case (.serving, .fault(let id, let kind, let message, let traceback, let usage)):
            guard let invocation = expect(id, &effects) else { return }
            guard let error = Self.error(kind, message, traceback, answered: invocation.phase == .ended) else {
                return violate("a cancellation that nobody ordered", &effects)
            }
            conclude(invocation, .failed(error), usage, now: now, &effects)
        case (.serving, .log(let id, let line, let size)): log(id, line, size: size, &effects)
        case (.serving, .unusable(let id, let isResult, let reason)):
            guard let invocation = expect(id, &effects) else { return }
            if isResult {
                conclude(invocation, .failed(.invalidValue(reason)), nil, now: now, &effects)
            } else if invocation.phase == .running, count("", hostCallOf: invocation, &effects) {
                HostFrame.reply(id, .failure(code: "invalid_value", message: reason), into: &effects.write)
            }
        default: violate("a frame that does not belong here", &effects)
        }
    }

    private mutating func begin(_ layers: SandboxLayers, lua: String, _ effects: inout CellEffects) {
        let missing = rules.requiredLayers.subtracting(layers)
        guard missing.isEmpty else {
            let error = SandboxError.unavailable("a cell cannot be given these layers here: \(missing)")
            finish(error, waiting: error, &effects)
            effects.kill = .ordered
            return
        }
        guard let load else {
            while let probe = waiting.popFirst() {
                probe.phase = .ended
                effects.steps.append((probe, Step(.probed(layers, lua: lua), of: probe)))
            }
            finish(.cellKilled, waiting: nil, &effects)
            effects.kill = .spent
            return
        }
        phase = .loading
        effects.write.append(contentsOf: load)
        self.load = nil
    }

    private mutating func hostCall(_ id: UInt32, _ name: String, _ arguments: [Value], now: Moment, _ effects: inout CellEffects) {
        guard let invocation = expect(id, &effects) else { return }
        guard invocation.phase == .running else { return }  // called before it read that it has been ended
        guard count(name, hostCallOf: invocation, &effects) else { return }
        invocation.phase = .hosting
        busy -= 1
        let call = HostCall(
            name: name, arguments: arguments, index: invocation.hostCalls - 1, remaining: .nanoseconds(max(0, invocation.deadline - now)))
        effects.steps.append((invocation, Step(.hostCall(call), of: invocation)))
    }

    private mutating func count(_ name: String, hostCallOf invocation: Invocation, _ effects: inout CellEffects) -> Bool {
        invocation.hostCalls += 1
        guard invocation.hostCalls > invocation.budget.hostCalls else {
            invocation.receipt.hostCalls[name, default: 0] += 1
            return true
        }
        violate("more host calls than allowed", &effects)
        return false
    }

    private mutating func log(_ id: UInt32, _ line: LogLine, size: Int, _ effects: inout CellEffects) {
        guard let invocation = expect(id, &effects) else { return }
        // The cell counts what a line says, the host what it costs: a flood is no plugin's doing but a broken cell's.
        invocation.logged += size
        guard invocation.logged <= 8 * min(invocation.budget.logBytes, 1 << 30) + (64 << 10) else {
            return violate("more log than allowed", &effects)
        }
        if invocation.phase == .running { invocation.logs.append(line) }
    }

    /// The invocation of a frame whose turn it is to speak; ends the conversation when there is none.
    private mutating func expect(_ id: UInt32, _ effects: inout CellEffects) -> Invocation? {
        guard let invocation = slots[Int(id % UInt32(slots.count))], invocation.id == id else {
            violate("a frame for an invocation that does not exist", &effects)
            return nil
        }
        guard invocation.phase != .hosting else {
            violate("a frame of an invocation that waits for the host", &effects)
            return nil
        }
        invocation.receipt.bytesOut += frameSize
        return invocation
    }

    private static func error(
        _ kind: CellFrame.FaultKind, _ message: String, _ traceback: String, answered: Bool
    ) -> SandboxError? {
        switch kind {
        case .error: .scriptError(message: message, traceback: traceback)
        case .cpu: .cpuExceeded(.soft, message: message)
        case .cpuForced: .cpuExceeded(.hard, message: message)
        case .memory: .memoryExceeded(message: message)
        case .hostCalls: .hostCallsExceeded(message: message)
        case .invalidValue: .invalidValue(message)
        case .noOperation: .noSuchOperation
        case .stateLost: .cellCrashed(.stateLost)
        case .cancelled: answered ? .cancelled : nil
        }
    }
}
