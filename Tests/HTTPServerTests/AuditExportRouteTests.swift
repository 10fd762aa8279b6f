// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors

import HTTPServer
import HTTPTypes
import Host
import NIOHTTP1
import PluginAPI
import Security
import Storage
import Synchronization
import Testing
import Values

/// A trail of any length as one response.
@Suite("Exporting the audit trail over HTTP", .timeLimit(.minutes(10)))
struct AuditExportRouteTests {
    private static let path = "/v1/tenants/acme/audit/export"

    @Test("the whole trail comes as one stream of several pages, each event once and with a proof that holds offline")
    func whole() async throws {
        try await Panel.with { panel in
            try await panel.fill(600)
            let size = try await panel.checkpoint("trail").size
            let verifiers = try await panel.verifiers()

            let answer = try await panel.send(.get, "\(Self.path)?proofs=true", bearer: panel.key)

            try #require(answer.status == 200, "\(answer.text.prefix(300))")
            #expect(answer.headers["content-type"] == ["application/x-ndjson"])
            #expect(answer.headers["transfer-encoding"] == ["chunked"] && answer.headers["content-length"].isEmpty)
            expectSafeHeaders(answer, "export")
            let events = try answer.lines.map { try JSON.parse(Array($0.utf8)) }
            let places = events.map { $0["leaf_index"]?.intValue ?? -1 }
            #expect(places == Array(0..<size))
            #expect(Set(events.compactMap { $0["id"]?.stringValue }).count == Int(size))
            for event in events {
                let verified = try ProofFile(parsing: event["proof"]?.stringValue ?? "").verify(with: verifiers)
                let leaf = try JSON.parse(verified.event)
                #expect(verified.tenant == panel.acme.id && leaf["id"] == event["id"] && leaf["detail"] == event["detail"])
                #expect(verified.index == event["leaf_index"]?.intValue)
            }
        }
    }

    @Test("each form has its head once and one line for each event", arguments: AuditExportFormat.allCases)
    func forms(format: AuditExportFormat) async throws {
        try await Panel.with { panel in
            try await panel.fill(510, detail: ["name": "=cmd()"])
            let size = Int(try await panel.checkpoint("trail").size)

            let answer = try await panel.send(.get, "\(Self.path)?format=\(format.rawValue)", bearer: panel.key)

            #expect(answer.headers["content-type"] == [format.mediaType])
            #expect(answer.lines.count == size + (format == .csv ? 1 : 0))
            if format == .csv {
                #expect(answer.lines.count { $0.hasPrefix("time,occurred_at,") } == 1 && answer.lines.first?.hasPrefix("time,") == true)
                #expect(!answer.lines.contains { $0.hasPrefix("=") })
            } else {
                for line in answer.lines { _ = try JSON.parse(Array(line.utf8)) }
            }
        }
    }

    @Test("a part is asked for by its first place and its length; wrong parameters are named")
    func parts() async throws {
        try await Panel.with { panel in
            try await panel.fill(400)
            let size = try await panel.checkpoint("trail").size
            for (query, places) in [
                ("from_index=0&limit=1", 0..<1), ("from_index=10&limit=300", 10..<310), ("limit=250", 0..<250), ("limit=251", 0..<251),
                ("from_index=\(size - 1)", (size - 1)..<size), ("from_index=\(size)", 0..<0), ("from_index=9007199254740991", 0..<0),
                ("from_index=390&limit=9007199254740991", 390..<size),
            ] {
                let answer = try await panel.send(.get, "\(Self.path)?\(query)", bearer: panel.key)
                #expect(answer.status == 200, "\(query)")
                let found = try answer.lines.map { try JSON.parse(Array($0.utf8))["leaf_index"]?.intValue ?? -1 }
                #expect(found == Array(places), "\(query)")
            }
            for (query, field) in [
                ("format=xml", "format"), ("from_index=-1", "from_index"), ("limit=0", "limit"), ("limit=x", "limit"),
                ("proofs=perhaps", "proofs"),
                ("limit=99999999999999999999", "limit"), ("page=1", "page"),
            ] {
                expectProblem(
                    try await panel.send(.get, "\(Self.path)?\(query)", bearer: panel.key), 400, field: field, query)
            }
        }
    }

    @Test("what fails in the middle ends the response as broken, and the log says so")
    func broken() async throws {
        try await Panel.with { panel in
            try await panel.fill(600)
            let tenant = panel.acme.id.description
            try await panel.database.platform(panel.authority.platform("tests")) { tx in
                try tx.execute("DROP TRIGGER audit_events_never_change", [])
                try tx.execute(
                    """
                    UPDATE audit_events SET leaf_hash = 'x' WHERE tenant_id = $1
                    AND id = (SELECT event_id FROM audit_leaves WHERE tenant_id = $1 AND leaf_index = 400)
                    """, [.text(tenant)])
            }

            let whole = try await panel.raw("\(Self.path)?limit=300")
            let broken = try await panel.raw(Self.path)
            let first = try await panel.send(.get, "\(Self.path)?from_index=300", bearer: panel.key)

            #expect(whole.hasPrefix("HTTP/1.1 200") && whole.hasSuffix("\r\n0\r\n\r\n"))
            #expect(broken.hasPrefix("HTTP/1.1 200") && broken.contains("\"leaf_index\":249"))
            #expect(!broken.contains("\r\n0\r\n\r\n") && !broken.contains("\"leaf_index\":400"))
            // What fails before anything was sent is a problem like any other.
            expectProblem(first, 503, nil, "the first page")
            await #expect(throws: (any Error).self) { try await panel.send(.get, Self.path, bearer: panel.key) }
        }
    }

    @Test("nothing is made ahead of a caller who does not read, and nothing more for one who has gone")
    func backPressure() async throws {
        let source = EndlessSource()
        let table = RouteTable([
            .open(.get, "/endless", "endless", "Endless", tag: "Test", reason: "a test", success: .init(.ok, "Bytes.")) { _, _ in
                Reply(.ok, .stream(ByteStream(source), contentType: "text/plain"))
            }
        ])
        let installation = try await Installation()
        try await Panel.serving({ HTTPService(host: installation.host, table: table, address: $0, logger: $1, onListening: $2) }) { port in
            // Reads a megabyte, and nothing of the rest until the connection is closed.
            let read = try await RawConnection.read(port: port, 1 << 20, "GET /endless HTTP/1.1\r\nHost: x\r\n\r\n")
            #expect(read >= 1 << 20)
            await source.ended()
        }
        await installation.close()

        // More than what fits into the buffers of both sockets, and far less than there is.
        #expect(source.made < EndlessSource.most, "\(source.made) chunks of 64 KiB")
    }
}

extension Answer {
    /// Lines without the empty one at the end.
    var lines: [String] {
        // By bytes: a line break of CSV is one character, not two.
        body.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false).dropLast().map { String(decoding: $0, as: UTF8.self) }
    }
}

extension Panel {
    /// A whole response as bytes on the wire, until the connection ends.
    func raw(_ path: String) async throws -> String {
        try await RawConnection.exchange(
            port: port, "GET \(path) HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer \(key)\r\nConnection: close\r\n\r\n")
    }
}

/// Chunks almost without end, which say when nobody asks for more.
final class EndlessSource: AsyncSequence, Sendable {
    /// Two thirds of a gigabyte: the end of it is never reached as long as somebody minds the reader.
    static let most = 10_000

    typealias Element = [UInt8]
    typealias Failure = any Error

    private let count = Mutex(0)
    private let end = AsyncStream<Void>.makeStream()

    var made: Int { count.withLock { $0 } }

    func ended() async { for await _ in end.stream {} }

    func makeAsyncIterator() -> Iterator { Iterator(source: self, watch: Watch(end.continuation)) }

    struct Iterator: AsyncIteratorProtocol {
        let source: EndlessSource
        let watch: Watch

        mutating func next() async throws -> [UInt8]? {
            let number = source.count.withLock { count in
                count += 1
                return count
            }
            guard number < EndlessSource.most else { return nil }
            return [UInt8](repeating: UInt8(ascii: "x"), count: 65_536)
        }
    }

    /// Gone with the iterator.
    final class Watch: Sendable {
        private let continuation: AsyncStream<Void>.Continuation
        init(_ continuation: AsyncStream<Void>.Continuation) { self.continuation = continuation }
        deinit { continuation.finish() }
    }
}
