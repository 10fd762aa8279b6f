// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors

package import Security

/// An absolute `http` or `https` address, read by one strict parser, so that the allow-list and the wire mean the same place.
///
/// What two parsers could read differently is refused, not repaired: user information, fragments, back-slashes, encoded
/// slashes and dots, dot segments, empty segments, numeric hosts that are not plain dotted quads.
package struct EgressURL: Hashable, Sendable {
    /// How it is reached.
    package enum Scheme: String, Sendable { case http, https }

    /// How it is reached.
    package var scheme: Scheme
    /// Lower-case name, or an address literal in its canonical form without brackets.
    package var host: String
    /// The port, also where it was not written.
    package var port: Int
    /// Percent-encoded, begins with a slash.
    package var path: String
    /// Percent-encoded, without the question mark.
    package var query: String?

    /// The address literal that ``host`` is, if it is one.
    package var literal: IPAddress? { IPAddress(host) }

    /// `scheme://host:port`, the port only where it is not the scheme's own: what an operator writes in an exemption.
    package var origin: String {
        let shown = literal?.isV6 == true ? "[\(host)]" : host
        return port == Self.defaultPort(scheme) ? "\(scheme)://\(shown)" : "\(scheme)://\(shown):\(port)"
    }

    /// The address as it goes onto the wire.
    package var text: String { origin + path + (query.map { "?" + $0 } ?? "") }

    /// Safe to log: the path may hold identifiers and the query may hold anything.
    package var loggable: String { origin }

    /// Reads an address.
    package init(_ text: String) throws(EgressURLError) {
        let bytes = Array(text.utf8)
        guard bytes.count <= 8192 else { throw EgressURLError("the address is longer than 8192 bytes") }
        guard bytes.allSatisfy({ $0 > 0x20 && $0 < 0x7F }) else {
            throw EgressURLError("the address holds a space, a control character or a non-ASCII character: percent-encode it")
        }
        for (byte, name) in [(UInt8(ascii: "#"), "a fragment (#)"), (UInt8(ascii: "\\"), "a back-slash")] where bytes.contains(byte) {
            throw EgressURLError("the address holds \(name)")
        }
        var rest: ArraySlice<UInt8>
        if bytes.starts(with: Array("https://".utf8)) {
            (scheme, rest) = (.https, bytes.dropFirst(8))
        } else if bytes.starts(with: Array("http://".utf8)) {
            (scheme, rest) = (.http, bytes.dropFirst(7))
        } else {
            throw EgressURLError("the address must begin with https://")
        }

        let authority = rest.prefix { $0 != UInt8(ascii: "/") && $0 != UInt8(ascii: "?") }
        rest = rest.dropFirst(authority.count)
        guard !authority.contains(UInt8(ascii: "@")) else { throw EgressURLError("the address holds a user name (@)") }
        (host, port) = try Self.authority(authority, Self.defaultPort(scheme))

        let path = rest.prefix { $0 != UInt8(ascii: "?") }
        rest = rest.dropFirst(path.count)
        self.path = path.isEmpty ? "/" : try Self.path(path)
        query = rest.isEmpty ? nil : try Self.query(rest.dropFirst())
    }

    /// Adds parameters behind those that the address has.
    package mutating func append(query more: String) {
        guard !more.isEmpty else { return }
        query = query.map { $0.isEmpty ? more : $0 + "&" + more } ?? more
    }

    private static func defaultPort(_ scheme: Scheme) -> Int { scheme == .https ? 443 : 80 }

    private static func authority(_ bytes: ArraySlice<UInt8>, _ defaultPort: Int) throws(EgressURLError) -> (String, Int) {
        let name: ArraySlice<UInt8>
        let host: String
        if bytes.first == UInt8(ascii: "[") {
            name = bytes.prefix { $0 != UInt8(ascii: "]") }
            guard name.count < bytes.count, let address = IPAddress(String(decoding: name.dropFirst(), as: UTF8.self)), address.isV6 else {
                throw EgressURLError("the host in brackets is not an IPv6 address")
            }
            host = address.description
        } else {
            name = bytes.prefix { $0 != UInt8(ascii: ":") }
            host = try hostName(name)
        }
        var port = bytes.dropFirst(name.count + (bytes.first == UInt8(ascii: "[") ? 1 : 0))
        if port.isEmpty { return (host, defaultPort) }
        guard port.removeFirst() == UInt8(ascii: ":"), (1...5).contains(port.count), port.first != UInt8(ascii: "0"),
            port.allSatisfy({ (0x30...0x39).contains($0) }), let number = Int(String(decoding: port, as: UTF8.self)), number <= 65535
        else { throw EgressURLError("the port is not a number from 1 to 65535") }
        return (host, number)
    }

    private static func hostName(_ bytes: ArraySlice<UInt8>) throws(EgressURLError) -> String {
        let name = String(decoding: bytes, as: UTF8.self).lowercased()
        let labels = name.utf8.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false)
        guard !name.isEmpty, name.utf8.count <= 253 else { throw EgressURLError("the host is empty or longer than 253 bytes") }
        for label in labels {
            guard (1...63).contains(label.count), label.first != UInt8(ascii: "-"), label.last != UInt8(ascii: "-"),
                label.allSatisfy({ (0x61...0x7A).contains($0) || (0x30...0x39).contains($0) || $0 == UInt8(ascii: "-") })
            else { throw EgressURLError("the host is not a plain DNS name (letters, digits, hyphens and dots)") }
        }
        // Resolvers read 2130706433, 0x7f.1 and 017700000001 as addresses: only the plain form may pass.
        if let last = labels.last, last.allSatisfy({ (0x30...0x39).contains($0) }) || last.starts(with: Array("0x".utf8)) {
            guard let address = IPAddress(name), address.description == name else {
                throw EgressURLError("the host is a number but not a plain dotted address")
            }
        }
        return name
    }

    private static func path(_ bytes: ArraySlice<UInt8>) throws(EgressURLError) -> String {
        let text = try encoded(bytes, allowed: pathBytes, brackets: false)
        for trick in ["%2f", "%5c", "%2e", "%25", "%00"] where text.lowercased().contains(trick) {
            throw EgressURLError("the path holds \(trick): encoded slashes, dots and percent signs are refused")
        }
        let segments = text.dropFirst().utf8.split(separator: UInt8(ascii: "/"), omittingEmptySubsequences: false)
        for (index, segment) in segments.enumerated() {
            // Some servers cut parameters (";x") off a segment before they resolve dots.
            let bare = String(decoding: segment.prefix { $0 != UInt8(ascii: ";") }, as: UTF8.self)
            guard bare != ".", bare != ".." else { throw EgressURLError("the path holds a dot segment") }
            guard !segment.isEmpty || index == segments.count - 1 else { throw EgressURLError("the path holds an empty segment (//)") }
        }
        return text
    }

    private static func query(_ bytes: ArraySlice<UInt8>) throws(EgressURLError) -> String {
        try encoded(bytes, allowed: pathBytes.union([UInt8(ascii: "?")]), brackets: true)
    }

    /// Checks the characters and the escapes; `expand[]=x` in a query is common enough to be encoded here.
    private static func encoded(_ bytes: ArraySlice<UInt8>, allowed: Set<UInt8>, brackets: Bool) throws(EgressURLError) -> String {
        var out: [UInt8] = []
        var escape = 0
        for byte in bytes {
            if escape > 0 {
                guard isHex(byte) else { throw EgressURLError("a percent sign is not followed by two hexadecimal digits") }
                escape -= 1
                out.append(byte)
            } else if byte == UInt8(ascii: "%") {
                escape = 2
                out.append(byte)
            } else if brackets, byte == UInt8(ascii: "[") || byte == UInt8(ascii: "]") {
                out += byte == UInt8(ascii: "[") ? Array("%5B".utf8) : Array("%5D".utf8)
            } else {
                guard allowed.contains(byte) else {
                    throw EgressURLError("the character \(Character(UnicodeScalar(byte))) must be percent-encoded")
                }
                out.append(byte)
            }
        }
        guard escape == 0 else { throw EgressURLError("a percent sign is not followed by two hexadecimal digits") }
        return String(decoding: out, as: UTF8.self)
    }

    private static func isHex(_ byte: UInt8) -> Bool {
        (0x30...0x39).contains(byte) || (0x41...0x46).contains(byte) || (0x61...0x66).contains(byte)
    }

    private static let pathBytes = Set("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~!$&'()*+,;=:@/".utf8)
}

/// Why an address was refused, in words for a plugin author; never holds the address itself.
package struct EgressURLError: Error, Hashable, Sendable, CustomStringConvertible {
    /// What is wrong, and what to write.
    package let description: String

    init(_ description: String) { self.description = description }
}
