// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors

import CPostgres
import Glibc

/// One connection in pipeline mode: statements leave together, answers are read in their order.
///
/// libpq allows one thread at a time per connection, so this is not Sendable and stays on the thread that opened it.
final class PostgresConnection {
    /// What the next answer of the server belongs to.
    enum Expectation {
        case prepared(PreparedStatements.Key)
        /// Nobody waits for it; its failure is remembered.
        case ignored
        case result
        case commit
        case sync
    }

    let handle: OpaquePointer
    let cancellation: PostgresCancellation
    private(set) var statements = PreparedStatements()
    private var expected: [Expectation] = []
    /// The first of them that is due, and whether its result, but not yet its end, has come.
    private var next = 0
    private var isAnswered = false
    private let answerTimeout: Duration
    /// Set once the connection is of no use any more.
    private(set) var isBroken = false

    /// Connects, which blocks for as long as `connect_timeout` allows per host.
    init(_ address: PostgresAddress, options: PostgreSQLOptions) throws(StorageError) {
        // The server ends a statement at its time-out; who is silent for longer than that is gone.
        answerTimeout = options.statementTimeout + .seconds(5)
        handle = try PostgresOpening.connect(address, options: options)
        do throws(StorageError) {
            guard PQsetnonblocking(handle, 1) == 0, PQenterPipelineMode(handle) == 1 else {
                throw StorageError(.unavailable, "the connection to the database cannot be used in pipeline mode")
            }
            cancellation = try PostgresCancellation(handle)
        } catch {
            PQfinish(handle)
            throw error
        }
    }

    deinit { PQfinish(handle) }

    /// Whether the server, while nobody asked it anything, closed the connection or announced that it does.
    var hasGone: Bool {
        guard !isBroken, PQstatus(handle) == CONNECTION_OK else { return true }
        var descriptor = pollfd(fd: PQsocket(handle), events: Int16(POLLIN), revents: 0)
        // First what it said, an answer that nobody waited for or its farewell, then the end itself.
        for _ in 0..<4 where poll(&descriptor, 1, 0) > 0 {
            guard PQconsumeInput(handle) == 1 else { return true }
        }
        return false
    }

    /// Whether no transaction is open.
    var isIdle: Bool { PQtransactionStatus(handle) == PQTRANS_IDLE }

    // MARK: Sending

    /// Puts one statement into the pipeline, preparing it if this connection does not know it.
    func send(_ sql: String, _ parameters: [SQLValue], _ expectation: Expectation) throws {
        try send(sql, encode(sql, parameters), expectation)
    }

    /// Everything that can be wrong with a statement before any of it is sent.
    func encode(_ sql: String, _ parameters: [SQLValue]) throws -> PostgresParameters {
        let encoded = try PostgresParameters(parameters)
        if PreparedStatements.isWorthwhile(sql), statements.name(of: PreparedStatements.Key(sql: sql, types: encoded.types)) == nil {
            try PreparedStatements.check(sql, count: parameters.count)
        }
        return encoded
    }

    func send(_ sql: String, _ encoded: PostgresParameters, _ expectation: Expectation) throws {
        guard PreparedStatements.isWorthwhile(sql) else {
            try sendOnce(sql, encoded, expectation)
            return
        }
        let key = PreparedStatements.Key(sql: sql, types: encoded.types)
        let name: String
        if let known = statements.name(of: key) {
            name = known
        } else {
            name = statements.add(key)
            try accepted(PQsendPrepare(handle, name, sql, Int32(encoded.types.count), encoded.types))
            expected.append(.prepared(key))
        }
        try accepted(
            encoded.withPointers { values, lengths, formats in
                PQsendQueryPrepared(handle, name, Int32(values.count), values, lengths, formats, 0)
            })
        expected.append(expectation)
    }

    private func sendOnce(_ sql: String, _ encoded: PostgresParameters, _ expectation: Expectation) throws {
        try accepted(
            encoded.withPointers { values, lengths, formats in
                PQsendQueryParams(handle, sql, Int32(values.count), encoded.types, values, lengths, formats, 0)
            })
        expected.append(expectation)
    }

    /// Ends a group of statements: an error skips the rest of its group, and the server answers at its end.
    func sync() throws {
        try accepted(PQpipelineSync(handle))
        expected.append(.sync)
    }

    private func accepted(_ result: Int32) throws {
        guard result == 1 else { throw broken(.lost) }
    }

    private func broken(_ failure: PostgresFailure) -> PostgresFailure {
        isBroken = true
        return failure
    }

    /// Sends what is buffered, without waiting for an answer.
    func flush() throws {
        let deadline = ContinuousClock.now + answerTimeout
        while true {
            switch PQflush(handle) {
            case 0: return
            case 1:
                try wait(Int16(POLLIN | POLLOUT), until: deadline)
                guard PQconsumeInput(handle) == 1 else { throw broken(.lost) }
            default: throw broken(.lost)
            }
        }
    }

    /// Whether something could not be sent yet.
    private(set) var hasUnsent = false

    /// Sends what the socket takes.
    func flushAvailable() throws {
        let result = PQflush(handle)
        guard result >= 0 else { throw broken(.lost) }
        hasUnsent = result == 1
    }

    // MARK: Receiving

    /// Whether answers are due.
    var isAwaiting: Bool { next < expected.count }

    /// Waits for every answer that is due and hands each to `handler`.
    func receive(_ handler: (Expectation, Result<OpaquePointer, PostgresFailure>) throws -> Void) throws {
        try flush()
        let deadline = ContinuousClock.now + answerTimeout
        var failure: (any Error)?
        while true {
            try receiveAvailable { expectation, outcome in
                // Every answer is read before an error of the handler goes on its way.
                do { try handler(expectation, outcome) } catch { failure = failure ?? error }
            }
            guard isAwaiting else { break }
            try wait(Int16(POLLIN), until: deadline)
            // Where it fails, the reason has still to be read.
            _ = PQconsumeInput(handle)
        }
        if let failure { throw failure }
    }

    /// Hands over the answers that are here already; throws when the connection has ended.
    func receiveAvailable(_ handler: (Expectation, Result<OpaquePointer, PostgresFailure>) throws -> Void) throws {
        var silences = 0
        while isAwaiting, PQisBusy(handle) == 0 {
            let expectation = expected[next]
            guard let result = PQgetResult(handle) else {
                // One NULL ends each command; without a connection nothing else comes.
                silences += 1
                guard silences < 4, PQstatus(handle) == CONNECTION_OK else { throw broken(.lost) }
                if isAnswered { advance() }
                continue
            }
            defer { PQclear(result) }
            silences = 0
            if case .sync = expectation {
                guard PQresultStatus(result) == PGRES_PIPELINE_SYNC else { throw broken(PostgresFailure(result, isConnectionBad: true)) }
                advance()
                try handler(.sync, .success(result))
                continue
            }
            // Nothing that is sent here has two results.
            if isAnswered { continue }
            isAnswered = true
            let outcome = self.outcome(of: result)
            if case .failure(let failure) = outcome {
                if case .prepared(let key) = expectation { statements.remove(key) }
                if failure.isLost {
                    var failure = failure
                    if case .commit = expectation {} else { failure.isBeforeCommit = !failure.sqlState.isEmpty }
                    throw broken(failure)
                }
            }
            try handler(expectation, outcome)
        }
    }

    private func advance() {
        isAnswered = false
        next += 1
        guard next == expected.count || next > 512 else { return }
        expected.removeFirst(next)
        next = 0
    }

    private func outcome(of result: OpaquePointer) -> Result<OpaquePointer, PostgresFailure> {
        switch PQresultStatus(result) {
        case PGRES_COMMAND_OK, PGRES_TUPLES_OK, PGRES_EMPTY_QUERY:
            return .success(result)
        case PGRES_PIPELINE_ABORTED:
            return .failure(.skipped)
        default:
            return .failure(PostgresFailure(result, isConnectionBad: PQstatus(handle) == CONNECTION_BAD))
        }
    }

    private func wait(_ events: Int16, until deadline: ContinuousClock.Instant) throws {
        var descriptor = pollfd(fd: PQsocket(handle), events: events, revents: 0)
        while true {
            let left = (deadline - ContinuousClock.now).milliseconds
            guard left > 0, descriptor.fd >= 0 else { throw broken(.silent) }
            let ready = poll(&descriptor, 1, Int32(min(left, 60_000)))
            if ready > 0 { return }
            if ready < 0, errno != EINTR { throw broken(.lost) }
        }
    }
}

extension PostgresFailure {
    /// A statement behind one that failed; the failure itself has been told already.
    static let skipped = PostgresFailure(sqlState: "", message: "an earlier statement failed", isLost: false)

    var isSkipped: Bool { sqlState.isEmpty && message == Self.skipped.message }
}
