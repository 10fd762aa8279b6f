// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors

import Glibc

/// Bytes over TCP, for requests that no client would send.
enum RawConnection {
    /// Sends a text, and reads until the other side closes or has been silent for so many seconds.
    @concurrent
    static func exchange(port: Int, patience seconds: Int = 30, _ text: String) async throws -> String {
        String(decoding: try talk(port: port, patience: seconds, most: .max, text), as: UTF8.self)
    }

    /// Sends a text, reads so many bytes, and closes the connection; answers how many came.
    @concurrent
    static func read(port: Int, _ most: Int, _ text: String) async throws -> Int {
        try talk(port: port, patience: 30, most: most, text).count
    }

    /// Sends a text, and what is made up only then, on one connection; reads until the other side closes.
    @concurrent
    static func exchange(port: Int, _ text: String, then rest: @Sendable () async throws -> String) async throws -> String {
        let socket = try open(port: port, patience: 30)
        defer { close(socket) }
        send(text, socket)
        send(try await rest(), socket)
        return String(decoding: receive(.max, socket), as: UTF8.self)
    }

    private static func talk(port: Int, patience seconds: Int, most: Int, _ text: String) throws -> [UInt8] {
        let socket = try open(port: port, patience: seconds)
        defer { close(socket) }
        send(text, socket)
        return receive(most, socket)
    }

    private static func open(port: Int, patience seconds: Int) throws -> Int32 {
        let socket = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        guard socket >= 0 else { throw MissingPart("no socket") }
        var patience = timeval(tv_sec: seconds, tv_usec: 0)
        setsockopt(socket, SOL_SOCKET, SO_RCVTIMEO, &patience, socklen_t(MemoryLayout<timeval>.size))
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = in_port_t(UInt16(port).bigEndian)
        address.sin_addr.s_addr = inet_addr("127.0.0.1")
        let connected = withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { connect(socket, $0, socklen_t(MemoryLayout<sockaddr_in>.size)) }
        }
        guard connected == 0 else {
            close(socket)
            throw MissingPart("cannot connect")
        }
        return socket
    }

    private static func send(_ text: String, _ socket: Int32) {
        var rest = Array(text.utf8)[...]
        while !rest.isEmpty {
            let sent = rest.withUnsafeBytes { Glibc.send(socket, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL)) }
            guard sent > 0 else { break }
            rest = rest.dropFirst(sent)
        }
    }

    private static func receive(_ most: Int, _ socket: Int32) -> [UInt8] {
        var answer: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 16_384)
        while answer.count < most {
            let count = recv(socket, &buffer, buffer.count, 0)
            guard count > 0 else { break }
            answer += buffer[..<count]
        }
        return answer
    }
}
