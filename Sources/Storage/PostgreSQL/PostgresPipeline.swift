// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors

import Synchronization

/// Reads of all tenants over one shared connection, so that an error of one stays its own.
///
/// One thread sends what has come meanwhile and hands out what has arrived; nobody waits for anybody else's round trip. While
/// reads come one at a time each caller uses the connection himself: two changes of threads cost more than the read.
final class PostgresPipeline: Sendable {
    /// How many reads may wait, and how many of them may be on their way at once.
    static let capacity = 10_000
    static let inFlight = 512

    private struct State {
        var waiting: [PipelinedRead] = []
        var isRunning = false
        var isClosed = false
        /// Whether the thread has to be woken.
        var isAsleep = false
        /// The connection while nothing is on its way and the thread leaves it to callers; out of here it has one user.
        var idle: PipelineSession?
        /// Whether a caller has it.
        var isLent = false
    }

    /// After so many reads that came alone the thread leaves the connection to callers.
    private static let alone = 4

    private let state = Mutex(State())
    private let wake: WakePipe
    private let address: PostgresAddress
    private let options: PostgreSQLOptions

    init(_ address: PostgresAddress, _ options: PostgreSQLOptions) throws(StorageError) {
        self.address = address
        var options = options
        // One slow statement holds up those behind it.
        options.statementTimeout = options.fetchTimeout
        self.options = options
        wake = try WakePipe()
    }

    func fetch(_ rows: PipelinedRead.Rows, _ sql: String, _ parameters: [SQLValue]) async throws -> [Row] {
        let read = PipelinedRead(rows: rows, sql: sql, parameters: parameters, deadline: .now + options.patience)
        if let session = borrow() {
            session.attend(read)
            let isUnderWay = session.hasSeen(read)
            giveBack(session)
            if let answer = read.takeAnswer() { return try answer.get() }
            if isUnderWay { return try await read.wait {} }
        }
        return try await read.wait { submit(read) }
    }

    // MARK: Callers

    /// The connection, when nobody uses it and nobody is in line for it.
    private func borrow() -> PipelineSession? {
        guard !Task.isCancelled else { return nil }
        return state.withLock { state in
            guard !state.isClosed, state.waiting.isEmpty, let session = state.idle else { return nil }
            (state.idle, state.isLent) = (nil, true)
            return session
        }
    }

    /// Wakes the thread for what could not be finished in time, and for those who came meanwhile.
    private func giveBack(_ session: PipelineSession) {
        let needsThread = state.withLock { state in
            (state.idle, state.isLent) = (session, false)
            let needsThread = session.isLost || session.count > 0 || session.mustRenew || !state.waiting.isEmpty || state.isClosed
            // Back to true as well: an earlier caller may have called the thread for what this one has finished.
            state.isAsleep = !needsThread
            return needsThread
        }
        if needsThread { wake.signal() }
    }

    func close() {
        state.withLock { $0.isClosed = true }
        wake.signal()
    }

    private enum Admission { case queued, wake, start, full, closed }

    private func submit(_ read: PipelinedRead) {
        let admission: Admission = state.withLock { state in
            guard !state.isClosed else { return .closed }
            guard state.waiting.count < Self.capacity else { return .full }
            state.waiting.append(read)
            defer {
                state.isRunning = true
                state.isAsleep = false
            }
            // Who has the connection looks at the line when he gives it back.
            return !state.isRunning ? .start : state.isAsleep && !state.isLent ? .wake : .queued
        }
        switch admission {
        case .queued: break
        case .wake: wake.signal()
        case .start:
            guard !DriverThread.start({ self.run() }) else { return }
            state.withLock { $0.isRunning = false }
            expire(all: true)
        case .full: read.finish(.failure(StorageError(.busy, "too many reads wait for the database")))
        case .closed: read.finish(.failure(StorageError(.unavailable, "the database was closed")))
        }
    }

    // MARK: The thread

    private func run() {
        var attempt = 0
        while !isClosed {
            do {
                let session = try PipelineSession(address, options)
                attempt = 0
                let unanswered = serve(session)
                state.withLock { $0.waiting.insert(contentsOf: unanswered, at: 0) }
            } catch {
                attempt += 1
            }
            expire(all: false)
            if attempt > 0 { wake.wait(milliseconds: Int32.random(in: 5...10) << Int32(min(attempt, 7))) }
        }
        expire(all: true)
    }

    private var isClosed: Bool { state.withLock { $0.isClosed } }

    /// Serves until the connection ends; answers the reads that may be asked again.
    private func serve(_ session: PipelineSession) -> [PipelinedRead] {
        var alone = 0
        while true {
            let room = max(0, Self.inFlight - session.count)
            let (batch, isClosed) = state.withLock { state in
                let batch = Array(state.waiting.prefix(room))
                state.waiting.removeFirst(batch.count)
                return (batch, state.isClosed)
            }
            if session.count + batch.count > 1 { alone = 0 } else { alone += batch.count }
            do {
                try session.submit(batch)
                try session.advance()
                if session.isLost || (session.mustRenew || isClosed) && session.count == 0 { return session.abandon() }
                if session.count == 0, alone >= Self.alone, !session.mustRenew {
                    leave(session)
                    alone = 0
                    continue
                }
                // Whoever comes from here on sees that he has to wake this thread.
                let isIdle = state.withLock { state in
                    state.isAsleep = !session.hasSkipped && (state.waiting.isEmpty || session.count >= Self.inFlight)
                    return state.isAsleep
                }
                if isIdle { try session.wait(wake) }
                state.withLock { $0.isAsleep = false }
            } catch {
                // A read can be asked again; who was told so twice before is told the truth.
                return session.abandon() + batch.filter { !$0.isOver && !session.hasSeen($0) }
            }
        }
    }

    /// Leaves the connection to callers until there is more to do than one of them does by himself.
    private func leave(_ session: PipelineSession) {
        let isLeft = state.withLock { state in
            guard state.waiting.isEmpty, !state.isClosed else { return false }
            (state.idle, state.isAsleep) = (session, true)
            return true
        }
        guard isLeft else { return }
        while true {
            wake.wait(milliseconds: -1)
            let isBack = state.withLock { state in
                // A wake-up may be an old one.
                guard state.idle != nil, !state.isAsleep || state.isClosed else { return false }
                (state.idle, state.isAsleep) = (nil, false)
                return true
            }
            if isBack { return }
        }
    }

    private func expire(all: Bool) {
        let now = ContinuousClock.now
        let late = state.withLock { state in
            let late = state.waiting.filter { all || $0.deadline <= now }
            if !late.isEmpty { state.waiting.removeAll { all || $0.deadline <= now } }
            return late
        }
        for read in late { read.finish(.failure(StorageError(.unavailable, "the database cannot be reached"))) }
    }
}
