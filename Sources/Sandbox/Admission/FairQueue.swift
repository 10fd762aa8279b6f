// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors

/// A bounded number of places, given to those who wait in turn of their tenants, each tenant's in order (stride scheduling).
///
/// While a place is free, nobody waits who may have it: without a shortage a tenant's weight means nothing.
package struct FairQueue<Ticket: AnyObject> {
    /// What becomes of one who comes.
    package enum Answer: Sendable, Hashable {
        /// Has a place.
        case entered
        /// Must wait for one.
        case waits
        /// Must not even wait: too many of the tenant do.
        case refused
    }

    private struct Line {
        var held = 0
        var waiting = Fifo<Ticket>()
        /// Where the tenant stands in the order of turns.
        var pass: UInt64 = 0
    }

    /// The distance between two turns of a tenant with weight 1.
    private static var stride: UInt64 { 1 << 32 }

    private let rules: Fairness
    private var lines: [String: Line] = [:]
    /// The tenants of whom somebody waits.
    private var waitingTenants: [String] = []
    /// Where the turns are.
    private var now: UInt64 = 0
    /// Places that are taken.
    package private(set) var held = 0

    /// A queue in which nobody is.
    package init(_ rules: Fairness) { self.rules = rules }

    /// All that wait.
    package var waitingCount: Int { waitingTenants.reduce(0) { $0 + (lines[$1]?.waiting.count ?? 0) } }

    /// Takes a place if there is one; without a ticket, only says what would become of it.
    package mutating func enter(_ tenant: String, _ ticket: Ticket? = nil) -> Answer {
        if mayEnter(lines[tenant]) {
            lines[tenant, default: Line()].held += 1
            held += 1
            return .entered
        }
        guard lines[tenant]?.waiting.count ?? 0 < rules.waiting else { return .refused }
        if let ticket { append(ticket, of: tenant) }
        return .waits
    }

    /// Gives a place back; returns who has it now.
    package mutating func leave(_ tenant: String) -> [Ticket] {
        guard let line = lines[tenant], line.held > 0 else { return [] }
        held -= 1
        if line.held == 1, line.waiting.isEmpty { lines[tenant] = nil } else { lines[tenant]?.held -= 1 }
        return waitingTenants.isEmpty ? [] : serve()
    }

    /// Takes out those who wait and match; `otherwise` sees the rest.
    package mutating func removeAll(where matches: (Ticket) -> Bool, otherwise: (Ticket) -> Void = { _ in }) -> [Ticket] {
        var removed: [Ticket] = []
        for tenant in waitingTenants { removed += lines[tenant]?.waiting.removeAll(where: matches, otherwise: otherwise) ?? [] }
        for tenant in waitingTenants { forget(tenant) }
        return removed
    }

    /// Takes out one who waits; false when it does not.
    package mutating func remove(_ ticket: Ticket, of tenant: String) -> Bool {
        guard lines[tenant]?.waiting.remove(ticket) == true else { return false }
        forget(tenant)
        return true
    }

    private func mayEnter(_ line: Line?) -> Bool {
        guard held < rules.places else { return false }
        guard let line else { return true }
        return line.held < rules.part(of: rules.places) && line.waiting.isEmpty
    }

    private mutating func append(_ ticket: Ticket, of tenant: String) {
        var line = lines[tenant] ?? Line()
        if line.waiting.isEmpty {
            waitingTenants.append(tenant)
            // Nobody saves up turns by staying away.
            line.pass = max(line.pass, now)
        }
        line.waiting.append(ticket)
        lines[tenant] = line
    }

    private mutating func serve() -> [Ticket] {
        var served: [Ticket] = []
        while held < rules.places, let tenant = nextTenant(), var line = lines[tenant], let ticket = line.waiting.popFirst() {
            // Who could not be served, having the whole share, saves up no turns either.
            now = max(now, line.pass)
            line.pass = now + Self.stride / UInt64(min(max(rules.weight(tenant), 1), 1 << 20))
            line.held += 1
            held += 1
            lines[tenant] = line
            forget(tenant)
            served.append(ticket)
        }
        return served
    }

    private func nextTenant() -> String? {
        var best: (tenant: String, pass: UInt64)?
        for tenant in waitingTenants {
            guard let line = lines[tenant], line.held < rules.part(of: rules.places) else { continue }
            if best.map({ line.pass < $0.pass }) ?? true { best = (tenant, line.pass) }
        }
        return best?.tenant
    }

    private mutating func forget(_ tenant: String) {
        guard let line = lines[tenant], line.waiting.isEmpty else { return }
        waitingTenants.removeAll { $0 == tenant }
        if line.held == 0 { lines[tenant] = nil }
    }
}
