// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors

package import Host
import Hummingbird
package import Logging
import NIOCore
import ServiceLifecycle

/// Where the API listens.
package struct ListenAddress: Sendable, Hashable, CustomStringConvertible {
    package var host: String
    package var port: Int

    package init(host: String, port: Int) {
        self.host = host
        self.port = port
    }

    package var description: String { "http://\(host.contains(":") ? "[\(host)]" : host):\(port)" }
}

extension Application {
    /// A listener without a banner that closes connections which idle for a minute.
    init(serving responder: Responder, on address: ListenAddress, logger: Logger, onListening: @escaping @Sendable (Int) async -> Void) {
        self.init(
            responder: responder,
            server: .http1(configuration: .init(idleTimeout: .seconds(60))),
            configuration: ApplicationConfiguration(address: .hostname(address.host, port: address.port), serverName: nil),
            onServerRunning: { channel in await onListening(channel.localAddress?.port ?? address.port) },
            logger: logger)
    }
}

/// Serves the API over HTTP until the service group ends it.
package struct HTTPService: Service {
    private let application: Application<PanelResponder>

    /// - Parameters:
    ///   - table: what is served.
    ///   - edge: what is decided before anybody looks at what a request wants.
    ///   - onListening: told the port once connections are accepted (the port that the system chose, where 0 was asked for).
    package init(
        host: Host, table: RouteTable = .panel, address: ListenAddress, edge: EdgeRules = EdgeRules(), logger: Logger,
        onListening: @escaping @Sendable (Int) async -> Void = { _ in }
    ) {
        application = Application(
            serving: PanelResponder(table: table, host: host, edge: edge, logger: logger), on: address, logger: logger,
            onListening: onListening)
    }

    package func run() async throws {
        try await application.run()
    }
}
