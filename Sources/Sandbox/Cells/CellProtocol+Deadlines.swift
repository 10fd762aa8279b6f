// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors

/// What a cell and its invocations may take, and what is done about more.
extension CellProtocol {
    /// Looks for what has taken too long; `cpu` is the processor time that the process has used in all, in nanoseconds.
    ///
    /// Returns when to look again.
    package mutating func check(now: Moment, cpu: Int64, _ effects: inout CellEffects) -> Moment {
        switch phase {
        case .ended: return .never
        case .starting, .loading:
            guard now < startDeadline else {
                let error = SandboxError.unavailable("the cell did not load its program in time")
                finish(error, waiting: error, &effects)
                effects.kill = .cause
                return .never
            }
            return min(startDeadline, expireWaiting(now: now, &effects))
        case .serving: break
        }

        var next = expireWaiting(now: now, &effects)
        for case let invocation? in slots where invocation.phase != .ended {
            if invocation.deadline <= now {
                abandon(invocation, .wallExceeded, now: now, &effects)
            } else {
                next = min(next, invocation.deadline)
            }
        }
        if inFlight == 0, waiting.isEmpty {
            guard now - idleSince < rules.idle else {
                finish(.cellKilled, waiting: nil, &effects)
                effects.kill = .spent
                return .never
            }
            return idleSince + rules.idle
        }
        guard busy > 0 else { return next }
        if let culprit = overrun(now: now, cpu: cpu) {
            culprit.invocation.map { end($0, culprit.error, &effects) }
            finish(.cellKilled, waiting: nil, &effects)
            effects.kill = .cause
            return .never
        }
        return min(next, now + min(patience + rules.grace, 2 * rules.grace) / 2)
    }

    /// The last resort: a cell that has used more processor time in silence than any of its invocations may, or that is deaf.
    private mutating func overrun(now: Moment, cpu: Int64) -> (invocation: Invocation?, error: SandboxError)? {
        guard let silence, silence.heard == heard else {
            silence = (heard, cpu)
            return nil
        }
        let inHand = slots.compactMap { $0 }.filter { $0.phase == .running }
        if cpu - silence.cpu >= patience + rules.grace / 2 {
            // Of several invocations nobody can tell which one it is that does not end.
            let message = "the operation used more than its CPU time and its process had to be ended"
            return (inHand.count == 1 ? inHand[0] : nil, .cpuExceeded(.process, message: message))
        }
        let overdue = slots.contains { $0?.abandoned.map { now - $0 >= rules.grace } ?? false }
        return overdue && now - lastHeard >= patience + rules.grace ? (nil, .cellKilled) : nil
    }

    /// The most processor time that the cell may use without a sign of life: it may run all that it has one after the other before it speaks.
    private var patience: Int64 {
        slots.reduce(0) { $0 + ($1?.phase == .hosting ? 0 : $1?.patience ?? 0) }
    }

    func patience(for invocation: Invocation, from now: Moment) -> Moment {
        now + min(invocation.patience + rules.grace, 2 * rules.grace) / 2
    }

    private mutating func expireWaiting(now: Moment, _ effects: inout CellEffects) -> Moment {
        var next = Moment.never
        for invocation in waiting.removeAll(where: { $0.deadline <= now }, otherwise: { next = min(next, $0.deadline) }) {
            end(invocation, .wallExceeded, &effects)
        }
        return next
    }
}
