// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors

import HTTPServer
import HTTPTypes
import Host
import Security
import Testing

/// What one listener takes of strangers: real sockets that are slow, greedy or many.
@Suite("The budget of a listener", .timeLimit(.minutes(3)))
struct ListenerBudgetTests {
    private func budget(_ change: (inout ListenerBudget) -> Void) -> ListenerBudget {
        var budget = ListenerBudget()
        change(&budget)
        return budget
    }

    private func listen(_ budget: ListenerBudget) -> (ListenAddress) -> Listener { { Listener("api", $0, budget: budget) } }

    private func expect(_ answer: String, _ status: Int, _ code: String, _ comment: Comment) {
        #expect(answer.hasPrefix("HTTP/1.1 \(status) ") && answer.contains("\"\(code)\""), comment)
        #expect(answer.lowercased().contains("connection: close"), comment)
        #expect(answer.components("HTTP/1.1 ") == 1, "one answer")
    }

    private let head = "POST /v1/auth/login HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n"

    @Test("a head that does not come to its end is a 408, and nothing at all is closed without a word")
    func slowHead() async throws {
        let budget = budget { $0.head = .milliseconds(200) }
        try await Panel.with(listen: listen(budget)) { panel in
            let slow = try RawClient(port: panel.port)
            slow.send("GET /healthz HTTP/1.1\r\nHost: x\r\nX-Slow: ")
            expect(await slow.drip("a", pause: 20, atMost: 10_000), 408, "request_timeout", "a byte now and then does not help")
            let silent = try RawClient(port: panel.port)
            #expect(await silent.receive() == "")
        }
    }

    @Test("a body that comes too slowly is a 408, however often a byte of it comes")
    func slowBody() async throws {
        let budget = budget { ($0.bodyGrace, $0.bodyRate) = (.milliseconds(200), 1_000_000) }
        try await Panel.with(listen: listen(budget)) { panel in
            let slow = try RawClient(port: panel.port)
            slow.send(head + "Content-Length: 20000\r\n\r\n{")
            expect(await slow.drip(" ", pause: 10, atMost: 20_000), 408, "request_timeout", "counted")
            let chunked = try RawClient(port: panel.port)
            chunked.send(head + "Transfer-Encoding: chunked\r\n\r\n")
            expect(await chunked.drip("1\r\n \r\n", pause: 10, atMost: 20_000), 408, "request_timeout", "chunked")
        }
    }

    @Test("an answer that does not begin in time is a 503, once, and the listener goes on")
    func requestTime() async throws {
        let (released, release) = AsyncStream.makeStream(of: Void.self)
        let (ends, end) = AsyncStream.makeStream(of: Void.self)
        let stuck = Route.open(
            .get, "/stuck", "stuck", "Waits", tag: "Test", reason: "a test", success: .init(.noContent, "Waited.")
        ) { _, _ in
            for await _ in released { break }
            end.yield()
            return Reply(.noContent)
        }
        let budget = budget { $0.request = .milliseconds(200) }
        try await Panel.with(more: [stuck], listen: listen(budget)) { panel in
            let client = try RawClient(port: panel.port)
            client.send("GET /stuck HTTP/1.1\r\nHost: x\r\n\r\n")
            let answer = await client.receive()
            release.yield()
            expect(answer, 503, "deadline_exceeded", "in the route")
            // What runs is not torn in two.
            for await _ in ends { break }
        }
    }

    @Test("too many fields and too large ones are a 431, wherever they stand")
    func heads() async throws {
        try await Panel.with { panel in
            let many = (0..<101).map { "X-\($0): y\r\n" }.joined()
            let large = "X-Large: " + String(repeating: "y", count: 33_000) + "\r\n"
            for fields in [many, large, String(repeating: large.prefix(17_000) + "\r\n", count: 2)] {
                let client = try RawClient(port: panel.port)
                client.send("GET /healthz HTTP/1.1\r\nHost: x\r\n\(fields)\r\n")
                expect(await client.receive(), 431, "head_too_large", "at once")
            }
            let second = try RawClient(port: panel.port)
            second.send("GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n")
            _ = await second.receive(until: "\"ok\"")
            second.send("GET /healthz HTTP/1.1\r\nHost: x\r\n\(many)\r\n")
            expect(await second.receive(), 431, "head_too_large", "in the second request")
            let line = try RawClient(port: panel.port)
            line.send("GET /\(String(repeating: "a", count: 200_000)) HTTP/1.1\r\nHost: x\r\n\r\n")
            let answer = await line.receive()
            #expect(answer.hasPrefix("HTTP/1.1 4"), "a path without an end: \(answer.prefix(100))")
        }
    }

    @Test("a body beyond the listener's bytes is a 413, before it is sent where its length is said, and in the middle where it is not")
    func bodies() async throws {
        let budget = budget { $0.bodyBytes = 100_000 }
        try await Panel.with(listen: listen(budget)) { panel in
            let said = try RawClient(port: panel.port)
            said.send(head + "Content-Length: 100001\r\n\r\n")
            expect(await said.receive(), 413, "body_too_large", "said")
            let endless = try RawClient(port: panel.port)
            endless.send(head + "Transfer-Encoding: chunked\r\n\r\n")
            let chunk = "4000\r\n" + String(repeating: " ", count: 0x4000) + "\r\n"
            let answer = await endless.drip(chunk, pause: 0, atMost: 1000)
            #expect(answer.hasPrefix("HTTP/1.1 413 "), "\(answer.prefix(200))")
        }
    }

    @Test("a connection ends after its last request, and what was sent behind it is not done")
    func requests() async throws {
        let budget = budget { $0.requests = 2 }
        try await Panel.with(listen: listen(budget)) { panel in
            let client = try RawClient(port: panel.port)
            client.send(String(repeating: "GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n", count: 3))
            let answer = await client.receive()
            #expect(answer.components("HTTP/1.1 200 ") == 2 && answer.lowercased().components("connection: close") == 1, "\(answer)")
        }
    }

    @Test("an idle connection is closed, and one whose reader takes nothing")
    func idle() async throws {
        let budget = budget { ($0.idle, $0.stall, $0.request) = (.milliseconds(200), .milliseconds(200), .seconds(60)) }
        let listener = AsyncStream.makeStream(of: Listener.self)
        try await Panel.with(listen: { address in
            let made = Listener("api", address, budget: budget)
            listener.continuation.yield(made)
            return made
        }) { panel in
            let idle = try RawClient(port: panel.port)
            idle.send("GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n")
            #expect(await idle.receive().hasPrefix("HTTP/1.1 200"), "ends by itself")
            let greedy = try RawClient(port: panel.port)
            greedy.send(String(repeating: "GET /openapi.json HTTP/1.1\r\nHost: x\r\n\r\n", count: 400))
            var listeners = listener.stream.makeAsyncIterator()
            let limits = try #require(await listeners.next()).limits
            while !MetricFamily.exposition(ConnectionLimits.families([limits])).contains("reason=\"slow_reader\"} 1") { await Task.yield() }
            withExtendedLifetime(greedy) {}
        }
    }

    @Test("a flood takes the places of its listener for as long as it may, and never those of another one")
    func flood() async throws {
        let small = budget { ($0.connections, $0.head) = (40, .seconds(4)) }
        try await Panel.with(listen: listen(small)) { panel in
            try await Panel.serving({
                HTTPService(host: panel.host, on: Listener("admin", $0), logger: $1, onListening: $2)
            }) { other in
                let flood = try (0..<50).map { _ in try RawClient(port: panel.port) }
                for client in flood { client.send("GET / HTTP/1.1\r\n") }
                let last = try RawClient(port: panel.port)
                expect(await last.receive(), 503, "too_many_connections", "beyond the places")
                let answer = await Shell.run("curl -sS -m 20 -i --noproxy '*' http://127.0.0.1:\(other)/healthz")
                #expect(answer.output.hasPrefix("HTTP/1.1 200"), "\(answer.output)")
                for client in flood { _ = await client.receive() }
                // A place is free once the server has seen its connection end, which nobody tells the clients.
                var status: Int?
                repeat { status = (try? await panel.send(.get, "/healthz"))?.status } while status == nil || status == 503
                #expect(status == 200, "and then it is over")
            }
        }
    }

    @Test("each address has its share, a /64 as one; the machine itself and proxies have none")
    func shares() throws {
        let budget = budget { ($0.connections, $0.connectionsPerAddress) = (9, 2) }
        let limits = ConnectionLimits("api", budget, proxies: TrustedProxies([try #require(NetworkPrefix("10.0.0.0/8"))]))
        let take = { (text: String) in limits.take(IPAddress(text)) }
        #expect(take("203.0.113.7") == nil && take("::ffff:203.0.113.7") == nil && take("203.0.113.7") == .address)
        #expect(take("2001:db8::1") == nil && take("2001:db8::2") == nil && take("2001:db8:0:0:ffff::") == .address)
        #expect(take("10.0.0.1") == nil && take("10.0.0.1") == nil && take("10.0.0.1") == nil && take("127.0.0.1") == nil)
        limits.release(IPAddress("203.0.113.7"))
        #expect(take("203.0.113.7") == nil && take("203.0.113.7") == .address)
        #expect(take("198.51.100.1") == nil && take("198.51.100.2") == .all && limits.open == 9)
    }
}

extension String {
    /// How often a text stands in it.
    fileprivate func components(_ text: String) -> Int { split(separator: text, omittingEmptySubsequences: false).count - 1 }
}
