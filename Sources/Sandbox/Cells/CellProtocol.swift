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

    package internal(set) var phase = Phase.starting
    /// Invocations that hold a state, those that only the cell still knows included.
    package var inFlight: Int { slots.count - free.count }
    /// Invocations that wait for a state.
    package var waitingCount: Int { waiting.count }
    /// True when a cell may be ended to make room for another one.
    package var isIdle: Bool { phase == .serving && inFlight == 0 && waiting.isEmpty }

    let rules: Rules
    let startDeadline: Moment
    var load: [UInt8]?
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
    var frameSize = 0

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

    /// The cell's bytes are no frames.
    package mutating func violate(_ reason: String, _ effects: inout CellEffects) {
        guard phase != .ended else { return }
        finish(.protocolViolation(reason), waiting: phase == .serving ? nil : .protocolViolation(reason), &effects)
        effects.kill = .cause
    }

    /// The process has died by itself.
    package mutating func died(_ exit: CellExit, _ effects: inout CellEffects) {
        // Before it was given a program, no program is to blame.
        if phase == .starting { effects.kill = .ordered }
        finish(.cellCrashed(exit), waiting: phase == .serving ? nil : .cellCrashed(exit), &effects)
    }

    /// The host ends the cell, whatever it is doing.
    package mutating func end(_ error: SandboxError, _ kill: CellEffects.Kill = .ordered, _ effects: inout CellEffects) {
        guard phase != .ended else { return }
        finish(error, waiting: kill == .spent ? nil : error, &effects)
        effects.kill = kill
    }

    // MARK: - Steps

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

    mutating func sendWaiting(now: Moment, _ effects: inout CellEffects) {
        while !free.isEmpty, let next = waiting.popFirst() { send(next, now: now, &effects) }
    }

    mutating func conclude(
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
