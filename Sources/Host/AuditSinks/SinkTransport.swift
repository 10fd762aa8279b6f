// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors

import NIOSSL
package import Security

/// The way to one sink.
package protocol SinkTransport: Sendable {
    /// Hands events over, in order; returns once the sink has accepted all of them.
    ///
    /// After a failure any of them may have arrived.
    func deliver(_ events: [AuditExportRow]) async throws(SinkFailure)

    /// Ends what is open.
    func close() async
}

/// Why a sink did not accept: one line of ours, never a text of the other side.
package struct SinkFailure: Error, Sendable, Hashable, CustomStringConvertible {
    package let description: String
    /// What the other side asked for, in seconds.
    package var retryAfter: Int64?

    package init(_ description: String, retryAfter: Int64? = nil) {
        (self.description, self.retryAfter) = (description, retryAfter)
    }

    static let late = SinkFailure("it did not take the events in time")
    static let unreachableInTime = SinkFailure("it cannot be reached in time")
    static let closedEarly = SinkFailure("it closed the connection before it had all events")
    static let broke = SinkFailure("the connection broke")
    static let shuttingDown = SinkFailure("the host is shutting down")

    /// What a failure of TLS comes to; nil for any other error.
    static func tls(_ error: any Error) -> SinkFailure? {
        guard error is NIOSSLError || error is NIOSSLExtraError || error is BoringSSLError else { return nil }
        return SinkFailure("TLS failed: its certificate must be valid for this name, and its issuer trusted (--ca)")
    }
}

/// How long sinks may take.
package struct SinkLimits: Sendable {
    package var connect = Duration.seconds(5)
    /// One delivery, all in all.
    package var delivery = Duration.seconds(15)

    package init() {}
}
