// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors

/// A tree by its right edge: the roots of its complete subtrees, the largest first.
///
/// That is all that appending needs: at most 63 hashes however many leaves there are.
public struct MerkleFrontier: Hashable, Sendable {
    /// How many leaves the tree has.
    public private(set) var size: Int64
    /// The roots of the complete subtrees, one for each bit that is set in `size`, the largest subtree first.
    public private(set) var hashes: [MerkleHash]

    /// The tree without leaves.
    public init() {
        size = 0
        hashes = []
    }

    /// A tree as it was stored; nil unless there is exactly one hash for each bit that is set in the size.
    public init?(size: Int64, hashes: [MerkleHash]) {
        guard size >= 0, hashes.count == size.nonzeroBitCount else { return nil }
        self.size = size
        self.hashes = hashes
    }

    /// The tree of the given size over nodes that are kept elsewhere; its root still has to be compared with a signed one.
    public init(size: Int64, node: (_ level: Int, _ index: Int64) throws -> MerkleHash) throws {
        guard size >= 0 else { throw MerkleProofError.negativeSize }
        self.size = size
        hashes = try MerkleRange(0, UInt64(size)).subtrees.map { try node($0.level, $0.index) }
    }

    /// Appends a leaf and hands out each inner node that became complete by it, from the bottom up.
    ///
    /// The leaf itself (level 0) is not among them.
    public mutating func append<Failure: Error>(
        _ leafHash: MerkleHash, completed: (MerkleNode) throws(Failure) -> Void
    ) throws(Failure) {
        var hash = leafHash
        // Each bit that is set at the low end is a subtree of the same size to the left.
        for level in 0..<size.trailingOnes {
            hash = MerkleTree.nodeHash(hashes[hashes.count - 1 - level], hash)
            try completed(MerkleNode(level: level + 1, index: size >> Int64(level + 1), hash: hash))
        }
        hashes.removeLast(size.trailingOnes)
        hashes.append(hash)
        size += 1
    }

    /// Appends a leaf; answers the inner nodes that became complete by it, from the bottom up.
    @discardableResult
    public mutating func append(_ leafHash: MerkleHash) -> [MerkleNode] {
        var nodes: [MerkleNode] = []
        append(leafHash) { nodes.append($0) }
        return nodes
    }

    /// The tree's root (RFC 9162 §2.1.1).
    public var root: MerkleHash {
        MerkleTree.fold(hashes) ?? MerkleTree.emptyRoot
    }
}

extension MerkleTree {
    /// Joins subtrees that lie side by side, the largest first, from the right; nil for none.
    static func fold(_ hashes: [MerkleHash]) -> MerkleHash? {
        guard var hash = hashes.last else { return nil }
        for left in hashes.dropLast().reversed() { hash = nodeHash(left, hash) }
        return hash
    }
}

extension Int64 {
    /// How many bits at the low end are set.
    fileprivate var trailingOnes: Int { (~self).trailingZeroBitCount }
}
