// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors

package import Security

/// Where a call comes from, for the audit trail: what ties its events together, and the peer's address.
public struct CallOrigin: Sendable, Hashable {
    /// The same in every record of one request.
    public var correlation: String
    /// The peer's address without its port, where there is a peer.
    public var address: String?

    /// Describes where a call comes from.
    public init(correlation: String, address: String? = nil) {
        self.correlation = correlation
        self.address = address
    }
}

extension CallOrigin {
    /// The peer, for sign-in.
    package var client: ClientAddress { address.flatMap { ClientAddress($0) } ?? .unknown }
}
