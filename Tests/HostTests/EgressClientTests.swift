// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors

import Host
import NIOCore
import NIOPosix
import Security
import Synchronization
import Testing

@Suite("The egress client", .timeLimit(.minutes(10)))
struct EgressClientTests {
    /// One client for one body, shut down afterwards: async-http-client insists.
    private func with<T>(
        _ policy: EgressPolicy, resolver: NameResolver? = nil, _ body: (EgressClient) async throws -> T
    ) async throws -> T {
        let client = EgressClient(policy: policy, resolver: resolver)
        do {
            let result = try await body(client)
            await client.shutdown()
            return result
        } catch {
            await client.shutdown()
            throw error
        }
    }

    private func failure(
        _ method: String, _ url: String, _ policy: EgressPolicy, resolver: NameResolver? = nil, timeout: Duration = .seconds(10)
    ) async throws -> EgressFailure? {
        try await with(policy, resolver: resolver) { client in
            do {
                _ = try await client.send(EgressRequest(method: method, url: EgressURL(url), body: Array("a=b".utf8)), timeout: timeout)
                return nil
            } catch let error as EgressFailure {
                return error
            }
        }
    }

    private func answering(_ addresses: String...) -> NameResolver {
        NameResolver { _, _ in addresses.compactMap { IPAddress($0) } }
    }

    @Test("carries method, path, query, headers and body to an exempted place")
    func carries() async throws {
        try await LoopbackPeer.with { peer in
            let policy = EgressPolicy(exemptions: [try .allow(peer.origin)])

            let response = try await with(policy) { client in
                let request = EgressRequest(
                    method: "POST", url: try EgressURL(peer.origin + "/v1/echo?x=1"), headers: [("X-Test", "yes")],
                    body: Array("hello".utf8))
                return try await client.send(request, timeout: .seconds(10))
            }

            #expect(response.status == 200)
            #expect(peer.seen.count == 1)
            #expect(peer.seen.first?.uri == "/v1/echo?x=1")
            #expect(peer.seen.first?.headers["x-test"] == "yes")
            #expect(peer.seen.first?.headers["host"] == "127.0.0.1:\(peer.port)")
            #expect(peer.seen.first?.text == "hello")
        }
    }

    @Test("reroutes an origin and keeps its name in the Host header")
    func reroutes() async throws {
        try await LoopbackPeer.with { peer in
            let policy = EgressPolicy(exemptions: [try .reroute("https://api.example.com", to: peer.origin)])

            let response = try await with(policy) { client in
                try await client.send(
                    EgressRequest(method: "GET", url: EgressURL("https://api.example.com/v1/echo")), timeout: .seconds(10))
            }

            #expect(response.status == 200)
            #expect(peer.seen.first?.headers["host"] == "api.example.com")
        }
    }

    @Test(
        "refuses a name that resolves to an address which is not public",
        arguments: [
            ["127.0.0.1"], ["::1"], ["10.0.0.1"], ["169.254.169.254"], ["::ffff:127.0.0.1"], ["64:ff9b::a00:1"],
            ["93.184.216.34", "127.0.0.1"],
            ["2606:4700::1111", "fd00::1"],
        ])
    func refusesPrivate(addresses: [String]) async throws {
        let resolver = NameResolver { _, _ in addresses.compactMap { IPAddress($0) } }

        let failure = try await failure("POST", "https://rebind.example.com/", EgressPolicy(), resolver: resolver)

        #expect(failure?.code == .networkDenied)
        #expect(failure?.sent == false)
    }

    @Test("connects to the address it has checked, not to a second answer of the name server")
    func resolvesOnce() async throws {
        try await LoopbackPeer.with { peer in
            let policy = EgressPolicy(exemptions: [try .allow("http://provider.example.com:\(peer.port)")])

            let response = try await with(policy, resolver: answering("127.0.0.1")) { client in
                let url = try EgressURL("http://provider.example.com:\(peer.port)/echo")
                return try await client.send(EgressRequest(method: "GET", url: url), timeout: .seconds(10))
            }

            #expect(response.status == 200)
            #expect(peer.seen.first?.headers["host"] == "provider.example.com:\(peer.port)")
        }
    }

    @Test(
        "refuses address literals and plain http without an exemption",
        arguments: [
            "https://127.0.0.1/", "https://[::1]/", "https://169.254.169.254/latest", "http://1.1.1.1/", "http://127.0.0.1/",
        ])
    func refusesLiterals(url: String) async throws {
        let failure = try await failure("GET", url, EgressPolicy())

        #expect(failure?.code == .networkDenied)
        #expect(failure?.sent == false)
    }

    @Test("lets development mode reach loopback, and only loopback")
    func development() async throws {
        let policy = EgressPolicy(allowsLoopback: true)

        let answered = try await LoopbackPeer.with { peer in
            try await failure("POST", peer.origin + "/echo", policy)
        }
        let elsewhere = try await failure("POST", "http://provider.example.com/", policy, resolver: answering("10.0.0.1"))
        let mixed = try await failure("POST", "http://provider.example.com/", policy, resolver: answering("127.0.0.1", "10.0.0.1"))
        let plain = try await failure("POST", "http://provider.example.com/", policy, resolver: answering("93.184.216.34"))

        #expect(answered == nil)
        #expect([elsewhere?.code, mixed?.code, plain?.code] == [.networkDenied, .networkDenied, .networkDenied])
    }

    @Test("hands a redirect back and does not follow it")
    func redirect() async throws {
        try await LoopbackPeer.with { peer in
            let response = try await with(EgressPolicy(allowsLoopback: true)) { client in
                try await client.send(EgressRequest(method: "GET", url: EgressURL(peer.origin + "/redirect")), timeout: .seconds(10))
            }

            #expect(response.status == 302)
            #expect(response.headers["location"] == "/echo")
            #expect(peer.seen.count == 1)
        }
    }

    @Test("gives up on an answer beyond the caps", arguments: ["/huge", "/endless", "/headers"])
    func caps(path: String) async throws {
        try await LoopbackPeer.with { peer in
            let failure = try await failure("POST", peer.origin + path, EgressPolicy(allowsLoopback: true))

            #expect(failure?.code == .limitExceeded)
            #expect(failure?.sent == true)
        }
    }

    @Test("knows whether bytes have left")
    func sentTruth() async throws {
        let policy = EgressPolicy(allowsLoopback: true)
        let port = try await LoopbackPeer.refusedPort()

        let refused = try await failure("POST", "http://127.0.0.1:\(port)/", policy)
        let unresolved = try await failure("POST", "https://none.example.com/", policy, resolver: answering())
        let (closed, silent) = try await LoopbackPeer.with { peer in
            (
                try await failure("POST", peer.origin + "/close", policy),
                try await failure("POST", peer.origin + "/hang", policy, timeout: .milliseconds(300))
            )
        }

        #expect(refused == EgressFailure(.providerUnavailable, "the destination could not be reached", sent: false))
        #expect(unresolved?.sent == false)
        #expect(closed == EgressFailure(.providerUnavailable, "the connection ended without an answer", sent: true))
        #expect(silent == EgressFailure(.timeout, "no answer in time", sent: true))
    }

    @Test("keeps the name in the TLS handshake while it connects to the checked address")
    func serverName() async throws {
        let seen = Mutex<[UInt8]>([])
        let server = try await ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .childChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.addHandler(FirstBytes { bytes in seen.withLock { $0 = bytes } })
                }
            }
            .bind(host: "127.0.0.1", port: 0).get()
        let origin = "https://provider.example.com:\(server.localAddress?.port ?? 0)"

        let failure = try await failure(
            "POST", origin + "/", EgressPolicy(exemptions: [try .allow(origin)]), resolver: answering("127.0.0.1"))
        try await server.close()

        let hello = String(decoding: seen.withLock { $0 }, as: UTF8.self)
        #expect(hello.contains("provider.example.com"))
        #expect(failure?.sent == false, "no handshake, no request")
    }

    @Test("tries the next address only while nothing has left")
    func nextAddress() async throws {
        try await LoopbackPeer.with { peer in
            // Nobody listens on 127.0.0.2 for this port, because the peer is bound to 127.0.0.1.
            let response = try await with(EgressPolicy(allowsLoopback: true), resolver: answering("127.0.0.2", "127.0.0.1")) { client in
                let url = try EgressURL("http://provider.example.com:\(peer.port)/echo")
                return try await client.send(EgressRequest(method: "POST", url: url), timeout: .seconds(10))
            }
            let closed = try await failure(
                "POST", "http://provider.example.com:\(peer.port)/close", EgressPolicy(allowsLoopback: true),
                resolver: answering("127.0.0.1", "127.0.0.1"))

            #expect(response.status == 200)
            #expect(closed?.sent == true)
            #expect(peer.seen.count == 2)
        }
    }

    @Test("ends when its task is cancelled, and says that bytes left")
    func cancelled() async throws {
        try await LoopbackPeer.with { peer in
            try await with(EgressPolicy(allowsLoopback: true)) { client in
                let url = try EgressURL(peer.origin + "/hang")
                let failure = await withTaskGroup(of: EgressFailure?.self) { group in
                    group.addTask {
                        do throws(EgressFailure) {
                            _ = try await client.send(EgressRequest(method: "POST", url: url), timeout: .seconds(60))
                            return nil
                        } catch {
                            return error
                        }
                    }
                    while peer.seen.isEmpty { await Task.yield() }
                    group.cancelAll()
                    return await group.next() ?? nil
                }

                #expect(failure?.sent == true)
            }
        }
    }

    @Test(
        "reads exemptions as an operator writes them",
        arguments: [
            ("http://127.0.0.1:9000", "http://127.0.0.1:9000"),
            ("https://api.stripe.com=http://127.0.0.1:8420", "https://api.stripe.com → http://127.0.0.1:8420"),
        ])
    func parsesExemptions(text: String, shown: String) throws {
        #expect(try EgressExemption(parsing: text).description == shown)
    }

    @Test(
        "refuses exemptions that are more than an origin",
        arguments: ["", "127.0.0.1", "http://a.test/x", "http://a.test?x", "http://a.test=b"])
    func refusesExemptions(text: String) {
        #expect(throws: EgressURLError.self) { try EgressExemption(parsing: text) }
    }
}

/// Takes what comes first on a connection and closes it.
private final class FirstBytes: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer

    private let take: @Sendable ([UInt8]) -> Void

    init(_ take: @escaping @Sendable ([UInt8]) -> Void) { self.take = take }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        take(Array(unwrapInboundIn(data).readableBytesView))
        context.close(promise: nil)
    }
}
