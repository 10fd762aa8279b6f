// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors

/// The `Cookie` header of a request (RFC 6265, section 4.2).
///
/// Other applications of the same site put into it what they like. A cookie of ours is there once, with a value that needs
/// no quotes, or it is not good: of two with one name somebody else may have set the first.
package struct CookieHeader: Sendable {
    /// What keeps a header from being read.
    package struct Malformed: Error, Sendable, Hashable {}

    package static let maximumByteCount = 16_384

    private let pairs: [(name: Substring.UTF8View, value: Substring.UTF8View)]

    /// Reads the header; several fields of that name are no header that a browser sends over HTTP/1.1.
    package init(_ fields: [String]) throws(Malformed) {
        guard fields.count <= 1, fields.allSatisfy({ $0.utf8.count <= Self.maximumByteCount }) else { throw Malformed() }
        pairs = (fields.first ?? "")[...].utf8.split(separator: UInt8(ascii: ";")).compactMap { pair in
            let pair = pair.first == UInt8(ascii: " ") ? pair.dropFirst() : pair
            guard let equals = pair.firstIndex(of: UInt8(ascii: "=")) else { return nil }
            return (pair[..<equals], pair[pair.index(after: equals)...])
        }
    }

    /// The value of a cookie, or nil when there is none of that name.
    package func value(_ name: String) throws(Malformed) -> String? {
        let found = pairs.filter { $0.name.elementsEqual(name.utf8) }
        guard let only = found.first else { return nil }
        guard found.count == 1, !only.value.isEmpty, only.value.allSatisfy(Self.isPlain) else { throw Malformed() }
        return String(Substring(only.value))
    }

    private static func isPlain(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "0")...UInt8(ascii: "9"),
            UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: "_"), UInt8(ascii: "~"):
            true
        default: false
        }
    }
}
