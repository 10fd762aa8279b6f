// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors

import Glibc
import HTTPServer
import Host
import Logging
import Security
import ServiceLifecycle
import UnixSignals

extension Composition {
    /// Serves until a signal ends it.
    ///
    /// - Parameters:
    ///   - edge: what is decided about requests before anybody looks at what they want.
    ///   - whenListening: runs once the API accepts connections, with the address to reach it.
    func serve(
        _ listeners: Listeners, edge: EdgeRules = EdgeRules(), whenListening: @Sendable (ListenAddress) async -> Void
    ) async throws {
        // The server accepts connections only once its callback has returned, so the callback does no more than say so.
        let (ports, listening) = AsyncStream.makeStream(of: Int.self)
        let group = ServiceGroup(
            configuration: ServiceGroupConfiguration(
                services: services(listeners, edge, listening).map { .init(service: $0) }, gracefulShutdownSignals: [.sigterm, .sigint],
                logger: logger)
        )
        let address = listeners.api.address
        try await withThrowingTaskGroup(of: Void.self) { tasks in
            tasks.addTask {
                defer { listening.finish() }
                do {
                    try await group.run()
                } catch {
                    throw Self.explaining(error, address)
                }
            }
            for await port in ports { await whenListening(ListenAddress(host: address.host, port: port, isTLS: address.isTLS)) }
            try await tasks.waitForAll()
        }
    }

    private func services(
        _ listeners: Listeners, _ edge: EdgeRules, _ listening: AsyncStream<Int>.Continuation
    ) -> [any Service] {
        var services = host.services
        let limits = [listeners.api.limits] + (listeners.admin.map { [$0.limits] } ?? [])
        let renewal = listeners.identity.map { identity in
            TLSRenewal(identity, nudges: Self.nudges(), logger: logger) { Int64(time(nil)) }
        }
        if let renewal { services.append(renewal) }
        if let address = listeners.metrics {
            services.append(
                MetricsService(
                    host: host, address: address, families: { ConnectionLimits.families(limits) + (renewal?.families ?? []) },
                    logger: logger
                ) { port in
                    Console.line("metrics on \(ListenAddress(host: address.host, port: port))/metrics, without credentials")
                })
        }
        var api = edge
        if let admin = listeners.admin {
            (api.audience, services) = (.tenants, services + [adminService(admin, edge)])
        }
        services.append(HTTPService(host: host, on: listeners.api, edge: api, logger: logger) { listening.yield($0) })
        return services
    }

    private func adminService(_ listener: Listener, _ edge: EdgeRules) -> HTTPService {
        var edge = edge
        edge.audience = .operators
        return HTTPService(host: host, on: listener, edge: edge, logger: logger) { port in
            let address = ListenAddress(host: listener.address.host, port: port, isTLS: listener.address.isTLS)
            Console.line("operators on \(address)")
        }
    }

    /// When the certificate's files are to be looked at: on SIGHUP, and every ten seconds.
    private static func nudges() -> AsyncStream<Void> {
        let (nudges, nudge) = AsyncStream.makeStream(of: Void.self, bufferingPolicy: .bufferingNewest(1))
        let task = Task {
            await withTaskGroup(of: Void.self) { tasks in
                tasks.addTask {
                    for await _ in await UnixSignalsSequence(trapping: .sighup) { nudge.yield() }
                }
                tasks.addTask {
                    while (try? await Task.sleep(for: .seconds(10))) != nil { nudge.yield() }
                }
                await tasks.waitForAll()
            }
        }
        nudge.onTermination = { _ in task.cancel() }
        return nudges
    }

    private static func explaining(_ error: any Error, _ address: ListenAddress) -> any Error {
        let text = String(describing: error)
        if text.contains("Address already in use") || text.contains("errno: 98") {
            return Failure("\(address) is taken: something else listens there; end it, or choose another with --listen 127.0.0.1:8081")
        }
        if text.contains("errno: 13") || text.contains("Permission denied") {
            return Failure("\(address) may not be used by this user: ports below 1024 belong to root; choose another with --listen")
        }
        if text.contains("errno: 99") { return Failure("\(address) is not an address of this machine; choose another with --listen") }
        return error
    }
}

extension ListenAddress {
    /// Whether only this machine can reach it.
    var isLoopback: Bool { host == "localhost" || IPAddress(host)?.unmapped.isLoopback ?? false }
}

extension Installation {
    /// As many connections as there are descriptors for: half of them, since everything else needs some too.
    static func connections(atMost most: Int) -> Int {
        var limit = rlimit()
        guard getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0 else { return most }
        return max(16, min(most, Int(clamping: limit.rlim_cur) / 2))
    }
}
