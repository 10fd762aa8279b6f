// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors

/// The short name of a tenant in paths and on the command line: `^[a-z0-9](-?[a-z0-9]){1,62}$`.
public struct TenantSlug: Hashable, Sendable, Comparable, CustomStringConvertible {
    /// The text as it is written.
    public let description: String

    /// Reads a slug, or answers nil when the text does not follow the grammar.
    public init?(_ text: String) {
        guard SlugGrammar.accepts(text) else { return nil }
        description = text
    }

    private init(known text: String) {
        description = text
    }

    /// The tenant of those who operate this installation; the only one where `SUPER_ADMIN` exists.
    public static let platform = TenantSlug(known: "platform")

    /// What the host itself is called where a tenant's slug is asked for.
    ///
    /// No tenant may take it.
    public static let system = TenantSlug(known: "system")

    /// Whether a customer's tenant may carry this slug.
    public var isReserved: Bool { self == .platform || self == .system }

    /// Orders slugs by their text.
    public static func < (left: Self, right: Self) -> Bool { left.description < right.description }
}

/// The id that a plugin carries in its manifest: the same grammar as a tenant's slug.
public struct PluginID: Hashable, Sendable, Comparable, CustomStringConvertible {
    /// The text as it is written.
    public let description: String

    /// Reads an id, or answers nil when the text does not follow the grammar.
    public init?(_ text: String) {
        guard SlugGrammar.accepts(text) else { return nil }
        description = text
    }

    /// Orders ids by their text.
    public static func < (left: Self, right: Self) -> Bool { left.description < right.description }
}

/// `^[a-z0-9](-?[a-z0-9]){1,62}$`, by hand: it runs on every path segment.
enum SlugGrammar {
    static func accepts(_ text: String) -> Bool {
        var letters = 0
        var afterDash = true
        for byte in text.utf8 {
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "0")...UInt8(ascii: "9"):
                letters += 1
                afterDash = false
                if letters > 63 { return false }
            case UInt8(ascii: "-"):
                if afterDash { return false }
                afterDash = true
            default:
                return false
            }
        }
        return letters >= 2 && !afterDash
    }
}
