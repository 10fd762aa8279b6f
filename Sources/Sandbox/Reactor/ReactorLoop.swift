// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors

import CLinux
import Glibc

/// What runs on the reactor's thread: it hears every cell and the zygote, and nobody else touches what it holds.
final class ReactorLoop {
    /// A cell whose process may still speak.
    private struct Connection {
        let cell: Cell
        var reader = FrameReader()
        var pid: Int32?
        /// The socket has ended and the zygote has not yet said why.
        var lostSince: Moment?
    }

    /// How long the zygote may take to say why a cell has ended.
    private static let patience: Int64 = 500_000_000

    private let reactor: Reactor
    private let registry: CellRegistry
    private let configuration: SandboxConfiguration
    private var zygote: Zygote?
    private var connections: [UInt64: Connection] = [:]
    private var tokens: [Int32: UInt64] = [:]
    private var spawning: [UInt32: (cell: Cell, since: Moment)] = [:]
    private var frames: [(CellFrame, size: Int)] = []
    private var stopped: CheckedContinuation<Void, Never>?
    private var isStopping = false

    private init(_ reactor: Reactor, _ registry: CellRegistry, _ configuration: SandboxConfiguration) {
        self.reactor = reactor
        self.registry = registry
        self.configuration = configuration
    }

    /// Starts the thread.
    ///
    /// It ends on ``Reactor/Command/stop(_:)``.
    static func start(_ reactor: Reactor, _ registry: CellRegistry, _ configuration: SandboxConfiguration) throws(SandboxError) {
        final class Start {
            let body: () -> Void
            init(_ body: @escaping () -> Void) { self.body = body }
        }
        let argument = Unmanaged.passRetained(Start { ReactorLoop(reactor, registry, configuration).run() })
        let enter: @convention(c) (UnsafeMutableRawPointer?) -> UnsafeMutableRawPointer? = { argument in
            if let argument { Unmanaged<Start>.fromOpaque(argument).takeRetainedValue().body() }
            return nil
        }
        var thread = pthread_t()
        let error = pthread_create(&thread, nil, enter, argument.toOpaque())
        guard error == 0 else {
            argument.release()
            throw .unavailable("the system has no threads left")
        }
        pthread_detach(thread)
    }

    private func run() {
        linux_name_thread("sandbox")
        var events = [epoll_event](repeating: epoll_event(), count: 64)
        while !isStopping {
            let count = reactor.wait(into: &events)
            for event in events[..<count] {
                switch event.data.u64 {
                case Reactor.wakeToken: reactor.takeCommands().forEach(perform)
                case Reactor.timerToken: reactor.takeDue(.now).forEach(check)
                case Reactor.zygoteToken: hearZygote()
                case let token: hear(token, event.events)
                }
            }
        }
        zygote = nil
        for case .stop(let continuation) in reactor.close() { continuation?.resume() }
        stopped?.resume()
    }

    // MARK: - Commands

    private func perform(_ command: Reactor.Command) {
        switch command {
        case .start(let cell, let socket): start(cell, socket)
        case .retire(let token): retire(token)
        case .stop(let continuation):
            isStopping = true
            stopped = continuation
            // A snapshot: each end retires its connection.
            for cell in connections.values.map(\.cell) { cell.end(.cellKilled) }
        }
    }

    private func start(_ cell: Cell, _ socket: Descriptor) {
        connections[cell.token] = Connection(cell: cell)
        reactor.watch(cell.socket, cell.token)
        cell.watchStart()
        do throws(SandboxError) {
            spawning[try spawn(cell, socket)] = (cell, .now)
        } catch {
            cell.end(error)
        }
    }

    private func spawn(_ cell: Cell, _ socket: Descriptor) throws(SandboxError) -> UInt32 {
        if zygote == nil {
            let fresh = try Zygote(executable: configuration.cellExecutable)
            registry.countZygote()
            reactor.watch(fresh.control, Reactor.zygoteToken)
            zygote = consume fresh
        }
        // For each state the arena and its snapshot, with room for what fragmentation costs; and the program's own text, stacks and libraries.
        let addressSpace = min(configuration.states, 256) * (3 * cell.identity.memory + (2 << 20)) + (256 << 20)
        return try zygote?.spawn(socket, addressSpace: UInt64(addressSpace)) ?? 0
    }

    private func retire(_ token: UInt64) {
        guard let connection = connections.removeValue(forKey: token) else { return }
        reactor.unwatch(connection.cell.socket)
        if let pid = connection.pid { tokens[pid] = nil }
        // A zygote that left a cell's whole start without an answer will not answer the next one either.
        let patience = configuration.startTime.wholeNanoseconds / 2
        if spawning.values.contains(where: { $0.cell === connection.cell && .now - $0.since >= patience }) {
            loseZygote(.unavailable("the zygote does not answer"))
        }
    }

    // MARK: - Cells

    private func hear(_ token: UInt64, _ events: UInt32) {
        guard let cell = connections[token]?.cell else { return }
        if events & EPOLLOUT.rawValue != 0 { cell.unblock() }
        guard events & ~EPOLLOUT.rawValue != 0 else { return }
        _ = drain(token, cell)
    }

    /// Reads once, up to what the buffer holds: a cell that floods us gets its turn like the others.
    ///
    /// False when there was nothing.
    private func drain(_ token: UInt64, _ cell: Cell) -> Bool {
        let count = connections[token]?.reader.fill { read(cell.socket.number, $0.baseAddress, $0.count) } ?? -1
        let error = errno
        if count > 0 {
            var violation: FrameError?
            do throws(FrameError) {
                try connections[token]?.reader.drain(into: &frames)
            } catch {
                violation = error
            }
            cell.receive(&frames, then: violation)
            return true
        }
        if count == 0 || (error != EAGAIN && error != EINTR) {
            lose(token)
        }
        return false
    }

    private func lose(_ token: UInt64) {
        guard let connection = connections[token], connection.lostSince == nil else { return }
        connections[token]?.lostSince = .now
        reactor.unwatch(connection.cell.socket)
        reactor.arm(token, due: .now + Self.patience)
    }

    private func check(_ token: UInt64) {
        if token == Reactor.admissionToken { return registry.admission.expire(now: .now) }
        guard let connection = connections[token] else { return }
        if let lost = connection.lostSince, .now - lost >= Self.patience { return connection.cell.died(.unknown) }
        connection.cell.check()
    }

    // MARK: - The zygote

    private func hearZygote() {
        do throws(SandboxError) {
            while let (message, descriptor) = try zygote?.receive() { hear(message, descriptor) }
        } catch {
            loseZygote(error)
        }
    }

    private func hear(_ message: ZygoteMessage, _ descriptor: Descriptor?) {
        switch message {
        case .hello(let version, _, _):
            if version != ZygoteMessage.version {
                loseZygote(.unavailable("\(configuration.cellExecutable) speaks version \(version), not \(ZygoteMessage.version)"))
            }
        case .spawned(let sequence, let pid, let error):
            guard let (cell, _) = spawning.removeValue(forKey: sequence) else { return }
            guard error == 0, let descriptor else {
                return cell.end(.unavailable("no process for a cell: \(String(cString: strerror(error)))"))
            }
            tokens[pid] = cell.token
            connections[cell.token]?.pid = pid
            cell.attach(pid: pid, descriptor)
        case .exited(let pid, let exit):
            guard let token = tokens.removeValue(forKey: pid), let cell = connections[token]?.cell else { return }
            connections[token]?.pid = nil
            // What it wrote before it died still counts.
            while connections[token]?.lostSince == nil, drain(token, cell) {}
            cell.died(exit)
        }
    }

    /// Without the zygote nobody would tell us how cells end, and the kernel ends them with it.
    private func loseZygote(_ error: SandboxError) {
        zygote = nil
        for (cell, _) in spawning.values { cell.end(error) }
        spawning = [:]
        tokens = [:]
        for cell in connections.values.map(\.cell) { cell.end(.cellCrashed(.unknown)) }
    }
}
