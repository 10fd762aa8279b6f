// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors

/// Why a Merkle proof was refused, or cannot be made.
public enum MerkleProofError: Error, Sendable, Hashable, CustomStringConvertible {
    /// A size or an index is below zero.
    case negativeSize
    /// A tree without leaves proves nothing.
    case emptyTree
    /// There is no leaf with this index in a tree of this size.
    case indexBeyondSize
    /// The older tree is said to be larger than the newer one.
    case sizesReversed
    /// There are hashes left over.
    case tooManyHashes
    /// There are hashes missing.
    case tooFewHashes
    /// The proof does not lead to the root.
    case rootMismatch
    /// The proof does not lead to the root of the older tree.
    case olderRootMismatch

    /// For a person to read.
    public var description: String {
        switch self {
        case .negativeSize: "a size or an index is negative"
        case .emptyTree: "a tree without leaves proves nothing"
        case .indexBeyondSize: "the index is not below the tree's size"
        case .sizesReversed: "the older tree is larger than the newer one"
        case .tooManyHashes: "the proof has more hashes than such a tree has levels"
        case .tooFewHashes: "the proof has fewer hashes than such a tree has levels"
        case .rootMismatch: "the proof does not lead to the tree's root"
        case .olderRootMismatch: "the proof does not lead to the older tree's root"
        }
    }
}

extension MerkleTree {
    /// Checks that a leaf stands at an index of the tree with the given size and root (RFC 9162 §2.1.3.2).
    public static func verifyInclusion(
        of leafHash: MerkleHash, index: Int64, size: Int64, root: MerkleHash, path: [MerkleHash]
    ) throws(MerkleProofError) {
        guard index >= 0, size >= 0 else { throw .negativeSize }
        guard size > 0 else { throw .emptyTree }
        guard index < size else { throw .indexBeyondSize }
        var place = Place(index: UInt64(index), last: UInt64(size - 1))
        var hash = leafHash
        for sibling in path {
            guard !place.isRoot else { throw .tooManyHashes }
            hash = place.isRightOrLast ? nodeHash(sibling, hash) : nodeHash(hash, sibling)
            place.ascend()
        }
        guard place.isRoot else { throw .tooFewHashes }
        guard hash == root else { throw .rootMismatch }
    }

    /// Checks that the tree with the one size and root is the beginning of the tree with the other (RFC 9162 §2.1.4.2).
    public static func verifyConsistency(
        from older: Int64, to newer: Int64, olderRoot: MerkleHash, newerRoot: MerkleHash, path: [MerkleHash]
    ) throws(MerkleProofError) {
        guard older >= 0, newer >= 0 else { throw .negativeSize }
        guard older <= newer else { throw .sizesReversed }
        guard older > 0 else { throw .emptyTree }
        if older == newer {
            guard path.isEmpty else { throw .tooManyHashes }
            guard olderRoot == newerRoot else { throw .rootMismatch }
            return
        }
        // A complete older tree is itself the first node, and is left out of the path.
        let isComplete = older.nonzeroBitCount == 1
        guard let first = isComplete ? olderRoot : path.first else { throw .tooFewHashes }
        var place = Place(index: UInt64(older - 1), last: UInt64(newer - 1))
        place.skipCommonEdge()
        var (olderHash, newerHash) = (first, first)
        for hash in path.dropFirst(isComplete ? 0 : 1) {
            guard !place.isRoot else { throw .tooManyHashes }
            if place.isRightOrLast {
                olderHash = nodeHash(hash, olderHash)
                newerHash = nodeHash(hash, newerHash)
            } else {
                newerHash = nodeHash(newerHash, hash)
            }
            place.ascend()
        }
        guard place.isRoot else { throw .tooFewHashes }
        guard olderHash == olderRoot else { throw .olderRootMismatch }
        guard newerHash == newerRoot else { throw .rootMismatch }
    }
}

/// The walk from a node to the root: `fn` and `sn` of the RFC.
private struct Place {
    var index: UInt64
    var last: UInt64

    var isRoot: Bool { last == 0 }
    /// Whether the path's next hash comes from the left.
    var isRightOrLast: Bool { index & 1 == 1 || index == last }

    /// Goes up behind one hash of the path, past the levels on which the right edge has no sibling.
    mutating func ascend() {
        if index & 1 == 0, index == last {
            while index & 1 == 0, index != 0 { shift() }
        }
        shift()
    }

    /// Goes up to the largest complete subtree at the end of the older tree.
    mutating func skipCommonEdge() {
        while index & 1 == 1 { shift() }
    }

    private mutating func shift() {
        index >>= 1
        last >>= 1
    }
}
