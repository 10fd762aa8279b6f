// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors

/// Remembers which cells died and which programs did not load, and says who may start again.
///
/// No clock: every event brings its moment.
package struct CrashLedger {
    /// The program of one tenant, whichever of its set-ups died.
    private struct Resident: Hashable {
        var tenant: String
        var program: String

        init(_ key: CellKey) { (tenant, program) = (key.tenant, key.program) }
    }

    /// Sources as they are loaded.
    private struct Load: Hashable {
        var program: String
        var memory: Int
    }

    private struct BackOff {
        var delay: Int64
        var until: Moment
    }

    /// Entries above which those that are over are dropped.
    private static let tidy = 1024

    private let policy: CrashPolicy
    private var deaths: [Resident: [Moment]] = [:]
    private var confined: [Resident: CellKey] = [:]
    private var backOffs: [CellKey: BackOff] = [:]
    private var failures: [Load: (backOff: BackOff, error: SandboxError)] = [:]

    /// A ledger without entries.
    package init(_ policy: CrashPolicy) { self.policy = policy }

    /// The keys that are in quarantine.
    package var quarantine: [CellKey] { Array(confined.values) }

    /// How many things it remembers.
    package var entries: Int { deaths.count + confined.count + backOffs.count + failures.count }

    /// Throws why no cell may be started now.
    package func check(_ key: CellKey, memory: Int, now: Moment) throws(SandboxError) {
        // Nearly always there is nothing to look up.
        if !confined.isEmpty, confined[Resident(key)] != nil { throw .quarantined }
        if !backOffs.isEmpty, let until = backOffs[key]?.until, now < until { throw .backingOff(.nanoseconds(until - now)) }
        if !failures.isEmpty, let failure = failures[Load(program: key.program, memory: memory)], now < failure.backOff.until {
            throw failure.error
        }
    }

    /// A cell has died.
    ///
    /// Returns the number of deaths when they are enough for quarantine.
    package mutating func crashed(_ key: CellKey, now: Moment) -> Int? {
        tidy(now)
        // One death is an accident: the next call finds a new cell at once.
        backOffs[key] = backOffs[key].map { next(after: $0, first: policy.backOff, now: now) } ?? BackOff(delay: 0, until: now)
        let resident = Resident(key)
        let recent = (deaths[resident] ?? []).filter { now - $0 < policy.window.wholeNanoseconds } + [now]
        deaths[resident] = recent.suffix(policy.crashes)
        guard recent.count >= policy.crashes, confined[resident] == nil else { return nil }
        confined[resident] = key
        return recent.count
    }

    /// An invocation has returned.
    package mutating func succeeded(_ key: CellKey, memory: Int) {
        if !backOffs.isEmpty { backOffs[key] = nil }
        if !failures.isEmpty { failures[Load(program: key.program, memory: memory)] = nil }
    }

    /// A program could not be loaded, for that reason.
    package mutating func loadFailed(_ program: String, memory: Int, _ error: SandboxError, now: Moment) {
        tidy(now)
        let load = Load(program: program, memory: memory)
        failures[load] = (next(after: failures[load]?.backOff, first: policy.loadBackOff, now: now), error)
    }

    /// Forgets the deaths; false when there was no quarantine.
    package mutating func release(_ key: CellKey) -> Bool {
        let resident = Resident(key)
        guard confined.removeValue(forKey: resident) != nil else { return false }
        deaths[resident] = nil
        backOffs = backOffs.filter { Resident($0.key) != resident }
        return true
    }

    private func next(after last: BackOff?, first: Duration, now: Moment) -> BackOff {
        let longest = policy.longestBackOff.wholeNanoseconds
        let delay = min(max(first.wholeNanoseconds, last.map { $0.delay.multipliedReportingOverflow(by: 2).partialValue } ?? 0), longest)
        return BackOff(delay: delay, until: now + delay)
    }

    /// Keeps the ledger small: a back-off that has long been over starts from the beginning, deaths that count no more are forgotten.
    private mutating func tidy(_ now: Moment) {
        let rest = policy.longestBackOff.wholeNanoseconds
        if backOffs.count >= Self.tidy { backOffs = backOffs.filter { now < $0.value.until + rest } }
        if failures.count >= Self.tidy { failures = failures.filter { now < $0.value.backOff.until + rest } }
        if deaths.count >= Self.tidy {
            deaths = deaths.filter { entry in entry.value.contains { now - $0 < policy.window.wholeNanoseconds } }
        }
    }
}
