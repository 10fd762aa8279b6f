// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors

extension Migration {
    /// What happened, the trees that prove it, and what is on its way to them.
    ///
    /// A business transaction writes `audit_events` and `sequencer_queue` and touches no row that others write too. The
    /// sequencer empties the queue into `audit_leaves`. Primary keys make a second leaf for one place, a second place for one
    /// event and a second root for one size impossible, whatever else fails.
    static let audit = Migration(
        number: 7, name: "audit",
        sql: [
            """
            CREATE TABLE audit_events (
                tenant_id TEXT NOT NULL, id TEXT NOT NULL, occurred_at BIGINT NOT NULL, actor TEXT NOT NULL, action TEXT NOT NULL,
                resource TEXT NOT NULL, outcome TEXT NOT NULL, detail TEXT NOT NULL, correlation TEXT NOT NULL, personal TEXT,
                salt TEXT NOT NULL, leaf_hash TEXT NOT NULL,
                PRIMARY KEY (tenant_id, id),
                FOREIGN KEY (tenant_id) REFERENCES tenants (id)
            )
            """,
            "CREATE INDEX audit_events_by_time ON audit_events (tenant_id, occurred_at)",
            "CREATE INDEX audit_events_by_action ON audit_events (tenant_id, action, id)",
            "CREATE INDEX audit_events_by_actor ON audit_events (tenant_id, actor, id)",
            "CREATE INDEX audit_events_by_resource ON audit_events (tenant_id, resource, id)",
            "CREATE INDEX audit_events_by_correlation ON audit_events (tenant_id, correlation)",
            // Not evidence: an event that is missing here is found by having no leaf. No foreign key: the event beside it has one, and
            // each check of it takes a lock on the tenant's row.
            """
            CREATE TABLE sequencer_queue (
                tenant_id TEXT NOT NULL, event_id TEXT NOT NULL,
                PRIMARY KEY (tenant_id, event_id)
            )
            """,
            """
            CREATE TABLE audit_leaves (
                tenant_id TEXT NOT NULL, leaf_index BIGINT NOT NULL, event_id TEXT NOT NULL, leaf_hash TEXT NOT NULL,
                PRIMARY KEY (tenant_id, leaf_index),
                UNIQUE (tenant_id, event_id),
                FOREIGN KEY (tenant_id) REFERENCES tenants (id)
            )
            """,
            // Complete subtrees at every fourth level: a proof reads a few ranges, and storage grows by a fifteenth.
            """
            CREATE TABLE audit_nodes (
                tenant_id TEXT NOT NULL, level BIGINT NOT NULL, node_index BIGINT NOT NULL, hash TEXT NOT NULL,
                PRIMARY KEY (tenant_id, level, node_index),
                FOREIGN KEY (tenant_id) REFERENCES tenants (id)
            )
            """,
            """
            CREATE TABLE audit_checkpoints (
                tenant_id TEXT NOT NULL, tree_size BIGINT NOT NULL, note TEXT NOT NULL, created_at BIGINT NOT NULL,
                PRIMARY KEY (tenant_id, tree_size),
                FOREIGN KEY (tenant_id) REFERENCES tenants (id)
            )
            """,
            // What retention has taken out: events under `before_index`, whose leaves stay.
            """
            CREATE TABLE audit_prunings (
                tenant_id TEXT NOT NULL, before_index BIGINT NOT NULL, event_id TEXT NOT NULL, created_at BIGINT NOT NULL,
                PRIMARY KEY (tenant_id, before_index),
                FOREIGN KEY (tenant_id) REFERENCES tenants (id)
            )
            """,
            // One tree over the checkpoints of all trails: no row of it belongs to a tenant, and none shows what happened.
            """
            CREATE TABLE forest_leaves (
                leaf_index BIGINT NOT NULL PRIMARY KEY, trail TEXT NOT NULL, tree_size BIGINT NOT NULL, leaf_hash TEXT NOT NULL,
                UNIQUE (trail, tree_size)
            )
            """,
            """
            CREATE TABLE forest_nodes (
                level BIGINT NOT NULL, node_index BIGINT NOT NULL, hash TEXT NOT NULL,
                PRIMARY KEY (level, node_index)
            )
            """,
            "CREATE TABLE forest_checkpoints (tree_size BIGINT NOT NULL PRIMARY KEY, note TEXT NOT NULL, created_at BIGINT NOT NULL)",
        ] + appendOnly)

    /// The tables whose rows never change and never go.
    static let appendOnlyTables = [
        "audit_events", "audit_leaves", "audit_nodes", "audit_checkpoints", "audit_prunings", "forest_leaves", "forest_nodes",
        "forest_checkpoints",
    ]

    /// Triggers, so that not even the program's own connection can do it; on PostgreSQL see `RowSecurity`.
    ///
    /// The one way out: an event may go once a pruning that covers its place is on record.
    private static var appendOnly: [Statement] {
        appendOnlyTables.flatMap { table -> [Statement] in
            [
                .only(
                    .sqlite,
                    """
                    CREATE TRIGGER \(table)_never_change BEFORE UPDATE ON \(table)
                    BEGIN SELECT RAISE(ABORT, 'audit rows are append-only'); END
                    """),
                .only(
                    .sqlite,
                    """
                    CREATE TRIGGER \(table)_never_go BEFORE DELETE ON \(table)
                    \(table == "audit_events" ? "WHEN NOT EXISTS (\(pruned))" : "")
                    BEGIN SELECT RAISE(ABORT, 'audit rows are append-only'); END
                    """),
            ]
        }
    }

    private static let pruned = """
        SELECT 1 FROM audit_leaves AS leaf JOIN audit_prunings AS pruning
        ON pruning.tenant_id = leaf.tenant_id AND pruning.before_index > leaf.leaf_index
        WHERE leaf.tenant_id = old.tenant_id AND leaf.event_id = old.id
        """
}
