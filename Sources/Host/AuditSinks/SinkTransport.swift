// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors

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
}

/// How long sinks may take.
package struct SinkLimits: Sendable {
    package var connect = Duration.seconds(5)
    /// One delivery, all in all.
    package var delivery = Duration.seconds(15)

    package init() {}
}
