// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors

import HTTPTypes
package import Security
import Values

/// What is decided about a request before anybody looks at what it wants.
package struct EdgeRules: Sendable {
    /// Whose pages may keep their sessions in cookies.
    package var origins: BrowserOrigins
    /// Who may say which address a request came from.
    package var proxies: TrustedProxies
    /// How many requests are too many.
    package var limits: RateLimits
    /// Whom the listener serves.
    package var audience = Route.Audience.everybody
    /// Whether requests come over TLS to this very listener.
    package var isTLS = false
    /// How long a body may take to come before it is asked again who sends it, and whether they still may.
    package var bodyPatience = Duration.milliseconds(250)

    package init(origins: BrowserOrigins = .none, proxies: TrustedProxies = .none, limits: RateLimits = RateLimits()) {
        (self.origins, self.proxies, self.limits) = (origins, proxies, limits)
    }
}

/// What requests are counted together.
package enum RateClass: String, Sendable, Hashable, CaseIterable {
    /// Passwords and refresh tokens, by address.
    case login
    /// Second factors, by address, and by the user or the sign-in that they are shown for.
    case mfa
    /// One-time tokens and requests for them, by address, and by the user who is signed in.
    case reset
    /// Providers' callbacks, by address.
    case webhook
    /// Everything else, by address.
    case api
    /// Everything that one user or key does, from wherever.
    case caller
    /// Everything that one tenant's users and keys do together.
    case tenant

    /// What there were too many of, for people.
    var counted: String {
        switch self {
        case .login: "sign-ins from this address"
        case .mfa: "second factors from this address, or for this user or sign-in"
        case .reset: "one-time tokens, or requests for them, from this address or of this user"
        case .webhook, .api: "requests from this address"
        case .caller: "requests of this user or key"
        case .tenant: "requests of this tenant's users and keys together"
        }
    }

    /// The limit where the operator sets no other.
    var standard: RateLimit? {
        switch self {
        case .login, .mfa: RateLimit(30, per: 60, burst: 10)
        case .reset: RateLimit(20, per: 600, burst: 10)
        case .webhook: RateLimit(6000, per: 60, burst: 1000)
        case .api: RateLimit(12_000, per: 60, burst: 2000)
        case .caller: RateLimit(30_000, per: 60, burst: 3000)
        case .tenant: RateLimit(120_000, per: 60, burst: 12_000)
        }
    }
}

/// The limits of this host; each host counts by itself.
package struct RateLimits: Sendable {
    private let limiters: [RateClass: RateLimiter]

    /// The standard limits, with others in their place.
    package init(_ others: [RateClass: RateLimit] = [:]) {
        limiters = Dictionary(
            uniqueKeysWithValues: RateClass.allCases.compactMap { name in
                (others[name] ?? name.standard).map { (name, RateLimiter($0)) }
            })
    }

    private static let start = ContinuousClock.now

    private static func now() -> Int64 {
        let (seconds, attoseconds) = (ContinuousClock.now - start).components
        return seconds * 1_000_000_000 + attoseconds / 1_000_000_000
    }

    /// Takes one request of an address; nil where there is nothing to count by.
    ///
    /// The whole /64 of an IPv6 address counts as one, since each customer of a provider has at least that. Loopback stands for
    /// a proxy that is not named, or for the machine's own administrator: to count it would lock out everybody at once.
    func take(_ name: RateClass, from address: IPAddress?) -> RateDecision? {
        guard let address, !address.isLoopback else { return nil }
        return take(name, key: NetworkPrefix(around: address, length: address.isV6 ? 64 : 32))
    }

    /// Takes one request of whoever was recognised, and one of their tenant; throws for the first that has none left.
    ///
    /// The tenant is the one that the credential belongs to, whatever the request says. An operator who acts in it takes nothing of it.
    func require(_ principal: Principal) throws(Problem) {
        try take(.caller, key: principal.actor)?.requireAllowed()
        if !principal.isActing { try take(.tenant, key: principal.tenant, within: principal.budget)?.requireAllowed() }
    }

    /// Takes one request of a class of its own from whoever was recognised, beside the one that their address has given.
    func require(_ name: RateClass, of principal: Principal) throws(Problem) {
        try take(name, key: principal.actor)?.requireAllowed()
    }

    /// Takes one request with which somebody shows a second factor for a sign-in.
    ///
    /// - Parameter token: as it was sent: one that is good has one spelling, and any other counts for itself.
    func require(signIn token: String) throws(Problem) { try take(.mfa, key: token)?.requireAllowed() }

    private func take(_ name: RateClass, key: some Hashable & Sendable, within own: RateLimit? = nil) -> RateDecision? {
        limiters[name].map { RateDecision(name: name, limit: own ?? $0.limit, verdict: $0.take(key, within: own, at: Self.now())) }
    }
}

/// What a limit said, for the answer's headers (draft-ietf-httpapi-ratelimit-headers-10).
struct RateDecision: Sendable {
    let name: RateClass
    let limit: RateLimit
    let verdict: RateLimiter.Verdict

    var headers: HTTPFields {
        var fields = HTTPFields()
        fields[.rateLimitPolicy] = "\"\(name.rawValue)\";q=\(limit.count);w=\(limit.period)"
        fields[.rateLimit] = "\"\(name.rawValue)\";r=\(verdict.remaining);t=\(verdict.seconds)"
        if !verdict.isAllowed { fields[.retryAfter] = "\(verdict.seconds)" }
        return fields
    }

    /// Throws unless the request may go on.
    func requireAllowed() throws(Problem) {
        guard !verdict.isAllowed else { return }
        throw Problem(
            .tooManyRequests, "rate_limited", "Too many requests",
            detail: "Too many \(name.counted). Try again in \(verdict.seconds) seconds.", members: ["limit": .string(name.rawValue)],
            headers: headers)
    }
}
