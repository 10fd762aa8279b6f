// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors

/// The proxies whose word about a client's address is taken: none, unless the operator names them.
public struct TrustedProxies: Sendable, Hashable {
    private let ranges: [NetworkPrefix]

    /// Nobody is believed.
    public static let none = TrustedProxies([])

    /// Proxies in these ranges.
    public init(_ ranges: [NetworkPrefix]) {
        self.ranges = ranges
    }

    /// Whether some proxy is named.
    public var isEmpty: Bool { ranges.isEmpty }

    /// Whether a peer is one of them.
    package func trusts(_ address: IPAddress) -> Bool { ranges.contains { $0.contains(address) } }

    /// Why a client's address cannot be told.
    public enum Failure: Error, Sendable, Hashable {
        /// The header of a trusted proxy cannot be read: it is misconfigured, or passes on what clients send.
        case malformed
    }

    /// Entries of the header at most; no chain of proxies is that long.
    static let maximumHops = 32

    /// The client's address: the last one in `X-Forwarded-For` that is not itself a trusted proxy.
    ///
    /// Whatever stands before it was written by the client. From a peer that is no trusted proxy the header means nothing.
    public func client(peer: String?, forwardedFor fields: [String]) throws(Failure) -> IPAddress? {
        guard let peer = peer.flatMap({ IPAddress(Self.withoutZone($0)) })?.unmapped else { return nil }
        guard trusts(peer), !fields.isEmpty else { return peer }
        let hops = fields.joined(separator: ",").split(separator: ",", omittingEmptySubsequences: false)
        var client = peer
        for (index, hop) in hops.reversed().enumerated() {
            guard index < Self.maximumHops, let address = Self.address(hop) else { throw .malformed }
            client = address
            if !trusts(address) { break }
        }
        return client
    }

    private static func address(_ hop: Substring) -> IPAddress? {
        var text = hop[...]
        while text.first == " " || text.first == "\t" { text.removeFirst() }
        while text.last == " " || text.last == "\t" { text.removeLast() }
        if text.hasPrefix("["), text.hasSuffix("]") { text = text.dropFirst().dropLast() }
        return IPAddress(String(text))?.unmapped
    }

    /// The zone of a link-local peer says which of our own interfaces it came by.
    private static func withoutZone(_ text: String) -> String { String(text.prefix { $0 != "%" }) }
}
