// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors

import HTTPTypes
package import Host
import Hummingbird
package import Logging
import NIOCore
import ServiceLifecycle

/// Serves `/metrics`, and nothing else, on a listener of its own: scrapers have no credentials, and the API has no open door for them.
package struct MetricsService: Service {
    private let application: Application<MetricsResponder>

    /// - Parameters:
    ///   - onListening: told the port once connections are accepted.
    ///   - families: what is measured outside of the host.
    package init(
        host: Host, address: ListenAddress, families: @escaping @Sendable () -> [MetricFamily] = { [] }, logger: Logger,
        onListening: @escaping @Sendable (Int) async -> Void = { _ in }
    ) {
        application = Application(
            serving: MetricsResponder(host: host, families: families), on: Listener("metrics", address), logger: logger,
            onListening: onListening)
    }

    package func run() async throws {
        try await application.run()
    }
}

/// Answers one path.
struct MetricsResponder: HTTPResponder {
    let host: Host
    let families: @Sendable () -> [MetricFamily]

    func respond(to request: Request, context: BasicRequestContext) async throws -> Response {
        guard request.uri.path == "/metrics" else { return Response(status: .notFound) }
        guard request.method == .get || request.method == .head else {
            return Response(status: .methodNotAllowed, headers: [.allow: "GET, HEAD"])
        }
        let headers: HTTPFields = [
            .contentType: "text/plain; version=0.0.4; charset=utf-8", .cacheControl: "no-store", .xContentTypeOptions: "nosniff",
        ]
        guard request.method == .get else { return Response(status: .ok, headers: headers) }
        return Response(status: .ok, headers: headers, body: .init(byteBuffer: ByteBuffer(string: await host.exposition(with: families()))))
    }
}
