// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors

/// A run of leaves that is one subtree in the sense of RFC 9162 §2.1.1.
struct MerkleRange {
    let start: UInt64
    let end: UInt64

    init(_ start: UInt64, _ end: UInt64) {
        self.start = start
        self.end = end
    }

    var count: UInt64 { end - start }

    /// The largest power of two below the number of leaves: where the subtree is divided.
    var middle: UInt64 { start + 1 << UInt64(63 - (count - 1).leadingZeroBitCount) }

    /// The complete subtrees that it consists of, the largest first.
    var subtrees: [MerklePosition] {
        var positions: [MerklePosition] = []
        var next = start
        while next < end {
            let level = 63 - (end - next).leadingZeroBitCount
            positions.append(MerklePosition(level: level, index: Int64(next >> UInt64(level))))
            next += 1 << UInt64(level)
        }
        return positions
    }
}

extension MerkleTree {
    /// A node that is kept somewhere: `level` 0 is a leaf, `index` counts from the left of its level.
    public typealias NodeLookup = (_ level: Int, _ index: Int64) throws -> MerkleHash

    /// The hashes that prove that a leaf is in the tree of the given size, from the leaf's sibling upwards (RFC 9162 §2.1.3.1).
    ///
    /// Asks only for complete subtrees, at most two for each level.
    public static func inclusionPath(index: Int64, size: Int64, node: NodeLookup) throws -> [MerkleHash] {
        try hashes(for: inclusionPlan(index: index, size: size), node)
    }

    /// The hashes that prove that a tree is the beginning of a larger one (RFC 9162 §2.1.4.1).
    public static func consistencyPath(from older: Int64, to newer: Int64, node: NodeLookup) throws -> [MerkleHash] {
        try hashes(for: consistencyPlan(from: older, to: newer), node)
    }

    /// The nodes that ``inclusionPath(index:size:node:)`` asks for, so that they can be fetched at once.
    public static func inclusionNodes(index: Int64, size: Int64) throws(MerkleProofError) -> [MerklePosition] {
        try inclusionPlan(index: index, size: size).flatMap(\.subtrees)
    }

    /// The nodes that ``consistencyPath(from:to:node:)`` asks for, so that they can be fetched at once.
    public static func consistencyNodes(from older: Int64, to newer: Int64) throws(MerkleProofError) -> [MerklePosition] {
        try consistencyPlan(from: older, to: newer).flatMap(\.subtrees)
    }

    /// The nodes that the frontier, and with it the root, of a tree of the given size consists of.
    public static func frontierNodes(size: Int64) throws(MerkleProofError) -> [MerklePosition] {
        guard size >= 0 else { throw .negativeSize }
        return MerkleRange(0, UInt64(size)).subtrees
    }

    private static func inclusionPlan(index: Int64, size: Int64) throws(MerkleProofError) -> [MerkleRange] {
        guard index >= 0, size >= 0 else { throw .negativeSize }
        guard size > 0 else { throw .emptyTree }
        guard index < size else { throw .indexBeyondSize }
        var (range, siblings) = (MerkleRange(0, UInt64(size)), [MerkleRange]())
        while range.count > 1 {
            let (left, right) = range.halves
            let isLeft = UInt64(index) < range.middle
            siblings.append(isLeft ? right : left)
            range = isLeft ? left : right
        }
        return siblings.reversed()
    }

    private static func consistencyPlan(from older: Int64, to newer: Int64) throws(MerkleProofError) -> [MerkleRange] {
        guard older >= 0, newer >= 0 else { throw .negativeSize }
        guard older <= newer else { throw .sizesReversed }
        guard older > 0 else { throw .emptyTree }
        var (range, siblings) = (MerkleRange(0, UInt64(newer)), [MerkleRange]())
        while range.end != UInt64(older) {
            let (left, right) = range.halves
            let isLeft = UInt64(older) <= range.middle
            siblings.append(isLeft ? right : left)
            range = isLeft ? left : right
        }
        // The verifier has the older root; anything smaller it needs to be told.
        if range.start > 0 { siblings.append(range) }
        return siblings.reversed()
    }

    private static func hashes(for plan: [MerkleRange], _ node: NodeLookup) throws -> [MerkleHash] {
        var hashes: [MerkleHash] = []
        hashes.reserveCapacity(plan.count)
        for range in plan {
            let parts = try range.subtrees.map { try node($0.level, $0.index) }
            if let hash = fold(parts) { hashes.append(hash) }
        }
        return hashes
    }
}

extension MerkleRange {
    fileprivate var halves: (left: MerkleRange, right: MerkleRange) { (MerkleRange(start, middle), MerkleRange(middle, end)) }
}
