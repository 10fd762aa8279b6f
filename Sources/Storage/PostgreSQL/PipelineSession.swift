// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors

import CPostgres
import Glibc

/// The reads that are on their way over one connection, in their order; confined to the pipeline's thread.
final class PipelineSession {
    private struct Flight {
        let read: PipelinedRead
        let sent: ContinuousClock.Instant
        var rows: Result<[Row], any Error>?
        var failure: PostgresFailure?
    }

    private let connection: PostgresConnection
    private let isolation: RowIsolation
    private let limit: Duration
    private var flights: [Flight] = []
    private var first = 0
    /// Reads to be asked again on another connection.
    private(set) var repeated: [PipelinedRead] = []
    /// Set when this connection's prepared statements no longer fit the schema.
    private(set) var mustRenew = false

    init(_ address: PostgresAddress, _ options: PostgreSQLOptions) throws {
        connection = try PostgresConnection(address, options: options)
        isolation = try RowIsolation.detect(on: connection)
        limit = options.statementTimeout + .seconds(5)
        // The answer to that transaction's end, which it did not wait for.
        try connection.receive { _, _ in }
    }

    var count: Int { flights.count - first }

    func hasSeen(_ read: PipelinedRead) -> Bool { flights.contains { $0.read === read } || repeated.contains { $0 === read } }

    /// Puts one read into the pipeline; a statement that cannot be sent is its own caller's affair.
    func submit(_ read: PipelinedRead) throws {
        guard !mustRenew, !connection.statements.isFull else {
            mustRenew = true
            repeated.append(read)
            return
        }
        let scope = read.scope(isolation)
        let parameters: PostgresParameters
        do {
            parameters = try connection.encode(read.sql, read.parameters)
        } catch {
            read.finish(.failure(error))
            return
        }
        flights.append(Flight(read: read, sent: .now))
        try connection.send(scope.sql, scope.parameters, .ignored)
        try connection.send(read.sql, parameters, .result)
        try connection.sync()
    }

    /// Sends and receives as much as is possible without waiting.
    func advance() throws {
        try connection.flushAvailable()
        try connection.receiveAvailable { expectation, outcome in
            guard first < flights.count else { return }
            switch (expectation, outcome) {
            case (.sync, _): land()
            case (_, .failure(let failure)): flights[first].failure = flights[first].failure ?? failure
            case (.result, .success(let result)): flights[first].rows = Result { try PostgresRows.read(result) }
            default: break
            }
        }
    }

    private func land() {
        let flight = flights[first]
        first += 1
        if first == flights.count || first > 1_024 {
            flights.removeFirst(first)
            first = 0
        }
        if let failure = flight.failure {
            guard !failure.isStalePlan || flight.read.deadline <= .now else {
                mustRenew = true
                repeated.append(flight.read)
                return
            }
            flight.read.finish(.failure(PostgresErrors.translate(failure)))
        } else {
            flight.read.finish(flight.rows ?? .failure(StorageError(.failed, "a statement had no answer")))
        }
    }

    /// Waits for the server, for new work, or until the oldest read is overdue.
    func wait(_ wake: WakePipe) throws {
        var timeout: Int32 = -1
        if first < flights.count {
            let left = flights[first].sent + limit - .now
            guard left > .zero else { throw PostgresFailure.silent }
            timeout = Int32(min(left.milliseconds + 1, 60_000))
        }
        let isUnsent = connection.hasUnsent
        var descriptors = [
            pollfd(fd: PQsocket(connection.handle), events: Int16(isUnsent ? POLLIN | POLLOUT : POLLIN), revents: 0),
            pollfd(fd: wake.reader, events: Int16(POLLIN), revents: 0),
        ]
        let ready = poll(&descriptors, 2, timeout)
        guard ready >= 0 || errno == EINTR else { throw PostgresFailure.lost }
        if descriptors[1].revents != 0 { wake.clear() }
        if descriptors[0].revents != 0, PQconsumeInput(connection.handle) != 1 {
            // What came before the end is still handed out.
            try advance()
            throw PostgresFailure.lost
        }
    }

    /// The reads without an answer, when the connection is gone.
    func abandon() -> [PipelinedRead] {
        defer { (flights, first) = ([], 0) }
        return repeated + flights[first...].map(\.read).filter { !$0.isOver }
    }
}
