// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors

import Foundation
import Synchronization

/// A provider's door on loopback that a test can close: it passes requests on to a real peer, or loses them at a chosen moment.
final class LoopbackPeer: Sendable {
    enum Behaviour: Sendable {
        /// Hand each request to the peer on that port, and its answer back.
        case forward(Int)
        /// Answer by ourselves.
        case answer(status: Int, body: String)
        /// Read the request, then hang up: the peer never sees it.
        case loseRequest
        /// Hand the request on, then hang up: the peer acts and nobody hears of it.
        case loseAnswer(Int)
        /// Hand the request on and keep the answer until the connection is closed.
        case holdAnswer(Int)
    }

    struct Request: Sendable {
        var head: String
        var body: String
    }

    private struct State {
        var behaviour: Behaviour
        var listener: Int32
        var connections: Set<Int32> = []
        var requests: [Request] = []
        var waiters: [(count: Int, continuation: CheckedContinuation<Void, Never>)] = []
    }

    let port: Int
    private let state: Mutex<State>

    init(_ behaviour: Behaviour) throws {
        let (listener, port) = try Self.listen(on: 0)
        self.port = port
        state = Mutex(State(behaviour: behaviour, listener: listener))
        accept(on: listener)
    }

    deinit {
        state.withLock { state in
            shutdown(state.listener, Int32(SHUT_RDWR))
            for connection in state.connections { shutdown(connection, Int32(SHUT_RDWR)) }
        }
    }

    var base: String { "http://127.0.0.1:\(port)" }
    var requests: [Request] { state.withLock { $0.requests } }

    func become(_ behaviour: Behaviour) { state.withLock { $0.behaviour = behaviour } }

    /// Nobody is there: connections are refused until ``open()``.
    func close() {
        state.withLock { state in
            shutdown(state.listener, Int32(SHUT_RDWR))
            Foundation.close(state.listener)
            state.listener = -1
            for connection in state.connections { shutdown(connection, Int32(SHUT_RDWR)) }
        }
    }

    func open() throws {
        let (listener, _) = try Self.listen(on: port)
        state.withLock { $0.listener = listener }
        accept(on: listener)
    }

    /// Returns as soon as that many requests have been read since the start.
    func received(_ count: Int) async {
        await withCheckedContinuation { continuation in
            state.withLock { state in
                if state.requests.count >= count { continuation.resume() } else { state.waiters.append((count, continuation)) }
            }
        }
    }

    // MARK: Sockets

    private static func listen(on port: Int) throws -> (Int32, Int) {
        let listener = socket(AF_INET, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
        var yes: Int32 = 1
        setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &yes, socklen_t(MemoryLayout<Int32>.size))
        var address = loopback(port)
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        let isBound = withUnsafeMutablePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { address in
                bind(listener, address, length) == 0 && Foundation.listen(listener, 64) == 0 && getsockname(listener, address, &length) == 0
            }
        }
        guard isBound else { throw ChildProcess.Failed(description: "cannot listen on loopback: errno \(errno)") }
        return (listener, Int(UInt16(bigEndian: address.sin_port)))
    }

    private static func loopback(_ port: Int) -> sockaddr_in {
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = UInt32(0x7f00_0001).bigEndian
        address.sin_port = in_port_t(port).bigEndian
        return address
    }

    private func accept(on listener: Int32) {
        Thread { [weak self] in
            while true {
                let connection = Foundation.accept(listener, nil, nil)
                if connection < 0 { if errno == EINTR { continue } else { return } }
                guard let self else {
                    Foundation.close(connection)
                    return
                }
                self.state.withLock { _ = $0.connections.insert(connection) }
                Thread { self.serve(connection) }.start()
            }
        }.start()
    }

    private func serve(_ connection: Int32) {
        defer {
            state.withLock { _ = $0.connections.remove(connection) }
            Foundation.close(connection)
        }
        guard let (request, bytes) = Self.readRequest(connection) else { return }
        let behaviour = state.withLock { state in
            state.requests.append(request)
            state.waiters.removeAll { waiter in
                guard state.requests.count >= waiter.count else { return false }
                waiter.continuation.resume()
                return true
            }
            return state.behaviour
        }
        switch behaviour {
        case .answer(let status, let body):
            Self.send(
                Array(
                    "HTTP/1.1 \(status) X\r\ncontent-type: application/json\r\ncontent-length: \(body.utf8.count)\r\nconnection: close\r\n\r\n\(body)"
                        .utf8),
                to: connection)
        case .forward(let port): Self.send(Self.ask(port, bytes), to: connection)
        case .loseRequest: return
        case .loseAnswer(let port): _ = Self.ask(port, bytes)
        case .holdAnswer(let port):
            _ = Self.ask(port, bytes)
            var byte: UInt8 = 0
            while recv(connection, &byte, 1, 0) > 0 {}
        }
    }

    /// Passes one request on, with a connection of its own, and gives the whole answer.
    private static func ask(_ port: Int, _ request: [UInt8]) -> [UInt8] {
        let upstream = socket(AF_INET, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
        defer { Foundation.close(upstream) }
        var address = loopback(port)
        let isConnected = withUnsafePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { connect(upstream, $0, socklen_t(MemoryLayout<sockaddr_in>.size)) == 0 }
        }
        guard isConnected else { return [] }
        send(request, to: upstream)
        var answer: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 65536)
        while true {
            let count = recv(upstream, &buffer, buffer.count, 0)
            if count <= 0 { return answer }
            answer += buffer[..<count]
        }
    }

    private static func send(_ bytes: [UInt8], to descriptor: Int32) {
        var rest = bytes[...]
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes { Foundation.send(descriptor, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL)) }
            guard count > 0 else { return }
            rest = rest.dropFirst(count)
        }
    }

    /// One request with a body of known length; the bytes that are passed on ask for the connection to be closed.
    private static func readRequest(_ connection: Int32) -> (Request, [UInt8])? {
        var bytes: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 65536)
        while true {
            let text = String(decoding: bytes, as: UTF8.self)
            if let end = text.range(of: "\r\n\r\n") {
                let head = String(text[..<end.lowerBound])
                let length =
                    head.lowercased().components(separatedBy: "\r\n").first { $0.hasPrefix("content-length:") }
                    .flatMap { Int($0.dropFirst(15).trimmingCharacters(in: .whitespaces)) } ?? 0
                let body = Array(bytes.dropFirst(head.utf8.count + 4))
                if body.count >= length {
                    let lines = head.components(separatedBy: "\r\n").filter { !$0.lowercased().hasPrefix("connection:") }
                    let passed = Array((lines.joined(separator: "\r\n") + "\r\nconnection: close\r\n\r\n").utf8) + body
                    return (Request(head: head, body: String(decoding: body, as: UTF8.self)), passed)
                }
            }
            let count = recv(connection, &buffer, buffer.count, 0)
            if count <= 0 { return nil }
            bytes += buffer[..<count]
        }
    }
}
