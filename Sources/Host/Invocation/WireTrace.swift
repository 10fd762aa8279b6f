// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors

/// What the host itself saw leave for providers during one invocation: the evidence behind an outcome.
package struct WireTrace: Sendable, Hashable {
    /// One HTTP request that a plugin made.
    package struct Exchange: Sendable, Hashable {
        /// In capital letters.
        package var method: String
        /// `scheme://host:port`; never path or query.
        package var origin: String
        /// Whether any byte was handed to the wire.
        package var sent: Bool
        /// The provider's status, if an answer arrived whole.
        package var status: Int?

        /// Describes one request.
        package init(method: String, origin: String, sent: Bool, status: Int?) {
            (self.method, self.origin, self.sent, self.status) = (method, origin, sent, status)
        }

        /// Whether the method may change something at the provider.
        package var isMutating: Bool { !["GET", "HEAD", "OPTIONS"].contains(method) }
    }

    /// The requests that have ended, in the order of their ends.
    package var exchanges: [Exchange]
    /// Mutating requests that are out and have not come back: an invocation that ends now does not know their fate.
    package var mutatingInFlight: Int

    /// A trace of these requests.
    package init(exchanges: [Exchange] = [], mutatingInFlight: Int = 0) {
        (self.exchanges, self.mutatingInFlight) = (exchanges, mutatingInFlight)
    }

    /// Whether bytes of a request that may change something have left.
    package var mutatingBytesLeft: Bool { mutatingInFlight > 0 || exchanges.contains { $0.isMutating && $0.sent } }
}
