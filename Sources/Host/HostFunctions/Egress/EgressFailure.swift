// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors

/// A request that got no usable answer, in the words that the plugin gets: `nil, {code, message, outcome}`.
package struct EgressFailure: Error, Hashable, Sendable {
    /// The kinds, as the contract names them.
    package enum Code: String, Sendable {
        case providerUnavailable = "provider_unavailable"
        case timeout
        case networkDenied = "network_denied"
        case limitExceeded = "limit_exceeded"
    }

    /// The kind.
    package var code: Code
    /// One sentence of ours: never an address, a path or a text of the peer.
    package var message: String
    /// Whether any byte of the request was handed to the wire.
    package var sent: Bool

    /// Describes a failure.
    package init(_ code: Code, _ message: String, sent: Bool) {
        (self.code, self.message, self.sent) = (code, message, sent)
    }
}

/// One request, complete: secrets filled in, headers checked.
package struct EgressRequest: Sendable {
    /// In capital letters.
    package var method: String
    /// Where to.
    package var url: EgressURL
    /// All headers but those that frame the message.
    package var headers: [(name: String, value: String)]
    /// Empty for none.
    package var body: [UInt8]

    /// Puts a request together.
    package init(method: String, url: EgressURL, headers: [(name: String, value: String)] = [], body: [UInt8] = []) {
        (self.method, self.url, self.headers, self.body) = (method, url, headers, body)
    }
}

/// An answer within the caps.
package struct EgressResponse: Sendable {
    /// The provider's status, whatever it is.
    package var status: Int
    /// Lower-case names; repeated fields joined by a comma.
    package var headers: [String: String]
    /// The bytes as they came.
    package var body: [UInt8]
}

/// What one answer and one connection may cost.
package struct EgressLimits: Sendable {
    /// Bytes of an answer's body.
    package var responseBytes = 1024 * 1024
    /// Fields in an answer's head.
    package var headerCount = 100
    /// Bytes of an answer's head.
    package var headerBytes = 64 * 1024
    /// Bytes of a request's body.
    package var requestBytes = 1024 * 1024
    /// How long a connection may take to be made.
    package var connectTimeout: Duration = .seconds(5)

    /// The limits of contract version 1.
    package init() {}
}
