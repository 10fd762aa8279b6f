// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors

public import Values

/// What an event tells of persons, as far as it still opens.
public struct AuditPersonal: Sendable, Hashable {
    /// Why something does not open.
    public enum Gap: String, Sendable, Hashable {
        /// The person was erased.
        case erased
        /// It was altered, or its key is gone without an erasure.
        case unreadable
    }

    /// What opened, the address among it.
    public var facts: [String: Value]
    /// Why not everything did; nil when everything did.
    public var gap: Gap?

    /// What opened.
    public init(facts: [String: Value] = [:], gap: Gap? = nil) {
        self.facts = facts
        self.gap = gap
    }

    /// Nothing is told of anybody.
    public static let none = AuditPersonal()

    static let addressName = "address"

    /// Where the request came from.
    public var address: String? { facts[Self.addressName]?.stringValue }

    /// What a reader is shown beside the address: the facts, or the word for why there are none; nil when there is nothing to say.
    public var shown: Value? {
        let others = facts.filter { $0.key != Self.addressName }
        return others.isEmpty ? gap.map { .string($0.rawValue) } : .map(others)
    }
}

/// The stored form of one person's part of an event.
///
/// The key stands in front, since an event can tell of two persons and their keys have nothing in common.
struct PersonalCipher {
    let sealed: Sealed

    init(_ sealed: Sealed) { self.sealed = sealed }

    /// Reads `KEY-ID/VERSION/iv:authtag:content`.
    init?(_ text: Substring) {
        let fields = text.split(separator: "/", omittingEmptySubsequences: false)
        guard fields.count == 3, let version = Int(fields[1]) else { return nil }
        sealed = Sealed(text: String(fields[2]), keyID: String(fields[0]), keyVersion: version)
    }

    var text: String { "\(sealed.keyID)/\(sealed.keyVersion)/\(sealed.text)" }

    /// The parts of a column, in order; nil for one that was never written so.
    static func parts(of column: String) -> [PersonalCipher?] {
        column.split(separator: " ", omittingEmptySubsequences: false).map { PersonalCipher($0) }
    }
}
