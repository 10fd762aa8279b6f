// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors

import CPostgres
import Glibc
import Synchronization

/// Hears what all hosts tell each other, on a connection and a thread of its own.
final class PostgresListener: Sendable {
    let board = NoticeBoard()
    private let address: PostgresAddress
    private let options: PostgreSQLOptions
    private let wake: WakePipe

    private enum Phase { case unused, running, closed }
    private let phase = Mutex(Phase.unused)

    init(_ address: PostgresAddress, _ options: PostgreSQLOptions) throws(StorageError) {
        self.address = address
        self.options = options
        wake = try WakePipe()
    }

    func listen(to channel: String) -> AsyncStream<String> {
        let stream = board.listen(to: channel)
        let isFirst = phase.withLock { phase in
            guard case .unused = phase else { return false }
            phase = .running
            return true
        }
        if isFirst { _ = DriverThread.start { self.run() } } else { wake.signal() }
        return stream
    }

    func close() {
        phase.withLock { $0 = .closed }
        wake.signal()
        board.close()
    }

    private var isClosed: Bool {
        phase.withLock { phase in
            if case .closed = phase { true } else { false }
        }
    }

    private func run() {
        var attempt = 0
        while !isClosed {
            if let handle = try? PostgresOpening.connect(address, options: options) {
                attempt = 0
                hear(handle)
                PQfinish(handle)
            }
            attempt += 1
            // Up to a second; a new listener or the end comes sooner.
            wake.wait(milliseconds: Int32.random(in: 10...20) << Int32(min(attempt, 6)))
        }
    }

    /// Returns when the connection or the listener has ended.
    private func hear(_ handle: OpaquePointer) {
        var heard: Set<String> = []
        while !isClosed {
            let new = board.channels.filter { !heard.contains($0) }.sorted()
            for channel in new {
                let result = PQexec(handle, "LISTEN \(Roles.quoted(channel))")
                defer { PQclear(result) }
                guard PQresultStatus(result) == PGRES_COMMAND_OK else { return }
            }
            // What was said before it was heard is unknown.
            for channel in new { board.post(channel, "") }
            heard.formUnion(new)
            deliver(handle)
            var descriptors = [
                pollfd(fd: PQsocket(handle), events: Int16(POLLIN), revents: 0), pollfd(fd: wake.reader, events: Int16(POLLIN), revents: 0),
            ]
            guard poll(&descriptors, 2, -1) >= 0 || errno == EINTR else { return }
            wake.clear()
            guard PQconsumeInput(handle) == 1 else { return }
        }
    }

    private func deliver(_ handle: OpaquePointer) {
        while let notice = PQnotifies(handle) {
            defer { PQfreemem(notice) }
            board.post(String(cString: notice.pointee.relname), String(cString: notice.pointee.extra))
        }
    }
}

/// Ends another thread's wait.
final class WakePipe: Sendable {
    let reader: Int32
    private let writer: Int32

    init() throws(StorageError) {
        var ends: [Int32] = [0, 0]
        guard pipe(&ends) == 0 else { throw StorageError(.unavailable, "no pipe could be made: check the limit on open files") }
        for end in ends {
            _ = fcntl(end, F_SETFD, FD_CLOEXEC)
            _ = fcntl(end, F_SETFL, O_NONBLOCK)
        }
        (reader, writer) = (ends[0], ends[1])
    }

    deinit {
        Glibc.close(reader)
        Glibc.close(writer)
    }

    func signal() {
        var byte: UInt8 = 1
        // A full pipe wakes as well.
        _ = write(writer, &byte, 1)
    }

    func clear() {
        var bytes = [UInt8](repeating: 0, count: 64)
        while read(reader, &bytes, bytes.count) > 0 {}
    }

    func wait(milliseconds: Int32) {
        var descriptor = pollfd(fd: reader, events: Int16(POLLIN), revents: 0)
        if poll(&descriptor, 1, milliseconds) > 0 { clear() }
    }
}
