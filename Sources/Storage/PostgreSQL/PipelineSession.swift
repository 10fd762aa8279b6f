// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors

import CPostgres
import Glibc

/// The reads that are on their way over one connection, in their order.
final class PipelineSession: @unchecked Sendable {
    // Unchecked: whoever uses it, the pipeline's thread or one caller, has taken it out of the pipeline's lock.
    private struct Flight {
        let read: PipelinedRead
        let sent: ContinuousClock.Instant
        var failure: PostgresFailure?
    }

    private let connection: PostgresConnection
    private let isolation: RowIsolation
    private let limit: Duration
    /// How many reads share the end of a group: an error costs those behind it in the group another round trip.
    private static let groupSize = 32

    private var flights: [Flight] = []
    private var first = 0
    /// Reads to be asked again on another connection.
    private(set) var repeated: [PipelinedRead] = []
    /// Set when this connection's prepared statements no longer fit the schema.
    private(set) var mustRenew = false
    /// Reads of a group in which an earlier one failed: they were not run and are asked again.
    private var skipped: [PipelinedRead] = []
    /// Set by a caller who found the connection gone; the thread takes it from there.
    private(set) var isLost = false

    init(_ address: PostgresAddress, _ options: PostgreSQLOptions) throws {
        connection = try PostgresConnection(address, options: options)
        isolation = try RowIsolation.detect(on: connection)
        limit = options.statementTimeout + .seconds(5)
        // The answer to that transaction's end, which it did not wait for.
        try connection.receive { _, _ in }
    }

    /// How many reads have no answer yet.
    var count: Int { flights.count - first + skipped.count }

    /// Whether some have to be submitted once more.
    var hasSkipped: Bool { !skipped.isEmpty }

    func hasSeen(_ read: PipelinedRead) -> Bool {
        flights.contains { $0.read === read } || repeated.contains { $0 === read } || skipped.contains { $0 === read }
    }

    /// Puts reads into the pipeline, in groups that leave and come back in one piece each.
    func submit(_ reads: [PipelinedRead]) throws {
        var reads = (skipped + reads)[...]
        skipped = []
        while let first = reads.first {
            // A group is one transaction. What the platform's role may see is over with it, before a tenant's read begins.
            let group = reads.prefix(Self.groupSize).prefix { $0.rows.isOneTenants == first.rows.isOneTenants }
            reads = reads.dropFirst(group.count)
            var scope: PipelinedRead.Rows?
            for read in group where !read.isOver {
                if try submit(read, isScoped: scope == read.rows) { scope = read.rows }
            }
            if scope != nil { try connection.sync() }
        }
    }

    /// Puts one read into the group; a statement that cannot be sent is its own caller's affair.
    ///
    /// - Parameter isScoped: whether the group's transaction sees this read's rows, and no others, already.
    private func submit(_ read: PipelinedRead, isScoped: Bool) throws -> Bool {
        guard !mustRenew, !connection.statements.isFull else {
            mustRenew = true
            repeated.append(read)
            return false
        }
        let parameters: PostgresParameters
        do {
            parameters = try connection.encode(read.sql, read.parameters)
        } catch {
            read.finish(.failure(error))
            return false
        }
        flights.append(Flight(read: read, sent: .now))
        if !isScoped {
            let scope = read.scope(isolation)
            try connection.send(scope.sql, scope.parameters, .ignored)
        }
        try connection.send(read.sql, parameters, .result)
        return true
    }

    /// One read from sending to its answer, by the caller's own thread, if that comes within a millisecond.
    func attend(_ read: PipelinedRead) {
        do {
            try submit([read])
            try advance()
            guard !read.isOver, !connection.hasUnsent else { return }
            var descriptor = pollfd(fd: PQsocket(connection.handle), events: Int16(POLLIN), revents: 0)
            guard poll(&descriptor, 1, 1) > 0 else { return }
            try consume()
            try advance()
        } catch {
            isLost = true
        }
    }

    /// Sends and receives as much as is possible without waiting.
    func advance() throws {
        try connection.flushAvailable()
        try connection.receiveAvailable { expectation, outcome in
            guard first < flights.count else { return }
            switch (expectation, outcome) {
            case (.result, .success(let result)): land(Result { try PostgresRows.read(result) })
            case (.result, .failure(let failure)): land(failing: flights[first].failure ?? failure)
            // Of its scope or its preparation: the statement behind it is skipped, and says so next.
            case (_, .failure(let failure)): flights[first].failure = flights[first].failure ?? failure
            default: break
            }
        }
    }

    private func land(_ rows: Result<[Row], any Error>) {
        takeFirst().finish(rows)
    }

    private func land(failing failure: PostgresFailure) {
        let read = takeFirst()
        if failure.isSkipped {
            skipped.append(read)
        } else if failure.isStalePlan, read.deadline > .now {
            mustRenew = true
            repeated.append(read)
        } else {
            read.finish(.failure(PostgresErrors.translate(failure)))
        }
    }

    private func takeFirst() -> PipelinedRead {
        let read = flights[first].read
        first += 1
        if first == flights.count || first > 1_024 {
            flights.removeFirst(first)
            first = 0
        }
        return read
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
        if descriptors[0].revents != 0 { try consume() }
    }

    private func consume() throws {
        guard PQconsumeInput(connection.handle) != 1 else { return }
        // What came before the end is still handed out.
        try advance()
        throw PostgresFailure.lost
    }

    /// The reads without an answer, when the connection is gone.
    func abandon() -> [PipelinedRead] {
        defer { (flights, first, skipped) = ([], 0, []) }
        return (repeated + flights[first...].map(\.read) + skipped).filter { !$0.isOver }
    }
}
