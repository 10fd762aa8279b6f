// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors

import Foundation
import Security
import Testing
import Values

/// Proofs that must not pass, each with the reason that it is refused for.
@Suite("Merkle proofs that are refused")
struct MerkleRefusalTests {
    private static let tree = KeptTree((0..<20).map { Array("leaf \($0)".utf8) })

    private static func refusal(
        _ leaf: Int, index: Int64? = nil, size: Int64 = 13, root: Int? = nil, _ change: (inout [MerkleHash]) -> Void = { _ in }
    ) throws -> MerkleProofError? {
        var path = try MerkleTree.inclusionPath(index: Int64(leaf), size: 13, node: tree.node)
        change(&path)
        do throws(MerkleProofError) {
            try MerkleTree.verifyInclusion(
                of: tree.leaves[leaf], index: index ?? Int64(leaf), size: size, root: tree.root(root ?? 13), path: path)
            return nil
        } catch { return error }
    }

    @Test("an inclusion proof passes for its own leaf, index, size and root and for nothing else")
    func inclusion() throws {
        #expect(try Self.refusal(5) == nil)
        #expect(try Self.refusal(5, size: 0) == .emptyTree)
        #expect(try Self.refusal(5, index: 13) == .indexBeyondSize)
        #expect(try Self.refusal(5, index: .max) == .indexBeyondSize)
        #expect(try Self.refusal(5, index: -1) == .negativeSize && Self.refusal(5, size: -1) == .negativeSize)
        #expect(try Self.refusal(5, root: 12) == .rootMismatch)
        #expect(try Self.refusal(5) { $0.removeLast() } == .tooFewHashes)
        #expect(try Self.refusal(5) { $0 = [] } == .tooFewHashes)
        #expect(try Self.refusal(5) { $0.append(MerkleTree.emptyRoot) } == .tooManyHashes)
        #expect(try Self.refusal(5) { $0.insert(MerkleTree.emptyRoot, at: 0) } == .tooManyHashes)
        #expect(try Self.refusal(5) { $0.swapAt(0, 1) } == .rootMismatch)
        #expect(try Self.refusal(5) { $0.reverse() } == .rootMismatch)
        for other in 0..<Int64(13) where other != 5 { #expect(try Self.refusal(5, index: other) != nil, "index \(other)") }
        // Its left neighbour's proof differs in one hash only: left and right are told apart.
        #expect(try Self.refusal(5, index: 4) == .rootMismatch)
    }

    @Test("every leaf's proof is refused at every other index, size and root, and after any change of one bit")
    func everyInclusion() throws {
        for leaf in 0..<13 {
            for index in 0..<Int64(13) where index != leaf { #expect(try Self.refusal(leaf, index: index) != nil) }
            // The root belongs to one size. A path of the same shape may fit another size; a signed checkpoint names both.
            for root in 1...20 where root != 13 { #expect(try Self.refusal(leaf, root: root) == .rootMismatch) }
            let count = try MerkleTree.inclusionPath(index: Int64(leaf), size: 13, node: Self.tree.node).count
            for position in 0..<count {
                for bit in [0, 7, 100, 255] {
                    let refusal = try Self.refusal(leaf) { $0[position] = Self.flipped($0[position], bit) }
                    #expect(refusal == .rootMismatch)
                }
            }
        }
    }

    /// CVE-2022-36111: a verifier that trusted the proof's own idea of the tree accepted another history.
    @Test("a proof that brings its own tree is refused by the root that was known before")
    func forgedTree() throws {
        let forged = KeptTree((0..<13).map { Array("forged \($0)".utf8) })
        let path = try MerkleTree.inclusionPath(index: 5, size: 13, node: forged.node)
        // It is right in itself.
        try MerkleTree.verifyInclusion(of: forged.leaves[5], index: 5, size: 13, root: forged.root(13), path: path)
        #expect(throws: MerkleProofError.rootMismatch) {
            try MerkleTree.verifyInclusion(of: forged.leaves[5], index: 5, size: 13, root: Self.tree.root(13), path: path)
        }
        // A fork that shares eight leaves is not a continuation.
        let fork = KeptTree((0..<20).map { Array(($0 < 8 ? "leaf \($0)" : "fork \($0)").utf8) })
        let consistency = try MerkleTree.consistencyPath(from: 13, to: 20, node: fork.node)
        #expect(throws: MerkleProofError.olderRootMismatch) {
            try MerkleTree.verifyConsistency(
                from: 13, to: 20, olderRoot: Self.tree.root(13), newerRoot: fork.root(20), path: consistency)
        }
    }

    @Test("an inner node is no leaf, and the root of a smaller tree no member")
    func innerNodes() throws {
        let tree = Self.tree
        // The node above leaves 4 and 5, offered as leaf 2 of a tree of half the size.
        let node = try tree.node(1, 2)
        let path = try MerkleTree.inclusionPath(index: 4, size: 16, node: tree.node)
        #expect(throws: MerkleProofError.rootMismatch) {
            try MerkleTree.verifyInclusion(
                of: MerkleTree.leafHash(try tree.node(0, 4).bytes + tree.node(0, 5).bytes), index: 2, size: 8, root: tree.root(16),
                path: Array(path.dropFirst()))
        }
        // As a bare hash it does fit: so a leaf's hash is always computed from its data, never taken from a proof.
        try MerkleTree.verifyInclusion(of: node, index: 2, size: 8, root: tree.root(16), path: Array(path.dropFirst()))
    }

    private static func refusal(
        _ older: Int64, _ newer: Int64, roots: (Int, Int) = (6, 13), _ change: (inout [MerkleHash]) -> Void = { _ in }
    ) throws -> MerkleProofError? {
        var path = try MerkleTree.consistencyPath(from: 6, to: 13, node: tree.node)
        change(&path)
        do throws(MerkleProofError) {
            try MerkleTree.verifyConsistency(
                from: older, to: newer, olderRoot: tree.root(roots.0), newerRoot: tree.root(roots.1), path: path)
            return nil
        } catch { return error }
    }

    @Test("a consistency proof passes for its own two trees and for nothing else")
    func consistency() throws {
        #expect(try Self.refusal(6, 13) == nil)
        #expect(try Self.refusal(0, 13, roots: (0, 13)) == .emptyTree)
        #expect(try Self.refusal(0, 0, roots: (0, 0)) == .emptyTree)
        #expect(try Self.refusal(13, 6) == .sizesReversed)
        #expect(try Self.refusal(-6, 13) == .negativeSize && Self.refusal(-6, -1) == .negativeSize)
        #expect(try Self.refusal(6, 13, roots: (7, 13)) == .olderRootMismatch)
        #expect(try Self.refusal(6, 13, roots: (6, 12)) == .rootMismatch)
        #expect(try Self.refusal(6, 13, roots: (13, 6)) == .olderRootMismatch)
        #expect(try Self.refusal(6, 6, roots: (6, 6)) == .tooManyHashes)
        #expect(try Self.refusal(6, 6, roots: (6, 7)) { $0 = [] } == .rootMismatch)
        #expect(try Self.refusal(6, 13) { $0 = [] } == .tooFewHashes)
        #expect(try Self.refusal(8, 13, roots: (8, 13)) { $0 = [] } == .tooFewHashes)
        #expect(try Self.refusal(6, 13) { $0.removeLast() } == .tooFewHashes)
        #expect(try Self.refusal(6, 13) { $0.append(MerkleTree.emptyRoot) } == .tooManyHashes)
        #expect(try Self.refusal(6, 13) { $0.insert(Self.tree.root(6), at: 0) } != nil)
        for position in try MerkleTree.consistencyPath(from: 6, to: 13, node: Self.tree.node).indices {
            #expect(try Self.refusal(6, 13) { $0[position] = Self.flipped($0[position], 77) } != nil)
        }
    }

    @Test("every pair of other sizes is refused", arguments: 1...13)
    func otherSizes(older: Int) throws {
        for newer in older...20 where (older, newer) != (6, 13) {
            #expect(try Self.refusal(Int64(older), Int64(newer), roots: (older, newer)) != nil, "\(older) to \(newer)")
        }
    }

    @Test("a proof is not made for what is not there")
    func impossible() {
        func node(_ level: Int, _ index: Int64) throws -> MerkleHash { try Self.tree.node(level, index) }
        #expect(throws: MerkleProofError.emptyTree) { try MerkleTree.inclusionPath(index: 0, size: 0, node: node) }
        #expect(throws: MerkleProofError.indexBeyondSize) { try MerkleTree.inclusionPath(index: 5, size: 5, node: node) }
        #expect(throws: MerkleProofError.negativeSize) { try MerkleTree.inclusionPath(index: -1, size: 5, node: node) }
        #expect(throws: MerkleProofError.sizesReversed) { try MerkleTree.consistencyPath(from: 5, to: 4, node: node) }
        #expect(throws: MerkleProofError.emptyTree) { try MerkleTree.consistencyPath(from: 0, to: 4, node: node) }
        #expect(throws: MerkleProofError.negativeSize) { try MerkleFrontier(size: -1, node: node) }
    }

    private static func flipped(_ hash: MerkleHash, _ bit: Int) -> MerkleHash {
        var bytes = hash.bytes
        bytes[bit / 8] ^= 1 << (bit % 8)
        return MerkleHash(bytes) ?? hash
    }
}

/// Vectors that others wrote.
@Suite("Merkle proof vectors")
struct MerkleVectorTests {
    @Test("inclusion proofs are taken and refused as the vectors say", .enabled(if: Corpora.exists("merkle/inclusion")))
    func inclusion() throws {
        var counts = (accepted: 0, refused: 0)
        for (name, vector) in try Corpora.vectors("merkle/inclusion") {
            let isGood = Result {
                try MerkleTree.verifyInclusion(
                    of: try vector.hash("leafHash"), index: vector.size("leafIdx"), size: vector.size("treeSize"),
                    root: try vector.hash("root"), path: try vector.hashes("proof"))
            }.isSuccess
            #expect(isGood == (vector["wantErr"] == .bool(false)), "\(name)")
            if isGood { counts.accepted += 1 } else { counts.refused += 1 }
        }
        #expect(counts.accepted >= 6 && counts.accepted + counts.refused == 98, "\(counts)")
    }

    @Test("consistency proofs are taken and refused as the vectors say", .enabled(if: Corpora.exists("merkle/consistency")))
    func consistency() throws {
        var counts = (accepted: 0, refused: 0)
        for (name, vector) in try Corpora.vectors("merkle/consistency") {
            let isGood = Result {
                try MerkleTree.verifyConsistency(
                    from: vector.size("size1"), to: vector.size("size2"), olderRoot: try vector.root("root1"),
                    newerRoot: try vector.root("root2"), path: try vector.hashes("proof"))
            }.isSuccess
            #expect(isGood == (vector["wantErr"] == .bool(false)), "\(name)")
            if isGood { counts.accepted += 1 } else { counts.refused += 1 }
        }
        #expect(counts.accepted >= 6 && counts.accepted + counts.refused == 98, "\(counts)")
    }
}

extension Corpora {
    /// Each JSON file beneath a folder, with its path.
    fileprivate static func vectors(_ folder: String) throws -> [(String, Value)] {
        let folder = root.appending(path: folder)
        let paths = FileManager.default.enumerator(atPath: folder.path)?.compactMap { $0 as? String } ?? []
        return try paths.filter { $0.hasSuffix(".json") }.sorted().map { path in
            (path, try JSON.parse(Array(Data(contentsOf: folder.appending(path: path)))))
        }
    }
}

extension Value {
    fileprivate func hash(_ name: String) throws -> MerkleHash {
        guard let hash = MerkleHash(base64: try text(name)) else { throw MissingMember(name: name) }
        return hash
    }

    /// The roots of some vectors are no hashes; whether they are equal is all that counts.
    fileprivate func root(_ name: String) throws -> MerkleHash {
        let bytes = Base64.decode(try text(name)) ?? []
        return MerkleHash(bytes) ?? MerkleTree.leafHash(bytes)
    }

    fileprivate func hashes(_ name: String) throws -> [MerkleHash] {
        try (self[name]?.arrayValue ?? []).map { item in
            guard let hash = item.stringValue.flatMap({ MerkleHash(base64: $0) }) else { throw MissingMember(name: name) }
            return hash
        }
    }

    /// Sizes beyond Int64 are there on purpose.
    fileprivate func size(_ name: String) -> Int64 { self[name]?.intValue ?? -1 }
}

extension Result {
    fileprivate var isSuccess: Bool { if case .success = self { true } else { false } }
}
