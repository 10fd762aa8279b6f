// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors

import HTTPTypes
import NIOCore
import NIOHTTP1
import Values

/// Keeps one connection to its budget: how long a head, a body, an answer and idleness may take, and how large they may be.
///
/// It stands between HTTP's parser and everything else, and answers by itself what the others never get to see. All of it runs on
/// the connection's event loop.
final class RequestGuard: ChannelDuplexHandler, RemovableChannelHandler {
    typealias InboundIn = HTTPServerRequestPart
    typealias InboundOut = HTTPServerRequestPart
    typealias OutboundIn = HTTPServerResponsePart
    typealias OutboundOut = HTTPServerResponsePart

    private let budget: ListenerBudget
    private let limits: ConnectionLimits
    private let bytes: ByteGuard
    private let tick: TimeAmount
    private var timer: Scheduled<Void>?

    /// When the connection, or the idleness after its last answer, began.
    private var since = NIODeadline.now()
    /// When the first byte of a head came that is not there yet.
    private var headSince: NIODeadline?
    /// When the head came whose body is being read.
    private var bodySince: NIODeadline?
    private var bodyBytes = 0
    /// Of these, the ones that came since ``bodySince``.
    private var countedBytes = 0
    /// Whether somebody waits for more of the body.
    private var isWanted = false
    /// When the head of the oldest request came that has no answer.
    private var requestSince: [NIODeadline] = []
    private var isAnswering = false
    private var stalledSince: NIODeadline?
    private var drainUntil: NIODeadline?
    private var isOver = false
    /// Why the connection ends after the answers that are under way.
    private var ending: ConnectionLimits.Cut?
    private var requests = 0
    private var answers = 0

    init(_ budget: ListenerBudget, _ limits: ConnectionLimits, _ bytes: ByteGuard) {
        (self.budget, self.limits, self.bytes) = (budget, limits, bytes)
        tick = TimeAmount(budget.tick)
    }

    func handlerAdded(context: ChannelHandlerContext) {
        bytes.requests = self
        since = .now()
        schedule(context)
    }

    func handlerRemoved(context: ChannelHandlerContext) { end() }

    func channelInactive(context: ChannelHandlerContext) {
        end()
        context.fireChannelInactive()
    }

    /// Called for every read of the socket, before HTTP is made of it.
    func bytesArrived() {
        if bodySince == nil, headSince == nil { headSince = .now() }
    }

    // MARK: What comes

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        guard drainUntil == nil else { return }
        isWanted = false
        switch unwrapInboundIn(data) {
        case .head(let head):
            requests += 1
            // Beyond the last one that gets an answer: the client sends it again on another connection.
            guard requests <= budget.requests else { return }
            let now = NIODeadline.now()
            (headSince, bodySince, bodyBytes, countedBytes) = (nil, now, 0, 0)
            requestSince.append(now)
            guard Self.isPlain(head) else { return refuse(.badHead, context) }
            if let length = head.headers.first(name: "content-length").flatMap({ Int($0) }), length > budget.bodyBytes {
                return refuse(.bodyTooLarge, context)
            }
        case .body(let part):
            guard requests <= budget.requests else { return }
            bodyBytes += part.readableBytes
            countedBytes += part.readableBytes
            guard bodyBytes <= budget.bodyBytes else { return refuse(.bodyTooLarge, context) }
        case .end:
            guard requests <= budget.requests else { return }
            bodySince = nil
        }
        context.fireChannelRead(data)
    }

    /// Whether a head says once where it goes, and to us: a path, and exactly one `Host` (RFC 9112, section 3.2).
    ///
    /// A target with an authority of its own is for proxies, and would be another name beside `Host`.
    private static func isPlain(_ head: HTTPRequestHead) -> Bool {
        // Who speaks HTTP/1.0 knows no chunks, and somebody on the way may have passed them on unread.
        if head.version == .http1_0, head.headers.contains(name: "transfer-encoding") { return false }
        let hosts = head.headers["host"].count
        return (hosts == 1 || hosts == 0 && head.version == .http1_0) && (head.uri.utf8.first == UInt8(ascii: "/") || head.uri == "*")
    }

    func read(context: ChannelHandlerContext) {
        isWanted = true
        context.read()
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        guard drainUntil == nil, ending == nil else { return }
        guard let error = error as? HTTPParserError else { return context.fireErrorCaught(error) }
        // Nothing that follows can be told apart from what was meant: one answer, and the end.
        var cut = ConnectionLimits.Cut.badHead
        if case .headerOverflow = error { cut = .headTooLarge }
        if bodySince == nil, !requestSince.isEmpty {
            // The requests before it are whole, and get their answers first.
            ending = cut
            bytes.isDraining = true
        } else if bodySince != nil, requestSince.isEmpty {
            limits.count(cut)
            drain(context)
        } else {
            refuse(cut, context)
        }
    }

    // MARK: What goes

    func write(context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?) {
        guard drainUntil == nil else {
            promise?.fail(ChannelError.outputClosed)
            return
        }
        switch unwrapOutboundIn(data) {
        case .head(var head):
            isAnswering = true
            if answers + 1 >= budget.requests {
                head.headers.replaceOrAdd(name: "connection", value: "close")
                return context.write(wrapOutboundOut(.head(head)), promise: promise)
            }
        case .end:
            isAnswering = false
            answers += 1
            if !requestSince.isEmpty { requestSince.removeFirst() }
            since = .now()
            if let ending, requestSince.isEmpty {
                context.writeAndFlush(data, promise: promise)
                return refuse(ending, context)
            }
            if answers >= budget.requests {
                context.writeAndFlush(data, promise: promise)
                return drain(context)
            }
        case .body: break
        }
        context.write(data, promise: promise)
    }

    func channelWritabilityChanged(context: ChannelHandlerContext) {
        stalledSince = context.channel.isWritable ? nil : .now()
        context.fireChannelWritabilityChanged()
    }

    func close(context: ChannelHandlerContext, mode: CloseMode, promise: EventLoopPromise<Void>?) {
        // The other side has a moment to take what was sent and to close as well.
        if mode == .output, drainUntil == nil {
            drainUntil = .now() + Self.lingering
            bytes.isDraining = true
            context.close(mode: mode, promise: promise)
            context.read()
        } else {
            context.close(mode: mode, promise: promise)
        }
    }

    // MARK: Time

    private func schedule(_ context: ChannelHandlerContext) {
        timer = context.eventLoop.assumeIsolated().scheduleTask(in: tick) { [weak self] in self?.look(context) }
    }

    private func look(_ context: ChannelHandlerContext) {
        guard !isOver else { return }
        check(context)
        if !isOver { schedule(context) }
    }

    private func end() {
        isOver = true
        timer?.cancel()
    }

    private func check(_ context: ChannelHandlerContext) {
        let now = NIODeadline.now()
        if let drainUntil {
            if now >= drainUntil { context.close(mode: .all, promise: nil) }
            return
        }
        if let stalledSince, now - stalledSince >= TimeAmount(budget.stall) {
            limits.count(.slowReader)
            return context.close(mode: .all, promise: nil)
        }
        if let bodySince {
            // As long as nobody asks for more of it, it is not the client who is slow.
            if !isWanted, !requestSince.isEmpty {
                (self.bodySince, countedBytes) = (now, 0)
            } else if now - bodySince >= TimeAmount(budget.bodyGrace) + .seconds(Int64(countedBytes / max(1, budget.bodyRate))) {
                return refuse(.slowBody, context)
            }
        }
        if !isAnswering, let oldest = requestSince.first, now - oldest >= TimeAmount(budget.request) {
            return refuse(.requestTime, context)
        }
        guard requestSince.isEmpty, bodySince == nil else { return }
        if let headSince {
            if now - headSince >= TimeAmount(budget.head) { refuse(.slowHead, context) }
        } else if now - since >= TimeAmount(requests == 0 ? budget.head : budget.idle) {
            context.close(mode: .all, promise: nil)
        }
    }

    // MARK: Ends

    private static let lingering = TimeAmount.seconds(2)

    /// Says why, where no other answer has begun, and ends the connection.
    private func refuse(_ cut: ConnectionLimits.Cut, _ context: ChannelHandlerContext) {
        limits.count(cut)
        // The one that is being read has its answer already, or another's would be taken for it.
        guard !isAnswering, requestSince.count <= 1 else { return context.close(mode: .all, promise: nil) }
        let problem = cut.problem
        let body = ByteBuffer(bytes: JSON.serialize(problem.body(correlation: nil)))
        var headers: HTTPHeaders = [
            "content-type": "application/problem+json", "content-length": "\(body.readableBytes)", "cache-control": "no-store",
            "connection": "close",
        ]
        for field in problem.headers { headers.add(name: field.name.canonicalName, value: field.value) }
        let head = HTTPResponseHead(
            version: .http1_1, status: HTTPResponseStatus(statusCode: problem.status.code), headers: headers)
        context.write(wrapOutboundOut(.head(head)), promise: nil)
        context.write(wrapOutboundOut(.body(.byteBuffer(body))), promise: nil)
        context.writeAndFlush(wrapOutboundOut(.end(nil)), promise: nil)
        drain(context)
    }

    /// Closes this side, and takes what still comes for a moment: a connection reset would take the answer away again.
    private func drain(_ context: ChannelHandlerContext) {
        drainUntil = .now() + Self.lingering
        bytes.isDraining = true
        context.close(mode: .output, promise: nil)
        context.read()
    }
}

extension ConnectionLimits.Cut {
    /// What the client is told.
    fileprivate var problem: Problem {
        switch self {
        case .slowHead: Problem(.requestTimeout, "request_timeout", "The request's head took too long")
        case .slowBody: Problem(.requestTimeout, "request_timeout", "The request's body took too long")
        case .headTooLarge: Problem(.requestHeaderFieldsTooLarge, "head_too_large", "The request's head is too large")
        case .bodyTooLarge: Problem(.contentTooLarge, "body_too_large", "The body is too large")
        case .badHead:
            Problem(
                .badRequest, "bad_request", "The request cannot be read",
                detail: "It needs a path as its target, one Host header, and framing as HTTP/1.1 says.")
        case .requestTime, .slowReader, .notTLS:
            Problem(
                .serviceUnavailable, "deadline_exceeded", "The answer took too long",
                detail: "What was asked for may still be done: look it up before doing it again.", headers: [.retryAfter: "30"])
        }
    }
}
