// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors

import Glibc
package import NIOCore
package import Security
import Synchronization

/// Syslog in datagrams: the machine's own socket, or UDP.
///
/// The machine's socket waits for its reader; UDP has nobody who says that anything arrived.
package final class DatagramTransport: SinkTransport {
    package enum Target: Sendable, Hashable {
        case unix(path: String)
        case udp(host: String, port: Int)
    }

    private let target: Target
    private let format: SyslogFormat
    private let lane: BlockingLane
    private let limits: SinkLimits

    package init(_ target: Target, format: SyslogFormat, group: any EventLoopGroup, limits: SinkLimits = SinkLimits()) {
        (self.target, self.format, self.limits) = (target, format, limits)
        lane = BlockingLane(group: group)
    }

    package func deliver(_ events: [AuditExportRow]) async throws(SinkFailure) {
        try await lane.run(within: limits.delivery) { [self] () throws(SinkFailure) in
            let deadline = ContinuousClock.now + limits.delivery
            let socket = try connect()
            defer { Glibc.close(socket) }
            for event in events { try send(format.message(event), on: socket, until: deadline) }
            // UDP: a refusal comes back on its own, and with a little luck while the socket is still open.
            var (error, size) = (Int32(0), socklen_t(MemoryLayout<Int32>.size))
            if getsockopt(socket, SOL_SOCKET, SO_ERROR, &error, &size) == 0, error != 0 { throw .system("it refused the messages", error) }
        }
    }

    package func close() async { lane.close() }

    private func send(_ message: [UInt8], on socket: Int32, until deadline: ContinuousClock.Instant) throws(SinkFailure) {
        while true {
            let sent = message.withUnsafeBytes { Glibc.send(socket, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL)) }
            if sent == message.count { return }
            switch errno {
            case EINTR: continue
            case EAGAIN, ENOBUFS:
                guard ContinuousClock.now < deadline else { throw SinkFailure("it did not take the messages in time") }
                var wait = pollfd(fd: socket, events: Int16(POLLOUT), revents: 0)
                poll(&wait, 1, 50)
            default: throw .system("the message cannot be sent")
            }
        }
    }

    private func connect() throws(SinkFailure) -> Int32 {
        switch target {
        case .unix(let path): try connectUnix(path)
        case .udp(let host, let port): try connectUDP(host, port)
        }
    }

    private func connectUnix(_ path: String) throws(SinkFailure) -> Int32 {
        let descriptor = try make(AF_UNIX)
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: Array(path.utf8).prefix($0.count - 1)) }
        let connected = withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                Glibc.connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_un>.size))
            }
        }
        guard connected == 0 else {
            let failure = SinkFailure.system(errno == EPROTOTYPE ? "the socket does not take datagrams" : "the socket cannot be reached")
            Glibc.close(descriptor)
            throw failure
        }
        return descriptor
    }

    private func connectUDP(_ host: String, _ port: Int) throws(SinkFailure) -> Int32 {
        var hints = addrinfo()
        hints.ai_socktype = Int32(SOCK_DGRAM.rawValue)
        hints.ai_family = AF_UNSPEC
        var list: UnsafeMutablePointer<addrinfo>?
        guard getaddrinfo(host, String(port), &hints, &list) == 0, let first = list else {
            throw SinkFailure("its name cannot be resolved")
        }
        defer { freeaddrinfo(list) }
        let descriptor = try make(first.pointee.ai_family)
        guard Glibc.connect(descriptor, first.pointee.ai_addr, first.pointee.ai_addrlen) == 0 else {
            let failure = SinkFailure.system("it cannot be reached")
            Glibc.close(descriptor)
            throw failure
        }
        return descriptor
    }

    private func make(_ family: Int32) throws(SinkFailure) -> Int32 {
        let type = Int32(SOCK_DGRAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue) | Int32(SOCK_NONBLOCK.rawValue)
        let descriptor = socket(family, type, 0)
        guard descriptor >= 0 else { throw .system("no socket can be made") }
        return descriptor
    }
}
