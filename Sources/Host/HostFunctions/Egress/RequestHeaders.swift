// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors

/// The rules on headers that a plugin sets: what frames, routes or authenticates the connection is the host's.
enum RequestHeaders {
    static let maximumCount = 64
    static let maximumValueBytes = 8192

    private static let reserved: Set<String> = [
        "host", "content-length", "transfer-encoding", "connection", "keep-alive", "upgrade", "te", "trailer", "expect", "via", "forwarded",
        "x-forwarded-for", "x-forwarded-host", "x-forwarded-proto", "x-real-ip", "http2-settings", "accept-encoding",
    ]

    /// Checks a name; `injected` is the header that the host sets by itself for this plugin.
    static func check(name: String, injected: String?) throws(HeaderError) {
        let lower = name.lowercased()
        guard !name.isEmpty, name.utf8.count <= 128, name.utf8.allSatisfy(isToken) else {
            throw HeaderError("a header name may hold letters, digits and hyphens only")
        }
        guard !reserved.contains(lower), !lower.hasPrefix("proxy-") else {
            throw HeaderError("the header “\(name)” is set by the host: leave it out")
        }
        guard lower != injected?.lowercased() else {
            throw HeaderError("the header “\(name)” is set by the host, because plugin.json declares it in \"idempotency\": leave it out")
        }
    }

    /// Checks a value after secrets are filled in; the message names the header, never the value.
    static func check(value: [UInt8], of name: String) throws(HeaderError) -> String {
        guard value.count <= maximumValueBytes else { throw HeaderError("the header “\(name)” is longer than \(maximumValueBytes) bytes") }
        // No line break, so that one header cannot become two.
        guard value.allSatisfy({ ($0 >= 0x20 && $0 < 0x7F) || $0 == 0x09 }) else {
            throw HeaderError("the header “\(name)” holds a line break, a control character or a non-ASCII character")
        }
        return String(decoding: value, as: UTF8.self)
    }

    private static func isToken(_ byte: UInt8) -> Bool {
        (0x30...0x39).contains(byte) || (0x41...0x5A).contains(byte) || (0x61...0x7A).contains(byte)
            || "!#$%&'*+-.^_`|~".utf8.contains(byte)
    }
}

/// Why a header was refused.
struct HeaderError: Error, Sendable, CustomStringConvertible {
    let description: String

    init(_ description: String) { self.description = description }
}
