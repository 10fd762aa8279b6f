// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors

import Security
import Values

/// Reads a tree's leaves in order, each with what it stands for.
final class LeafReader {
    struct Leaf {
        let index: Int64
        let eventID: String
        let hash: MerkleHash
        /// The hash that what the leaf stands for ought to have; nil when that is not there.
        let expected: MerkleHash?
        /// The hash that an event says it has.
        let claimed: String?
    }

    private let source: AuditTree.Source
    private let connection: any SQLConnection
    /// Events under this index may be gone: a pruning that is itself in the trail says so.
    private let prunedBefore: Int64
    private(set) var prunedLeaves: Int64 = 0
    private(set) var presentEvents: Int64 = 0

    init(_ source: AuditTree.Source, on connection: any SQLConnection) throws {
        (self.source, self.connection) = (source, connection)
        prunedBefore = if case .trail(let tenant) = source { try AuditPruning.prunedBefore(tenant, on: connection) } else { 0 }
    }

    func nextPage(after size: Int64) throws -> [Leaf]? {
        let page = try read(from: size == 0 ? .min : size, until: .max, limit: TrailVerification.page, expected: size)
        return page.isEmpty ? nil : page
    }

    /// Throws what is wrong with a leaf that is expected at the given place.
    func check(_ leaf: Leaf, at place: Int64) throws {
        guard leaf.index == place else {
            throw AuditFault(index: min(leaf.index, place), kind: leaf.index < place ? .forked : .missing)
        }
        guard let expected = leaf.expected else {
            guard leaf.claimed == nil, place < prunedBefore else {
                throw AuditFault(index: place, kind: leaf.claimed == nil ? .missing : .altered)
            }
            prunedLeaves += 1
            return
        }
        presentEvents += 1
        guard expected == leaf.hash, leaf.claimed == nil || leaf.claimed == expected.hex else {
            throw AuditFault(index: place, kind: try isElsewhere(leaf) ? .reordered : .altered)
        }
    }

    /// Whether an unaltered event stands here that is not the one of this place, which is somewhere else.
    private func isElsewhere(_ leaf: Leaf) throws -> Bool {
        guard case .trail(let tenant) = source, leaf.claimed == leaf.expected?.hex else { return false }
        return try !connection.query(
            "SELECT id FROM audit_events WHERE tenant_id = $1 AND leaf_hash = $2 LIMIT 1", [.text("\(tenant)"), .text(leaf.hash.hex)]
        ).isEmpty
    }

    /// The size of the tree that the forest has seen.
    func planted() throws -> Int64 {
        guard case .trail(let tenant) = source else { return 0 }
        return try connection.query(
            "SELECT tree_size FROM forest_leaves WHERE trail = $1 ORDER BY tree_size DESC LIMIT 1", [.text("\(tenant)")]
        ).first?.int("tree_size") ?? 0
    }

    func read(from first: Int64, until end: Int64, limit: Int64 = 10_000, expected place: Int64 = 0) throws -> [Leaf] {
        let rows: [Row]
        switch source {
        case .trail(let tenant):
            rows = try connection.query(
                """
                SELECT leaf.leaf_index AS place, leaf.event_id AS stands_for, leaf.leaf_hash AS placed, \(AuditRow.columns)
                FROM audit_leaves AS leaf
                LEFT JOIN audit_events AS event ON event.tenant_id = leaf.tenant_id AND event.id = leaf.event_id
                WHERE leaf.tenant_id = $1 AND leaf.leaf_index >= $2 AND leaf.leaf_index < $3
                ORDER BY leaf.leaf_index LIMIT $4
                """, [.text("\(tenant)"), .int(first), .int(end), .int(limit)])
        case .forest:
            rows = try connection.query(
                """
                SELECT leaf.leaf_index AS place, leaf.trail AS stands_for, leaf.leaf_hash AS placed, point.note
                FROM forest_leaves AS leaf
                LEFT JOIN audit_checkpoints AS point ON point.tenant_id = leaf.trail AND point.tree_size = leaf.tree_size
                WHERE leaf.leaf_index >= $1 AND leaf.leaf_index < $2 ORDER BY leaf.leaf_index LIMIT $3
                """, [.int(first), .int(end), .int(limit)])
        }
        return try rows.enumerated().map { offset, row in
            // Types that were never written are the fault itself.
            guard let leaf = leaf(row) else {
                throw AuditFault(index: (try? row.int("place")) ?? place + Int64(offset), kind: .altered)
            }
            return leaf
        }
    }

    private func leaf(_ row: Row) -> Leaf? {
        guard case .int(let index) = row.values[0], case .text(let id) = row.values[1], case .text(let placed) = row.values[2],
            let hash = MerkleHash(hex: placed)
        else { return nil }
        // The first column of the other side is never null there.
        if case .null = row.values[3] { return Leaf(index: index, eventID: id, hash: hash, expected: nil, claimed: nil) }
        switch source {
        case .forest:
            guard case .text(let note) = row.values[3] else { return nil }
            return Leaf(index: index, eventID: id, hash: hash, expected: MerkleTree.leafHash(Array(note.utf8)), claimed: nil)
        case .trail:
            guard let event = AuditRow(values: row.values[3...]) else {
                return Leaf(index: index, eventID: id, hash: hash, expected: nil, claimed: "unreadable")
            }
            return Leaf(
                index: index, eventID: id, hash: hash, expected: MerkleTree.leafHash(event.leafBytes()),
                claimed: event.leafHash.isEmpty ? "unreadable" : Hex.encode(event.leafHash))
        }
    }

    // MARK: Queue and prunings

    /// How many events wait; throws when an event is neither placed nor waiting, or both.
    func checkQueue(_ tenant: TenantID, placed: Int64) throws -> Int64 {
        let parameter = [SQLValue.text("\(tenant)")]
        let events = try count("audit_events", parameter)
        let waiting = try count("sequencer_queue", parameter)
        let twice = try connection.query(
            """
            SELECT leaf.leaf_index FROM sequencer_queue AS queue
            JOIN audit_leaves AS leaf ON leaf.tenant_id = queue.tenant_id AND leaf.event_id = queue.event_id
            WHERE queue.tenant_id = $1 ORDER BY leaf.leaf_index LIMIT 1
            """, parameter)
        if let row = twice.first { throw AuditFault(index: try row.int("leaf_index"), kind: .badQueue) }
        guard events == presentEvents + waiting else { throw AuditFault(index: placed, kind: .badQueue) }
        return waiting
    }

    private func count(_ table: String, _ parameters: [SQLValue]) throws -> Int64 {
        try connection.query("SELECT COUNT(*) AS n FROM \(table) WHERE tenant_id = $1", parameters).first?.int("n") ?? 0
    }
}

extension AuditRow {
    /// A row by the order of ``columns``; nil when a column has a type that was never written.
    init?(values: ArraySlice<SQLValue>) {
        let start = values.startIndex
        func text(_ offset: Int) -> String? {
            if case .text(let text) = values[start + offset] { text } else { nil }
        }
        func optional(_ offset: Int) -> String?? {
            switch values[start + offset] {
            case .null: .some(nil)
            case .text(let text): .some(text)
            default: nil
            }
        }
        guard let tenant = text(0), let id = text(2), case .int(let at) = values[start + 3], let actor = text(4), let action = text(5),
            let resource = text(6), let outcome = text(7), let detail = text(8), let correlation = text(9),
            let personal = optional(10), let salt = text(11), let hash = text(12)
        else { return nil }
        var index: Int64?
        if case .int(let place) = values[start + 1] { index = place }
        self.init(
            index: index, id: id, occurredAt: at, tenant: tenant, actor: actor, action: action, resource: resource, outcome: outcome,
            detail: detail, correlation: correlation, personal: personal, salt: salt, leafHash: Hex.decode(hash) ?? [])
    }
}
