// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors

import Dispatch
import Glibc
import Testing

/// Programs that other people wrote, as clients.
enum Shell {
    /// What a command prints on both its outputs, and how it ended; on a thread of its own, since the server needs the others.
    static func run(_ command: String) async -> (output: String, status: Int32) {
        await withCheckedContinuation { continuation in
            DispatchQueue.global().async {
                guard let pipe = popen("exec 2>&1; \(command)", "r") else { return continuation.resume(returning: ("", -1)) }
                var (bytes, buffer) = ([UInt8](), [UInt8](repeating: 0, count: 4096))
                while case let count = fread(&buffer, 1, buffer.count, pipe), count > 0 { bytes += buffer[..<count] }
                let status = pclose(pipe)
                continuation.resume(returning: (String(decoding: bytes, as: UTF8.self), status >> 8 & 0xFF))
            }
        }
    }

    /// A new folder that goes with the body.
    static func withFolder(_ body: (String) async throws -> Void) async throws {
        var template = Array("/tmp/panelhost-http-tests-XXXXXX".utf8CString)
        try #require(mkdtemp(&template) != nil)
        let folder = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
        let outcome: Result<Void, any Error>
        do { outcome = .success(try await body(folder)) } catch { outcome = .failure(error) }
        _ = await run("rm -r '\(folder)'")
        try outcome.get()
    }
}

/// A socket whose owner sends what he likes, when he likes.
final class RawClient: Sendable {
    private let descriptor: Int32

    init(port: Int) throws {
        descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = in_port_t(UInt16(port).bigEndian)
        address.sin_addr.s_addr = inet_addr("127.0.0.1")
        let connected = withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size)) }
        }
        try #require(connected == 0)
    }

    deinit { Glibc.close(descriptor) }

    /// Sends text as it is; false when the other side has gone.
    @discardableResult
    func send(_ text: String) -> Bool {
        let bytes = Array(text.utf8)
        return Glibc.send(descriptor, bytes, bytes.count, Int32(MSG_NOSIGNAL)) == bytes.count
    }

    /// No more comes from this side.
    func finish() { shutdown(descriptor, Int32(SHUT_WR)) }

    /// Everything until the other side closes; or until a text is in it.
    func receive(until mark: String? = nil) async -> String {
        await withCheckedContinuation { continuation in
            DispatchQueue.global().async { [self] in
                var (bytes, buffer) = ([UInt8](), [UInt8](repeating: 0, count: 65_536))
                while case let count = recv(descriptor, &buffer, buffer.count, 0), count > 0 {
                    bytes += buffer[..<count]
                    if let mark, String(decoding: bytes, as: UTF8.self).contains(mark) { break }
                }
                continuation.resume(returning: String(decoding: bytes, as: UTF8.self))
            }
        }
    }

    /// Sends one byte after the other, as slowly as `pause` milliseconds each, until the other side answers or closes; what it said.
    func drip(_ byte: String, pause: Int32, atMost count: Int) async -> String {
        await withCheckedContinuation { continuation in
            DispatchQueue.global().async { [self] in
                for _ in 0..<count {
                    var waiting = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
                    if poll(&waiting, 1, pause) != 0 || !send(byte) { break }
                }
                continuation.resume()
            }
        }
        return await receive()
    }
}
