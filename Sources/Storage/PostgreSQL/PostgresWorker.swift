// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors

import Glibc
import Synchronization

/// What one caller asks of a connection, and whether he still wants it.
final class PostgresRequest: Sendable {
    let isReadOnly: Bool
    /// Until when a failure that hurt nobody is tried again.
    let deadline: ContinuousClock.Instant
    let scope: @Sendable (RowIsolation) -> PostgresScope?

    private enum Phase {
        case waiting, running(PostgresCancellation), cancelled(wasSent: Bool), over
    }

    private let phase = Mutex(Phase.waiting)

    init(isReadOnly: Bool, deadline: ContinuousClock.Instant, scope: @escaping @Sendable (RowIsolation) -> PostgresScope?) {
        self.isReadOnly = isReadOnly
        self.deadline = deadline
        self.scope = scope
    }

    /// Ends a read whose caller is gone.
    ///
    /// A write goes on: who stopped waiting for an answer may still be owed a record of what was done.
    func cancel() {
        guard isReadOnly else { return }
        let running: PostgresCancellation? = phase.withLock { phase in
            switch phase {
            case .waiting:
                phase = .cancelled(wasSent: false)
                return nil
            case .running(let cancellation):
                phase = .cancelled(wasSent: true)
                return cancellation
            case .cancelled, .over: return nil
            }
        }
        // It blocks for a round trip. Without a thread for it the statement ends at its time-out.
        if let running { _ = DriverThread.start { running.send() } }
    }

    func begin(_ cancellation: PostgresCancellation) throws {
        try phase.withLock { phase in
            if case .cancelled = phase { throw CancellationError() }
            phase = .running(cancellation)
        }
    }

    /// Whether the connection may be used again: a cancellation that is on its way would hit its next user.
    func isUntouched() -> Bool {
        phase.withLock { phase in
            if case .cancelled = phase { return false }
            phase = .waiting
            return true
        }
    }
}

/// One thread's connection, opened when it is needed and again when it is lost.
final class PostgresWorker {
    private static let attempts = 12

    private let address: PostgresAddress
    private let options: PostgreSQLOptions
    private var connection: PostgresConnection?
    private var isolation = RowIsolation.off

    init(_ address: PostgresAddress, _ options: PostgreSQLOptions) {
        self.address = address
        self.options = options
    }

    /// Runs `body` in a transaction, again where that cannot do harm: nothing of it was committed.
    func perform<T: ~Copyable>(_ request: PostgresRequest, _ body: (PostgresTransaction) throws -> T) throws -> T {
        var attempt = 0
        while true {
            attempt += 1
            let connection = try connected(until: request.deadline)
            let transaction = PostgresTransaction(connection, isReadOnly: request.isReadOnly)
            do {
                try request.begin(connection.cancellation)
                try transaction.begin(request.scope(isolation))
                let value = try body(transaction)
                try transaction.end()
                if !request.isUntouched() { self.connection = nil }
                return value
            } catch {
                try settle(transaction, request)
                guard let failure = transaction.failure, mayRepeat(failure, request), attempt < Self.attempts,
                    .now < request.deadline
                else { throw error }
                if failure.isSerialization { pause(attempt) }
            }
        }
    }

    /// Brings the connection back into order after a failure, or lets go of it; throws what outweighs that failure.
    private func settle(_ transaction: PostgresTransaction, _ request: PostgresRequest) throws {
        let isUntouched = request.isUntouched()
        let failure = transaction.failure
        if transaction.isCommitting, let failure, failure.isLost, !failure.isBeforeCommit {
            connection = nil
            throw StorageError(
                .unknownCommit, "the connection was lost while the change was being committed: whether it was is not known, look it up")
        }
        try? transaction.rollback()
        if connection?.isBroken != false || connection?.isIdle != true || !isUntouched
            || failure?.isReadOnlyServer == true || failure?.isStalePlan == true
        {
            connection = nil
        }
        if !isUntouched { throw CancellationError() }
    }

    private func mayRepeat(_ failure: PostgresFailure, _ request: PostgresRequest) -> Bool {
        failure.isLost || failure.isSerialization || failure.isStalePlan || failure.isReadOnlyServer && !request.isReadOnly
    }

    /// The open connection, or a new one; tries until the deadline, in growing intervals.
    private func connected(until deadline: ContinuousClock.Instant) throws -> PostgresConnection {
        if let connection, !connection.hasGone, !connection.statements.isFull { return connection }
        connection = nil
        var attempt = 0
        while true {
            attempt += 1
            do {
                let opened = try PostgresConnection(address, options: options)
                isolation = try RowIsolation.detect(on: opened)
                connection = opened
                return opened
            } catch {
                guard .now < deadline else { throw error }
                pause(attempt + 4)
            }
        }
    }

    /// A few milliseconds at first, a second at most, never twice the same.
    private func pause(_ attempt: Int) {
        let most = UInt32(1) << UInt32(min(attempt, 10))
        usleep(UInt32.random(in: most / 2...most) * 1_000)
    }
}
