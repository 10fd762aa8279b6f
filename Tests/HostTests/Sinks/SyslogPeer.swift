// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors

import NIOCore
import NIOPosix
import NIOSSL
import Synchronization
import Values

/// A syslog receiver on 127.0.0.1, over TCP or TLS, that misbehaves as it was told: one line for each connection, in order.
final class SyslogPeer: Sendable {
    enum Behaviour: Sendable {
        /// Reads to the end, and closes.
        case take
        /// Reads so many bytes, and goes away.
        case drop(after: Int)
        /// Reads everything and never closes.
        case linger
    }

    private struct State {
        var behaviours: [Behaviour] = []
        var connections = 0
        var streams: [[UInt8]] = []
    }

    let port: Int
    private let channel: any Channel
    private let state: StateBox

    private final class StateBox: Sendable {
        let value = Mutex(State())
    }

    private init(_ channel: any Channel, _ state: StateBox) {
        (self.channel, self.state, port) = (channel, state, channel.localAddress?.port ?? 0)
    }

    /// Each message that was read whole, in the order of reading.
    var messages: [String] {
        state.value.withLock { $0.streams }.flatMap(Self.messages)
    }

    var connections: Int { state.value.withLock { $0.connections } }

    static func with<T>(
        tls: Bool = false, _ behaviours: Behaviour..., body: (SyslogPeer) async throws -> T
    ) async throws -> T {
        let box = StateBox()
        box.value.withLock { $0.behaviours = behaviours }
        let context = tls ? try serverContext() : nil
        let channel = try await ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .childChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    let (behaviour, number) = box.value.withLock { state in
                        state.connections += 1
                        state.streams.append([])
                        return (state.behaviours.isEmpty ? .take : state.behaviours.removeFirst(), state.streams.count - 1)
                    }
                    if let context { try channel.pipeline.syncOperations.addHandler(NIOSSLServerHandler(context: context)) }
                    try channel.pipeline.syncOperations.addHandler(Reader(behaviour, number, box))
                    return behaviour
                }
                .flatMap { (behaviour: Behaviour) -> EventLoopFuture<Void> in
                    switch behaviour {
                    case .linger: channel.setOption(.allowRemoteHalfClosure, value: true)
                    case .take, .drop: channel.eventLoop.makeSucceededVoidFuture()
                    }
                }
            }
            .bind(host: "127.0.0.1", port: 0).get()
        do {
            let result = try await body(SyslogPeer(channel, box))
            try await channel.close()
            return result
        } catch {
            try await channel.close()
            throw error
        }
    }

    private static func serverContext() throws -> NIOSSLContext {
        let chain = try NIOSSLCertificate.fromPEMBytes(Array(TestCertificate.certificate.utf8)).map {
            NIOSSLCertificateSource.certificate($0)
        }
        let key = try NIOSSLPrivateKey(bytes: Array(TestCertificate.key.utf8), format: .pem)
        return try NIOSSLContext(configuration: .makeServerConfiguration(certificateChain: chain, privateKey: .privateKey(key)))
    }

    /// RFC 6587: a number, a space, so many bytes.
    private static func messages(_ stream: [UInt8]) -> [String] {
        var (rest, found) = (stream[...], [String]())
        while let space = rest.firstIndex(of: 0x20), let count = Int(String(decoding: rest[..<space], as: UTF8.self)),
            rest.count - (space - rest.startIndex) - 1 >= count
        {
            found.append(String(decoding: rest[(space + 1)..<(space + 1 + count)], as: UTF8.self))
            rest = rest[(space + 1 + count)...]
        }
        return found
    }

    private final class Reader: ChannelInboundHandler {
        typealias InboundIn = ByteBuffer

        private let behaviour: Behaviour
        private let number: Int
        private let box: StateBox
        private var count = 0

        init(_ behaviour: Behaviour, _ number: Int, _ box: StateBox) {
            (self.behaviour, self.number, self.box) = (behaviour, number, box)
        }

        func channelRead(context: ChannelHandlerContext, data: NIOAny) {
            let bytes = unwrapInboundIn(data).readableBytesView
            if case .drop(let limit) = behaviour {
                let taken = bytes.prefix(limit - count)
                box.value.withLock { $0.streams[number] += taken }
                count += taken.count
                if count >= limit { context.close(promise: nil) }
                return
            }
            box.value.withLock { $0.streams[number] += bytes }
        }

        func errorCaught(context: ChannelHandlerContext, error: any Error) { context.close(promise: nil) }
    }
}

/// What a message says: its place in its trail.
struct ReceivedEvent: Hashable {
    let tenant: String
    let index: Int64

    /// From JSON, alone or behind a syslog header.
    init?(_ text: String) {
        guard let start = text.firstIndex(of: "{"), let value = try? JSON.parse(Array(text[start...].utf8)),
            let tenant = value["tenant"]?.stringValue, let index = value["leaf_index"]?.intValue
        else { return nil }
        (self.tenant, self.index) = (tenant, index)
    }
}

extension [ReceivedEvent] {
    /// The places of one trail without repeats, as a receiver keeps them that drops what it has had.
    func places(of tenant: String) -> [Int64] {
        var seen: Set<Int64> = []
        return filter { $0.tenant == tenant && seen.insert($0.index).inserted }.map(\.index)
    }
}
