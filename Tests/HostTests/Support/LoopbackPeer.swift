// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors

import Host
import NIOCore
import NIOHTTP1
import NIOPosix
import Synchronization
import Values

/// A real HTTP server on 127.0.0.1 that misbehaves as its path says: `/echo`, `/hang`, `/close`, `/redirect`, `/huge`, `/endless`, `/headers`.
final class LoopbackPeer: Sendable {
    struct Seen: Sendable {
        var method: String
        var uri: String
        var headers: [String: String]
        var body: [UInt8]

        var text: String { String(decoding: body, as: UTF8.self) }
    }

    let port: Int
    private let channel: any Channel
    private let log: Log

    private init(channel: any Channel, log: Log) {
        self.channel = channel
        self.port = channel.localAddress?.port ?? 0
        self.log = log
    }

    /// Requests that were read whole, in order.
    var seen: [Seen] { log.entries.withLock { $0 } }

    var origin: String { "http://127.0.0.1:\(port)" }

    /// Starts a peer on a free port.
    static func start() async throws -> LoopbackPeer {
        let log = Log()
        let channel = try await ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
            .childChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.configureHTTPServerPipeline(withErrorHandling: true)
                    try channel.pipeline.syncOperations.addHandler(Behaviour(log: log))
                }
            }
            .bind(host: "127.0.0.1", port: 0).get()
        return LoopbackPeer(channel: channel, log: log)
    }

    func stop() async throws { try await channel.close() }

    /// A port on which nobody listens.
    static func refusedPort() async throws -> Int {
        let channel = try await ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton).bind(host: "127.0.0.1", port: 0).get()
        let port = channel.localAddress?.port ?? 0
        try await channel.close()
        return port
    }

    /// Runs a body with a peer and stops it afterwards.
    static func with<T>(_ body: (LoopbackPeer) async throws -> T) async throws -> T {
        let peer = try await start()
        do {
            let result = try await body(peer)
            try await peer.stop()
            return result
        } catch {
            try await peer.stop()
            throw error
        }
    }

    final class Log: Sendable {
        let entries = Mutex<[Seen]>([])
    }

    private final class Behaviour: ChannelInboundHandler {
        typealias InboundIn = HTTPServerRequestPart
        typealias OutboundOut = HTTPServerResponsePart

        private let log: Log
        private var head: HTTPRequestHead?
        private var body: [UInt8] = []

        init(log: Log) { self.log = log }

        func channelRead(context: ChannelHandlerContext, data: NIOAny) {
            switch unwrapInboundIn(data) {
            case .head(let head): (self.head, body) = (head, [])
            case .body(let part): body += part.readableBytesView
            case .end:
                guard let head else { return }
                let headers = Dictionary(head.headers.map { ($0.name.lowercased(), $0.value) }, uniquingKeysWith: { $0 + ", " + $1 })
                let seen = Seen(method: head.method.rawValue, uri: head.uri, headers: headers, body: body)
                log.entries.withLock { $0.append(seen) }
                answer(seen, context)
            }
        }

        func errorCaught(context: ChannelHandlerContext, error: any Error) { context.close(promise: nil) }

        private func answer(_ seen: Seen, _ context: ChannelHandlerContext) {
            let path = seen.uri.prefix { $0 != "?" }
            if path.hasSuffix("/hang") { return }
            if path.hasSuffix("/unended") {
                context.write(
                    wrapOutboundOut(.head(.init(version: .http1_1, status: .ok, headers: ["content-length": "10"]))), promise: nil)
                return context.flush()
            }
            if path.hasSuffix("/close") { return context.close(promise: nil) }
            if path.hasSuffix("/redirect") { return send(302, ["location": "/echo"], "", context) }
            if path.hasSuffix("/huge") { return send(200, [:], String(repeating: "x", count: 2_000_000), context) }
            if path.hasSuffix("/endless") { return send(200, [:], String(repeating: "x", count: 2_000_000), context, chunked: true) }
            if path.hasSuffix("/headers") {
                return send(200, HTTPHeaders((0..<150).map { ("x-\($0)", "1") }), "", context)
            }
            if path.hasSuffix("/declined") {
                return send(402, ["content-type": "application/json"], #"{"error":"card_declined"}"#, context)
            }
            let echo = seen.headers.sorted { $0.key < $1.key }.map { "\($0.key): \($0.value)" }.joined(separator: "\n")
            send(200, ["x-echo": seen.headers["authorization"] ?? "-"], "\(seen.method) \(seen.uri)\n\(echo)\n\n\(seen.text)", context)
        }

        private func send(
            _ status: Int, _ headers: HTTPHeaders, _ text: String, _ context: ChannelHandlerContext, chunked: Bool = false
        ) {
            var head = HTTPResponseHead(version: .http1_1, status: .init(statusCode: status), headers: headers)
            if chunked {
                head.headers.add(name: "transfer-encoding", value: "chunked")
            } else {
                head.headers.add(name: "content-length", value: String(text.utf8.count))
            }
            context.write(wrapOutboundOut(.head(head)), promise: nil)
            context.write(wrapOutboundOut(.body(.byteBuffer(ByteBuffer(string: text)))), promise: nil)
            context.writeAndFlush(wrapOutboundOut(.end(nil)), promise: nil)
        }
    }
}

extension LoopbackPeer {
    /// The capability that lets a plugin talk to the provider whose place this peer takes.
    static let capability: Value = [
        "http": [["host": "api.example.com", "methods": ["GET", "POST", "PUT"], "path_prefix": "/v1/"]]
    ]

    /// A host on which requests for the provider reach this peer.
    var configuration: HostConfiguration {
        get throws { HostConfiguration(isDevelopment: true, exemptions: [try .reroute("https://api.example.com", to: origin)]) }
    }

    /// What a plugin asks for.
    static func url(_ path: String) -> Value { .string("https://api.example.com/v1" + path) }
}
