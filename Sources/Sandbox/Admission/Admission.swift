// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors

import Synchronization

/// The door of the sandbox: who comes in when there are more invocations than places.
final class Admission: Sendable {
    /// One who waits.
    private final class Ticket: Sendable {
        let tenant: String
        let program: String
        let deadline: Moment
        private let state = Mutex(State())

        private struct State {
            var continuation: CheckedContinuation<SandboxError?, Never>?
            var isCancelled = false
        }

        init(tenant: String, program: String, deadline: Moment) {
            (self.tenant, self.program, self.deadline) = (tenant, program, deadline)
        }

        /// False when it was cancelled before.
        func hold(_ continuation: CheckedContinuation<SandboxError?, Never>) -> Bool {
            state.withLock { state in
                if !state.isCancelled { state.continuation = continuation }
                return !state.isCancelled
            }
        }

        var isCancelled: Bool { state.withLock { $0.isCancelled } }

        func cancel() { state.withLock { $0.isCancelled = true } }

        /// Lets it in, or tells it why not.
        func answer(_ error: SandboxError?) { state.withLock { $0.continuation.take() }?.resume(returning: error) }
    }

    private struct State {
        var queue: FairQueue<Ticket>
        var armed = Moment.never
    }

    private let reactor: Reactor
    private let state: Mutex<State>

    init(_ rules: Fairness, reactor: Reactor) {
        self.reactor = reactor
        state = Mutex(State(queue: FairQueue(rules)))
    }

    /// Invocations that wait for a place.
    var waitingCount: Int { state.withLock { $0.queue.waitingCount } }

    /// Takes a place, waiting for it when there is none; whoever gets one calls ``leave(_:)``.
    func enter(_ key: CellKey, deadline: Moment) async throws(SandboxError) {
        switch state.withLock({ $0.queue.enter(key.tenant) }) {
        case .entered: return
        case .refused: throw .overloaded
        case .waits:
            if let error = await wait(Ticket(tenant: key.tenant, program: key.program, deadline: deadline)) { throw error }
        }
    }

    func leave(_ tenant: String) {
        for ticket in state.withLock({ $0.queue.leave(tenant) }) { ticket.answer(nil) }
    }

    /// Sends away whose deadline has passed.
    func expire(now: Moment) {
        let (late, next) = state.withLock { state in
            var next = Moment.never
            let late = state.queue.removeAll(where: { $0.deadline <= now }, otherwise: { next = min(next, $0.deadline) })
            state.armed = next
            return (late, next)
        }
        for ticket in late { ticket.answer(.wallExceeded) }
        if next < .never { reactor.arm(Reactor.admissionToken, due: next) }
    }

    /// Sends away who waits to run that program, or everybody.
    func dismiss(program: String? = nil, _ error: SandboxError) {
        for ticket in state.withLock({ $0.queue.removeAll(where: { program == nil || $0.program == program }) }) { ticket.answer(error) }
    }

    /// Answers everybody who waits for one of these tenants.
    func dismiss(tenants: Set<String>, _ error: SandboxError) {
        for ticket in state.withLock({ $0.queue.removeAll(where: { tenants.contains($0.tenant) }) }) { ticket.answer(error) }
    }

    private func wait(_ ticket: Ticket) async -> SandboxError? {
        await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                guard ticket.hold(continuation) else { return continuation.resume(returning: .cancelled) }
                let (answer, isEarliest) = state.withLock { state in
                    let answer = state.queue.enter(ticket.tenant, ticket)
                    let isEarliest = answer == .waits && ticket.deadline < state.armed
                    if isEarliest { state.armed = ticket.deadline }
                    return (answer, isEarliest)
                }
                switch answer {
                case .entered: ticket.answer(nil)
                case .refused: ticket.answer(.overloaded)
                case .waits:
                    if isEarliest { reactor.arm(Reactor.admissionToken, due: ticket.deadline) }
                    // Cancelled before it stood in the queue, where nobody found it.
                    if ticket.isCancelled { withdraw(ticket) }
                }
            }
        } onCancel: {
            ticket.cancel()
            withdraw(ticket)
        }
    }

    private func withdraw(_ ticket: Ticket) {
        if state.withLock({ $0.queue.remove(ticket, of: ticket.tenant) }) { ticket.answer(.cancelled) }
    }
}
