// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors

/// Which versions something works with: `>=0.1.0 <1.0.0`, `^1.2.0`, `~1.2.3`, `1.2.3`, `*`, alternatives with `||`.
///
/// A pre-release is only inside when a comparator of the same alternative names a pre-release of the same three numbers.
public struct VersionRange: Sendable, Hashable, CustomStringConvertible {
    /// As it was written.
    public let description: String
    private let alternatives: [[Comparator]]

    private struct Comparator: Sendable, Hashable {
        enum Relation: String, Sendable { case less = "<", atMost = "<=", more = ">", atLeast = ">=", equal = "=" }
        let relation: Relation
        let version: SemanticVersion

        func admits(_ other: SemanticVersion) -> Bool {
            switch relation {
            case .less: other < version
            case .atMost: !(version < other)
            case .more: version < other
            case .atLeast: !(other < version)
            case .equal: !(other < version) && !(version < other)
            }
        }
    }

    /// Reads a range; nil for one that is written in another way.
    public init?(_ text: String) {
        guard text.utf8.count <= 200 else { return nil }
        var alternatives: [[Comparator]] = []
        for part in text.split(separator: "||", omittingEmptySubsequences: false) {
            let words = part.split(separator: " ")
            guard !words.isEmpty else { return nil }
            var comparators: [Comparator] = []
            for word in words {
                guard let read = Self.comparators(word) else { return nil }
                comparators += read
            }
            alternatives.append(comparators)
        }
        self.alternatives = alternatives
        description = text
    }

    /// Whether the version is inside.
    public func contains(_ version: SemanticVersion) -> Bool {
        alternatives.contains { comparators in
            guard comparators.allSatisfy({ $0.admits(version) }) else { return false }
            return version.prerelease.isEmpty
                || comparators.contains {
                    let named = $0.version
                    return !named.prerelease.isEmpty
                        && (named.major, named.minor, named.patch) == (version.major, version.minor, version.patch)
                }
        }
    }

    private static func comparators(_ word: Substring) -> [Comparator]? {
        if word == "*" { return [Comparator(relation: .atLeast, version: SemanticVersion(0, 0, 0))] }
        for sign in [">=", "<=", ">", "<", "="] where word.hasPrefix(sign) {
            guard let relation = Comparator.Relation(rawValue: sign), let version = SemanticVersion(String(word.dropFirst(sign.count)))
            else { return nil }
            return [Comparator(relation: relation, version: version)]
        }
        if word.hasPrefix("^") || word.hasPrefix("~") {
            guard let low = SemanticVersion(String(word.dropFirst())) else { return nil }
            let high: SemanticVersion =
                if word.hasPrefix("~") || (low.major == 0 && low.minor > 0) {
                    SemanticVersion(low.major, low.minor + 1, 0)
                } else if low.major > 0 {
                    SemanticVersion(low.major + 1, 0, 0)
                } else {
                    SemanticVersion(0, 0, low.patch + 1)
                }
            return [Comparator(relation: .atLeast, version: low), Comparator(relation: .less, version: high)]
        }
        guard let version = SemanticVersion(String(word)) else { return nil }
        return [Comparator(relation: .equal, version: version)]
    }
}
