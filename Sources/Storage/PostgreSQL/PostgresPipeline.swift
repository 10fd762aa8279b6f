// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors

import Synchronization

/// Reads of all tenants over one shared connection: each is a group of its own in the pipeline, so that an error stays in it.
///
/// One thread sends what has come meanwhile and hands out what has arrived; nobody waits for anybody else's round trip.
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
    }

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

    func fetch(tenant: String, _ sql: String, _ parameters: [SQLValue]) async throws -> [Row] {
        let read = PipelinedRead(tenant: tenant, sql: sql, parameters: parameters, deadline: .now + options.patience)
        return try await read.wait { submit(read) }
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
            return !state.isRunning ? .start : state.isAsleep ? .wake : .queued
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
        while true {
            let room = Self.inFlight - session.count
            let (batch, isClosed) = state.withLock { state in
                let batch = Array(state.waiting.prefix(room))
                state.waiting.removeFirst(batch.count)
                return (batch, state.isClosed)
            }
            do {
                for read in batch where !read.isOver { try session.submit(read) }
                try session.advance()
                if session.mustRenew || isClosed, session.count == 0 { return session.repeated }
                // Whoever comes from here on sees that he has to wake this thread.
                let isIdle = state.withLock { state in
                    state.isAsleep = state.waiting.isEmpty || session.count >= Self.inFlight
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
