// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors

/// What somebody wants to act on, as the host knows it: never as a caller describes it.
public struct Resource: Hashable, Sendable {
    /// The kind and the id, such as `payment:<id>`.
    public let id: String
    /// Whose it is; nil when the host does not say.
    public let owner: UserID?
    /// Facts that rules may ask for, such as `region`.
    public let attributes: [String: String]

    /// A resource from what the host supplies.
    public init(id: String, owner: UserID? = nil, attributes: [String: String] = [:]) {
        self.id = id
        self.owner = owner
        self.attributes = attributes
    }
}

/// Which resources a rule is about.
///
/// Where it cannot be known whether a rule is meant, since the host names no resource, no owner or not that attribute,
/// a permit does not count and a deny does.
public enum ResourceSelector: Hashable, Sendable, CustomStringConvertible {
    /// Every resource, and actions without one.
    case all
    /// The one of that id.
    case id(String)
    /// What is the user's own.
    case owner
    /// Those whose attribute has one of the values, sorted.
    case attribute(String, [String])

    static let maximumValues = 64

    /// Reads `all`, `owner`, `id = payment:1`, `region = eu` or `region in eu, us`.
    public init(_ text: String) throws(PolicyProblem) {
        switch text {
        case "all": self = .all
        case "owner": self = .owner
        default: self = try Self.comparison(text)
        }
    }

    private static func comparison(_ text: String) throws(PolicyProblem) -> ResourceSelector {
        let wrong = PolicyProblem("a selector is one of: all, owner, id = X, NAME = X, NAME in X, Y")
        guard text.utf8.count <= 16_384 else { throw wrong }
        let words = text.split(separator: " ", maxSplits: 2, omittingEmptySubsequences: false)
        guard words.count == 3, words[1] == "=" || words[1] == "in" else { throw wrong }
        let list = words[1] == "in" ? words[2].split(separator: ",", omittingEmptySubsequences: false).map(trimmed) : [words[2]]
        guard (1...maximumValues).contains(list.count), list.allSatisfy(isValue) else {
            throw PolicyProblem("a selector compares with 1 to \(maximumValues) values of A-Z, a-z, 0-9 and _ . : @ / + -, up to 200 each")
        }
        if words[0] == "id" {
            guard words[1] == "=" else { throw PolicyProblem("a selector by id names one: id = X") }
            return .id(String(list[0]))
        }
        guard isAttribute(words[0]) else {
            throw PolicyProblem("an attribute's name is a lower-case letter and up to 31 of a-z, 0-9 and _, and not all, owner or id")
        }
        return .attribute(String(words[0]), Set(list.map(String.init)).sorted())
    }

    private static func trimmed(_ text: Substring) -> Substring { text.first == " " ? text.dropFirst() : text }

    private static func isValue(_ text: Substring) -> Bool {
        (1...200).contains(text.utf8.count)
            && text.utf8.allSatisfy {
                switch $0 {
                case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "0")...UInt8(ascii: "9"):
                    true
                default: "_.:@/+-".utf8.contains($0)
                }
            }
    }

    private static func isAttribute(_ text: Substring) -> Bool {
        guard (1...32).contains(text.utf8.count), !["all", "owner", "id"].contains(text), let first = text.utf8.first else { return false }
        return (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(first) && !text.contains("-") && ActionPattern.isSegment(text)
    }

    /// The one spelling that it is stored in.
    public var description: String {
        switch self {
        case .all: "all"
        case .owner: "owner"
        case .id(let id): "id = \(id)"
        case .attribute(let name, let values): values.count == 1 ? "\(name) = \(values[0])" : "\(name) in \(values.joined(separator: ", "))"
        }
    }

    /// Whether whoever has this has the other one too: `owner` stands for one's own things, whoever one is.
    public func covers(_ other: ResourceSelector) -> Bool {
        switch (self, other) {
        case (.all, _): true
        case (.attribute(let name, let values), .attribute(let wanted, let others)):
            name == wanted && Set(values).isSuperset(of: others)
        default: self == other
        }
    }

    /// Whether a resource may be meant by both.
    public func overlaps(_ other: ResourceSelector) -> Bool {
        switch (self, other) {
        case (.id(let left), .id(let right)): left == right
        case (.attribute(let left, let some), .attribute(let right, let others)): left != right || !Set(some).isDisjoint(with: others)
        default: true
        }
    }
}
