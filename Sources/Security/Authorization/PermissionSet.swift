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

    /// The patterns as bytes, with `plugin.manage` written out: an action is checked at every request.
    private let effective: [[UInt8]]

    /// Collects patterns.
    ///
    /// Malformed ones are dropped, since a right that cannot be read is no right.
    public init(patterns: [String]) {
        self.patterns = Set(patterns.filter { Array($0.utf8).withUnsafeBufferPointer(Self.isWellFormed) }).sorted()
        effective = self.patterns.map { Array(($0 == Action.pluginManage.rawValue ? "plugin" : $0).utf8) }
    }

    /// Whether some pattern allows the action.
    public func covers(_ action: Action) -> Bool {
        var name = action.rawValue
        return name.withUTF8 { name in
            Self.isWellFormed(name) && effective.contains { Self.pattern($0, covers: name) }
        }
    }

    /// Whether whoever holds this set may hand out every pattern of the other: one grants only what one holds.
    public func covers(_ other: PermissionSet) -> Bool {
        other.effective.allSatisfy { wanted in
            wanted.withUnsafeBufferPointer { wanted in effective.contains { Self.pattern($0, covers: wanted) } }
        }
    }

    /// Walks both names segment by segment; a `*` on the right is met only by a `*` on the left.
    private static func pattern(_ pattern: [UInt8], covers name: UnsafeBufferPointer<UInt8>) -> Bool {
        let dot = UInt8(ascii: ".")
        var (left, right) = (0, 0)
        while true {
            if pattern[left] == UInt8(ascii: "*") {
                left += 1
                while right < name.count, name[right] != dot { right += 1 }
            } else {
                while left < pattern.count, pattern[left] != dot {
                    guard right < name.count, pattern[left] == name[right] else { return false }
                    left += 1
                    right += 1
                }
            }
            // The pattern's segment ends here; so must the name's.
            guard right == name.count || name[right] == dot else { return false }
            if left == pattern.count { return true }
            if right == name.count { return false }
            left += 1
            right += 1
        }
    }

    /// Segments of lower-case letters, digits, `_` and `-`, or of one `*`, with dots between.
    private static func isWellFormed(_ name: UnsafeBufferPointer<UInt8>) -> Bool {
        guard !name.isEmpty, name.count <= 200 else { return false }
        var length = 0
        var isStar = false
        for byte in name {
            switch byte {
            case UInt8(ascii: "."):
                if length == 0 { return false }
                (length, isStar) = (0, false)
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"), UInt8(ascii: "-"):
                if isStar { return false }
                length += 1
            case UInt8(ascii: "*"):
                if length > 0 { return false }
                (length, isStar) = (1, true)
            default:
                return false
            }
        }
        return length > 0
    }
}
