// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors

/// What a principal holds: patterns over action names.
///
/// A pattern covers the action of the same name and everything below it, by whole segments:
/// `plugin.invoke` covers `plugin.invoke.payment`, not `plugin.invoker`. A `*` stands for any one segment,
/// and `plugin.manage` for all of `plugin`. A malformed pattern covers nothing.
public struct PermissionSet: Hashable, Sendable {
    /// The patterns as they were given, sorted, without the malformed ones.
    public let patterns: [String]

    private let effective: [String]

    /// Collects patterns; malformed ones are dropped, since a right that cannot be read is no right.
    public init(patterns: [String]) {
        self.patterns = Set(patterns.filter(Self.isWellFormed)).sorted()
        effective = self.patterns.map { $0 == Action.pluginManage.rawValue ? "plugin" : $0 }
    }

    /// Whether some pattern allows the action.
    public func covers(_ action: Action) -> Bool {
        Self.isWellFormed(action.rawValue) && effective.contains { Self.pattern($0, covers: action.rawValue) }
    }

    /// Whether whoever holds this set may hand out every pattern of the other: one grants only what one holds.
    public func covers(_ other: PermissionSet) -> Bool {
        other.effective.allSatisfy { wanted in effective.contains { Self.pattern($0, covers: wanted) } }
    }

    /// Walks both names segment by segment; a `*` on the right is met only by a `*` on the left.
    private static func pattern(_ pattern: String, covers name: String) -> Bool {
        var wanted = name.utf8.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false).makeIterator()
        for segment in pattern.utf8.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false) {
            guard let next = wanted.next() else { return false }
            guard segment.elementsEqual("*".utf8) || segment.elementsEqual(next) else { return false }
        }
        return true
    }

    private static func isWellFormed(_ text: String) -> Bool {
        guard text.utf8.count <= 200 else { return false }
        return text.utf8.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false).allSatisfy { segment in
            segment.elementsEqual("*".utf8)
                || !segment.isEmpty
                    && segment.allSatisfy { byte in
                        switch byte {
                        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "0")...UInt8(ascii: "9"),
                            UInt8(ascii: "_"), UInt8(ascii: "-"):
                            true
                        default: false
                        }
                    }
        }
    }
}
