// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors

import Security

/// Checks one tree: leaves against what they stand for, roots against what was signed, stored nodes against the leaves.
final class TrailVerification {
    static let page: Int64 = 1000
    /// How many leaves behind a bad stretch are searched for those that belong into it.
    private static let window: Int64 = 4096

    private let source: AuditTree.Source
    private let connection: any SQLConnection
    private let leaves: LeafReader
    private var checkpoints: CheckpointReader
    private var held: [Int64: MerkleHash]
    private var frontier = MerkleFrontier()
    /// What is behind the last root that was found to be signed.
    private var good = MerkleFrontier()
    private var stretch: [LeafReader.Leaf] = []
    private var pendingNodes: [MerkleNode] = []
    private var badNode: MerkleNode?

    private(set) var fault: AuditFault?
    private(set) var pruned: Int64 = 0
    /// How many leaves are known to be good.
    var verified: Int64 { fault.map { min($0.index, good.size) } ?? good.size }

    init(_ source: AuditTree.Source, signer: AuditSigner?, held: [Checkpoint], on connection: any SQLConnection) throws {
        self.source = source
        self.connection = connection
        leaves = try LeafReader(source, on: connection)
        checkpoints = CheckpointReader(source, signer: signer, on: connection)
        let origin = try signer?.origin(of: source)
        self.held = Dictionary(held.filter { $0.origin == origin }.map { ($0.size, $0.root) }, uniquingKeysWith: { first, _ in first })
    }

    /// Reads to the end, or to the first fault.
    func run() throws {
        do {
            try check()
        } catch let found as AuditFault {
            fault = found
        }
    }

    func report(_ tenant: TenantID) throws -> AuditReport {
        try run()
        var waiting: Int64 = 0
        if fault == nil {
            do {
                waiting = try leaves.checkQueue(tenant, placed: frontier.size)
            } catch let found as AuditFault {
                fault = found
            }
        }
        return AuditReport(tenant: tenant, verified: verified, waiting: waiting, pruned: leaves.prunedLeaves, fault: fault)
    }

    private func check() throws {
        var next = try checkpoints.next()
        try passCheckpoints(&next)
        while let page = try leaves.nextPage(after: frontier.size) {
            for leaf in page {
                try leaves.check(leaf, at: frontier.size)
                stretch.append(leaf)
                frontier.append(leaf.hash) { node in
                    if node.level.isMultiple(of: AuditTree.stride) { pendingNodes.append(node) }
                }
                if next?.size == frontier.size || held[frontier.size] != nil { try passCheckpoints(&next) }
            }
            try compareNodes()
        }
        if let size = next?.size ?? held.keys.filter({ $0 > frontier.size }).min(), size > frontier.size {
            throw AuditFault(index: frontier.size, kind: .truncated)
        }
        if try leaves.planted() > frontier.size { throw AuditFault(index: frontier.size, kind: .truncated) }
        if good.size < frontier.size { throw AuditFault(index: good.size, kind: .unsigned, end: frontier.size) }
        try compareNodes()
        if let badNode { throw fault(at: badNode) }
    }

    // MARK: Roots

    private func passCheckpoints(_ next: inout Checkpoint?) throws {
        let root = frontier.root
        while let checkpoint = next, checkpoint.size == frontier.size {
            guard checkpoint.root == root else { throw try explainMismatch() }
            next = try checkpoints.next()
        }
        // A checkpoint of no events says nothing that could be wrong.
        if let kept = held[frontier.size], kept != root { throw AuditFault(index: frontier.size, kind: .rewritten) }
        good = frontier
        stretch.removeAll(keepingCapacity: true)
    }

    /// Narrows down what makes the root differ from the signed one, somewhere behind the last good one.
    private func explainMismatch() throws -> AuditFault {
        if let checkpoint = checkpoints.last, let twin = try checkpoints.other(of: checkpoint), twin.root == frontier.root {
            return AuditFault(index: checkpoint.size, kind: .forked)
        }
        if let index = try firstOutOfOrder() { return AuditFault(index: index, kind: .reordered) }
        try compareNodes()
        let (start, end) = (good.size, frontier.size)
        guard let badNode, let node = Optional(fault(at: badNode)), let nodeEnd = node.end, nodeEnd > start else {
            return AuditFault(index: start, kind: .altered, end: end)
        }
        return AuditFault(index: max(start, node.index), kind: .altered, end: min(end, nodeEnd))
    }

    /// The sequencer places by the ids' order within a batch: if that order gives the signed root, leaves were moved.
    private func firstOutOfOrder() throws -> Int64? {
        guard let signed = checkpoints.last?.root else { return nil }
        let later = try leaves.read(from: frontier.size, until: frontier.size + Self.window)
        let sorted = (stretch + later).sorted { $0.eventID < $1.eventID }.prefix(stretch.count)
        var tree = good
        for leaf in sorted { tree.append(leaf.hash) { _ in } }
        guard tree.root == signed else { return nil }
        return zip(stretch, sorted).enumerated().first { $0.element.0.eventID != $0.element.1.eventID }.map { good.size + Int64($0.offset) }
    }

    // MARK: Nodes

    /// Compares the stored nodes with those that follow from the leaves; remembers the first that differs.
    private func compareNodes() throws {
        defer { pendingNodes.removeAll(keepingCapacity: true) }
        guard badNode == nil else { return }
        for level in Set(pendingNodes.map(\.level)).sorted() {
            let expected = pendingNodes.filter { $0.level == level }
            guard let first = expected.first, let last = expected.last else { continue }
            let stored = try AuditTree(source, on: connection).stored(
                level: level, from: first.position.index, until: last.position.index + 1)
            if let bad = expected.first(where: { stored[$0.position.index] != $0.hash }) {
                badNode = bad
                return
            }
        }
    }

    private func fault(at node: MerkleNode) -> AuditFault {
        let span = Int64(1) << Int64(node.level)
        return AuditFault(index: node.position.index * span, kind: .badNode, end: (node.position.index + 1) * span)
    }
}

/// Reads a tree's checkpoints in order of size, each with its signature checked.
struct CheckpointReader {
    private let source: AuditTree.Source
    /// Without one signatures are not checked.
    private let signer: AuditSigner?
    private let connection: any SQLConnection
    private var page: ArraySlice<Row> = []
    private var isFirst = true
    private(set) var last: Checkpoint?

    init(_ source: AuditTree.Source, signer: AuditSigner?, on connection: any SQLConnection) {
        (self.source, self.signer, self.connection) = (source, signer, connection)
    }

    mutating func next() throws -> Checkpoint? {
        if page.isEmpty { page = try rows(after: last?.size, isFirst: isFirst)[...] }
        isFirst = false
        guard let row = page.popFirst() else { return nil }
        let checkpoint = try open(row)
        if let last, last.size == checkpoint.size, last != checkpoint { throw AuditFault(index: last.size, kind: .forked) }
        last = checkpoint
        return checkpoint
    }

    /// Another signed checkpoint of the same size that says something else.
    func other(of checkpoint: Checkpoint) throws -> Checkpoint? {
        try page.prefix { (try? $0.int("tree_size")) == checkpoint.size }.map { try open($0) }.first { $0 != checkpoint }
    }

    private func open(_ row: Row) throws -> Checkpoint {
        guard let size = try? row.int("tree_size") else { throw AuditFault(index: (last?.size ?? 0), kind: .badCheckpoint) }
        guard let note = try? row.text("note"), let checkpoint = try? read(note), checkpoint.size == size else {
            throw AuditFault(index: size, kind: .badCheckpoint)
        }
        return checkpoint
    }

    private func read(_ note: String) throws -> Checkpoint {
        if let signer { return try signer.open(note, of: source) }
        let checkpoint = try Checkpoint(parsing: SignedNote(parsing: note).text)
        if case .trail(let tenant) = source, !checkpoint.origin.description.hasSuffix("/tenant/\(tenant)") { throw NoteError.foreignOrigin }
        return checkpoint
    }

    private func rows(after size: Int64?, isFirst: Bool) throws -> [Row] {
        let after = SQLValue.int(isFirst ? .min : size ?? .min)
        return switch source {
        case .trail(let tenant):
            try connection.query(
                "SELECT tree_size, note FROM audit_checkpoints WHERE tenant_id = $1 AND tree_size > $2 ORDER BY tree_size LIMIT 500",
                [.text("\(tenant)"), after])
        case .forest:
            try connection.query(
                "SELECT tree_size, note FROM forest_checkpoints WHERE tree_size > $1 ORDER BY tree_size LIMIT 500", [after])
        }
    }
}
