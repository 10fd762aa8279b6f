// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors

import AsyncHTTPClient
package import NIOCore
import NIOHTTP1
package import NIOSSL
package import Security
import Values

/// Events in signed messages over HTTPS, as standardwebhooks.com describes them; only a 2xx says that they were accepted.
package final class WebhookTransport: SinkTransport {
    private let url: String
    private let format: AuditExportFormat
    private let key: Secret
    private let client: HTTPClient
    private let limits: SinkLimits
    private let clock: HostClock

    /// - Parameter key: the bytes of the key, not its text.
    package init(
        url: EgressURL, format: AuditExportFormat, key: Secret, trust: [NIOSSLCertificate]?, group: any EventLoopGroup,
        limits: SinkLimits = SinkLimits(), clock: HostClock = .system
    ) {
        (self.url, self.format, self.key, self.limits, self.clock) = (url.text, format, key, limits, clock)
        var configuration = HTTPClient.Configuration(redirectConfiguration: .disallow, decompression: .disabled)
        configuration.httpVersion = .http1Only
        configuration.timeout.connect = TimeAmount(limits.connect)
        configuration.connectionPool.retryConnectionEstablishment = false
        if let trust {
            var tls = TLSConfiguration.makeClientConfiguration()
            tls.trustRoots = .certificates(trust)
            configuration.tlsConfiguration = tls
        }
        client = HTTPClient(eventLoopGroupProvider: .shared(group), configuration: configuration)
    }

    package func close() async {
        // Closing twice is the only failure, and it leaves nothing open.
        try? await client.shutdown().get()
    }

    package func deliver(_ events: [AuditExportRow]) async throws(SinkFailure) {
        let body = Self.body(events, format)
        // The same events make the same message: a receiver that has had it may drop it by its id.
        let id = "msg_" + Hex.encode(Hash.sha256(body).prefix(16))
        var request = HTTPClientRequest(url: url)
        request.method = .POST
        request.headers = ["content-type": "application/json", "user-agent": "panelhost"]
        for (name, value) in StandardWebhook.headers(id: id, seconds: clock.nowMilliseconds() / 1000, body: body, key: key) {
            request.headers.add(name: name, value: value)
        }
        request.body = .bytes(body)
        let status: HTTPResponseStatus
        let retryAfter: Int64?
        let deadline = ContinuousClock.now + limits.delivery
        do {
            let response = try await client.execute(request, timeout: TimeAmount(limits.delivery))
            (status, retryAfter) = (response.status, response.headers.first(name: "retry-after").flatMap { Int64($0) })
            if (200..<300).contains(status.code) { await Self.discard(response.body, until: deadline) }
        } catch {
            throw Self.failure(error)
        }
        guard (200..<300).contains(status.code) else {
            throw SinkFailure("it answered with status \(status.code)", retryAfter: retryAfter.map { min(max($0, 0), 3600) })
        }
    }

    /// Reads an answer to keep the connection, within what is left of the delivery's time; what it says is of no interest.
    private static func discard(_ body: HTTPClientResponse.Body, until deadline: ContinuousClock.Instant) async {
        await withTaskGroup(of: Void.self) { tasks in
            tasks.addTask { _ = try? await body.collect(upTo: 64 * 1024) }
            tasks.addTask { try? await Task.sleep(until: deadline, clock: .continuous) }
            await tasks.next()
            tasks.cancelAll()
        }
    }

    /// `{"type":…,"timestamp":…,"data":{"events":[…]}}`.
    static func body(_ events: [AuditExportRow], _ format: AuditExportFormat) -> [UInt8] {
        var body = Array(#"{"type":"panelhost.audit.events","timestamp":"\#(events.last?.time ?? "")","data":{"events":["#.utf8)
        for (index, event) in events.enumerated() {
            if index > 0 { body.append(UInt8(ascii: ",")) }
            var line = format.line(event)
            if line.last == UInt8(ascii: "\n") { line.removeLast() }
            body += line
        }
        return body + Array("]}}".utf8)
    }

    private static func failure(_ error: any Error) -> SinkFailure {
        switch error as? HTTPClientError {
        case .deadlineExceeded, .readTimeout, .writeTimeout: SinkFailure("it did not answer in time")
        case .connectTimeout, .getConnectionFromPoolTimeout, .tlsHandshakeTimeout: .unreachableInTime
        default:
            .tls(error) ?? SinkFailure("it cannot be reached, or ended the connection without an answer")
        }
    }
}
