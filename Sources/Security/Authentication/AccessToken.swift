// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors

/// What an access token says (RFC 9068 without roles: rights are read anew at each request).
package struct AccessTokenClaims: Sendable, Hashable {
    package var subject: UserID
    package var tenant: TenantID
    package var session: SessionID
    package var id: EventID
    /// Seconds since 1970.
    package var issuedAt: Int64
    /// Seconds since 1970.
    package var expiresAt: Int64
    /// Seconds since 1970, of the sign-in with a password.
    package var authenticatedAt: Int64
    package var methods: [String]
    /// The user's authorization epoch when it was issued.
    package var epoch: Int64

    package init(
        subject: UserID, tenant: TenantID, session: SessionID, id: EventID, issuedAt: Int64, expiresAt: Int64,
        authenticatedAt: Int64, methods: [String], epoch: Int64
    ) {
        self.subject = subject
        self.tenant = tenant
        self.session = session
        self.id = id
        self.issuedAt = issuedAt
        self.expiresAt = expiresAt
        self.authenticatedAt = authenticatedAt
        self.methods = methods
        self.epoch = epoch
    }
}

/// One refusal for every deviation: what exactly was wrong is nobody's business who shows a bad token.
package struct InvalidToken: Error, Sendable, Hashable, CustomStringConvertible {
    /// The key that the token names, when everything else about its header is right and only the key is not known here.
    let unknownKey: String?

    package init() { self.init(unknownKey: nil) }

    init(unknownKey: String?) {
        self.unknownKey = unknownKey
    }

    package static func == (left: InvalidToken, right: InvalidToken) -> Bool { true }
    package func hash(into hasher: inout Hasher) {}

    package var description: String { "the token is not valid" }
}

/// What both sides of an access token agree on.
package struct AccessTokenRules: Sendable {
    static let type = "at+jwt"
    static let maximumByteCount = 2048

    package let issuer: String
    package let audience: String
    /// Seconds that a token may live at most.
    package let maximumLifetime: Int64
    /// Seconds by which the clocks of two hosts may differ.
    package let skew: Int64

    /// Rules; without an issuer and an audience there is nothing to check, which is a mistake in the program.
    package init(issuer: String, audience: String, maximumLifetime: Int64, skew: Int64 = 5) {
        precondition(!issuer.isEmpty && !audience.isEmpty, "access tokens need an issuer and an audience")
        self.issuer = issuer
        self.audience = audience
        self.maximumLifetime = maximumLifetime
        self.skew = skew
    }
}
