// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors

import Security

/// Kinds of text that have a name.
public enum StringFormat: String, Sendable, Hashable, CaseIterable {
    /// Text for people: no control character but line break and tab, and nothing that a browser would take for a tag.
    case text
    /// A UUID in lower case.
    case uuid
    /// An ISO 4217 code that the host knows.
    case currency
    /// An ISO 3166-1 alpha-2 country code in upper case, by its shape.
    case country
    /// An absolute https or http URL without user name and fragment.
    case uri
    /// The same, https only; loopback addresses may use http in development.
    case https
    /// An e-mail address, by its shape.
    case email
    /// A host name.
    case hostname
    /// A telephone number in E.164 form: + and 8 to 15 digits.
    case e164
    /// Lower-case letters, digits and single hyphens, 2 to 63 characters, as in plugin ids.
    case slug
    /// A BCP 47 language tag, by its shape.
    case locale

    /// Whether the text has this form.
    public func matches(_ text: String) -> Bool {
        switch self {
        case .text: Self.isText(text)
        case .uuid: Self.isUUID(text)
        case .currency: Currency(text) != nil
        case .country: text.utf8.count == 2 && text.utf8.allSatisfy(Self.isUpper)
        case .uri: (try? RequestTarget(text)) != nil
        case .https: (try? RequestTarget(text)).map { $0.scheme == .https || $0.isLoopback } ?? false
        case .email: Self.isEmail(text)
        case .hostname: RequestTarget.isHostName(text)
        case .e164:
            text.first == "+" && (8...15).contains(text.utf8.count - 1) && text.utf8.dropFirst().allSatisfy(Self.isDigit)
                && text.utf8.dropFirst().first != UInt8(ascii: "0")
        case .slug: PluginID(text) != nil
        case .locale: Self.isLocale(text)
        }
    }

    /// What to write, for people.
    package var expectation: String {
        switch self {
        case .text: "plain text without control characters and without HTML"
        case .uuid: "a UUID in lower case, like 0192f0c1-7a3e-7b44-9d5e-3f2a1b0c9d8e"
        case .currency: "a currency code of ISO 4217, like EUR"
        case .country: "a country code of two capital letters, like DE"
        case .uri: "a URL like https://example.com/path, without user name, fragment or .. in it"
        case .https: "a URL that starts with https://, without user name, fragment or .. in it"
        case .email: "an e-mail address"
        case .hostname: "a host name like api.example.com"
        case .e164: "a telephone number like +4915112345678"
        case .slug: "lower-case letters, digits and single hyphens, 2 to 63 characters, like acme-pay"
        case .locale: "a language tag like en or de-AT"
        }
    }

    /// The name that JSON Schema knows, where it has one.
    package var jsonSchemaFormat: String? {
        switch self {
        case .uuid: "uuid"
        case .uri, .https: "uri"
        case .email: "email"
        case .hostname: "hostname"
        default: nil
        }
    }

    /// The same as a pattern, for JSON Schema, where there is one.
    package var jsonSchemaPattern: String? {
        switch self {
        case .currency: "^[A-Z]{3}$"
        case .country: "^[A-Z]{2}$"
        case .https: "^https?://"
        case .e164: "^\\+[1-9][0-9]{7,14}$"
        case .slug: "^[a-z0-9](-?[a-z0-9]){1,62}$"
        default: nil
        }
    }

    private static func isText(_ text: String) -> Bool {
        var previous: Unicode.Scalar = " "
        for scalar in text.unicodeScalars {
            switch scalar.value {
            case 0x0A, 0x09: break
            case 0..<0x20, 0x7F..<0xA0: return false
            case 0x202A...0x202E, 0x2066...0x2069: return false  // they would turn the text around on a page
            default: break
            }
            if previous == "<", scalar == "/" || scalar == "!" || scalar == "?" || (scalar.isASCII && scalar.properties.isAlphabetic) {
                return false
            }
            previous = scalar
        }
        return true
    }

    private static func isUUID(_ text: String) -> Bool {
        guard text.utf8.count == 36 else { return false }
        for (index, byte) in text.utf8.enumerated() {
            switch index {
            case 8, 13, 18, 23: if byte != UInt8(ascii: "-") { return false }
            default: if !(isDigit(byte) || (UInt8(ascii: "a")...UInt8(ascii: "f")).contains(byte)) { return false }
            }
        }
        return true
    }

    private static func isEmail(_ text: String) -> Bool {
        guard text.utf8.count <= 254, text.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7F }), let at = text.lastIndex(of: "@") else {
            return false
        }
        let local = text[..<at]
        let forbidden: Set<Character> = ["@", "\"", "(", ")", "<", ">", ",", ";", ":", "\\", "[", "]"]
        guard (1...64).contains(local.count), !local.contains(where: forbidden.contains) else { return false }
        return RequestTarget.isHostName(String(text[text.index(after: at)...]).lowercased())
    }

    private static func isLocale(_ text: String) -> Bool {
        let parts = text.split(separator: "-", omittingEmptySubsequences: false)
        guard let language = parts.first, (2...8).contains(language.utf8.count), parts.count <= 8 else { return false }
        guard language.utf8.allSatisfy({ isLower($0) || isUpper($0) }) else { return false }
        return parts.dropFirst().allSatisfy { part in
            (1...8).contains(part.utf8.count) && part.utf8.allSatisfy { isDigit($0) || isLower($0) || isUpper($0) }
        }
    }

    static func isDigit(_ byte: UInt8) -> Bool { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) }
    static func isLower(_ byte: UInt8) -> Bool { (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte) }
    static func isUpper(_ byte: UInt8) -> Bool { (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains(byte) }
}
