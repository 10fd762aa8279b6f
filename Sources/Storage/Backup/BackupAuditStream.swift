// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors

import Security
import Values

/// Recomputes the roots of the audit trees from a backup's rows as they pass by, without a database.
///
/// Holds the right edge of one tree at a time.
struct BackupAuditStream {
    private var marks: [String: AuditMark] = [:]
    private var table = ""
    private var columns: [String] = []
    private var trail: String?
    private var frontier = MerkleFrontier()

    /// Takes the next record; throws when a tree does not lead to the checkpoint in the backup.
    mutating func receive(_ record: BackupRecord) throws {
        switch record {
        case .contents(let contents):
            marks = Dictionary(contents.audit.map { ($0.tenant, $0) }, uniquingKeysWith: { first, _ in first })
        case .table(let name, let columns): (table, self.columns) = (name, columns)
        case .row(let values) where table == "audit_leaves" || table == "forest_leaves":
            try add(Row(columns: columns, values: values))
        case .end("audit_leaves", _, _), .end("forest_leaves", _, _): try finish()
        case .row, .end, .whole: break
        }
    }

    /// Throws when a checkpoint in the backup was not led to; to be called at the end, whatever order the tables came in.
    func end() throws {
        if let mark = marks.values.first(where: { $0.size > 0 }) { throw mismatch(mark.tenant) }
    }

    private mutating func add(_ row: Row) throws {
        let trail = table == "audit_leaves" ? try row.text("tenant_id") : ""
        if trail != self.trail {
            try finish()
            self.trail = trail
        }
        guard try row.int("leaf_index") == frontier.size, let hash = MerkleHash(hex: try row.text("leaf_hash")) else {
            throw mismatch(trail)
        }
        frontier.append(hash) { _ in }
    }

    private mutating func finish() throws {
        defer { (trail, frontier) = (nil, MerkleFrontier()) }
        guard let trail else { return }
        guard let mark = marks.removeValue(forKey: trail), mark.size == frontier.size, mark.root == frontier.root.hex else {
            throw mismatch(trail)
        }
    }

    private func mismatch(_ trail: String) -> BackupError {
        BackupError(
            .notEqual,
            "the audit log of \(trail.isEmpty ? "all tenants" : "tenant \(trail)") in the backup does not lead to its checkpoint: "
                + "it was changed by hand before the backup was made; keep it as evidence and use an earlier one")
    }
}
