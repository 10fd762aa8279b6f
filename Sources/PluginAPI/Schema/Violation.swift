// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors

public import Values

/// One place in which a value is not what its schema asks for.
///
/// The texts never repeat the value itself: it may be a secret or a card number.
public struct Violation: Sendable, Hashable, CustomStringConvertible {
    /// Where.
    public var location: ValuePath
    /// What is wrong, as the end of a sentence that starts with the place: "must be an integer, not a string".
    public var message: String
    /// What to write instead, where that can be said.
    public var hint: String?

    /// A violation at that place.
    public init(_ location: ValuePath, _ message: String, hint: String? = nil) {
        self.location = location
        self.message = message
        self.hint = hint
    }

    /// Where, as text: `amount.currency`; empty for the value itself.
    public var path: String { location.description }

    /// `amount.currency: must be …`.
    public var description: String {
        let place = location.steps.isEmpty ? "" : "\(location): "
        return place + message + (hint.map { "; \($0)" } ?? "")
    }
}

/// Everything that is wrong with a value, in the order of the schema.
///
/// Never empty.
public struct SchemaViolations: Error, Sendable, Hashable, CustomStringConvertible {
    /// The violations; at most ``Schema/mostViolations``.
    public let violations: [Violation]

    /// Collects violations.
    public init(_ violations: [Violation]) { self.violations = violations }

    /// One line, safe to show: no value is repeated.
    public var description: String { violations.map(\.description).joined(separator: "; ") }
}
