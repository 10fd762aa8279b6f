// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors

import Security

/// Reads the nodes of one tree out of its tables.
///
/// Complete subtrees are stored at every fourth level; what lies between is computed from at most eight hashes.
final class AuditTree {
    /// Levels between stored ones.
    static let stride = 4

    /// Whose tree: a tenant's trail, or the forest over all trails.
    enum Source: Hashable {
        case trail(TenantID)
        case forest
    }

    private let source: Source
    private let connection: any SQLConnection
    /// Siblings are asked for together, so a whole family is read at once.
    private var families: [MerklePosition: [MerkleHash]] = [:]

    init(_ source: Source, on connection: any SQLConnection) {
        self.source = source
        self.connection = connection
    }

    /// How many leaves the tree has.
    func size() throws -> Int64 {
        let rows =
            switch source {
            case .trail(let tenant):
                try connection.query(
                    "SELECT leaf_index FROM audit_leaves WHERE tenant_id = $1 ORDER BY leaf_index DESC LIMIT 1", [.text("\(tenant)")])
            case .forest:
                try connection.query("SELECT leaf_index FROM forest_leaves ORDER BY leaf_index DESC LIMIT 1", [])
            }
        return try rows.first.map { try $0.int("leaf_index") + 1 } ?? 0
    }

    /// The right edge of the tree at the given size.
    func frontier(size: Int64) throws -> MerkleFrontier {
        try MerkleFrontier(size: size, node: node)
    }

    /// The root at the given size.
    func root(size: Int64) throws -> MerkleHash { try frontier(size: size).root }

    /// One complete subtree.
    func node(level: Int, index: Int64) throws -> MerkleHash {
        let base = level / Self.stride * Self.stride
        let span = Int64(1) << Int64(level - base)
        let family = (index * span) >> Int64(Self.stride)
        let members = try self.family(level: base, index: family)
        let first = Int(index * span - (family << Int64(Self.stride)))
        guard first + Int(span) <= members.count else {
            throw StorageError(.unexpectedValue, "the tree has no node \(index) at level \(level)")
        }
        return MerkleTree.root(of: members[first..<first + Int(span)])
    }

    /// The stored hashes beneath one node of the next stored level, up to the first that is not there.
    private func family(level: Int, index: Int64) throws -> [MerkleHash] {
        let position = MerklePosition(level: level, index: index)
        if let known = families[position] { return known }
        let first = index << Int64(Self.stride)
        var hashes: [MerkleHash] = []
        for row in try rows(level: level, from: first, until: first + (1 << Int64(Self.stride))) {
            guard try row.int("place") == first + Int64(hashes.count), let hash = MerkleHash(hex: try row.text("hash")) else { break }
            hashes.append(hash)
        }
        families[position] = hashes
        return hashes
    }

    /// The hashes of one stored level that can be read, by their place.
    func stored(level: Int, from: Int64, until: Int64) throws -> [Int64: MerkleHash] {
        var hashes: [Int64: MerkleHash] = [:]
        for row in try rows(level: level, from: from, until: until) {
            if let place = try? row.int("place"), let text = try? row.text("hash"), let hash = MerkleHash(hex: text) {
                hashes[place] = hash
            }
        }
        return hashes
    }

    private func rows(level: Int, from: Int64, until: Int64) throws -> [Row] {
        switch (source, level) {
        case (.trail(let tenant), 0):
            try connection.query(
                """
                SELECT leaf_index AS place, leaf_hash AS hash FROM audit_leaves
                WHERE tenant_id = $1 AND leaf_index >= $2 AND leaf_index < $3 ORDER BY leaf_index
                """, [.text("\(tenant)"), .int(from), .int(until)])
        case (.trail(let tenant), _):
            try connection.query(
                """
                SELECT node_index AS place, hash FROM audit_nodes
                WHERE tenant_id = $1 AND level = $2 AND node_index >= $3 AND node_index < $4 ORDER BY node_index
                """, [.text("\(tenant)"), .int(Int64(level)), .int(from), .int(until)])
        case (.forest, 0):
            try connection.query(
                """
                SELECT leaf_index AS place, leaf_hash AS hash FROM forest_leaves
                WHERE leaf_index >= $1 AND leaf_index < $2 ORDER BY leaf_index
                """, [.int(from), .int(until)])
        case (.forest, _):
            try connection.query(
                """
                SELECT node_index AS place, hash FROM forest_nodes
                WHERE level = $1 AND node_index >= $2 AND node_index < $3 ORDER BY node_index
                """, [.int(Int64(level)), .int(from), .int(until)])
        }
    }

    /// Keeps a node that became complete, if it is of a level that is stored.
    func store(_ node: MerkleNode) throws {
        guard node.level.isMultiple(of: Self.stride) else { return }
        let values = [SQLValue.int(Int64(node.level)), .int(node.position.index), .text(node.hash.hex)]
        switch source {
        case .trail(let tenant):
            try connection.enqueue(
                "INSERT INTO audit_nodes (tenant_id, level, node_index, hash) VALUES ($1, $2, $3, $4)", [.text("\(tenant)")] + values)
        case .forest:
            try connection.enqueue("INSERT INTO forest_nodes (level, node_index, hash) VALUES ($1, $2, $3)", values)
        }
    }

    /// The newest checkpoint, or the newest one of at most the given size.
    func checkpoint(upTo size: Int64 = .max) throws -> StoredCheckpoint? {
        let rows =
            switch source {
            case .trail(let tenant):
                try connection.query(
                    """
                    SELECT tree_size, note, created_at FROM audit_checkpoints WHERE tenant_id = $1 AND tree_size <= $2
                    ORDER BY tree_size DESC LIMIT 1
                    """, [.text("\(tenant)"), .int(size)])
            case .forest:
                try connection.query(
                    "SELECT tree_size, note, created_at FROM forest_checkpoints WHERE tree_size <= $1 ORDER BY tree_size DESC LIMIT 1",
                    [.int(size)])
            }
        return try rows.first.map(StoredCheckpoint.init(row:))
    }

    func store(_ note: SignedNote, size: Int64, at now: Int64) throws {
        switch source {
        case .trail(let tenant):
            try connection.enqueue(
                "INSERT INTO audit_checkpoints (tenant_id, tree_size, note, created_at) VALUES ($1, $2, $3, $4)",
                [.text("\(tenant)"), .int(size), .text("\(note)"), .int(now)])
        case .forest:
            try connection.enqueue(
                "INSERT INTO forest_checkpoints (tree_size, note, created_at) VALUES ($1, $2, $3)",
                [.int(size), .text("\(note)"), .int(now)])
        }
    }
}

/// A checkpoint as it is stored: what its note says is worth nothing before the signature is checked.
package struct StoredCheckpoint: Sendable, Hashable {
    package let size: Int64
    package let note: String
    package let createdAt: Int64

    init(row: Row) throws {
        size = try row["tree_size"]
        note = try row["note"]
        createdAt = try row["created_at"]
    }
}
