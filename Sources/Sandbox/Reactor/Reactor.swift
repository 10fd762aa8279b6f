// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors

import CLinux
import Glibc
import Synchronization

/// The way to the thread that listens to all cells: commands, deadlines, readiness.
///
/// Everything here may be called from any thread and none of it waits.
final class Reactor: Sendable {
    /// What the thread is asked to do.
    enum Command: Sendable {
        /// Have the zygote make the process of that cell, with `socket` as its end.
        case start(Cell, socket: Descriptor)
        /// Forget a cell whose conversation has ended.
        case retire(UInt64)
        /// End everything, then the thread.
        case stop(CheckedContinuation<Void, Never>?)
    }

    static let wakeToken: UInt64 = 0
    static let timerToken: UInt64 = 1
    static let zygoteToken: UInt64 = 2
    static let admissionToken: UInt64 = 3

    private struct Mailbox {
        var commands: [Command] = []
        var deadlines = DeadlineHeap()
        var armed = Moment.never
        var isClosed = false
        var lastToken = Reactor.admissionToken
    }

    private let epoll: Descriptor
    private let wake: Descriptor
    private let timer: Descriptor
    private let mailbox = Mutex(Mailbox())

    init() throws(SandboxError) {
        epoll = try Self.open(epoll_create1(Int32(EPOLL_CLOEXEC)))
        wake = try Self.open(eventfd(0, Int32(EFD_CLOEXEC) | Int32(EFD_NONBLOCK)))
        timer = try Self.open(timerfd_create(CLOCK_MONOTONIC, Int32(TFD_CLOEXEC) | Int32(TFD_NONBLOCK)))
        watch(wake, Self.wakeToken)
        watch(timer, Self.timerToken)
    }

    // MARK: - From any thread

    func newToken() -> UInt64 {
        mailbox.withLock { mailbox in
            mailbox.lastToken += 1
            return mailbox.lastToken
        }
    }

    func post(_ command: Command) {
        let (isFirst, isClosed) = mailbox.withLock { mailbox in
            if !mailbox.isClosed { mailbox.commands.append(command) }
            return (mailbox.commands.count == 1, mailbox.isClosed)
        }
        if isClosed, case .stop(let continuation) = command { continuation?.resume() }
        if isFirst { eventfd_write(wake.number, 1) }
    }

    /// Has the thread look at a cell at that moment.
    func arm(_ token: UInt64, due: Moment) {
        mailbox.withLock { mailbox in
            mailbox.deadlines.insert(token, due: due)
            setTimer(&mailbox)
        }
    }

    func watch(_ descriptor: Descriptor, _ token: UInt64) { control(EPOLL_CTL_ADD, descriptor, token, EPOLLIN.rawValue) }

    func watch(_ descriptor: Descriptor, _ token: UInt64, writable: Bool) {
        control(EPOLL_CTL_MOD, descriptor, token, EPOLLIN.rawValue | (writable ? EPOLLOUT.rawValue : 0))
    }

    func unwatch(_ descriptor: Descriptor) { control(EPOLL_CTL_DEL, descriptor, 0, 0) }

    // MARK: - From the thread

    /// Waits until something happens, and tells what.
    func wait(into events: inout [epoll_event]) -> Int {
        Int(max(0, epoll_wait(epoll.number, &events, Int32(events.count), -1)))
    }

    func takeCommands() -> [Command] {
        var count: UInt64 = 0
        eventfd_read(wake.number, &count)
        return mailbox.withLock { mailbox in
            defer { mailbox.commands = [] }
            return mailbox.commands
        }
    }

    /// The thread ends.
    ///
    /// Returns the commands that nobody will perform.
    func close() -> [Command] {
        mailbox.withLock { mailbox in
            mailbox.isClosed = true
            defer { mailbox.commands = [] }
            return mailbox.commands
        }
    }

    func takeDue(_ now: Moment) -> [UInt64] {
        var expirations: UInt64 = 0
        read(timer.number, &expirations, 8)
        return mailbox.withLock { mailbox in
            var due: [UInt64] = []
            while let token = mailbox.deadlines.popDue(now) { due.append(token) }
            mailbox.armed = .never
            setTimer(&mailbox)
            return due
        }
    }

    // MARK: - Parts

    private func setTimer(_ mailbox: inout Mailbox) {
        let due = mailbox.deadlines.earliest
        guard due < mailbox.armed else { return }
        mailbox.armed = due
        let time = timespec(tv_sec: Int(due.nanoseconds / 1_000_000_000), tv_nsec: Int(due.nanoseconds % 1_000_000_000))
        var setting = itimerspec(it_interval: timespec(), it_value: time)
        timerfd_settime(timer.number, Int32(TFD_TIMER_ABSTIME), &setting, nil)
    }

    private func control(_ operation: Int32, _ descriptor: Descriptor, _ token: UInt64, _ events: UInt32) {
        var event = epoll_event(events: events, data: epoll_data_t(u64: token))
        epoll_ctl(epoll.number, operation, descriptor.number, &event)
    }

    private static func open(_ number: Int32) throws(SandboxError) -> Descriptor {
        guard number >= 0 else { throw .unavailable("the system has no descriptors left (errno \(errno))") }
        return Descriptor(number)
    }
}
