// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors

/// What a cell and its invocations may take, and what is done about more.
///
/// A cell limits its invocations itself, first by a Lua error, then by leaving the interpreter by force. This is the third stage, for a cell
/// in which neither gets through. It goes by the processor time of the process: a machine that is busy elsewhere kills nobody.
extension CellProtocol {
    /// How old a reading of the processor clock may be when the cell speaks; a newer one is not worth a system call.
    private static let resolution: Int64 = 5_000_000
    /// The longest time without a look at a cell that computes.
    private static let longestLook: Int64 = 250_000_000
    /// The time between two looks at a cell that should not compute, and the processor time that it may use in between.
    private static let restLook: Int64 = 5_000_000_000
    private static let restAllowance: Int64 = 250_000_000
    /// The cell puts several short turns into one answer: each of them may take that long unheard.
    private static let unheard: Int64 = 2_000_000

    /// The cell has ended a turn: what it uses from here on counts anew.
    ///
    /// False when the last reading still does.
    package mutating func wantsReading(now: Moment) -> Bool {
        defer { hasSpoken = false }
        return hasSpoken && phase != .ended && reading.map { now - $0.at >= Self.resolution } ?? true
    }

    /// Takes the processor time that the process has used in all, in nanoseconds.
    package mutating func read(cpu: Int64, now: Moment) {
        if cpu >= 0 { reading = (cpu, now) }
    }

    /// Looks for what has taken too long; `cpu` is the processor time that the process has used in all, in nanoseconds, below zero when unknown.
    ///
    /// Returns when to look again.
    package mutating func check(now: Moment, cpu: Int64, _ effects: inout CellEffects) -> Moment {
        switch phase {
        case .ended: .never
        case .starting, .loading: checkStart(now: now, cpu: cpu, &effects)
        case .serving: checkService(now: now, cpu: cpu, &effects)
        }
    }

    private mutating func checkStart(now: Moment, cpu: Int64, _ effects: inout CellEffects) -> Moment {
        let limit = rules.loadTime + rules.grace
        if phase == .loading, cpu >= limit {
            let error = SandboxError.loadFailed(.cpuForced, file: "", line: 0, message: "loading takes too much CPU time")
            finish(error, waiting: error, &effects)
            effects.kill = .cause
            return .never
        }
        guard now < startDeadline else {
            let error = SandboxError.unavailable("the cell did not load its program in time")
            finish(error, waiting: error, &effects)
            effects.kill = .ordered
            return .never
        }
        return min(startDeadline, expireWaiting(now: now, &effects), now + (limit - max(0, min(cpu, limit - 1_000_000))))
    }

    private mutating func checkService(now: Moment, cpu: Int64, _ effects: inout CellEffects) -> Moment {
        var next = expireWaiting(now: now, &effects)
        for case let invocation? in slots where invocation.phase != .ended {
            if invocation.deadline <= now {
                abandon(invocation, .wallExceeded, now: now, &effects)
            } else {
                next = min(next, invocation.deadline)
            }
        }
        if reading == nil { read(cpu: cpu, now: now) }
        let used = max(0, cpu - (reading?.cpu ?? cpu))
        return min(next, busy == 0 ? checkRest(used, now: now, cpu: cpu, &effects) : checkWork(used, now: now, &effects))
    }

    /// A cell that has nothing to compute: it ends after its time, or at once when it computes all the same.
    private mutating func checkRest(_ used: Int64, now: Moment, cpu: Int64, _ effects: inout CellEffects) -> Moment {
        guard used < Self.restAllowance else { return stop(.cause, &effects) }
        read(cpu: cpu, now: now)
        guard inFlight == 0, waiting.isEmpty else { return now + Self.restLook }
        guard now - idleSince < rules.idle else { return stop(.spent, &effects) }
        return min(idleSince + rules.idle, now + Self.restLook)
    }

    /// The last resort: a cell that has used more processor time unheard than any of its invocations may, or that is deaf.
    private mutating func checkWork(_ used: Int64, now: Moment, _ effects: inout CellEffects) -> Moment {
        let limit = patience + rules.grace
        if used >= limit {
            let inHand = slots.compactMap { $0 }.filter { $0.phase == .running }
            // Of several invocations nobody can tell which one it is that does not end.
            if inHand.count == 1 {
                let allowed = inHand[0].patience / 1_000_000
                let message = "the operation used more than its \(allowed) ms of CPU time and only the end of its process stopped it"
                inHand[0].receipt.cpu = .nanoseconds(used)
                end(inHand[0], .cpuExceeded(.process, message: message), &effects)
            }
            return stop(.cause, &effects)
        }
        let isDeaf = slots.contains { slot in
            guard let abandoned = slot?.abandoned else { return false }
            return now - max(abandoned, lastHeard) >= patience + rules.deafness
        }
        if isDeaf { return stop(.cause, &effects) }
        return now + max(1_000_000, min(limit - used, Self.longestLook))
    }

    private mutating func stop(_ kill: CellEffects.Kill, _ effects: inout CellEffects) -> Moment {
        finish(.cellKilled, waiting: nil, &effects)
        effects.kill = kill
        return .never
    }

    /// The most processor time that the cell may use unheard: one long turn, and short ones before it.
    private var patience: Int64 {
        var (longest, turns): (Int64, Int64) = (0, 0)
        for case let invocation? in slots where invocation.phase != .hosting {
            longest = max(longest, invocation.patience)
            turns += 1
        }
        return longest + max(0, turns - 1) * Self.unheard
    }

    /// When to look at a cell that has just been given something to do.
    func firstLook(at invocation: Invocation, from now: Moment) -> Moment {
        min(invocation.deadline, now + min(invocation.patience + rules.grace, Self.longestLook))
    }

    private mutating func expireWaiting(now: Moment, _ effects: inout CellEffects) -> Moment {
        var next = Moment.never
        for invocation in waiting.removeAll(where: { $0.deadline <= now }, otherwise: { next = min(next, $0.deadline) }) {
            end(invocation, .wallExceeded, &effects)
        }
        return next
    }
}
