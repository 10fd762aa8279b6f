// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors

/// What a value from outside may cost before it is refused.
///
/// Checked while reading, before anything is allocated for it.
public struct ValueLimits: Sendable, Hashable {
    /// Bytes of the whole encoded value.
    public var maxBytes: Int
    /// Containers inside each other.
    public var maxDepth: Int
    /// Values of every kind, containers included.
    public var maxNodes: Int

    /// Limits for one value.
    public init(maxBytes: Int = 256 * 1024, maxDepth: Int = 32, maxNodes: Int = 10_000) {
        self.maxBytes = maxBytes
        self.maxDepth = maxDepth
        self.maxNodes = maxNodes
    }

    /// A value between host and cell.
    public static let frame = ValueLimits()
    /// The body of an API request.
    public static let request = ValueLimits(maxBytes: 256 * 1024, maxDepth: 16, maxNodes: 10_000)
    /// A plugin's manifest.
    public static let manifest = ValueLimits(maxBytes: 128 * 1024, maxDepth: 24, maxNodes: 10_000)
}
