// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors

import NIOCore
import NIOHTTP1
import NIOPosix
import Synchronization
import Values

/// A provider on loopback that keeps books of its own: what it was asked to charge and to deliver, and how often.
///
/// Like a real one it knows an idempotency key, so a charge that appears twice was asked for under two keys.
final class BooksPeer: Sendable {
    struct Charge: Sendable {
        var id: String
        var reference: String
        var minor: Int64
        var currency: String
    }

    struct Books: Sendable {
        var charges: [String: Charge] = [:]
        var references: [String: [String]] = [:]
        var messages: [String: Int] = [:]
        var authorizations: [String] = []
        /// Charges are carried out, and no answer is given until the connection ends.
        var isSilent = false
    }

    let books = Mutex(Books())
    let port: Int
    private let channel: any Channel
    private let asked: AsyncStream<Void>

    static func start() async throws -> BooksPeer {
        let (asked, ring) = AsyncStream<Void>.makeStream()
        let desk = Desk(ring: ring)
        let channel = try await ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .serverChannelOption(.backlog, value: 512)
            .childChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.configureHTTPServerPipeline(withErrorHandling: true)
                    try channel.pipeline.syncOperations.addHandler(Clerk(desk))
                }
            }
            .bind(host: "127.0.0.1", port: 0).get()
        let peer = BooksPeer(channel, asked)
        desk.peer.withLock { $0 = peer }
        return peer
    }

    private init(_ channel: any Channel, _ asked: AsyncStream<Void>) {
        (self.channel, self.asked) = (channel, asked)
        port = channel.localAddress?.port ?? 0
    }

    /// Returns as soon as that reference was charged.
    func charged(_ reference: String) async {
        if charged[reference] != nil { return }
        for await _ in asked where charged[reference] != nil { return }
    }

    /// How often each reference was charged.
    var charged: [String: Int] { books.withLock { $0.references.mapValues(\.count) } }
    var messages: [String: Int] { books.withLock { $0.messages } }

    private func serve(_ head: HTTPRequestHead, _ body: [UInt8]) -> (status: Int, body: Value)? {
        let request = (try? JSON.parse(body)) ?? .null
        return books.withLock { books in
            if head.uri.hasPrefix("/v1/messages") {
                books.messages[request["text"]?.stringValue ?? "", default: 0] += 1
                return (200, ["ok": true])
            }
            if head.method == .GET {
                let reference = head.uri.split(separator: "=").last.map(String.init) ?? ""
                guard let id = books.references[reference]?.first, let charge = books.charges.values.first(where: { $0.id == id }) else {
                    return (404, ["error": "none"])
                }
                return (200, charge.value)
            }
            books.authorizations.append(head.headers.first(name: "authorization") ?? "")
            let key = head.headers.first(name: "idempotency-key") ?? "none \(books.charges.count)"
            let charge =
                books.charges[key]
                ?? Charge(
                    id: "ch_\(books.charges.count + 1)", reference: request["reference"]?.stringValue ?? "",
                    minor: request["amount"]?.intValue ?? 0, currency: request["currency"]?.stringValue ?? "")
            if books.charges.updateValue(charge, forKey: key) == nil { books.references[charge.reference, default: []].append(charge.id) }
            return books.isSilent ? nil : (200, charge.value)
        }
    }

    private final class Desk: Sendable {
        let peer = Mutex<BooksPeer?>(nil)
        let ring: AsyncStream<Void>.Continuation

        init(ring: AsyncStream<Void>.Continuation) { self.ring = ring }
    }

    private final class Clerk: ChannelInboundHandler {
        typealias InboundIn = HTTPServerRequestPart
        typealias OutboundOut = HTTPServerResponsePart

        private let desk: Desk
        private var head: HTTPRequestHead?
        private var body: [UInt8] = []

        init(_ desk: Desk) { self.desk = desk }

        func channelRead(context: ChannelHandlerContext, data: NIOAny) {
            switch unwrapInboundIn(data) {
            case .head(let head): (self.head, body) = (head, [])
            case .body(let part): body += part.readableBytesView
            case .end:
                guard let head, let peer = desk.peer.withLock({ $0 }) else { return context.close(promise: nil) }
                let answer = peer.serve(head, body)
                if head.method == .POST { desk.ring.yield() }
                guard let answer else { return }
                let text = JSON.text(answer.body)
                let reply = HTTPResponseHead(
                    version: .http1_1, status: .init(statusCode: answer.status), headers: ["content-length": String(text.utf8.count)])
                context.write(wrapOutboundOut(.head(reply)), promise: nil)
                context.write(wrapOutboundOut(.body(.byteBuffer(ByteBuffer(string: text)))), promise: nil)
                context.writeAndFlush(wrapOutboundOut(.end(nil)), promise: nil)
            }
        }

        func errorCaught(context: ChannelHandlerContext, error: any Error) { context.close(promise: nil) }
    }
}

extension BooksPeer.Charge {
    fileprivate var value: Value {
        ["id": .string(id), "amount": .int(minor), "currency": .string(currency), "reference": .string(reference)]
    }
}
