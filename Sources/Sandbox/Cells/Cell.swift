// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors

import CLinux
import Glibc
import Synchronization

/// What makes two invocations share a cell.
struct CellIdentity: Hashable, Sendable {
    var key: CellKey
    /// Bytes of a Lua state: fixed when the cell loads its program.
    let memory: Int

    /// What a cell takes at least.
    private static let leastMemory = 64 << 10

    init(key: CellKey, memory: Int) {
        self.key = key
        self.memory = min(max(memory, Self.leastMemory), 1 << 30)
    }
}

/// A cell as its callers see it: the conversation behind a lock, and the socket.
///
/// Callers write to the socket themselves when nobody else does; whoever writes takes along what the others have left meanwhile.
final class Cell: Sendable {
    let token: UInt64
    let identity: CellIdentity
    let socket: Descriptor

    fileprivate struct State {
        var machine: CellProtocol
        var effects = CellEffects()
        var isWriting = false
        var isBlocked = false
        var armed = Moment.never
        var process: (pid: Int32, descriptor: Descriptor)?
    }

    /// What is left to do once the lock is open.
    fileprivate struct Work {
        var hasEnded: Bool
        var process: Descriptor?
        var write: [UInt8]?
        var steps: [(invocation: Invocation, step: Step)] = []
        var pointless: [Task<HostReply, Never>] = []
        var kill: CellEffects.Kill?
        var reason: SandboxError?
        var hasSucceeded = false
        var arm: Moment?
    }

    private let reactor: Reactor
    private let registry: CellRegistry
    private let state: Mutex<State>

    init(_ identity: CellIdentity, machine: CellProtocol, socket: Descriptor, reactor: Reactor, registry: CellRegistry) {
        token = reactor.newToken()
        self.identity = identity
        self.socket = socket
        self.reactor = reactor
        self.registry = registry
        state = Mutex(State(machine: machine))
    }

    // MARK: - Callers

    /// Brings an invocation and waits for its first step.
    func submit(_ invocation: Invocation) async -> Step {
        await withCheckedContinuation { continuation in
            update { machine, now, effects in
                invocation.continuation = continuation
                return machine.submit(invocation, now: now, &effects)
            }
        }
    }

    /// Answers a host call and waits for the next step.
    func reply(_ invocation: Invocation, _ reply: HostReply) async -> Step {
        await withCheckedContinuation { continuation in
            update { machine, now, effects in
                invocation.continuation = continuation
                invocation.hostCall = nil
                return machine.reply(invocation, reply, now: now, &effects)
            }
        }
    }

    /// Has a host call cancelled when its invocation ends before it is answered.
    func watch(_ invocation: Invocation, _ hostCall: Task<HostReply, Never>) {
        let isOver = state.withLock { _ in
            invocation.hostCall = hostCall
            return invocation.phase == .ended
        }
        if isOver { hostCall.cancel() }
    }

    func cancel(_ invocation: Invocation) {
        update { machine, now, effects in machine.cancel(invocation, now: now, &effects) }
    }

    /// Ends the conversation and the process.
    func end(_ error: SandboxError, _ kill: CellEffects.Kill = .ordered) {
        update { machine, _, effects in
            machine.end(error, kill, &effects)
            return .never
        }
    }

    var isIdle: Bool { state.withLock { $0.machine.isIdle } }

    /// Kills the process as anybody on the machine could, without a word to the conversation; false when there is none yet.
    func strike() -> Bool {
        guard let process = state.withLock({ $0.process?.descriptor }) else { return false }
        linux_kill(process.number)
        return true
    }

    var pid: Int32? { state.withLock { $0.process?.pid } }

    var load: (running: Int, waiting: Int) { state.withLock { ($0.machine.inFlight, $0.machine.waitingCount) } }

    // MARK: - The reactor's thread

    /// Learns which process it is; one that has been ended meanwhile is killed at once.
    func attach(pid: Int32, _ descriptor: Descriptor) {
        let ended = state.withLock { state in
            state.process = (pid, descriptor)
            return state.machine.phase == .ended
        }
        if ended { linux_kill(descriptor.number) }
    }

    func receive(_ frames: inout [(CellFrame, size: Int)], then violation: FrameError?) {
        let pid = self.pid
        update { machine, now, effects in
            for (frame, size) in frames { machine.receive(frame, size: size, now: now, &effects) }
            if let violation { machine.violate(violation.description, &effects) }
            if let pid, machine.wantsReading(now: now) { machine.read(cpu: linux_cpu_time(pid), now: now) }
            return .never
        }
        frames.removeAll(keepingCapacity: true)
    }

    func died(_ exit: CellExit) {
        update { machine, _, effects in
            machine.died(exit, &effects)
            return .never
        }
    }

    /// Sets the deadline for the start.
    func watchStart() {
        update { machine, now, effects in machine.check(now: now, cpu: -1, &effects) }
    }

    /// Looks for what has taken too long.
    ///
    /// Of several deadlines that were set only the earliest counts; the others come to nothing.
    func check() {
        let now = Moment.now
        let pid = state.withLock { state -> Int32?? in
            guard state.armed <= now else { return nil }
            state.armed = .never
            return .some(state.process?.pid)
        }
        guard let pid else { return }
        let cpu = pid.map { linux_cpu_time($0) } ?? -1
        update { machine, now, effects in machine.check(now: now, cpu: cpu, &effects) }
    }

    /// The socket takes bytes again.
    func unblock() {
        reactor.watch(socket, token, writable: false)
        state.withLock { $0.isBlocked = false }
        update { _, _, _ in .never }
    }

    // MARK: - Parts

    private func update(_ event: (inout CellProtocol, Moment, inout CellEffects) -> Moment) {
        let now = Moment.now
        let work = state.withLock { state in
            let wasEnded = state.machine.phase == .ended
            let due = event(&state.machine, now, &state.effects)
            return state.takeWork(due: due, wasEnded: wasEnded)
        }
        perform(work)
    }

    private func perform(_ work: consuming Work) {
        if work.hasSucceeded { registry.succeeded(identity) }
        if work.hasEnded {
            // First of all, so that a caller who is told of the end finds a new cell when it tries again.
            registry.remove(self, work.kill, work.reason)
            reactor.post(.retire(token))
        }
        if work.kill != nil, let process = work.process { linux_kill(process.number) }
        if let bytes = work.write { write(bytes) }
        for (invocation, step) in work.steps {
            let continuation = invocation.continuation
            invocation.continuation = nil
            continuation?.resume(returning: step)
        }
        for task in work.pointless { task.cancel() }
        if let due = work.arm { reactor.arm(token, due: due) }
    }

    /// Writes until nothing is left or the socket takes no more.
    ///
    /// Only one thread at a time gets here.
    private func write(_ bytes: consuming [UInt8]) {
        var bytes = bytes
        while true {
            var sent = 0
            var isBlocked = false
            while sent < bytes.count {
                let count = bytes.withUnsafeBytes { linux_send(socket.number, $0.baseAddress.map { $0 + sent }, $0.count - sent) }
                if count < 0 {
                    isBlocked = count == -Int(EAGAIN)
                    break
                }
                sent += count
            }
            if isBlocked { bytes.removeSubrange(..<sent) }
            guard let more = state.withLock({ $0.takeMore(after: bytes, isBlocked: isBlocked) }) else {
                if isBlocked { reactor.watch(socket, token, writable: true) }
                return
            }
            bytes = more
        }
    }
}

fileprivate extension Cell.State {
    mutating func takeWork(due: Moment, wasEnded: Bool) -> Cell.Work {
        var work = Cell.Work(hasEnded: !wasEnded && machine.phase == .ended, process: process?.descriptor)
        if !effects.steps.isEmpty {
            work.steps = effects.steps
            effects.steps = []
        }
        if !effects.pointless.isEmpty {
            work.pointless = effects.pointless
            effects.pointless = []
        }
        work.kill = effects.kill
        work.reason = effects.reason
        effects.kill = nil
        work.hasSucceeded = effects.hasSucceeded
        effects.hasSucceeded = false
        if due < armed, machine.phase != .ended {
            armed = due
            work.arm = due
        }
        if !effects.write.isEmpty, !isWriting, !isBlocked {
            isWriting = true
            work.write = takeBytes()
        }
        return work
    }

    /// What has come meanwhile for the writer to take along; nil when it is done.
    mutating func takeMore(after bytes: [UInt8], isBlocked: Bool) -> [UInt8]? {
        if isBlocked {
            self.isBlocked = true
            isWriting = false
            effects.write.insert(contentsOf: bytes, at: 0)
            return nil
        }
        guard !effects.write.isEmpty else {
            isWriting = false
            return nil
        }
        return takeBytes()
    }

    private mutating func takeBytes() -> [UInt8] {
        defer { effects.write = [] }
        return effects.write
    }
}
