// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors

import NIOCore
import NIOHTTP1
import NIOPosix
import Synchronization
import Values

/// A payment provider on 127.0.0.1: `POST /v1/charges` charges, `GET /v1/charges?reference=` finds.
final class ChargePeer: Sendable {
    enum Manner: Sendable {
        case answers
        /// Carries the request out, and closes the connection without a word.
        case hangsUp
        /// Reads the request and never answers.
        case keepsSilent
    }

    struct Books: Sendable {
        var manner = Manner.answers
        var charges: [(id: String, reference: String, minor: Int64, currency: String, key: String)] = []
        var authorizations: Set<String> = []
    }

    let books = Mutex(Books())
    let port: Int
    private let channel: any Channel
    /// Rings for each request that was read whole.
    let requests: AsyncStream<String>

    private init(channel: any Channel, handler: Clerk, requests: AsyncStream<String>) {
        self.channel = channel
        self.requests = requests
        port = channel.localAddress?.port ?? 0
        handler.peer.withLock { $0 = self }
    }

    static func start() async throws -> ChargePeer {
        let (requests, ring) = AsyncStream<String>.makeStream()
        let clerk = Clerk(ring: ring)
        let channel = try await ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .childChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.configureHTTPServerPipeline(withErrorHandling: true)
                    try channel.pipeline.syncOperations.addHandler(Counter(clerk: clerk))
                }
            }
            .bind(host: "127.0.0.1", port: 0).get()
        return ChargePeer(channel: channel, handler: clerk, requests: requests)
    }

    func stop() async throws { try await channel.close() }

    /// The provider's answer; nil hangs up.
    fileprivate func serve(_ method: String, _ uri: String, _ headers: HTTPHeaders, _ body: [UInt8]) -> (status: Int, body: Value)?? {
        books.withLock { books in
            if let authorization = headers.first(name: "authorization") { books.authorizations.insert(authorization) }
            if method == "GET" {
                let reference = uri.split(separator: "=").last.map(String.init) ?? ""
                guard books.manner == .answers else { return .some(nil) }
                guard let charge = books.charges.first(where: { $0.reference == reference }) else { return (404, ["error": "none"]) }
                return (200, Self.value(charge))
            }
            let request = try? JSON.parse(body)
            let key = headers.first(name: "idempotency-key") ?? ""
            if !books.charges.contains(where: { $0.key == key }) {
                books.charges.append(
                    (
                        "ch_\(books.charges.count + 1)", request?["reference"]?.stringValue ?? "", request?["amount"]?.intValue ?? 0,
                        request?["currency"]?.stringValue ?? "", key
                    ))
            }
            switch books.manner {
            case .answers: return books.charges.first { $0.key == key }.map { (200, Self.value($0)) }
            case .hangsUp: return .some(nil)
            case .keepsSilent: return nil
            }
        }
    }

    private static func value(_ charge: (id: String, reference: String, minor: Int64, currency: String, key: String)) -> Value {
        [
            "id": .string(charge.id), "amount": .int(charge.minor), "currency": .string(charge.currency),
            "reference": .string(charge.reference),
        ]
    }

    private final class Clerk: Sendable {
        let peer = Mutex<ChargePeer?>(nil)
        let ring: AsyncStream<String>.Continuation

        init(ring: AsyncStream<String>.Continuation) { self.ring = ring }
    }

    private final class Counter: ChannelInboundHandler {
        typealias InboundIn = HTTPServerRequestPart
        typealias OutboundOut = HTTPServerResponsePart

        private let clerk: Clerk
        private var head: HTTPRequestHead?
        private var body: [UInt8] = []

        init(clerk: Clerk) { self.clerk = clerk }

        func channelRead(context: ChannelHandlerContext, data: NIOAny) {
            switch unwrapInboundIn(data) {
            case .head(let head): (self.head, body) = (head, [])
            case .body(let part): body += part.readableBytesView
            case .end:
                guard let head, let peer = clerk.peer.withLock({ $0 }) else { return context.close(promise: nil) }
                let answer = peer.serve(head.method.rawValue, head.uri, head.headers, body)
                clerk.ring.yield("\(head.method) \(head.uri)")
                switch answer {
                case nil: return
                case .some(nil): context.close(promise: nil)
                case .some(.some(let answer)):
                    let text = JSON.text(answer.body)
                    let head = HTTPResponseHead(
                        version: .http1_1, status: .init(statusCode: answer.status), headers: ["content-length": String(text.utf8.count)])
                    context.write(wrapOutboundOut(.head(head)), promise: nil)
                    context.write(wrapOutboundOut(.body(.byteBuffer(ByteBuffer(string: text)))), promise: nil)
                    context.writeAndFlush(wrapOutboundOut(.end(nil)), promise: nil)
                }
            }
        }

        func errorCaught(context: ChannelHandlerContext, error: any Error) { context.close(promise: nil) }
    }
}
