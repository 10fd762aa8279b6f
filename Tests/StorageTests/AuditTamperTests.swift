// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors

import Security
import Storage
import Testing

struct AuditAttack: Sendable, CustomTestStringConvertible {
    var testDescription: String
    var statements: [String]
    var fault: AuditFault

    init(_ name: String, _ index: Int64, _ kind: AuditFault.Kind, end: Int64? = nil, _ statements: String...) {
        (testDescription, self.statements) = (name, statements)
        fault = AuditFault(index: index, kind: kind, end: end)
    }
}

/// What somebody with a shell and the database can do, and what the check says then.
///
/// Each tenant has 20 events, signed in three batches: 0 to 9, 10 to 17, 18 and 19.
@Suite("Audit trail under attack")
struct AuditTamperTests {
    private static let at7 = "(SELECT event_id FROM audit_leaves WHERE tenant_id = :acme AND leaf_index = 7)"

    private static func flip(_ column: String) -> String {
        "\(column) = substr(\(column), 1, 1) || CASE substr(\(column), 2, 1) WHEN 'a' THEN 'b' ELSE 'a' END || substr(\(column), 3)"
    }

    static let flips: [AuditAttack] =
        ["actor", "action", "resource", "outcome", "detail", "correlation", "salt", "leaf_hash"].map {
            AuditAttack("a letter of \($0)", 7, .altered, "UPDATE audit_events SET \(flip($0)) WHERE tenant_id = :acme AND id = \(at7)")
        } + [
            AuditAttack(
                "a letter of an event's id", 7, .missing, "UPDATE audit_events SET \(flip("id")) WHERE tenant_id = :acme AND id = \(at7)"),
            AuditAttack(
                "a millisecond", 7, .altered,
                "UPDATE audit_events SET occurred_at = occurred_at + 1 WHERE tenant_id = :acme AND id = \(at7)"),
            AuditAttack(
                "personal data where there was none", 7, .altered,
                "UPDATE audit_events SET personal = '' WHERE tenant_id = :acme AND id = \(at7)"),
            AuditAttack(
                "a leaf's hash", 7, .altered,
                "UPDATE audit_leaves SET \(flip("leaf_hash")) WHERE tenant_id = :acme AND leaf_index = 7"),
            AuditAttack(
                "a leaf's event", 7, .missing, "UPDATE audit_leaves SET \(flip("event_id")) WHERE tenant_id = :acme AND leaf_index = 7"),
            AuditAttack("a node", 0, .badNode, end: 16, "UPDATE audit_nodes SET \(flip("hash")) WHERE tenant_id = :acme"),
            AuditAttack(
                "a checkpoint", 18, .badCheckpoint,
                "UPDATE audit_checkpoints SET \(flip("note")) WHERE tenant_id = :acme AND tree_size = 18"),
            AuditAttack(
                "a checkpoint's size", 17, .badCheckpoint,
                "UPDATE audit_checkpoints SET tree_size = 17 WHERE tenant_id = :acme AND tree_size = 18"),
            AuditAttack(
                "an event and its leaf, both hashed anew", 0, .altered, end: 10,
                "UPDATE audit_leaves SET leaf_hash = :hash WHERE tenant_id = :acme AND leaf_index = 7",
                "UPDATE audit_events SET actor = 'user:evil', leaf_hash = :hash WHERE tenant_id = :acme AND id = \(at7)"),
        ]

    static let removals: [AuditAttack] = [
        AuditAttack("a removed event", 7, .missing, "DELETE FROM audit_events WHERE tenant_id = :acme AND id = \(at7)"),
        AuditAttack("a removed leaf", 7, .missing, "DELETE FROM audit_leaves WHERE tenant_id = :acme AND leaf_index = 7"),
        AuditAttack("a removed first leaf", 0, .missing, "DELETE FROM audit_leaves WHERE tenant_id = :acme AND leaf_index = 0"),
        AuditAttack("a removed head", 0, .missing, "DELETE FROM audit_leaves WHERE tenant_id = :acme AND leaf_index < 12"),
        AuditAttack(
            "a removed leaf, the later ones moved up", 0, .altered, end: 10,
            "DELETE FROM audit_events WHERE tenant_id = :acme AND id = \(at7)",
            "DELETE FROM audit_leaves WHERE tenant_id = :acme AND leaf_index = 7",
            "UPDATE audit_leaves SET leaf_index = -leaf_index WHERE tenant_id = :acme AND leaf_index > 7",
            "UPDATE audit_leaves SET leaf_index = -leaf_index - 1 WHERE leaf_index < 0"),
        AuditAttack(
            "a cut tail of events", 15, .missing,
            "DELETE FROM audit_events WHERE tenant_id = :acme AND id IN (SELECT event_id FROM audit_leaves WHERE leaf_index >= 15)"),
        AuditAttack("a cut tail of leaves", 15, .truncated, "DELETE FROM audit_leaves WHERE tenant_id = :acme AND leaf_index >= 15"),
        AuditAttack(
            "a tail cut with all its checkpoints", 10, .truncated,
            "DELETE FROM audit_leaves WHERE tenant_id = :acme AND leaf_index >= 10",
            "DELETE FROM audit_checkpoints WHERE tenant_id = :acme AND tree_size > 10"),
        AuditAttack("all leaves gone", 0, .truncated, "DELETE FROM audit_leaves WHERE tenant_id = :acme"),
        AuditAttack(
            "everything gone", 0, .truncated, "DELETE FROM audit_events WHERE tenant_id = :acme",
            "DELETE FROM audit_leaves WHERE tenant_id = :acme",
            "DELETE FROM audit_checkpoints WHERE tenant_id = :acme"),
        AuditAttack(
            "the last checkpoint gone", 18, .unsigned, end: 20, "DELETE FROM audit_checkpoints WHERE tenant_id = :acme AND tree_size = 20"),
        AuditAttack(
            "an event that waits removed from the queue", 20, .badQueue,
            "INSERT INTO audit_events SELECT tenant_id, 'x', occurred_at, actor, action, resource, outcome, detail, correlation, personal, salt, leaf_hash FROM audit_events WHERE tenant_id = :acme AND id = \(at7)"
        ),
        AuditAttack("an event that has a place queued again", 7, .badQueue, "INSERT INTO sequencer_queue VALUES (:acme, \(at7))"),
    ]

    static let moves: [AuditAttack] = [
        AuditAttack(
            "two events exchanged, with their hashes", 7, .reordered,
            "UPDATE audit_leaves SET leaf_index = -7 WHERE tenant_id = :acme AND leaf_index = 7",
            "UPDATE audit_leaves SET leaf_index = 7 WHERE tenant_id = :acme AND leaf_index = 9",
            "UPDATE audit_leaves SET leaf_index = 9 WHERE tenant_id = :acme AND leaf_index = -7"),
        AuditAttack(
            "two events of different batches exchanged, with their hashes", 7, .reordered,
            "UPDATE audit_leaves SET leaf_index = -7 WHERE tenant_id = :acme AND leaf_index = 7",
            "UPDATE audit_leaves SET leaf_index = 7 WHERE tenant_id = :acme AND leaf_index = 12",
            "UPDATE audit_leaves SET leaf_index = 12 WHERE tenant_id = :acme AND leaf_index = -7"),
        AuditAttack(
            "two events exchanged, hashes kept", 7, .reordered,
            "CREATE TABLE ids AS SELECT leaf_index, event_id FROM audit_leaves WHERE tenant_id = :acme",
            "UPDATE audit_leaves SET event_id = 'x' WHERE tenant_id = :acme AND leaf_index = 7",
            "UPDATE audit_leaves SET event_id = (SELECT event_id FROM ids WHERE leaf_index = 7) WHERE tenant_id = :acme AND leaf_index = 9",
            "UPDATE audit_leaves SET event_id = (SELECT event_id FROM ids WHERE leaf_index = 9) WHERE tenant_id = :acme AND leaf_index = 7"),
        AuditAttack(
            "an event of the other tenant in this one's place", 7, .altered,
            "DELETE FROM audit_events WHERE tenant_id = :acme AND id = \(at7)",
            "UPDATE audit_events SET tenant_id = :acme, id = \(at7) WHERE tenant_id = :globex AND id = (SELECT event_id FROM audit_leaves WHERE tenant_id = :globex AND leaf_index = 7)"
        ),
        AuditAttack(
            "both tenants' events exchanged", 0, .missing, "UPDATE audit_events SET tenant_id = 'x' WHERE tenant_id = :acme",
            "UPDATE audit_events SET tenant_id = :acme WHERE tenant_id = :globex",
            "UPDATE audit_events SET tenant_id = :globex WHERE tenant_id = 'x'"),
        AuditAttack(
            "both tenants' events and leaves exchanged", 0, .altered,
            "UPDATE audit_events SET tenant_id = 'x' WHERE tenant_id = :acme",
            "UPDATE audit_events SET tenant_id = :acme WHERE tenant_id = :globex",
            "UPDATE audit_events SET tenant_id = :globex WHERE tenant_id = 'x'",
            "UPDATE audit_leaves SET tenant_id = 'x' WHERE tenant_id = :acme",
            "UPDATE audit_leaves SET tenant_id = :acme WHERE tenant_id = :globex",
            "UPDATE audit_leaves SET tenant_id = :globex WHERE tenant_id = 'x'"),
        AuditAttack(
            "both tenants' checkpoints exchanged", 10, .badCheckpoint,
            "UPDATE audit_checkpoints SET tenant_id = 'x' WHERE tenant_id = :acme",
            "UPDATE audit_checkpoints SET tenant_id = :acme WHERE tenant_id = :globex",
            "UPDATE audit_checkpoints SET tenant_id = :globex WHERE tenant_id = 'x'"),
    ]

    static let forks: [AuditAttack] = [
        AuditAttack(
            "two leaves for one place", 7, .forked, "CREATE TABLE copy AS SELECT * FROM audit_leaves", "DROP TABLE audit_leaves",
            "ALTER TABLE copy RENAME TO audit_leaves",
            "INSERT INTO audit_leaves SELECT tenant_id, leaf_index, event_id, leaf_hash FROM audit_leaves WHERE tenant_id = :acme AND leaf_index = 7"
        ),
        AuditAttack(
            "two signed checkpoints of one size", 18, .forked, "CREATE TABLE copy AS SELECT * FROM audit_checkpoints",
            "DROP TABLE audit_checkpoints", "ALTER TABLE copy RENAME TO audit_checkpoints",
            "INSERT INTO audit_checkpoints VALUES (:acme, 18, :note, 0)"),
    ]

    @Test("is found and named", .everyEngine, arguments: flips + removals + moves)
    func attack(_ attack: AuditAttack) async throws { try await expect(attack) }

    /// Taking a primary key away is told to each engine in words of its own: the check behind it is the same.
    @Test("and a fork without a primary key is found and named", arguments: forks)
    func fork(_ attack: AuditAttack) async throws { try await expect(attack) }

    private func expect(_ attack: AuditAttack) async throws {
        let test = try await filled()
        try await test.tamper(unlocked: attack.statements)

        let report = try await test.verify()

        #expect(report.fault == attack.fault)
        #expect(report.verified <= attack.fault.index)
        let all = try await test.verifyAll()
        #expect(all.trails.contains(report) && !all.isWhole)
        // The neighbour's trail is not blamed for it, unless it was touched as well.
        if !attack.statements.contains(where: { $0.contains(":globex") }) {
            #expect(all.trails.contains(AuditReport(tenant: test.globex.id, verified: 20, fault: nil)))
        }
    }

    private func filled() async throws -> TestDatabase {
        let test = try await TestDatabase()
        for count in [9, 8, 2] {
            for tenant in [test.acme, test.globex] {
                try await test.write(tenant) { tx in for _ in 0..<count { try tx.append(test.event(tenant: tenant)) } }
            }
            try await test.sequence()
        }
        #expect(try await test.verifyAll().trails.map(\.verified) == [20, 20])
        return test
    }

    static let forestAttacks: [AuditAttack] = [
        AuditAttack("a leaf of the forest", 2, .altered, "UPDATE forest_leaves SET \(flip("leaf_hash")) WHERE leaf_index = 2"),
        AuditAttack("a removed leaf of the forest", 2, .missing, "DELETE FROM forest_leaves WHERE leaf_index = 2"),
        AuditAttack("a cut tail of the forest", 5, .truncated, "DELETE FROM forest_leaves WHERE leaf_index >= 5"),
        AuditAttack("a checkpoint of the forest", 4, .badCheckpoint, "UPDATE forest_checkpoints SET \(flip("note")) WHERE tree_size = 4"),
        AuditAttack("the forest's last checkpoint gone", 4, .unsigned, end: 6, "DELETE FROM forest_checkpoints WHERE tree_size = 6"),
    ]

    @Test("of the tree over all trails is found and named", .everyEngine, arguments: forestAttacks)
    func forestAttack(_ attack: AuditAttack) async throws {
        let test = try await filled()
        try await test.tamper(unlocked: attack.statements)

        let report = try await test.verifyAll()

        #expect(report.forestFault == attack.fault)
    }

    @Test("a database that was put back to an older state contradicts a checkpoint that was kept elsewhere, and a rewritten one too")
    func rollback() async throws {
        let test = try await filled()
        let held = try await test.checkpoint(test.acme, size: 20)
        let older = try await test.checkpoint(test.acme, size: 10)
        #expect(try await test.verify(held: [held, older]).fault == nil)

        // As if a copy from then had been restored: everything in it is whole.
        try await test.tamper(
            unlocked: [
                "audit_leaves WHERE leaf_index >= 18", "audit_checkpoints WHERE tree_size > 18", "forest_leaves WHERE leaf_index >= 4",
                "forest_checkpoints WHERE tree_size > 4",
            ].map { "DELETE FROM \($0)" } + ["DELETE FROM audit_events WHERE NOT EXISTS (SELECT 1 FROM audit_leaves WHERE event_id = id)"])

        #expect(try await test.verifyAll().isWhole)
        #expect(try await test.verify(held: [older]).fault == nil)
        #expect(try await test.verify(held: [held]).fault == AuditFault(index: 18, kind: .truncated))
        // Then it goes on differently.
        try await test.fill(7)
        #expect(try await test.verify().fault == nil)
        #expect(try await test.verify(held: [held]).fault == AuditFault(index: 20, kind: .rewritten))
    }

    @Test("still names a tenant whose own row was removed")
    func removedTenant() async throws {
        let test = try await filled()

        try test.tamper(["DELETE FROM roles", "DELETE FROM tenants WHERE slug = 'acme'"])

        #expect(Set(try await test.verifyAll().trails.map(\.tenant)) == [test.acme.id, test.globex.id])
    }
}

extension TestDatabase {
    /// Takes the locks off first, as somebody with a shell would; fills in ids, a hash that fits a changed event, and a note that
    /// the real key signed.
    func tamper(unlocked statements: [String]) async throws {
        let tables =
            Engine.current == .postgresql
            ? []
            : [
                "audit_events", "audit_leaves", "audit_nodes", "audit_checkpoints", "forest_leaves", "forest_nodes", "forest_checkpoints",
            ]
        var evil = try await read { try AuditRepository($0).search(AuditQuery(limit: 500)) }.first { $0.index == 7 }
        evil?.actor = "user:evil"
        let hash = evil.map { MerkleTree.leafHash($0.leafBytes()).hex } ?? ""
        let signed = try TestSigner.note.name.tenant(acme.id).flatMap { Checkpoint(origin: $0, size: 18, root: MerkleTree.emptyRoot) }
            .map { try TestSigner.note.sign($0) }
        try tamper(
            tables.flatMap { ["DROP TRIGGER \($0)_never_change", "DROP TRIGGER \($0)_never_go"] }
                + statements.map {
                    $0.replacing(":acme", with: "'\(acme.id)'").replacing(":globex", with: "'\(globex.id)'").replacing(
                        ":hash", with: "'\(hash)'"
                    )
                    .replacing(":note", with: "'\(signed?.description ?? "")'")
                })
    }

    func checkpoint(_ tenant: TenantRecord, size: Int64) async throws -> Checkpoint {
        try await read(tenant) { tx in
            let note =
                try tx.query(
                    "SELECT note FROM audit_checkpoints WHERE tenant_id = $1 AND tree_size = $2", [tx.tenant, .int(size)]
                ).first?.text("note") ?? "none"
            return try SignedNote(parsing: note).checkpoint(with: [TestSigner.note.verifier])
        }
    }
}
