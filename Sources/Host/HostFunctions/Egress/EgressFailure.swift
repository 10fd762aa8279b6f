// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors

/// A request that got no usable answer, in the words that the plugin gets: `nil, {code, message, outcome}`.
package struct EgressFailure: Error, Hashable, Sendable {
    package enum Code: String, Sendable {
        case providerUnavailable = "provider_unavailable"
        case timeout
        case networkDenied = "network_denied"
        case limitExceeded = "limit_exceeded"
    }

    package var code: Code
    package var message: String
    /// Whether any byte of the request was handed to the wire.
    package var sent: Bool

    package init(_ code: Code, _ message: String, sent: Bool) {
        (self.code, self.message, self.sent) = (code, message, sent)
    }
}

/// One request, complete: secrets filled in, headers checked.
package struct EgressRequest: Sendable {
    package var method: String
    package var url: EgressURL
    package var headers: [(name: String, value: String)]
    package var body: [UInt8]

    package init(method: String, url: EgressURL, headers: [(name: String, value: String)] = [], body: [UInt8] = []) {
        (self.method, self.url, self.headers, self.body) = (method, url, headers, body)
    }
}

/// An answer within the caps.
package struct EgressResponse: Sendable {
    package var status: Int
    /// Lower-case names; repeated fields joined by a comma.
    package var headers: [String: String]
    package var body: [UInt8]
}

/// What one answer and one connection may cost.
package struct EgressLimits: Sendable {
    package var responseBytes = 1024 * 1024
    package var headerCount = 100
    package var headerBytes = 64 * 1024
    package var requestBytes = 1024 * 1024
    package var connectTimeout: Duration = .seconds(5)

    package init() {}
}
