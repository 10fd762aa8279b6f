// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors

package import Host
import Hummingbird
import HummingbirdCore
package import Logging
import NIOCore
package import Security
import ServiceLifecycle

/// Where something listens.
package struct ListenAddress: Sendable, Hashable, CustomStringConvertible {
    package var host: String
    package var port: Int
    package var isTLS: Bool

    package init(host: String, port: Int, isTLS: Bool = false) {
        self.host = host
        self.port = port
        self.isTLS = isTLS
    }

    package var description: String { "\(isTLS ? "https" : "http")://\(host.contains(":") ? "[\(host)]" : host):\(port)" }
}

/// How one listener takes connections.
package struct Listener: Sendable {
    package var address: ListenAddress
    package var budget: ListenerBudget
    package var limits: ConnectionLimits
    /// The certificate; nil for plain HTTP.
    package var identity: TLSIdentity?

    /// - Parameter name: what its metrics are labelled with.
    package init(
        _ name: String, _ address: ListenAddress, proxies: TrustedProxies = .none, budget: ListenerBudget = ListenerBudget(),
        identity: TLSIdentity? = nil
    ) {
        (self.address, self.budget, self.identity) = (address, budget, identity)
        self.address.isTLS = identity != nil
        limits = ConnectionLimits(name, budget, proxies: proxies)
    }
}

extension Application {
    /// A listener without a banner, kept to its budget.
    init(serving responder: Responder, on listener: Listener, logger: Logger, onListening: @escaping @Sendable (Int) async -> Void) {
        let address = listener.address
        self.init(
            responder: responder,
            server: HTTPServerBuilder { ListenerChannel($0, listener.budget, listener.limits, listener.identity) },
            configuration: ApplicationConfiguration(address: .hostname(address.host, port: address.port), serverName: nil),
            onServerRunning: { channel in await onListening(channel.localAddress?.port ?? address.port) },
            logger: logger)
    }
}

/// Serves the API over HTTP until the service group ends it.
package struct HTTPService: Service {
    private let application: Application<PanelResponder>

    /// - Parameters:
    ///   - table: what is served, to those whom `edge` says.
    ///   - edge: what is decided before anybody looks at what a request wants.
    ///   - onListening: told the port once connections are accepted (the port that the system chose, where 0 was asked for).
    package init(
        host: Host, table: RouteTable = .panel, on listener: Listener, edge: EdgeRules = EdgeRules(), logger: Logger,
        onListening: @escaping @Sendable (Int) async -> Void = { _ in }
    ) {
        var edge = edge
        edge.isTLS = listener.identity != nil
        application = Application(
            serving: PanelResponder(table: table.serving(edge.audience), host: host, edge: edge, logger: logger), on: listener,
            logger: logger, onListening: onListening)
    }

    /// Serves with the standard budget.
    package init(
        host: Host, table: RouteTable = .panel, address: ListenAddress, edge: EdgeRules = EdgeRules(), logger: Logger,
        onListening: @escaping @Sendable (Int) async -> Void = { _ in }
    ) {
        self.init(
            host: host, table: table, on: Listener("api", address, proxies: edge.proxies), edge: edge, logger: logger,
            onListening: onListening)
    }

    package func run() async throws {
        try await application.run()
    }
}
