// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors

import Host
import Logging
import NIOCore
import NIOHTTP1
import NIOPosix
import Security
import Storage
import Synchronization
import Testing
import Values

/// A provider of messages on 127.0.0.1 that answers as it was told, in order, and `200` after that.
final class MessagePeer: Sendable {
    struct Answer: Sendable {
        var status = 200
        var headers: [String: String] = [:]
        /// No answer: the connection is closed after the request was read.
        var hangsUp = false
        /// What happens between request and answer.
        var meanwhile: @Sendable () async throws -> Void = {}
    }

    private struct State {
        var seen: [Value] = []
        var answers: [Answer] = []
    }

    private let state = Mutex(State())

    /// The bodies that came in, in order.
    var seen: [Value] { state.withLock { $0.seen } }

    /// The `text` of each message that came in, in order.
    var texts: [String] { seen.map { $0["text"]?.stringValue ?? "-" } }

    func answer(with answers: Answer...) { state.withLock { $0.answers += answers } }

    /// A notifier that hands each message to this peer and says what the peer said.
    static let notifier = TestPlugin(
        capabilities: LoopbackPeer.capability, idempotency: ["style": "none"],
        mainText: """
            return {
              validate_config = function(ctx, req) return { ok = true, warnings = panel.array{} } end,
              send = function(ctx, req)
                if req.title == "crash" then error("nothing has left") end
                local response, problem = ctx.http.post("https://api.example.com/v1/messages", {
                  json = { id = req.notification_id, text = req.body.text, attempt = ctx.attempt, tenant = ctx.tenant_id, key = req.dedupe_key,
                    to = req.recipient and req.recipient.address },
                })
                if req.title == "crash after" then error("it is on its way") end
                if not response then
                  return { ok = false, error = { code = problem.code, message = "no answer", outcome = problem.outcome } }
                end
                local failure
                if response.status == 429 then
                  failure = { code = "rate_limited", message = "slow down", retryable = true, outcome = "rejected",
                    retry_after_s = tonumber(response.headers["retry-after"]) }
                elseif response.status >= 500 then
                  failure = { code = "provider_unavailable", message = "broken", retryable = true, outcome = "unknown" }
                elseif response.status >= 400 then
                  failure = { code = "provider_error", message = "no", retryable = false, outcome = "rejected" }
                end
                if failure then return { ok = false, error = failure } end
                return { ok = true, status = response.headers["x-status"] or "accepted", provider_message_ids = { "m-" .. ctx.attempt } }
              end,
            }
            """)

    /// Runs a body with a peer and a host whose notifiers reach it.
    static func with(clock: ManualClock, _ body: (Rig, MessagePeer) async throws -> Void) async throws {
        let peer = MessagePeer()
        let channel = try await ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .childChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.configureHTTPServerPipeline(withErrorHandling: true)
                    try channel.pipeline.syncOperations.addHandler(Behaviour(peer))
                }
            }
            .bind(host: "127.0.0.1", port: 0).get()
        let origin = "http://127.0.0.1:\(channel.localAddress?.port ?? 0)"
        let configuration = HostConfiguration(isDevelopment: true, exemptions: [try .reroute("https://api.example.com", to: origin)])
        do {
            try await Rig.with(configuration, clock: clock.host) { rig in try await body(rig, peer) }
            try await channel.close()
        } catch {
            try await channel.close()
            throw error
        }
    }

    private func take(_ body: [UInt8]) -> Answer {
        state.withLock { state in
            state.seen.append((try? JSON.parse(body)) ?? .null)
            return state.answers.isEmpty ? Answer() : state.answers.removeFirst()
        }
    }

    private final class Behaviour: ChannelInboundHandler {
        typealias InboundIn = HTTPServerRequestPart
        typealias OutboundOut = HTTPServerResponsePart

        private let peer: MessagePeer
        private var body: [UInt8] = []

        init(_ peer: MessagePeer) { self.peer = peer }

        func channelRead(context: ChannelHandlerContext, data: NIOAny) {
            switch unwrapInboundIn(data) {
            case .head: body = []
            case .body(let part): body += part.readableBytesView
            case .end:
                let answer = peer.take(body)
                let here = NIOLoopBound((self, context), eventLoop: context.eventLoop)
                context.eventLoop.makeFutureWithTask { try await answer.meanwhile() }.whenComplete { result in
                    if case .failure(let error) = result { Issue.record(error, "between request and answer") }
                    here.value.0.send(answer, here.value.1)
                }
            }
        }

        func errorCaught(context: ChannelHandlerContext, error: any Error) { context.close(promise: nil) }

        private func send(_ answer: Answer, _ context: ChannelHandlerContext) {
            guard !answer.hangsUp else { return context.close(promise: nil) }
            var head = HTTPResponseHead(version: .http1_1, status: .init(statusCode: answer.status), headers: ["content-length": "0"])
            for (name, value) in answer.headers { head.headers.add(name: name, value: value) }
            context.write(wrapOutboundOut(.head(head)), promise: nil)
            context.writeAndFlush(wrapOutboundOut(.end(nil)), promise: nil)
        }
    }
}

extension Rig {
    /// Takes a message in for the test notifier.
    func notify(
        _ text: String = "Paid", title: String = "Invoice", key: String? = nil, tenant: TenantRecord? = nil, fields: Value = [:]
    ) async throws -> NotificationView {
        var input: [String: Value] = ["plugin": "probe", "event_type": "invoice.paid", "title": .string(title), "text": .string(text)]
        input.merge(fields.mapValue ?? [:]) { _, own in own }
        return try await host.notifications.send(
            permit(.invokeNotifier, tenant), SendNotification(.map(input)), idempotencyKey: key ?? text, origin: Self.trace)
    }

    func notification(_ view: NotificationView, _ tenant: TenantRecord? = nil) async throws -> NotificationRecord {
        try await host.notifications.get(permit(.invokeNotifier, tenant), view.record.id).record
    }

    /// Another host's dispatcher on the same database.
    func secondDispatcher() -> NotificationDispatcher {
        NotificationDispatcher(
            database: database, directory: host.directory, pipeline: host.pipeline, authority: authority, clock: host.clock,
            logger: Logger(label: "test", factory: { _ in SwiftLogNoOpLogHandler() }))
    }
}
