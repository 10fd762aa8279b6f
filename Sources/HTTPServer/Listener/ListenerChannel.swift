// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors

import Hummingbird
import HummingbirdCore
import Logging
import NIOCore
import NIOHTTP1
import NIOSSL
import Security

/// One connection of a listener: counted, encrypted where the listener is, and kept to its budget before HTTP is read.
struct ListenerChannel: ServerChildChannel {
    private let base: HTTP1Channel
    private let budget: ListenerBudget
    private let limits: ConnectionLimits
    private let identity: TLSIdentity?

    init(
        _ responder: @escaping HTTPChannelHandler.Responder, _ budget: ListenerBudget, _ limits: ConnectionLimits, _ identity: TLSIdentity?
    ) {
        // Idle connections are the guard's: one clock for everything that a connection waits for.
        base = HTTP1Channel(
            responder: responder,
            configuration: .init(
                idleTimeout: nil,
                httpDecoderConfiguration: .init(
                    maxHeaderFieldSize: budget.headerBytes, maxHeaderListSize: budget.headerBytes, maxHeaderFieldCount: budget.headerFields)
            ))
        (self.budget, self.limits, self.identity) = (budget, limits, identity)
    }

    func setup(channel: any Channel, logger: Logger) -> EventLoopFuture<HTTP1Channel.Value> {
        let address = channel.remoteAddress?.ipAddress.flatMap { IPAddress($0) }
        let refusal = limits.take(address)
        if refusal == nil { channel.closeFuture.whenComplete { [limits] _ in limits.release(address) } }
        // A failed set-up would reach the listener itself, so whoever is refused gets a connection that ends at once.
        return channel.eventLoop.makeCompletedFuture {
            let pipeline = channel.pipeline.syncOperations
            if refusal != nil {
                try pipeline.addHandler(RefusedConnection(isPlain: identity == nil))
            } else if let identity {
                try pipeline.addHandler(TLSFirstByte(limits))
                try pipeline.addHandler(NIOSSLServerHandler(context: identity.current.context))
            }
            try pipeline.addHandler(ByteGuard())
        }.flatMap {
            base.setup(channel: channel, logger: logger)
        }.flatMapThrowing { value in
            let pipeline = channel.pipeline.syncOperations
            let decoder = try pipeline.handler(type: ByteToMessageHandler<HTTPRequestDecoder>.self)
            let bytes = try pipeline.handler(type: ByteGuard.self)
            try pipeline.addHandler(RequestGuard(budget, limits, bytes), position: .after(decoder))
            return value
        }
    }

    func handle(value: HTTP1Channel.Value, logger: Logger) async {
        await base.handle(value: value, logger: logger)
    }
}

/// Ends a connection that there is no place for: with a short answer where that costs nothing.
final class RefusedConnection: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    private let isPlain: Bool

    init(isPlain: Bool) { self.isPlain = isPlain }

    private static let answer = RawAnswer(
        503, "Service Unavailable", code: "too_many_connections", title: "Too many connections", headers: "Retry-After: 5\r\n")

    func channelActive(context: ChannelHandlerContext) {
        if isPlain { context.writeAndFlush(wrapOutboundOut(ByteBuffer(string: Self.answer.text)), promise: nil) }
        context.close(promise: nil)
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {}
}

/// Tells somebody who speaks plain HTTP to the TLS port so, once, and never anything else: what they sent was readable on the way.
final class TLSFirstByte: ChannelInboundHandler, RemovableChannelHandler {
    typealias InboundIn = ByteBuffer
    typealias InboundOut = ByteBuffer
    typealias OutboundOut = ByteBuffer

    private let limits: ConnectionLimits
    private var isTLS: Bool?

    init(_ limits: ConnectionLimits) { self.limits = limits }

    /// The type of a TLS record that begins a handshake (RFC 8446, section 5.1).
    private static let handshake: UInt8 = 22
    private static let answer = RawAnswer(
        400, "Bad Request", code: "tls_required", title: "This port speaks TLS only: use https")

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        if isTLS == nil, let first = unwrapInboundIn(data).readableBytesView.first {
            isTLS = first == Self.handshake
            if isTLS == false {
                limits.count(.notTLS)
                context.writeAndFlush(wrapOutboundOut(ByteBuffer(string: Self.answer.text)), promise: nil)
                context.close(promise: nil)
            }
        }
        guard isTLS == true else { return }
        context.fireChannelRead(data)
    }
}

/// An answer for whom no request was read.
struct RawAnswer {
    let text: String

    init(_ status: Int, _ reason: String, code: String, title: String, headers: String = "") {
        let body = #"{"type":"https://panelhost.dev/problems/\#(code)","title":"\#(title)","status":\#(status),"code":"\#(code)"}"#
        text =
            "HTTP/1.1 \(status) \(reason)\r\nContent-Type: application/problem+json\r\nContent-Length: \(body.utf8.count)\r\n"
            + "Cache-Control: no-store\r\n\(headers)Connection: close\r\n\r\n\(body)"
    }
}

/// Sees the bytes before HTTP does: tells the guard that some came, and throws them away once nobody wants them.
final class ByteGuard: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer
    typealias InboundOut = ByteBuffer

    weak var requests: RequestGuard?
    var isDraining = false

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        guard !isDraining else { return }
        requests?.bytesArrived()
        context.fireChannelRead(data)
    }

    func channelReadComplete(context: ChannelHandlerContext) {
        context.fireChannelReadComplete()
        // Nobody further on asks for what is thrown away.
        if isDraining { context.read() }
    }
}
