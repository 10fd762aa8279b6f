// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors

package import Security
import Synchronization

/// Gives committed events their places in the trees, and signs what the trees say.
///
/// It finds events by their having no place yet, never by their time, so that a clock that jumps or a transaction that took
/// long loses nothing. Two at once are kept apart by a lock, and where the lock fails by primary keys: one of them is undone.
package final class AuditSequencer: Sendable {
    /// What one look found.
    package struct Pass: Sendable, Hashable {
        /// Events that got their place.
        package var sequenced = 0
        /// Whether some still wait because they were too many for one pass.
        package var isBehind = false
        /// Trails that no longer match what was signed: they get nothing added until somebody has looked.
        package var refused: [TenantID: String] = [:]
        /// Another host is at it.
        package var isElsewhere = false
    }

    /// Events of one trail in one transaction, at most.
    static let batch: Int64 = 1000
    /// Trails in one transaction, at most.
    static let trails = 64

    let database: any Database
    private let authority: SystemAuthority
    private let signers: AuditSigners
    private let clock: WallClock
    /// Right edges as of the last commit, so that they are not read again for each batch.
    private let edges = Mutex<[TenantID: MerkleFrontier]>([:])
    /// Trails whose newest checkpoint is not in the forest; nil while that is not known of any.
    private let unplanted = Mutex<Set<TenantID>?>(nil)

    package init(database: any Database, authority: SystemAuthority, signers: AuditSigners, clock: WallClock = .system) {
        (self.database, self.authority, self.signers, self.clock) = (database, authority, signers, clock)
    }

    /// Sequences what waits now.
    package func pass() async throws -> Pass {
        var pass = Pass()
        var after = ""
        repeat {
            let start = after
            let waiting = try await database.platformRead(scope) { tx in try Self.waiting(after: start, on: tx) }
            guard let last = waiting.last else { break }
            let outcome = try await sequence(waiting)
            pass.add(outcome)
            if outcome.isElsewhere { return pass }
            after = last.description
        } while true
        return pass
    }

    /// Sequences until nothing waits, and adds the new checkpoints to the forest.
    @discardableResult
    package func drain() async throws -> Pass {
        var total = Pass()
        while true {
            let pass = try await pass()
            total.add(pass)
            guard pass.isBehind, !pass.isElsewhere else { break }
        }
        try await plantForest()
        return total
    }

    var scope: PlatformScope { authority.platform("sequence audit events") }

    // MARK: Trails

    private func sequence(_ tenants: [TenantID]) async throws -> Pass {
        let known = edges.withLock { edges in
            Dictionary(uniqueKeysWithValues: tenants.compactMap { tenant in edges[tenant].map { (tenant, $0) } })
        }
        let signer = try await signers.load()
        do {
            let result = try await database.platform(scope) { [clock] tx -> (Pass, [TenantID: MerkleFrontier]) in
                guard try SequencerLock.take(on: tx) else { return (Pass(isElsewhere: true), [:]) }
                var (pass, moved) = (Pass(), [TenantID: MerkleFrontier]())
                for tenant in tenants {
                    let (frontier, count) = try Self.extend(tenant, known: known[tenant], signer: signer, at: clock.now(), on: tx)
                    moved[tenant] = frontier
                    pass.sequenced += count
                    if count == Self.batch { pass.isBehind = true }
                }
                return (pass, moved)
            }
            edges.withLock { edges in edges.merge(result.1) { $1 } }
            unplanted.withLock { $0?.formUnion(result.1.keys) }
            return result.0
        } catch {
            // Whatever was wrong, what is remembered may be too.
            edges.withLock { edges in for tenant in tenants { edges[tenant] = nil } }
            guard tenants.count > 1 else { return try refusal(of: tenants[0], error) }
            // One bad trail must not hold up the others.
            var pass = Pass()
            for tenant in tenants { pass.add(try await sequence([tenant])) }
            return pass
        }
    }

    /// A damaged trail is that trail's trouble; a database that does not answer is everybody's.
    private func refusal(of tenant: TenantID, _ error: any Error) throws -> Pass {
        switch error {
        case let error as StorageError where [.duplicate, .constraint, .unexpectedValue].contains(error.code):
            Pass(refused: [tenant: error.message])
        case let error as NoteError: Pass(refused: [tenant: "the last checkpoint: \(error)"])
        default: throw error
        }
    }

    private static func waiting(after: String, on connection: any SQLConnection) throws -> [TenantID] {
        var tenants: [TenantID] = []
        var last = after
        // One seek for each trail: the queue of a busy one is not read to find the next.
        while tenants.count < trails,
            let row = try connection.query(
                "SELECT tenant_id FROM sequencer_queue WHERE tenant_id > $1 ORDER BY tenant_id LIMIT 1", [.text(last)]
            ).first
        {
            tenants.append(try row.id("tenant_id"))
            last = try row["tenant_id"]
        }
        return tenants
    }

    private static func extend(
        _ tenant: TenantID, known: MerkleFrontier?, signer: AuditSigner, at now: Int64, on connection: any SQLConnection
    ) throws -> (MerkleFrontier, Int) {
        let tree = AuditTree(.trail(tenant), on: connection)
        var frontier = try edge(of: tree, .trail(tenant), known: known, signer: signer)
        let leaves = try place(tenant, from: frontier.size, on: connection)
        guard !leaves.isEmpty else { return (frontier, 0) }
        for leaf in leaves { try frontier.append(leaf) { node in try tree.store(node) } }
        try tree.store(signer.sign(frontier, of: .trail(tenant)), size: frontier.size, at: now)
        try connection.enqueue(
            """
            DELETE FROM sequencer_queue WHERE tenant_id = $1
                AND event_id IN (SELECT event_id FROM audit_leaves WHERE tenant_id = $1 AND leaf_index >= $2)
            """, [.text("\(tenant)"), .int(frontier.size - Int64(leaves.count))])
        return (frontier, leaves.count)
    }

    /// Writes the leaves, by the order of the events' ids within the batch; answers their hashes in that order.
    private static func place(_ tenant: TenantID, from first: Int64, on connection: any SQLConnection) throws -> [MerkleHash] {
        let rows = try connection.query(
            """
            INSERT INTO audit_leaves (tenant_id, leaf_index, event_id, leaf_hash)
            SELECT event.tenant_id, $2 + ROW_NUMBER() OVER (ORDER BY event.id) - 1, event.id, event.leaf_hash
            FROM audit_events AS event
            WHERE event.tenant_id = $1 AND event.id IN (
                SELECT event_id FROM sequencer_queue WHERE tenant_id = $1 ORDER BY event_id LIMIT $3)
            RETURNING leaf_index, leaf_hash
            """, [.text("\(tenant)"), .int(first), .int(batch)])
        let leaves = try rows.map { row in (index: try row.int("leaf_index"), hash: try row.text("leaf_hash")) }
            .sorted { $0.index < $1.index }
        return try leaves.enumerated().map { offset, leaf in
            guard leaf.index == first + Int64(offset), let hash = MerkleHash(hex: leaf.hash) else {
                throw StorageError(.unexpectedValue, "an audit event carries something that is no hash")
            }
            return hash
        }
    }

    /// The right edge to go on from; it must be what was signed last, or nothing is signed on top of it.
    private static func edge(
        of tree: AuditTree, _ source: AuditTree.Source, known: MerkleFrontier?, signer: AuditSigner
    ) throws -> MerkleFrontier {
        let size = try tree.size()
        if let known, known.size == size { return known }
        let frontier = try tree.frontier(size: size)
        let checkpoint = try tree.checkpoint().map { try signer.open($0.note, of: source) }
        guard (checkpoint?.size ?? 0) == size, checkpoint.map({ $0.root == frontier.root }) ?? true else {
            throw StorageError(.unexpectedValue, "the tree does not match the last checkpoint that was signed")
        }
        if let known, known.size > size {
            throw StorageError(.unexpectedValue, "the tree has shrunk from \(known.size) leaves to \(size)")
        }
        return frontier
    }

    // MARK: Forest

    /// Adds the newest checkpoint of each trail that has grown, and signs the tree over all of them.
    ///
    /// The first time it looks at every trail: another process may have died between the two.
    package func plantForest() async throws {
        let grown = unplanted.withLock { $0 }
        guard grown != [] else { return }
        let signer = try await signers.load()
        let planted = try await database.platform(scope) { [clock] tx -> Bool in
            guard try SequencerLock.take(on: tx) else { return false }
            let trails = try grown?.sorted() ?? tx.query("SELECT id FROM tenants ORDER BY id", []).map { try $0.id("id") }
            let notes = try trails.compactMap { try Self.unplanted($0, on: tx) }
            guard !notes.isEmpty else { return true }
            let tree = AuditTree(.forest, on: tx)
            var frontier = try Self.edge(of: tree, .forest, known: nil, signer: signer)
            for (trail, point) in notes {
                let hash = MerkleTree.leafHash(Array(point.note.utf8))
                try tx.enqueue(
                    "INSERT INTO forest_leaves (leaf_index, trail, tree_size, leaf_hash) VALUES ($1, $2, $3, $4)",
                    [.int(frontier.size), .text("\(trail)"), .int(point.size), .text(hash.hex)])
                try frontier.append(hash) { node in try tree.store(node) }
            }
            try tree.store(signer.sign(frontier, of: .forest), size: frontier.size, at: clock.now())
            return true
        }
        guard planted else { return }
        unplanted.withLock { unplanted in unplanted = unplanted?.subtracting(grown ?? []) ?? [] }
    }

    private static func unplanted(_ trail: TenantID, on connection: any SQLConnection) throws -> (TenantID, StoredCheckpoint)? {
        guard let point = try AuditTree(.trail(trail), on: connection).checkpoint() else { return nil }
        let leaves = try connection.query(
            "SELECT leaf_index FROM forest_leaves WHERE trail = $1 AND tree_size = $2", [.text("\(trail)"), .int(point.size)])
        return leaves.isEmpty ? (trail, point) : nil
    }
}

extension AuditSequencer.Pass {
    fileprivate mutating func add(_ other: Self) {
        sequenced += other.sequenced
        isBehind = isBehind || other.isBehind
        isElsewhere = isElsewhere || other.isElsewhere
        refused.merge(other.refused) { $1 }
    }
}

/// Keeps two hosts from sequencing at once; held until the transaction ends.
enum SequencerLock {
    /// Any number that nobody else uses for an advisory lock.
    private static let key: Int64 = 0x7061_6e65_6c61_7564

    static func take(on connection: any SQLConnection) throws -> Bool {
        // On SQLite a write transaction is alone already.
        guard connection.dialect == .postgresql else { return true }
        let rows = try connection.query("SELECT CASE WHEN pg_try_advisory_xact_lock($1) THEN 1 ELSE 0 END AS held", [.int(key)])
        return try rows.first?.int("held") == 1
    }
}
