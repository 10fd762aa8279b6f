// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors

/// A value that is carried along and never printed, such as tenant data inside an error.
///
/// An error nested in another error, an optional or an array prints its debug description, so both descriptions
/// here say the same nothing.
public struct Redacted<Wrapped> {
    /// The value, taken out on purpose.
    public let unredacted: Wrapped

    /// Hides a value from printing.
    public init(_ value: Wrapped) {
        unredacted = value
    }
}

extension Redacted: Sendable where Wrapped: Sendable {}
extension Redacted: Equatable where Wrapped: Equatable {}
extension Redacted: Hashable where Wrapped: Hashable {}

extension Redacted: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    /// `[redacted]`.
    public var description: String { "[redacted]" }
    /// `[redacted]`.
    public var debugDescription: String { "[redacted]" }
    /// Has no children.
    public var customMirror: Mirror { Mirror(self, children: [:]) }
}
