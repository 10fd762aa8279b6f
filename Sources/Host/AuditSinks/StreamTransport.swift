// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors

import Glibc
package import NIOCore
import NIOPosix
package import NIOSSL
package import Security
import Synchronization

/// Syslog over TCP or TLS (RFC 6587 with lengths, RFC 5425): one connection for each delivery.
///
/// The protocol knows no answer, so that a connection which breaks may have lost what was written to it. Here a delivery is accepted
/// when the other machine has acknowledged every byte, and its program has then closed the connection because we have ended it:
/// a receiver that goes away with messages unread resets the connection instead.
package final class StreamTransport: SinkTransport {
    private let host: String
    private let port: Int
    private let tls: NIOSSLContext?
    private let format: SyslogFormat
    private let group: any EventLoopGroup
    private let limits: SinkLimits

    package init(
        host: String, port: Int, tls: NIOSSLContext?, format: SyslogFormat, group: any EventLoopGroup, limits: SinkLimits = SinkLimits()
    ) {
        (self.host, self.port, self.tls, self.format, self.group, self.limits) = (host, port, tls, format, group, limits)
    }

    package func close() async {}

    package func deliver(_ events: [AuditExportRow]) async throws(SinkFailure) {
        let ending = StreamEnding()
        do {
            try await exchange(events, ending)
        } catch let failure as SinkFailure {
            throw failure
        } catch {
            throw ending.failure ?? Self.failure(error)
        }
    }

    private func exchange(_ events: [AuditExportRow], _ ending: StreamEnding) async throws {
        let channel = try await connect(ending)
        let timer = channel.eventLoop.scheduleTask(in: TimeAmount(limits.delivery)) {
            ending.fail(.late)
            channel.close(promise: nil)
        }
        defer {
            timer.cancel()
            channel.close(promise: nil)
        }
        try await withTaskCancellationHandler {
            var buffer = channel.allocator.buffer(capacity: events.count * 1024)
            for event in events { buffer.writeBytes(SyslogFraming.octetCounted(format.message(event))) }
            try await channel.writeAndFlush(buffer)
            try await waitForAcknowledgement(channel, ending)
            ending.begin()
            try await channel.close(mode: .output)
            try await channel.closeFuture.get()
            if let failure = ending.failure { throw failure }
        } onCancel: {
            ending.fail(SinkFailure("the host is shutting down"))
            channel.close(promise: nil)
        }
    }

    private func connect(_ ending: StreamEnding) async throws -> any Channel {
        let (tls, name) = (tls, IPAddress(host) == nil ? host : nil)
        return try await ClientBootstrap(group: group)
            .connectTimeout(TimeAmount(limits.connect))
            .channelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    if let tls {
                        try channel.pipeline.syncOperations.addHandler(NIOSSLClientHandler(context: tls, serverHostname: name))
                    }
                    try channel.pipeline.syncOperations.addHandler(StreamWatch(ending))
                }
            }
            .connect(host: host, port: port).get()
    }

    /// Waits until the other machine has every byte; a connection that ends before has lost some.
    private func waitForAcknowledgement(_ channel: any Channel, _ ending: StreamEnding) async throws {
        guard let socket = channel as? any SocketOptionProvider else { return }
        var pause = Duration.microseconds(200)
        while channel.isActive {
            let state: TCPState = try await socket.unsafeGetSocketOption(
                level: .init(rawValue: CInt(IPPROTO_TCP)), name: .init(rawValue: CInt(TCP_INFO))
            ).get()
            if state.isEmpty {
                // What was acknowledged may lie unread at a receiver that is about to go: its goodbye comes right behind.
                try await Task.sleep(for: Self.goodbye)
                if channel.isActive { return }
                break
            }
            try await Task.sleep(for: pause)
            pause = min(pause * 2, .milliseconds(50))
        }
        throw ending.failure ?? .closedEarly
    }

    /// How long a receiver's end of the connection is waited for, once it has every byte.
    private static let goodbye = Duration.milliseconds(50)

    private static func failure(_ error: any Error) -> SinkFailure {
        switch error {
        case is NIOConnectionError: SinkFailure("it cannot be reached")
        case ChannelError.connectTimeout: .unreachableInTime
        default: .tls(error) ?? .broke
        }
    }
}

/// The kernel's `struct tcp_info`, as far as it is needed: its layout is part of Linux's promise.
///
/// Plain words: a vector of that size would want an alignment that an asynchronous function's memory does not have.
private struct TCPState: Sendable {
    private struct Words: Sendable {
        let first, second, third, fourth: UInt64
    }

    private let at0, at32, at64, at96, at128, at160, at192, at224: Words

    /// Whether nothing is unacknowledged (`tcpi_unacked`, at 24) or unsent (`tcpi_notsent_bytes`, at 144).
    var isEmpty: Bool { UInt32(truncatingIfNeeded: at0.fourth) == 0 && UInt32(truncatingIfNeeded: at128.third) == 0 }
}

/// How a connection ended.
private final class StreamEnding: Sendable {
    private struct State {
        var failure: SinkFailure?
        var hasBegun = false
    }

    private let state = Mutex(State())

    var failure: SinkFailure? { state.withLock { $0.failure } }

    /// From now on the other side may close.
    func begin() { state.withLock { $0.hasBegun = true } }

    func fail(_ failure: SinkFailure) { state.withLock { $0.failure = $0.failure ?? failure } }

    func close() {
        state.withLock { state in
            if !state.hasBegun { state.failure = state.failure ?? .closedEarly }
        }
    }

    func caught(_ error: any Error) {
        state.withLock { state in
            switch error {
            // Many receivers end without TLS's goodbye; ours was said, and theirs would say nothing about the events.
            case NIOSSLError.uncleanShutdown where state.hasBegun: return
            default: state.failure = state.failure ?? .tls(error) ?? .broke
            }
        }
    }
}

/// Throws away what a receiver says, and remembers how it ends.
private final class StreamWatch: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer

    private let ending: StreamEnding

    init(_ ending: StreamEnding) { self.ending = ending }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {}

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        ending.caught(error)
        context.close(promise: nil)
    }

    func channelInactive(context: ChannelHandlerContext) {
        ending.close()
        context.fireChannelInactive()
    }
}
