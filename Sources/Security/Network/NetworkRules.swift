// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors

/// From which addresses a tenant lets its people and programs in.
///
/// A denied range wins over an allowed one, whichever is narrower. Without an allowed range everything is allowed that is not denied.
public struct NetworkRules: Sendable, Hashable {
    /// What a range is for.
    public enum Verdict: String, Sendable, Hashable, CaseIterable {
        /// Addresses in it may come in.
        case allow
        /// Addresses in it may not.
        case deny
    }

    private var allowed: [NetworkPrefix] = []
    private var denied: [NetworkPrefix] = []

    /// Everybody is let in.
    public static let none = NetworkRules([])

    /// Rules by range; an IPv4-mapped range is the IPv4 range.
    public init(_ rules: [(range: NetworkPrefix, verdict: Verdict)]) {
        for (range, verdict) in rules {
            if verdict == .allow { allowed.append(range.unmapped) } else { denied.append(range.unmapped) }
        }
    }

    /// Whether nobody is kept out.
    public var isEmpty: Bool { allowed.isEmpty && denied.isEmpty }

    /// Whether an address may come in. One that is not known may only where everybody may.
    public func admit(_ address: IPAddress?) -> Bool {
        if isEmpty { return true }
        guard let address = address?.unmapped, !denied.contains(where: { $0.contains(address) }) else { return false }
        return allowed.isEmpty || allowed.contains { $0.contains(address) }
    }
}

/// What holds for requests of a tenant: from which addresses and browsers' pages, which it says itself, and how many, which operators say.
public struct TenantEdge: Sendable, Hashable {
    /// From which addresses.
    public var network: NetworkRules
    /// The origins whose pages may read answers, in the spelling that browsers send.
    public var origins: Set<String>

    /// How many requests of all its people and programs together, where operators set a limit of its own.
    public var budget: RateLimit?

    /// Nobody is kept out, and no other site's page reads anything.
    public static let standard = TenantEdge(network: .none, origins: [])

    /// What a tenant says, and what operators say of it.
    public init(network: NetworkRules, origins: Set<String>, budget: RateLimit? = nil) {
        (self.network, self.origins, self.budget) = (network, origins, budget)
    }
}
