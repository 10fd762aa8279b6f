// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors

import CLinux
import Glibc
import Logging
import Synchronization

/// The cells by what they are for, and the account of what became of them.
final class CellRegistry: Sendable {
    fileprivate struct State {
        var cells: [CellIdentity: Cell] = [:]
        var statistics = SandboxStatistics()
        var isClosed = false
        var killed: Set<String> = []
        var closedTenants: Set<String> = []
        var ledger: CrashLedger
    }

    private static let eventsKept = 1024

    /// The door in front of all cells.
    let admission: Admission

    private let configuration: SandboxConfiguration
    private let reactor: Reactor
    private let logger: Logger
    private let state: Mutex<State>
    /// What the audit trail should know.
    let events: AsyncStream<SandboxEvent>
    private let tell: AsyncStream<SandboxEvent>.Continuation

    init(_ configuration: SandboxConfiguration, reactor: Reactor, logger: Logger) {
        self.configuration = configuration
        self.reactor = reactor
        self.logger = logger
        admission = Admission(configuration.fairness, reactor: reactor)
        state = Mutex(State(ledger: CrashLedger(configuration.crashes)))
        (events, tell) = AsyncStream.makeStream(bufferingPolicy: .bufferingNewest(Self.eventsKept))
    }

    deinit { tell.finish() }

    /// The cell for that identity, started when there is none.
    func cell(_ identity: CellIdentity, for program: Program) throws(SandboxError) -> Cell {
        if let cell = try state.withLock({ state throws(SandboxError) in try state.cell(identity, now: configuration.clock()) }) {
            return cell
        }
        let load = try HostFrame.load(
            program, memory: identity.memory, states: states, cpu: configuration.loadTime, seed: configuration.hashSeed)
        let (fresh, remote) = try make(identity, load: load)
        let (result, evicted) = state.withLock { admit(fresh, remote, &$0) }
        evicted?.end(.cellKilled, .spent)
        return try result.get()
    }

    /// A cell without a program, which reports its layers and ends.
    func probe() throws(SandboxError) -> Cell {
        let (cell, remote) = try make(CellIdentity(key: CellKey(tenant: "", partition: "", program: ""), memory: 0), load: nil)
        reactor.post(.start(cell, socket: remote))
        return cell
    }

    /// A cell's conversation has ended.
    func remove(_ cell: Cell, _ kill: CellEffects.Kill?, _ reason: SandboxError?) {
        let now = configuration.clock()
        let (end, isExpected) = state.withLock { state in
            let end = state.remove(cell, kill, reason, now: now)
            // At shutdown every cell is ended, and nobody has to be told.
            return (end, kill == .spent || state.isClosed)
        }
        if let exit = end.crash { tell.yield(.crashed(cell.identity.key, exit)) }
        if let deaths = end.quarantinedAfter {
            logger.warning(
                "program quarantined",
                metadata: [
                    "tenant": "\(cell.identity.key.tenant)", "program": "\(cell.identity.key.program)", "crashes": "\(deaths)",
                ])
            tell.yield(.quarantined(cell.identity.key, crashes: deaths))
            for other in end.others { other.end(.quarantined) }
        }
        let level: Logger.Level = isExpected ? .debug : kill == .ordered ? .notice : .warning
        logger.log(
            level: level, "cell ended",
            metadata: [
                "partition": "\(cell.identity.key.partition)", "program": "\(cell.identity.key.program)",
                "reason": "\(reason?.description ?? "")",
            ])
    }

    /// A cell has brought its first value.
    func succeeded(_ identity: CellIdentity) { state.withLock { $0.ledger.succeeded(identity.key, memory: identity.memory) } }

    func cells(of program: String) -> [Cell] {
        state.withLock { state in state.cells.values.filter { $0.identity.key.program == program } }
    }

    func cells(of key: CellKey) -> [Cell] { state.withLock { state in state.cells.values.filter { $0.identity.key == key } } }

    /// Starts no cell of that program any more; returns those that there are.
    func kill(_ program: String) -> [Cell] {
        let cells = state.withLock { state in
            state.killed.insert(program)
            let cells = state.cells.values.filter { $0.identity.key.program == program }
            // From here on nobody finds them.
            for cell in cells { state.cells[cell.identity] = nil }
            return cells
        }
        admission.dismiss(program: program, .programKilled)
        tell.yield(.killed(program: program, cells: cells.count))
        return cells
    }

    /// Starts no cell for these tenants any more; returns those that there are.
    func close(tenants: Set<String>) -> [Cell] {
        let (cells, fresh) = state.withLock { state in
            let fresh = tenants.subtracting(state.closedTenants)
            state.closedTenants = tenants
            let cells = fresh.isEmpty ? [] : state.cells.values.filter { fresh.contains($0.identity.key.tenant) }
            // From here on nobody finds them.
            for cell in cells { state.cells[cell.identity] = nil }
            return (cells, fresh)
        }
        if !fresh.isEmpty { admission.dismiss(tenants: fresh, .tenantClosed) }
        return cells
    }

    func revive(_ program: String) -> Bool {
        guard state.withLock({ $0.killed.remove(program) }) != nil else { return false }
        tell.yield(.revived(program: program))
        return true
    }

    var killed: Set<String> { state.withLock { $0.killed } }

    var quarantine: [CellKey] { state.withLock { $0.ledger.quarantine } }

    func release(_ key: CellKey) -> Bool {
        guard state.withLock({ $0.ledger.release(key) }) else { return false }
        tell.yield(.released(key))
        return true
    }

    /// No cell is handed out any more.
    ///
    /// Returns the last ones.
    func close() -> [Cell] {
        let cells = state.withLock { state in
            state.isClosed = true
            return Array(state.cells.values)
        }
        admission.dismiss(.unavailable("the sandbox has been shut down"))
        return cells
    }

    func countZygote() { state.withLock { $0.statistics.zygotes += 1 } }

    var statistics: SandboxStatistics {
        let (cells, counted) = state.withLock { (Array($0.cells.values), $0.statistics) }
        var statistics = counted
        statistics.cells = cells.count
        statistics.queued = admission.waitingCount
        for cell in cells {
            let load = cell.load
            statistics.running += load.running
            statistics.waiting += load.waiting
        }
        return statistics
    }

    /// What a cell takes.
    private var states: Int { min(max(configuration.states, 1), 256) }

    private func make(_ identity: CellIdentity, load: [UInt8]?) throws(SandboxError) -> (Cell, remote: Descriptor) {
        var sockets: [Int32] = [-1, -1]
        guard linux_socket_pair(linux_stream, &sockets) == 0 else { throw .unavailable("the system has no sockets left") }
        let remote = Descriptor(sockets[1])
        var rules = CellProtocol.Rules()
        rules.requiredLayers = configuration.requiredLayers
        rules.states = states
        rules.maximumWaiting = configuration.maximumWaiting
        rules.grace = max(0, configuration.grace.wholeNanoseconds)
        rules.deafness = 10 * min(rules.grace, 1_000_000_000)
        rules.loadTime = configuration.loadTime.wholeNanoseconds
        rules.idle = configuration.idleTime.wholeNanoseconds
        let now = Moment.now
        let machine = CellProtocol(load: load, rules: rules, now: now, startDeadline: now + configuration.startTime.wholeNanoseconds)
        return (Cell(identity, machine: machine, socket: Descriptor(sockets[0]), reactor: reactor, registry: self), remote)
    }

    private func admit(_ fresh: Cell, _ remote: Descriptor, _ state: inout State) -> (Result<Cell, SandboxError>, evicted: Cell?) {
        if state.isClosed { return (.failure(.unavailable("the sandbox has been shut down")), nil) }
        if state.killed.contains(fresh.identity.key.program) { return (.failure(.programKilled), nil) }
        if state.closedTenants.contains(fresh.identity.key.tenant) { return (.failure(.tenantClosed), nil) }
        if let other = state.cells[fresh.identity] { return (.success(other), nil) }
        var evicted: Cell?
        let own = state.cells.values.filter { $0.identity.key.tenant == fresh.identity.key.tenant }
        let isFull = state.cells.count >= configuration.maximumCells
        if own.count >= configuration.cellsPerTenant || isFull {
            // A tenant whose share is used up makes room itself.
            evicted = own.first { $0.isIdle } ?? (own.count < configuration.cellsPerTenant ? state.cells.values.first { $0.isIdle } : nil)
            guard let evicted else { return (.failure(.overloaded), nil) }
            state.cells[evicted.identity] = nil
        }
        state.cells[fresh.identity] = fresh
        state.statistics.started += 1
        // Under the lock: after close() nothing may be started behind the order to stop.
        reactor.post(.start(fresh, socket: remote))
        return (.success(fresh), evicted)
    }
}

extension CellRegistry.State {
    /// The cell that there is; throws when there is none and none may be started.
    func cell(_ identity: CellIdentity, now: Moment) throws(SandboxError) -> Cell? {
        if let cell = cells[identity] { return cell }
        if killed.contains(identity.key.program) { throw .programKilled }
        if closedTenants.contains(identity.key.tenant) { throw .tenantClosed }
        try ledger.check(identity.key, memory: identity.memory, now: now)
        return nil
    }

    /// What the end of a cell means for those that follow.
    mutating func remove(
        _ cell: Cell, _ kill: CellEffects.Kill?, _ reason: SandboxError?, now: Moment
    ) -> (crash: CellExit?, quarantinedAfter: Int?, others: [Cell]) {
        let identity = cell.identity
        let isKnown = cells[identity] === cell
        if isKnown { cells[identity] = nil }
        switch kill {
        case .spent:
            if case .loadFailed? = reason, let reason { ledger.loadFailed(identity.key.program, memory: identity.memory, reason, now: now) }
            return (nil, nil, [])
        case .ordered:
            statistics.killed += 1
            return (nil, nil, [])
        case .cause: statistics.killed += 1
        case nil: statistics.crashed += 1
        }
        guard isKnown, !isClosed else { return (nil, nil, []) }
        var exit = CellExit.signal(SIGKILL)
        if case .cellCrashed(let own)? = reason { exit = own }
        let deaths = ledger.crashed(identity.key, now: now)
        let (tenant, program) = (identity.key.tenant, identity.key.program)
        let others = deaths == nil ? [] : cells.values.filter { $0.identity.key.tenant == tenant && $0.identity.key.program == program }
        return (exit, deaths, others)
    }
}
