// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors

internal import Glibc

/// The network address that a request came from, in its one canonical spelling.
public struct ClientAddress: Hashable, Sendable, CustomStringConvertible {
    /// The address as text; empty when unknown.
    public let description: String

    /// Reads an IPv4 or IPv6 address without a port.
    public init?(_ text: String) {
        guard text.utf8.count <= 64 else { return nil }
        var raw = in6_addr()
        var output = [CChar](repeating: 0, count: 64)
        for family in [AF_INET, AF_INET6] where inet_pton(family, text, &raw) == 1 {
            guard inet_ntop(family, &raw, &output, socklen_t(output.count)) != nil else { return nil }
            description = String(decoding: output.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
            return
        }
        return nil
    }

    private init() {
        description = ""
    }

    /// When there is no address, such as on the local command line.
    public static let unknown = ClientAddress()

    var audited: String? { description.isEmpty ? nil : description }
}
