// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors

import AsyncHTTPClient
import NIOCore
import NIOHTTP1
import Synchronization

/// Watches one request on the wire: whether its head was handed over, and that the answer stays within the caps.
final class EgressDelegate: HTTPClientResponseDelegate {
    typealias Response = EgressResponse

    private struct State {
        var sent = false
        var head: HTTPResponseHead?
        var body: [UInt8] = []
    }

    private let state = Mutex(State())
    private let limits: EgressLimits

    init(limits: EgressLimits) { self.limits = limits }

    /// True from the moment at which the head is written to the connection.
    ///
    /// The client reports this right after the write and before it knows whether the peer read anything: on the safe side.
    var sent: Bool { state.withLock { $0.sent } }

    func didSendRequestHead(task: HTTPClient.Task<EgressResponse>, _ head: HTTPRequestHead) {
        state.withLock { $0.sent = true }
    }

    func didReceiveHead(task: HTTPClient.Task<EgressResponse>, _ head: HTTPResponseHead) -> EventLoopFuture<Void> {
        let size = head.headers.reduce(0) { $0 + $1.name.utf8.count + $1.value.utf8.count }
        let announced = head.headers.first(name: "content-length").flatMap { Int($0) } ?? 0
        guard head.headers.count <= limits.headerCount, size <= limits.headerBytes else {
            return task.eventLoop.makeFailedFuture(EgressFailure(.limitExceeded, "the answer's headers are too large", sent: true))
        }
        guard announced <= limits.responseBytes else { return task.eventLoop.makeFailedFuture(tooLarge) }
        state.withLock { $0.head = head }
        return task.eventLoop.makeSucceededVoidFuture()
    }

    func didReceiveBodyPart(task: HTTPClient.Task<EgressResponse>, _ buffer: ByteBuffer) -> EventLoopFuture<Void> {
        let fits = state.withLock { state in
            guard state.body.count + buffer.readableBytes <= limits.responseBytes else { return false }
            state.body.append(contentsOf: buffer.readableBytesView)
            return true
        }
        return fits ? task.eventLoop.makeSucceededVoidFuture() : task.eventLoop.makeFailedFuture(tooLarge)
    }

    func didFinishRequest(task: HTTPClient.Task<EgressResponse>) throws -> EgressResponse {
        try state.withLock { state in
            guard let head = state.head else {
                throw EgressFailure(.providerUnavailable, "the connection ended without an answer", sent: true)
            }
            var headers: [String: String] = [:]
            for (name, value) in head.headers {
                headers[name.lowercased(), default: ""] += (headers[name.lowercased()] == nil ? "" : ", ") + value
            }
            return EgressResponse(status: Int(head.status.code), headers: headers, body: state.body)
        }
    }

    private var tooLarge: EgressFailure {
        EgressFailure(.limitExceeded, "the answer is larger than \(limits.responseBytes) bytes", sent: true)
    }
}
