// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors

/// The network address that a request came from, in its one canonical spelling.
public struct ClientAddress: Hashable, Sendable, CustomStringConvertible {
    /// The address as text; empty when unknown.
    public let description: String

    /// Reads an IPv4 or IPv6 address without a port; an IPv4-mapped one is the IPv4 address.
    public init?(_ text: String) {
        guard let address = IPAddress(text) else { return nil }
        description = address.unmapped.description
    }

    private init() {
        description = ""
    }

    /// When there is no address, such as on the local command line.
    public static let unknown = ClientAddress()

    /// The address itself, where it is known.
    var ip: IPAddress? { IPAddress(description) }

    var audited: String? { description.isEmpty ? nil : description }
}
