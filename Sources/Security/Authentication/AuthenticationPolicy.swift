// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors

/// The numbers and names that sign-in works by.
public struct AuthenticationPolicy: Sendable {
    /// Who signs access tokens.
    public let issuer: String
    /// Who accepts them.
    public let audience: String
    /// The middle part of API keys: `live`, `test`, `dev`.
    public let environment: String
    /// Seconds that an access token lives.
    public var accessLifetime: Int64 = 10 * 60
    /// Milliseconds after which an unused refresh token ends.
    public var refreshIdle: Int64 = 14 * 86_400_000
    /// How long sessions last and how many there may be: the most that a tenant can choose.
    public var sessions = SessionRules.standard
    /// Milliseconds for which the last refresh token may come again.
    public var refreshGrace: Int64 = 10_000
    /// Milliseconds that an API key may live at most.
    public var apiKeyLifetime: Int64 = 366 * 86_400_000
    /// Failed attempts that are free; each further one doubles the wait, from one second.
    public var freeFailures: Int64 = 3
    /// Milliseconds to wait at most.
    public var maximumDelay: Int64 = 15 * 60_000

    /// A policy; without an issuer and an audience tokens of other systems would do, so that is refused.
    public init(issuer: String, audience: String, environment: String) throws(AuthenticationError) {
        guard !issuer.isEmpty, !audience.isEmpty else { throw .invalid("set both an issuer and an audience for access tokens") }
        guard APIKeyFormat.isEnvironment(environment) else {
            throw .invalid("the environment name must be 2 to 8 lower-case letters, e.g. live, test or dev")
        }
        self.issuer = issuer
        self.audience = audience
        self.environment = environment
    }

    /// How long a user has to wait after so many failures in a row, in milliseconds.
    public func delay(afterFailures failures: Int64) -> Int64 {
        guard failures > freeFailures else { return 0 }
        let doublings = min(failures - freeFailures - 1, 20)
        return min(maximumDelay, 1000 << doublings)
    }
}
