// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors

import Foundation
import Host
import NIOCore
import NIOPosix
import Security
import Storage
import Testing
import Values

@Suite("Audit sinks, delivery")
struct SinkDeliveryTests {
    private static let trusted = AuditSinkOptions(trustedCertificates: TestCertificate.certificate)

    // MARK: File

    @Test("a file gets every event once and in order, and is opened anew when it was moved away")
    func file() async throws {
        let folder = try TestFolder()
        let path = folder.path + "/audit.jsonl"
        try await SinkBench.with("file://\(path)") { bench in
            let worker = bench.worker()
            var progress = SinkWorker.Progress()
            let first = try await bench.fill(5)
            #expect(try await bench.drain(worker, &progress) == [])
            try FileManager.default.moveItem(atPath: path, toPath: path + ".1")
            let all = try await bench.fill(4)
            #expect(try await bench.drain(worker, &progress) == [])
            await worker.end(&progress)

            let (old, new) = (try Self.events(path + ".1"), try Self.events(path))
            let acme = "\(bench.rig.acme.id)"
            #expect(old.places(of: acme) == Array(0..<first) && new.places(of: acme) == Array(first..<all))
            #expect(Set(old + new).count == old.count + new.count)
            let mode = try FileManager.default.attributesOfItem(atPath: path)[.posixPermissions] as? Int
            #expect(mode == 0o600)
        }
    }

    @Test("a line that a crash has cut is ended, and its event comes again")
    func tornLine() async throws {
        let folder = try TestFolder()
        let path = folder.path + "/audit.jsonl"
        try Data(#"{"action":"plug"#.utf8).write(to: URL(filePath: path))
        try await SinkBench.with("file://\(path)") { bench in
            let size = try await bench.fill(2)
            #expect(try await bench.ship() == [])
            #expect(try Self.events(path).places(of: "\(bench.rig.acme.id)") == Array(0..<size))
        }
    }

    @Test("a file that is a link, a folder or a device is not written to")
    func oddFiles() async throws {
        let folder = try TestFolder()
        try FileManager.default.createSymbolicLink(atPath: folder.path + "/link", withDestinationPath: folder.path + "/target")
        for path in [folder.path + "/link", folder.path, "/dev/null"] {
            try await SinkBench.with("file://\(path)") { bench in
                try await bench.fill(1)
                var progress = SinkWorker.Progress()
                let outcome = try await bench.worker().look(&progress)
                guard case .failed = outcome else { return #expect(Bool(false), "\(path): \(outcome)") }
                #expect(try await bench.record().lastError != nil)
            }
        }
        #expect(!FileManager.default.fileExists(atPath: folder.path + "/target"))
    }

    // MARK: Syslog

    @Test("the machine's socket gets one datagram for each event, in order", .timeLimit(.minutes(1)))
    func unixSocket() async throws {
        let folder = try TestFolder()
        let receiver = try DatagramReceiver(unix: folder.path + "/log")
        try await SinkBench.with("syslog+unix://\(folder.path)/log", format: .ocsf) { bench in
            try await bench.fill(3)
            #expect(try await bench.ship() == [])
            let delivered = try await bench.record().delivered
            let messages = try (0..<delivered).map { _ in try receiver.next() }
            #expect(messages.allSatisfy { $0.hasPrefix("<110>1 ") || $0.hasPrefix("<109>1 ") || $0.hasPrefix("<108>1 ") })
            #expect(messages.filter { $0.contains(#"tenant="\#(bench.rig.acme.id)" index="2""#) }.count == 1)
        }
    }

    @Test("UDP gets one datagram for each event, none longer than the limit", .timeLimit(.minutes(1)))
    func udp() async throws {
        let receiver = try DatagramReceiver()
        let options = AuditSinkOptions(maxMessageBytes: 480)
        try await SinkBench.with("syslog+udp://127.0.0.1:\(receiver.port)", options: options) { bench in
            try await bench.fill(3)
            #expect(try await bench.ship() == [])
            let messages = try (0..<(try await bench.record().delivered)).map { _ in try receiver.next() }
            #expect(messages.allSatisfy { $0.utf8.count <= 480 } && messages.contains { $0.contains(#"cut="1""#) })
        }
    }

    @Test("TCP and TLS get every event in order", arguments: [false, true])
    func stream(tls: Bool) async throws {
        try await SyslogPeer.with(tls: tls) { peer in
            let url = tls ? "syslog+tls://localhost:\(peer.port)" : "syslog+tcp://127.0.0.1:\(peer.port)"
            try await SinkBench.with(url, options: tls ? Self.trusted : AuditSinkOptions()) { bench in
                let size = try await bench.fill(300)
                #expect(try await bench.ship() == [])
                #expect(peer.messages.compactMap { ReceivedEvent($0) }.places(of: "\(bench.rig.acme.id)") == Array(0..<size))
                #expect(peer.messages.count == Int(try await bench.record().delivered))
            }
        }
    }

    @Test("a TLS receiver whose certificate is for another name, or from a stranger, gets nothing")
    func unverified() async throws {
        try await SyslogPeer.with(tls: true) { peer in
            for (url, options) in [
                ("syslog+tls://127.0.0.1:\(peer.port)", Self.trusted), ("syslog+tls://localhost:\(peer.port)", AuditSinkOptions()),
            ] {
                try await SinkBench.with(url, options: options) { bench in
                    try await bench.fill(1)
                    var progress = SinkWorker.Progress()
                    guard case .failed(let failure) = try await bench.worker().look(&progress) else { throw RigError("it went out") }
                    #expect(failure.description.contains("TLS failed"))
                    #expect(try await bench.record().delivered == 0)
                }
            }
            #expect(peer.messages == [])
        }
    }

    @Test(
        "a receiver that goes away in the middle loses nothing: the events come again until they were all taken",
        arguments: [false, true])
    func dropped(tls: Bool) async throws {
        try await SyslogPeer.with(tls: tls, .drop(after: 1), .drop(after: 700), .drop(after: 20_000), .drop(after: 60_000)) { peer in
            let url = tls ? "syslog+tls://localhost:\(peer.port)" : "syslog+tcp://127.0.0.1:\(peer.port)"
            try await SinkBench.with(url, options: tls ? Self.trusted : AuditSinkOptions()) { bench in
                let size = try await bench.fill(199)
                let failures = try await bench.ship()
                #expect(failures.count == 4 && peer.connections >= 5, "\(failures)")
                #expect(peer.messages.compactMap { ReceivedEvent($0) }.places(of: "\(bench.rig.acme.id)") == Array(0..<size))
                let record = try await bench.record()
                #expect(record.failures == 4 && record.failingSince == nil && record.lastError == nil)
            }
        }
    }

    @Test("a receiver that never says that it is done, or refuses, is given up, and its events stay owed")
    func unwilling() async throws {
        try await SyslogPeer.with(.linger, .linger) { peer in
            try await SinkBench.with("syslog+tcp://127.0.0.1:\(peer.port)") { bench in
                let size = try await bench.fill(100)
                let failures = try await bench.ship()
                #expect(failures.count == 2 && failures.allSatisfy { $0.contains("in time") }, "\(failures)")
                #expect(peer.messages.compactMap { ReceivedEvent($0) }.places(of: "\(bench.rig.acme.id)") == Array(0..<size))
            }
        }
        try await SinkBench.with("syslog+tcp://127.0.0.1:\(try await LoopbackPeer.refusedPort())") { bench in
            try await bench.fill(1)
            var progress = SinkWorker.Progress()
            #expect(try await bench.worker().look(&progress) == .failed(SinkFailure("it cannot be reached")))
        }
    }

    // MARK: Webhook

    @Test("a webhook is signed, and its receiver can tell which events it has had")
    func webhook() async throws {
        try await LoopbackPeer.with { peer in
            try await SinkBench.with(peer.origin + "/echo", secret: SinkBench.secretText) { bench in
                let size = try await bench.fill(250)
                #expect(try await bench.ship(batch: 100) == [])

                var events: [ReceivedEvent] = []
                for message in peer.seen {
                    let (id, time) = (message.headers["webhook-id"] ?? "", message.headers["webhook-timestamp"] ?? "")
                    // By hand, from the specification: base64(HMAC-SHA256(id.timestamp.body)).
                    let key = try #require(Base64.decode(SinkBench.secretText.dropFirst(6)))
                    let code = HMAC.authenticate(Array("\(id).\(time).".utf8) + message.body, key: key)
                    #expect(message.headers["webhook-signature"] == "v1,\(Base64.encode(code))")
                    let body = try JSON.parse(message.body, limits: ValueLimits(maxBytes: 4 << 20, maxDepth: 16, maxNodes: 100_000))
                    #expect(body["type"]?.stringValue == "panelhost.audit.events")
                    events += try #require(body["data"]?["events"]?.arrayValue).compactMap { ReceivedEvent(JSON.text($0)) }
                }
                #expect(events.places(of: "\(bench.rig.acme.id)") == Array(0..<size))
                #expect(Set(peer.seen.compactMap { $0.headers["webhook-id"] }).count == peer.seen.count && peer.seen.count >= 3)
            }
        }
    }

    @Test(
        "only a 2xx counts: redirects are not followed, and an answer that never comes is no answer",
        arguments: ["/redirect", "/declined", "/hang", "/close"])
    func refused(path: String) async throws {
        try await LoopbackPeer.with { peer in
            try await SinkBench.with(peer.origin + path, secret: SinkBench.secretText) { bench in
                try await bench.fill(1)
                var progress = SinkWorker.Progress()
                let worker = bench.worker()
                guard case .failed = try await worker.look(&progress) else { throw RigError("it counted") }
                guard case .failed = try await worker.look(&progress) else { throw RigError("it counted") }
                await worker.end(&progress)
                #expect(peer.seen.map(\.uri).allSatisfy { $0 == path })
                #expect(Set(peer.seen.compactMap { $0.headers["webhook-id"] }).count <= 1, "the same events are the same message")
                let record = try await bench.record()
                #expect(record.delivered == 0 && record.failures == 2 && record.failingSince != nil)
            }
        }
    }

    @Test("a 2xx whose body never ends counts, and holds nobody up")
    func unended() async throws {
        try await LoopbackPeer.with { peer in
            try await SinkBench.with(peer.origin + "/unended", secret: SinkBench.secretText) { bench in
                try await bench.fill(1)
                var progress = SinkWorker.Progress()
                let worker = bench.worker()
                guard case .shipped = try await worker.look(&progress) else { throw RigError("it did not count") }
                await worker.end(&progress)
            }
        }
    }

    @Test("plain http is refused outside of development, and to other machines always")
    func plainHTTP() async throws {
        let transports = SinkTransports(secrets: nil, isDevelopment: false)
        let sink = AuditSinkRecord(
            name: "x", url: "http://127.0.0.1:1/", format: .json, lagLimit: 0, createdAt: 0, createdBy: "system:test")
        await #expect(throws: SinkFailure("plain http is for development mode")) { _ = try await transports.make(sink) }
        #expect(throws: HostError.self) { try SinkAddress("http://192.0.2.1/").checkPlainHTTP() }
        try SinkAddress("http://127.0.0.1:8080/x").checkPlainHTTP()
    }

    private static func events(_ path: String) throws -> [ReceivedEvent] {
        try String(contentsOfFile: path, encoding: .utf8).split(separator: "\n").compactMap { ReceivedEvent(String($0)) }
    }
}

/// A folder that goes away with the test.
final class TestFolder: Sendable {
    let path: String

    init() throws {
        path = "/tmp/panelhost-sinks-\(CallID.make())"
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    }

    deinit { try? FileManager.default.removeItem(atPath: path) }
}

/// Reads datagrams, one after the other.
final class DatagramReceiver: Sendable {
    private let descriptor: Int32
    let port: Int

    init(unix path: String) throws {
        descriptor = socket(AF_UNIX, Int32(SOCK_DGRAM.rawValue), 0)
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: Array(path.utf8)) }
        let (socket, size) = (descriptor, socklen_t(MemoryLayout<sockaddr_un>.size))
        let bound = withUnsafePointer(to: &address) { $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { bind(socket, $0, size) } }
        guard bound == 0 else { throw RigError("no socket") }
        port = 0
    }

    init() throws {
        descriptor = socket(AF_INET, Int32(SOCK_DGRAM.rawValue), 0)
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        var size = socklen_t(MemoryLayout<sockaddr_in>.size)
        let socket = descriptor
        let port = withUnsafeMutablePointer(to: &address) { pointer -> Int in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                bind(socket, $0, size)
                return Int(getsockname(socket, $0, &size))
            }
        }
        guard port == 0 else { throw RigError("no socket") }
        self.port = Int(UInt16(bigEndian: address.sin_port))
    }

    deinit { close(descriptor) }

    func next() throws -> String {
        var buffer = [UInt8](repeating: 0, count: 70_000)
        let count = recv(descriptor, &buffer, buffer.count, 0)
        guard count >= 0 else { throw RigError("nothing to read") }
        return String(decoding: buffer.prefix(count), as: UTF8.self)
    }
}
