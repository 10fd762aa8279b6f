// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors

import AsyncHTTPClient
package import NIOCore
import NIOHTTP1
import Security
import ServiceLifecycle
import Synchronization

/// The only way out: resolves once, checks every address, connects to the checked one, follows nothing.
///
/// async-http-client pins a name to an address per client, so there is one small client per (origin, address), all on one
/// event-loop group. The name stays in SNI, in certificate checks and in the `Host` header.
package final class EgressClient: Sendable {
    private struct Pin: Hashable {
        let origin: String
        let address: IPAddress
    }
    private struct Entry {
        let client: HTTPClient
        var inFlight = 0
        var lastUsed: UInt64 = 0
    }
    private struct State {
        var entries: [Pin: Entry] = [:]
        var tick: UInt64 = 0
        var closed = false
    }

    private let group: any EventLoopGroup
    private let policy: EgressPolicy
    private let resolver: NameResolver
    private let limits: EgressLimits
    private let state = Mutex(State())

    /// A client under these rules; it has to be shut down.
    package init(
        group: any EventLoopGroup = HTTPClient.defaultEventLoopGroup, policy: EgressPolicy, resolver: NameResolver? = nil,
        limits: EgressLimits = EgressLimits()
    ) {
        self.group = group
        self.policy = policy
        self.resolver = resolver ?? .system(on: group)
        self.limits = limits
    }

    /// Sends one request and reads its answer, both within `timeout`.
    package func send(_ request: EgressRequest, timeout: Duration) async throws(EgressFailure) -> EgressResponse {
        let deadline = NIODeadline.now() + TimeAmount(timeout)
        guard request.body.count <= limits.requestBytes else {
            throw EgressFailure(.limitExceeded, "the request body is larger than \(limits.requestBytes) bytes", sent: false)
        }
        let route = try policy.route(request.url)
        let addresses = try await resolve(route, deadline)
        try policy.check(addresses, for: route)

        var failure = EgressFailure(.providerUnavailable, "the destination could not be reached", sent: false)
        for address in addresses.prefix(3) {
            do {
                return try await exchange(request, route, at: address, deadline)
            } catch {
                // Another address may be tried only while it is certain that nothing left.
                failure = error
                if error.sent || NIODeadline.now() >= deadline || Task.isCancelled { break }
            }
        }
        throw failure
    }

    /// Closes every connection; requests that still run fail.
    package func shutdown() async {
        let clients = state.withLock { state in
            state.closed = true
            defer { state.entries.removeAll() }
            return state.entries.values.map(\.client)
        }
        for client in clients {
            // Closing twice is the only failure, and it leaves nothing open.
            try? await client.shutdown().get()
        }
    }

    private func resolve(_ route: EgressRoute, _ deadline: NIODeadline) async throws(EgressFailure) -> [IPAddress] {
        if let literal = route.target.literal { return [literal] }
        do {
            return try await resolver.addresses(route.target.host, deadline)
        } catch {
            throw EgressFailure(.providerUnavailable, "the name could not be resolved: \(error)", sent: false)
        }
    }

    private func exchange(
        _ request: EgressRequest, _ route: EgressRoute, at address: IPAddress, _ deadline: NIODeadline
    ) async throws(EgressFailure) -> EgressResponse {
        let pin = Pin(origin: route.target.origin, address: address)
        let client = try checkOut(pin, route)
        defer { checkIn(pin) }
        let delegate = EgressDelegate(limits: limits)
        do {
            var outgoing = try HTTPClient.Request(url: route.target.text, method: HTTPMethod(rawValue: request.method))
            guard outgoing.host == route.target.host, outgoing.port == route.target.port else {
                throw EgressFailure(.networkDenied, "the address is read in two ways", sent: false)
            }
            outgoing.headers.add(name: "Host", value: route.hostHeader)
            for (name, value) in request.headers { outgoing.headers.add(name: name, value: value) }
            if !request.body.isEmpty { outgoing.body = .bytes(request.body) }
            // One loop for task and channel: "head was sent" cannot be overtaken by the deadline's timer.
            let task = client.execute(
                request: outgoing, delegate: delegate, eventLoop: .delegateAndChannel(on: group.next()), deadline: deadline)
            return try await withTaskCancellationHandler {
                try await task.futureResult.get()
            } onCancel: {
                task.cancel()
            }
        } catch {
            throw Self.failure(error, sent: delegate.sent)
        }
    }

    private static func failure(_ error: any Error, sent: Bool) -> EgressFailure {
        if let failure = error as? EgressFailure {
            return EgressFailure(failure.code, failure.message, sent: failure.sent || sent)
        }
        switch error as? HTTPClientError {
        case .deadlineExceeded, .readTimeout, .writeTimeout:
            return EgressFailure(.timeout, sent ? "no answer in time" : "not connected in time", sent: sent)
        case .connectTimeout, .getConnectionFromPoolTimeout, .tlsHandshakeTimeout:
            return EgressFailure(.timeout, "not connected in time", sent: sent)
        case .cancelled:
            return EgressFailure(.timeout, "the call was cancelled", sent: sent)
        default:
            // The text of network errors may hold addresses and paths: one sentence of ours instead.
            return EgressFailure(
                .providerUnavailable, sent ? "the connection ended without an answer" : "the destination could not be reached", sent: sent)
        }
    }

    private func checkOut(_ pin: Pin, _ route: EgressRoute) throws(EgressFailure) -> HTTPClient {
        let (client, dropped): (HTTPClient?, [HTTPClient]) = state.withLock { state in
            guard !state.closed else { return (nil, []) }
            state.tick += 1
            var dropped: [HTTPClient] = []
            if state.entries[pin] == nil {
                while state.entries.count >= Self.maximumClients,
                    let oldest = state.entries.filter({ $0.value.inFlight == 0 }).min(by: { $0.value.lastUsed < $1.value.lastUsed })
                {
                    dropped.append(oldest.value.client)
                    state.entries[oldest.key] = nil
                }
                state.entries[pin] = Entry(client: makeClient(pin, route))
            }
            state.entries[pin]?.inFlight += 1
            state.entries[pin]?.lastUsed = state.tick
            return (state.entries[pin]?.client, dropped)
        }
        for client in dropped { _ = client.shutdown() as EventLoopFuture<Void> }
        guard let client else { throw EgressFailure(.providerUnavailable, "the host is shutting down", sent: false) }
        return client
    }

    private func checkIn(_ pin: Pin) {
        state.withLock { $0.entries[pin]?.inFlight -= 1 }
    }

    private static let maximumClients = 128

    private func makeClient(_ pin: Pin, _ route: EgressRoute) -> HTTPClient {
        var configuration = HTTPClient.Configuration(redirectConfiguration: .disallow, decompression: .disabled)
        configuration.httpVersion = .http1Only
        configuration.timeout.connect = TimeAmount(limits.connectTimeout)
        configuration.connectionPool.retryConnectionEstablishment = false
        // Shorter than the keep-alive of common servers (5 s and more): a charge seldom meets a connection that the peer
        // has just closed, which would make its outcome unknown.
        configuration.connectionPool.idleTimeout = .seconds(3)
        if route.target.literal == nil { configuration.dnsOverride = [route.target.host: pin.address.description] }
        return HTTPClient(eventLoopGroupProvider: .shared(group), configuration: configuration)
    }
}

extension EgressClient: Service {
    /// Keeps connections until the group shuts down.
    package func run() async throws {
        try await gracefulShutdown()
        await shutdown()
    }
}
