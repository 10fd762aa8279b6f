// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors

/// What is wrong with a policy, or with a part of one: where, and what is expected there.
public struct PolicyProblem: Error, Hashable, Sendable, CustomStringConvertible {
    /// Safe to show; it repeats names that were checked, and of others only how long they are.
    public let description: String

    init(_ description: String) { self.description = description }
}

/// A pattern over action names, read once: whole segments, or a `*` for any one of them.
///
/// It covers the action of the same name and everything below it: `plugin.invoke` covers `plugin.invoke.payment`.
public struct ActionPattern: Hashable, Sendable, Comparable, CustomStringConvertible {
    /// As it was written.
    public let description: String
    /// With `plugin.manage` taken for all of `plugin`.
    let segments: [String]

    static let maximumSegments = 8

    /// Reads segments of lower-case letters, digits, `_` and `-`, or of one `*`, with dots between.
    public init(_ text: String) throws(PolicyProblem) {
        let parts = text.utf8.count <= 200 ? text.split(separator: ".", omittingEmptySubsequences: false) : []
        guard (1...Self.maximumSegments).contains(parts.count), parts.allSatisfy(Self.isSegment) else {
            throw PolicyProblem(
                "an action is written as resource.action: 1 to 8 segments of a-z, 0-9, _ and -, or one * for a whole segment")
        }
        description = text
        segments = text == Action.pluginManage.rawValue ? ["plugin"] : parts.map(String.init)
    }

    /// Whether everything that the other one covers is covered; a `*` is met only by a `*`.
    public func covers(_ other: ActionPattern) -> Bool { covers(other.segments) }

    /// Whether it covers an action.
    public func covers(_ action: Action) -> Bool {
        let name = action.rawValue.split(separator: ".", omittingEmptySubsequences: false)
        return name.count <= Self.maximumSegments && name.allSatisfy { $0 != "*" && Self.isSegment($0) } && covers(name)
    }

    private func covers(_ name: [some StringProtocol]) -> Bool {
        segments.count <= name.count && zip(segments, name).allSatisfy { $0 == "*" || $0 == $1 }
    }

    /// Whether there is an action that both cover.
    public func overlaps(_ other: ActionPattern) -> Bool {
        zip(segments, other.segments).allSatisfy { $0 == $1 || $0 == "*" || $1 == "*" }
    }

    /// Whether it names one action, and with it all that is below.
    public var isLiteral: Bool { !segments.contains("*") }

    /// Whether it covers a known `….manage`, or is one.
    var isAdministrative: Bool { segments.last == "manage" || Self.administrative.contains(where: covers) }

    private static let administrative = Action.known.filter { $0.rawValue.hasSuffix(".manage") }

    static func isSegment(_ text: Substring) -> Bool {
        if text == "*" { return true }
        return !text.isEmpty
            && text.utf8.allSatisfy {
                switch $0 {
                case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"), UInt8(ascii: "-"):
                    true
                default: false
                }
            }
    }

    /// By spelling.
    public static func < (left: ActionPattern, right: ActionPattern) -> Bool { left.description < right.description }
}
