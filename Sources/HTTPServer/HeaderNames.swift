// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors

package import HTTPTypes

extension HTTPField.Name {
    /// Says which request this one repeats (draft-ietf-httpapi-idempotency-key-header).
    package static let idempotencyKey = named("idempotency-key")
    /// Says that this answer was given before.
    package static let idempotentReplayed = named("idempotent-replayed")
    /// A page that keeps its session in cookies says so with `1`: a header that no form and no image can send.
    package static let browserSession = named("panelhost-browser-session")
    /// By what a client without cookies is known again: what the last sign-in gave it.
    package static let device = named("panelhost-device")
    /// Which site's page made the browser send this (Fetch Metadata).
    package static let secFetchSite = named("sec-fetch-site")
    /// What may still be sent, and in how long (draft-ietf-httpapi-ratelimit-headers).
    package static let rateLimit = named("ratelimit")
    /// How many in how long (draft-ietf-httpapi-ratelimit-headers).
    package static let rateLimitPolicy = named("ratelimit-policy")
    /// Keeps other pages from showing an answer in a frame (RFC 7034).
    package static let xFrameOptions = named("x-frame-options")
    /// Keeps a path out of what a browser tells the next site (Referrer Policy).
    package static let referrerPolicy = named("referrer-policy")
    /// Keeps other sites from loading an answer (Fetch).
    package static let crossOriginResourcePolicy = named("cross-origin-resource-policy")
    /// What a proxy says about where a request came from.
    package static let xForwardedFor = named("x-forwarded-for")
    /// What a caller quotes to the operator.
    package static let correlation = named("panelhost-correlation-id")

    /// The names above are tokens (RFC 9110), so the alternative is never taken.
    private static func named(_ name: String) -> HTTPField.Name { HTTPField.Name(name) ?? .via }
}
