// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors

/// A version number after semver.org 2.0.0, strictly.
public struct SemanticVersion: Sendable, Hashable, Comparable, CustomStringConvertible {
    /// Grows with breaking changes.
    public let major: Int
    /// Grows with additions.
    public let minor: Int
    /// Grows with repairs.
    public let patch: Int
    /// What follows a hyphen: `beta.1`; empty for a release.
    public let prerelease: [String]
    /// What follows a plus sign; it does not count when versions are compared.
    public let build: [String]

    /// Reads `1.2.3`, `1.2.3-beta.1`, `1.2.3+build`; nil for everything else.
    public init?(_ text: String) {
        guard text.utf8.count <= 64 else { return nil }
        let withBuild = text.split(separator: "+", maxSplits: 1, omittingEmptySubsequences: false)
        let withPrerelease = withBuild[0].split(separator: "-", maxSplits: 1, omittingEmptySubsequences: false)
        let numbers = withPrerelease[0].split(separator: ".", omittingEmptySubsequences: false).map { Self.number($0) }
        guard numbers.count == 3, let major = numbers[0], let minor = numbers[1], let patch = numbers[2] else { return nil }
        let prerelease = withPrerelease.count == 2 ? Self.identifiers(withPrerelease[1]) : []
        let build = withBuild.count == 2 ? Self.identifiers(withBuild[1]) : []
        guard let prerelease, let build else { return nil }
        // Numeric identifiers of a pre-release have no leading zeros; those of a build may.
        guard prerelease.allSatisfy({ !$0.utf8.allSatisfy(StringFormat.isDigit) || Self.number($0[...]) != nil }) else { return nil }
        (self.major, self.minor, self.patch, self.prerelease, self.build) = (major, minor, patch, prerelease, build)
    }

    /// A release.
    public init(_ major: Int, _ minor: Int, _ patch: Int) {
        (self.major, self.minor, self.patch, prerelease, build) = (major, minor, patch, [], [])
    }

    static func number(_ text: Substring) -> Int? {
        guard (1...9).contains(text.utf8.count), text.utf8.allSatisfy(StringFormat.isDigit) else { return nil }
        guard text.utf8.count == 1 || text.first != "0" else { return nil }
        return Int(text)
    }

    private static func identifiers(_ text: Substring) -> [String]? {
        let parts = text.split(separator: ".", omittingEmptySubsequences: false)
        let areRight = parts.allSatisfy { part in
            !part.isEmpty
                && part.utf8.allSatisfy {
                    StringFormat.isDigit($0) || StringFormat.isLower($0) || StringFormat.isUpper($0) || $0 == UInt8(ascii: "-")
                }
        }
        return areRight ? parts.map(String.init) : nil
    }

    /// Precedence after semver.org, section 11.
    public static func < (a: SemanticVersion, b: SemanticVersion) -> Bool {
        let left = [a.major, a.minor, a.patch]
        let right = [b.major, b.minor, b.patch]
        guard left == right else { return left.lexicographicallyPrecedes(right) }
        switch (a.prerelease.isEmpty, b.prerelease.isEmpty) {
        case (true, _): return false
        case (false, true): return true
        case (false, false): break
        }
        for (x, y) in zip(a.prerelease, b.prerelease) where x != y {
            switch (Int(x), Int(y)) {
            case (let m?, let n?): return m < n
            case (nil, nil): return x.utf8.lexicographicallyPrecedes(y.utf8)
            case (let m, _): return m != nil
            }
        }
        return a.prerelease.count < b.prerelease.count
    }

    /// As it is written.
    public var description: String {
        "\(major).\(minor).\(patch)" + (prerelease.isEmpty ? "" : "-" + prerelease.joined(separator: "."))
            + (build.isEmpty ? "" : "+" + build.joined(separator: "."))
    }
}
