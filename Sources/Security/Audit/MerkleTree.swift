// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors

/// The hashing rules of RFC 9162 §2.1.1 (the same as RFC 6962's) with SHA-256.
///
/// Leaves and inner nodes are told apart by a first byte, so that neither can be passed off as the other.
public enum MerkleTree {
    /// The root of a tree without leaves: SHA-256 of nothing.
    public static let emptyRoot = MerkleHash(hashing: UnsafeRawBufferPointer(start: nil, count: 0))

    /// The hash of a leaf: `SHA-256(0x00 || data)`.
    public static func leafHash(_ data: some Collection<UInt8>) -> MerkleHash {
        withContiguousBytes(data) { data in
            withUnsafeTemporaryAllocation(byteCount: data.count + 1, alignment: 1) { block in
                block[0] = 0
                block.baseAddress.map { UnsafeMutableRawBufferPointer(start: $0 + 1, count: data.count).copyMemory(from: data) }
                return MerkleHash(hashing: UnsafeRawBufferPointer(block))
            }
        }
    }

    /// The hash of an inner node: `SHA-256(0x01 || left || right)`.
    public static func nodeHash(_ left: MerkleHash, _ right: MerkleHash) -> MerkleHash {
        withUnsafeTemporaryAllocation(byteCount: 1 + 2 * MerkleHash.byteCount, alignment: 1) { block in
            block[0] = 1
            left.withUnsafeBytes { block[1...].copyAll(from: $0) }
            right.withUnsafeBytes { block[(1 + MerkleHash.byteCount)...].copyAll(from: $0) }
            return MerkleHash(hashing: UnsafeRawBufferPointer(block))
        }
    }

    /// The root over some leaves, by their hashes.
    public static func root(of leafHashes: some Sequence<MerkleHash>) -> MerkleHash {
        var frontier = MerkleFrontier()
        for hash in leafHashes { frontier.append(hash) { _ in } }
        return frontier.root
    }
}

extension Slice where Base == UnsafeMutableRawBufferPointer {
    fileprivate func copyAll(from source: UnsafeRawBufferPointer) {
        UnsafeMutableRawBufferPointer(rebasing: self[startIndex..<startIndex + source.count]).copyMemory(from: source)
    }
}

/// The place of a complete subtree: it covers the leaves from `index << level` to `(index + 1) << level`, that one excluded.
public struct MerklePosition: Hashable, Sendable, Comparable {
    /// 0 for a leaf, else how many layers of inner nodes there are from this one down.
    public let level: Int
    /// Which one on its level, from 0 at the left.
    public let index: Int64

    /// A place.
    public init(level: Int, index: Int64) {
        self.level = level
        self.index = index
    }

    /// Lower levels first, then from left to right.
    public static func < (left: Self, right: Self) -> Bool { (left.level, left.index) < (right.level, right.index) }
}

/// A complete subtree's hash and its place; it never changes, however far the tree grows.
public struct MerkleNode: Hashable, Sendable {
    /// Where it stands.
    public let position: MerklePosition
    /// What it says.
    public let hash: MerkleHash

    /// 0 for a leaf.
    public var level: Int { position.level }
    /// Which one on its level.
    public var index: Int64 { position.index }

    /// A node.
    public init(level: Int, index: Int64, hash: MerkleHash) {
        position = MerklePosition(level: level, index: index)
        self.hash = hash
    }
}
