// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors

import Values

/// The conversation with one cell: an event in, effects out.
///
/// No socket, no clock, no thread.
///
/// The cell is hostile: a frame that does not fit the conversation ends it.
package struct CellProtocol {
    /// What a conversation is held to.
    package struct Rules: Sendable {
        /// Layers that a cell must report before it is given a program.
        package var requiredLayers: SandboxLayers = .production
        /// Invocations that may overlap.
        package var states = 64
        /// Invocations that may wait.
        package var maximumWaiting = 1024
        /// Nanoseconds of processor time that the cell gets beyond its own limits.
        package var grace: Int64 = 100_000_000
        /// Nanoseconds that the cell may take to hear that an invocation is over.
        package var deafness: Int64 = 1_000_000_000
        /// Nanoseconds of processor time that loading may take.
        package var loadTime: Int64 = 1_000_000_000
        /// Nanoseconds without work after which the cell is ended.
        package var idle: Int64 = 60_000_000_000

        /// The default rules.
        package init() {}
    }

    /// How far the conversation is.
    package enum Phase: Sendable {
        case starting, loading, serving, ended
    }

    package private(set) var phase = Phase.starting
    /// Invocations that hold a state, those that only the cell still knows included.
    package var inFlight: Int { slots.count - free.count }
    /// Invocations that wait for a state.
    package var waitingCount: Int { waiting.count }
    /// True when a cell may be ended to make room for another one.
    package var isIdle: Bool { phase == .serving && inFlight == 0 && waiting.isEmpty }

    let rules: Rules
    let startDeadline: Moment
    private var load: [UInt8]?
    var slots: [Invocation?]
    private var generations: [UInt32]
    private var free: [Int]
    var waiting = Fifo<Invocation>()
    /// Invocations for which the next frame is the cell's to send.
    var busy = 0
    var lastHeard: Moment
    /// A turn has ended since the cell's processor clock was looked at.
    var hasSpoken = false
    /// The processor time of the process when a turn ended, at most a moment earlier.
    var reading: (cpu: Int64, at: Moment)?
    var idleSince: Moment
    private var hasSucceeded = false
    private var frameSize = 0

    /// A conversation with a cell that is being started.
    ///
    /// Without a program, the cell only reports its layers.
    package init(load: [UInt8]?, rules: Rules, now: Moment, startDeadline: Moment) {
        self.load = load
        self.rules = rules
        self.startDeadline = startDeadline
        slots = Array(repeating: nil, count: rules.states)
        generations = Array(repeating: 0, count: rules.states)
        free = Array((0..<rules.states).reversed())
        lastHeard = now
        idleSince = now
    }

    // MARK: - The caller's events

    /// A caller brings an invocation and waits.
    ///
    /// Returns when to look again at the latest.
    package mutating func submit(_ invocation: Invocation, now: Moment, _ effects: inout CellEffects) -> Moment {
        guard invocation.phase == .waiting else {
            effects.steps.append((invocation, Step(.failed(invocation.outcome ?? .cancelled), of: invocation)))
            return .never
        }
        guard phase != .ended else {
            effects.steps.append((invocation, Step(.notBegun, of: invocation)))
            return .never
        }
        if phase == .serving, !free.isEmpty, waiting.isEmpty {
            send(invocation, now: now, &effects)
        } else if waiting.count < rules.maximumWaiting {
            waiting.append(invocation)
        } else {
            end(invocation, .overloaded, &effects)
        }
        return firstLook(at: invocation, from: now)
    }

    /// The caller answers a host call and waits.
    package mutating func reply(_ invocation: Invocation, _ reply: HostReply, now: Moment, _ effects: inout CellEffects) -> Moment {
        guard invocation.phase == .hosting else {
            effects.steps.append((invocation, Step(.failed(invocation.outcome ?? .cellKilled), of: invocation)))
            return .never
        }
        invocation.phase = .running
        let written = effects.write.count
        HostFrame.reply(invocation.id, reply, into: &effects.write, sorted: invocation.budget.instructions != nil)
        invocation.receipt.bytesIn += effects.write.count - written
        busy += 1
        return firstLook(at: invocation, from: now)
    }

    /// The caller has gone.
    package mutating func cancel(_ invocation: Invocation, now: Moment, _ effects: inout CellEffects) -> Moment {
        switch invocation.phase {
        case .waiting:
            if waiting.remove(invocation) {
                end(invocation, .cancelled, &effects)
            } else {
                invocation.phase = .ended  // and the submission that follows ends at once
                invocation.outcome = .cancelled
            }
            return .never
        case .running, .hosting:
            abandon(invocation, .cancelled, now: now, &effects)
            return now + rules.deafness
        case .ended: return .never
        }
    }

    // MARK: - The cell's events

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

    /// The cell's bytes are no frames.
    package mutating func violate(_ reason: String, _ effects: inout CellEffects) {
        guard phase != .ended else { return }
        finish(.protocolViolation(reason), waiting: phase == .serving ? nil : .protocolViolation(reason), &effects)
        effects.kill = .cause
    }

    /// The process has died by itself.
    package mutating func died(_ exit: CellExit, _ effects: inout CellEffects) {
        finish(.cellCrashed(exit), waiting: phase == .serving ? nil : .cellCrashed(exit), &effects)
    }

    /// The host ends the cell, whatever it is doing.
    package mutating func end(_ error: SandboxError, _ kill: CellEffects.Kill = .ordered, _ effects: inout CellEffects) {
        guard phase != .ended else { return }
        finish(error, waiting: kill == .spent ? nil : error, &effects)
        effects.kill = kill
    }

    // MARK: - Steps

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

    private mutating func send(_ invocation: Invocation, now: Moment, _ effects: inout CellEffects) {
        guard let slot = free.popLast() else { return }
        // An id names its slot, and differs from every id that the slot had before.
        generations[slot] = generations[slot] < 0x0FFF_FFFF / UInt32(slots.count) ? generations[slot] + 1 : 1
        invocation.id = generations[slot] * UInt32(slots.count) + UInt32(slot)
        invocation.phase = .running
        slots[slot] = invocation
        HostFrame.setID(invocation.id, of: &invocation.frame)
        effects.write.append(contentsOf: invocation.frame)
        invocation.frame = []
        busy += 1
    }

    private mutating func sendWaiting(now: Moment, _ effects: inout CellEffects) {
        while !free.isEmpty, let next = waiting.popFirst() { send(next, now: now, &effects) }
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

    private mutating func conclude(
        _ invocation: Invocation, _ event: Step.Event, _ usage: CellUsage?, now: Moment, _ effects: inout CellEffects
    ) {
        let slot = Int(invocation.id % UInt32(slots.count))
        slots[slot] = nil
        free.append(slot)
        busy -= 1
        if invocation.phase == .running {
            invocation.phase = .ended
            if let usage { invocation.receipt.add(usage) }
            if case .finished = event, !hasSucceeded {
                hasSucceeded = true
                effects.hasSucceeded = true
            }
            effects.steps.append((invocation, Step(event, of: invocation)))
        }
        sendWaiting(now: now, &effects)
        if inFlight == 0 { idleSince = now }
    }

    /// Tells the caller now and the cell to stop; the state is free again when the cell says so.
    mutating func abandon(_ invocation: Invocation, _ error: SandboxError, now: Moment, _ effects: inout CellEffects) {
        HostFrame.cancel(invocation.id, into: &effects.write)
        if invocation.phase == .hosting { busy += 1 }
        invocation.abandoned = now
        end(invocation, error, &effects)
    }

    func end(_ invocation: Invocation, _ error: SandboxError, _ effects: inout CellEffects) {
        switch invocation.phase {
        case .waiting, .running: effects.steps.append((invocation, Step(.failed(error), of: invocation)))
        case .hosting:
            invocation.outcome = error
            if let task = invocation.hostCall { effects.pointless.append(task) }
        case .ended: return
        }
        invocation.phase = .ended
    }

    /// Ends the conversation.
    ///
    /// What was waiting goes to another cell unless an error is given for it.
    mutating func finish(_ error: SandboxError, waiting waitingError: SandboxError?, _ effects: inout CellEffects) {
        guard phase != .ended else { return }
        phase = .ended
        effects.reason = error
        for case let invocation? in slots { end(invocation, error, &effects) }
        slots = []
        free = []
        while let invocation = waiting.popFirst() {
            if let waitingError {
                end(invocation, waitingError, &effects)
            } else {
                effects.steps.append((invocation, Step(.notBegun, of: invocation)))
            }
        }
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

extension Receipt {
    /// Takes over what only the cell can know.
    mutating func add(_ usage: CellUsage) {
        cpu = usage.cpu
        memoryPeak = usage.memoryPeak
        instructions = usage.instructions
    }
}

extension Invocation {
    func takeLogs() -> [LogLine] {
        guard !logs.isEmpty else { return [] }
        defer { logs = [] }
        return logs
    }
}
