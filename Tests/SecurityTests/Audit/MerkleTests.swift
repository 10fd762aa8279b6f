// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors

import Security
import Testing

/// A tree that keeps all of its nodes, grown leaf by leaf.
struct KeptTree {
    private(set) var frontier = MerkleFrontier()
    private(set) var leaves: [MerkleHash] = []
    private var nodes: [MerklePosition: MerkleHash] = [:]

    init(_ data: [[UInt8]] = []) {
        for leaf in data { append(leaf) }
    }

    mutating func append(_ data: [UInt8]) {
        let hash = MerkleTree.leafHash(data)
        nodes[MerklePosition(level: 0, index: frontier.size)] = hash
        leaves.append(hash)
        for node in frontier.append(hash) {
            #expect(nodes.updateValue(node.hash, forKey: node.position) == nil, "a node is completed once")
        }
    }

    func node(_ level: Int, _ index: Int64) throws -> MerkleHash {
        try #require(nodes[MerklePosition(level: level, index: index)], "level \(level), index \(index) is not complete")
    }

    /// The definition in RFC 9162 §2.1.1, as it is written there.
    static func root(_ leaves: ArraySlice<MerkleHash>) -> MerkleHash {
        guard let first = leaves.first else { return MerkleTree.emptyRoot }
        guard leaves.count > 1 else { return first }
        var middle = 1
        while middle * 2 < leaves.count { middle *= 2 }
        return MerkleTree.nodeHash(
            root(leaves[leaves.startIndex..<leaves.startIndex + middle]), root(leaves[(leaves.startIndex + middle)...]))
    }

    func root(_ size: Int) -> MerkleHash { Self.root(leaves[..<size]) }
}

@Suite("Merkle trees")
struct MerkleTests {
    /// Random leaves of random lengths; the seed is in every failure's text.
    static func leaves(_ count: Int, seed: UInt64) -> [[UInt8]] {
        var generator = SeededGenerator(seed)
        return (0..<count).map { _ in (0..<Int.random(in: 0...80, using: &generator)).map { _ in .random(in: 0...255, using: &generator) } }
    }

    @Test("the empty tree, a leaf and a node hash as RFC 9162 says")
    func rules() {
        #expect(MerkleTree.emptyRoot.hex == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855")
        #expect(MerkleTree.leafHash([]).hex == "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d")
        let (left, right) = (MerkleTree.leafHash([1]), MerkleTree.leafHash([2]))
        #expect(MerkleTree.nodeHash(left, right).bytes == Hash.sha256([1] + left.bytes + right.bytes))
        #expect(MerkleTree.leafHash([7, 8]).bytes == Hash.sha256([0, 7, 8]))
        #expect(MerkleTree.nodeHash(left, right) != MerkleTree.leafHash(left.bytes + right.bytes))
    }

    @Test("a hash has one spelling in hex and one in base64")
    func spellings() {
        let hash = MerkleTree.leafHash([1, 2, 3])

        #expect(MerkleHash(hex: hash.hex) == hash && MerkleHash(base64: hash.base64) == hash && MerkleHash(hash.bytes) == hash)
        #expect(MerkleHash(hex: hash.hex.uppercased()) == nil)
        #expect(MerkleHash(hash.bytes.dropLast()) == nil && MerkleHash(hash.bytes + [0]) == nil)
        #expect(MerkleHash(base64: hash.base64.dropLast()) == nil && MerkleHash(base64: hash.base64 + "\n") == nil)
    }

    @Test("the frontier has the root of the recursive definition at every size from 0 to 300", arguments: [SeededGenerator.fresh()])
    func frontier(seed: UInt64) throws {
        var tree = KeptTree()
        for leaf in Self.leaves(300, seed: seed) {
            #expect(tree.frontier.root == tree.root(tree.leaves.count))
            let restored = try MerkleFrontier(size: tree.frontier.size, node: tree.node)
            #expect(restored == tree.frontier)
            #expect(MerkleFrontier(size: tree.frontier.size, hashes: tree.frontier.hashes) == tree.frontier)
            #expect(MerkleFrontier(size: tree.frontier.size + 1, hashes: tree.frontier.hashes) != tree.frontier)
            tree.append(leaf)
        }
        #expect(tree.frontier.root == tree.root(300) && tree.frontier.size == 300)
        #expect(MerkleTree.root(of: tree.leaves) == tree.frontier.root)
        #expect(MerkleFrontier(size: -1, hashes: []) == nil && MerkleFrontier(size: 3, hashes: [MerkleTree.emptyRoot]) == nil)
    }

    @Test("every leaf of every tree up to 64 is proved by exactly the hashes of the definition", arguments: [SeededGenerator.fresh()])
    func inclusion(seed: UInt64) throws {
        let tree = KeptTree(Self.leaves(64, seed: seed))
        for size in 1...64 {
            let root = tree.root(size)
            for index in 0..<size {
                let path = try MerkleTree.inclusionPath(index: Int64(index), size: Int64(size), node: tree.node)
                #expect(path == Self.path(index, tree.leaves[..<size]), "seed \(seed)")
                try MerkleTree.verifyInclusion(of: tree.leaves[index], index: Int64(index), size: Int64(size), root: root, path: path)
                var asked: [MerklePosition] = []
                _ = try MerkleTree.inclusionPath(index: Int64(index), size: Int64(size)) { level, index in
                    asked.append(MerklePosition(level: level, index: index))
                    return try tree.node(level, index)
                }
                #expect(try MerkleTree.inclusionNodes(index: Int64(index), size: Int64(size)) == asked)
            }
        }
    }

    @Test("every tree is proved to begin every larger one up to 64", arguments: [SeededGenerator.fresh()])
    func consistency(seed: UInt64) throws {
        let tree = KeptTree(Self.leaves(64, seed: seed))
        for newer in 1...64 {
            for older in 1...newer {
                let path = try MerkleTree.consistencyPath(from: Int64(older), to: Int64(newer), node: tree.node)
                #expect(path == (older == newer ? [] : Self.proof(older, tree.leaves[..<newer], true)), "seed \(seed)")
                try MerkleTree.verifyConsistency(
                    from: Int64(older), to: Int64(newer), olderRoot: tree.root(older), newerRoot: tree.root(newer), path: path)
                #expect(try MerkleTree.consistencyNodes(from: Int64(older), to: Int64(newer)).count >= path.count)
            }
        }
    }

    /// PATH(m, D_n) of RFC 9162 §2.1.3.1.
    private static func path(_ index: Int, _ leaves: ArraySlice<MerkleHash>) -> [MerkleHash] {
        guard leaves.count > 1 else { return [] }
        var middle = 1
        while middle * 2 < leaves.count { middle *= 2 }
        let (left, right) = (leaves.prefix(middle), leaves.dropFirst(middle))
        return index < middle ? path(index, left) + [KeptTree.root(right)] : path(index - middle, right) + [KeptTree.root(left)]
    }

    /// SUBPROOF(m, D_n, b) of RFC 9162 §2.1.4.1.
    private static func proof(_ size: Int, _ leaves: ArraySlice<MerkleHash>, _ isWhole: Bool) -> [MerkleHash] {
        guard size < leaves.count else { return isWhole ? [] : [KeptTree.root(leaves)] }
        var middle = 1
        while middle * 2 < leaves.count { middle *= 2 }
        let (left, right) = (leaves.prefix(middle), leaves.dropFirst(middle))
        return size <= middle
            ? proof(size, left, isWhole) + [KeptTree.root(right)] : proof(size - middle, right, false) + [KeptTree.root(left)]
    }
}

/// SplitMix64: random enough for tests, and the same again from the same seed.
struct SeededGenerator: RandomNumberGenerator {
    private var state: UInt64

    init(_ seed: UInt64) { state = seed }

    /// A new seed; being the test's argument, it is printed with the test.
    static func fresh() -> UInt64 { .random(in: 0...(.max)) }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var word = state
        word = (word ^ word >> 30) &* 0xBF58_476D_1CE4_E5B9
        word = (word ^ word >> 27) &* 0x94D0_49BB_1331_11EB
        return word ^ word >> 31
    }
}
