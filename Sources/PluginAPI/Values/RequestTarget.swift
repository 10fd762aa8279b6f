// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors

import Values

/// A URL that a request may be sent to, taken apart strictly, so that the check and the connection see the same thing.
///
/// Absolute http or https, no user name, no fragment, an ASCII host, and a path in which nothing can mean "one level up" after
/// decoding: no dot segment, no encoded slash, backslash, dot or percent sign, no backslash, no control character.
public struct RequestTarget: Sendable, Hashable, CustomStringConvertible {
    /// How it is reached.
    public enum Scheme: String, Sendable, Hashable {
        case http, https

        /// The port when none is written.
        public var defaultPort: Int { self == .https ? 443 : 80 }
    }

    /// http or https.
    public let scheme: Scheme
    /// The host in lower case; an IPv6 address without its brackets.
    public let host: String
    /// The port, also when it was not written.
    public let port: Int
    /// The path as it was written, with a slash for an empty one.
    public let path: String
    /// What followed the question mark, as it was written; nil without one.
    public let query: String?

    /// Why a URL is refused.
    public struct Problem: Error, Sendable, Hashable, CustomStringConvertible {
        /// What is wrong, as the end of a sentence about the URL.
        ///
        /// The URL is not repeated: it may hold a secret.
        public let description: String

        init(_ description: String) { self.description = description }
    }

    /// Takes a URL apart.
    public init(_ url: String) throws(Problem) {
        guard url.utf8.count <= 8192 else { throw Problem("is longer than 8192 bytes") }
        guard url.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7F && !Self.forbidden.contains($0) }) else {
            throw Problem("contains a space, a control character, a backslash or another character that must be percent-encoded")
        }
        guard !url.contains("#") else { throw Problem("must not have a fragment (#…)") }
        guard let colon = url.firstIndex(of: ":"), url[colon...].hasPrefix("://"), let scheme = Scheme(rawValue: url[..<colon].lowercased())
        else {
            throw Problem("must start with https://")
        }
        let rest = url[url.index(colon, offsetBy: 3)...]
        let authorityEnd = rest.firstIndex { $0 == "/" || $0 == "?" } ?? rest.endIndex
        let authority = rest[..<authorityEnd]
        guard !authority.contains("@") else { throw Problem("must not have a user name or password before the host") }
        (host, port) = try Self.authority(authority, scheme)
        self.scheme = scheme
        let tail = rest[authorityEnd...]
        let mark = tail.firstIndex(of: "?")
        let path = String(tail[..<(mark ?? tail.endIndex)])
        query = mark.map { String(tail[tail.index(after: $0)...]) }
        if let problem = Self.problem(inPath: path) { throw problem }
        self.path = path.isEmpty ? "/" : path
    }

    private static let forbidden = Set("\\\"<>^`{|}".utf8)

    private static func authority(_ text: Substring, _ scheme: Scheme) throws(Problem) -> (String, Int) {
        var host = text
        var port = scheme.defaultPort
        let portSeparator = text.hasPrefix("[") ? text.firstIndex(of: "]").map { text.index(after: $0) } : text.firstIndex(of: ":")
        if text.hasPrefix("["), portSeparator == nil { throw Problem("has an IPv6 address without ]") }
        if let portSeparator, portSeparator < text.endIndex {
            guard text[portSeparator] == ":" else { throw Problem("has something other than a port after the address") }
            guard let number = SemanticVersion.number(text[text.index(after: portSeparator)...]), (1...65535).contains(number) else {
                throw Problem("has a port that is not a number from 1 to 65535")
            }
            port = number
            host = text[..<portSeparator]
        }
        if host.hasPrefix("[") {
            let address = host.dropFirst().dropLast().lowercased()
            guard (2...45).contains(address.utf8.count), address.contains(":"),
                address.utf8.allSatisfy({ Hex.value(of: $0) != nil || $0 == UInt8(ascii: ":") || $0 == UInt8(ascii: ".") })
            else { throw Problem("has an IPv6 address that is none") }
            return (address, port)
        }
        let name = host.lowercased()
        guard isHostName(name) else { throw Problem("has a host that is no host name") }
        return (name, port)
    }

    /// Whether the text is a host name or an IPv4 address in its usual form: lower case, no dot at the end.
    ///
    /// A last label that is a number makes it an address; other ways to write addresses (`0x7f.1`, `2130706433`) are refused,
    /// since the resolver would take them and the check would not know them.
    package static func isHostName(_ text: String) -> Bool {
        guard (1...253).contains(text.utf8.count) else { return false }
        let labels = text.split(separator: ".", omittingEmptySubsequences: false)
        let areRight = labels.allSatisfy { label in
            (1...63).contains(label.utf8.count) && label.first != "-" && label.last != "-"
                && label.utf8.allSatisfy {
                    StringFormat.isLower($0) || StringFormat.isDigit($0) || $0 == UInt8(ascii: "-") || $0 == UInt8(ascii: "_")
                }
        }
        guard areRight, let last = labels.last else { return false }
        guard last.utf8.first.map(StringFormat.isDigit) ?? false, last.utf8.allSatisfy(StringFormat.isDigit) || last.hasPrefix("0x") else {
            return true
        }
        return labels.count == 4 && labels.allSatisfy { SemanticVersion.number($0).map { $0 <= 255 } ?? false }
    }

    /// What is wrong with a path, if anything.
    package static func problem(inPath path: String) -> Problem? {
        let bytes = Array(path.utf8)
        for (index, byte) in bytes.enumerated() where byte == UInt8(ascii: "%") {
            guard index + 2 < bytes.count, let high = Hex.value(of: bytes[index + 1]), let low = Hex.value(of: bytes[index + 2]) else {
                return Problem("has a % in its path that two hexadecimal digits do not follow")
            }
            let decoded = high << 4 | low
            if decoded < 0x20 || decoded == 0x7F || "/\\.%;".utf8.contains(decoded) {
                return Problem("has an encoded slash, backslash, dot, percent sign, semicolon or control character in its path")
            }
        }
        for segment in path.split(separator: "/", omittingEmptySubsequences: false) {
            // Some servers drop what follows a semicolon before they resolve dots.
            let name = segment.prefix { $0 != ";" }
            if name == "." || name == ".." { return Problem("has a . or .. segment in its path") }
        }
        return nil
    }

    /// Whether the host is the machine itself, by name or address.
    public var isLoopback: Bool {
        host == "localhost" || host == "::1" || (host.hasPrefix("127.") && host.split(separator: ".").count == 4)
    }

    /// Scheme, host and port: `https://api.acme.test`, with the port only when it is not the usual one.
    public var origin: String {
        let name = host.contains(":") ? "[\(host)]" : host
        return "\(scheme.rawValue)://\(name)" + (port == scheme.defaultPort ? "" : ":\(port)")
    }

    /// The whole URL in its normal form.
    ///
    /// May hold secrets; log ``redacted``.
    public var url: String { origin + path + (query.map { "?" + $0 } ?? "") }

    /// The URL without its query, for logs.
    public var redacted: String { origin + path }

    /// The URL without its query.
    public var description: String { redacted }

    /// Whether the path is inside a prefix: whole segments only, so `/v1` admits `/v1` and `/v1/x` and not `/v10`.
    public func isInside(_ prefix: String) -> Bool {
        prefix.hasSuffix("/") ? path.hasPrefix(prefix) : path == prefix || path.hasPrefix(prefix + "/")
    }
}
