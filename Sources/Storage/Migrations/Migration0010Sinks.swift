// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors

extension Migration {
    /// Where audit trails are shipped to, and how far each trail has got there.
    static let sinks = Migration(
        number: 10, name: "sinks",
        sql: [
            """
            CREATE TABLE audit_sinks (
                id TEXT NOT NULL PRIMARY KEY, name TEXT NOT NULL UNIQUE, url TEXT NOT NULL, format TEXT NOT NULL, options TEXT NOT NULL,
                secret TEXT, wrapped_by TEXT, lag_limit BIGINT NOT NULL, created_at BIGINT NOT NULL, created_by TEXT NOT NULL,
                owed_since BIGINT NOT NULL, paused_at BIGINT, delivered BIGINT NOT NULL DEFAULT 0, pruned BIGINT NOT NULL DEFAULT 0,
                failures BIGINT NOT NULL DEFAULT 0, delivered_at BIGINT, failing_since BIGINT, last_error TEXT
            )
            """,
            // A trail without a row here is shipped from its beginning: it began after the sink was added.
            """
            CREATE TABLE audit_sink_cursors (
                tenant_id TEXT NOT NULL, sink_id TEXT NOT NULL, next_index BIGINT NOT NULL, updated_at BIGINT NOT NULL,
                PRIMARY KEY (tenant_id, sink_id),
                FOREIGN KEY (tenant_id) REFERENCES tenants (id),
                FOREIGN KEY (sink_id) REFERENCES audit_sinks (id)
            )
            """,
            "CREATE INDEX audit_sink_cursors_by_sink ON audit_sink_cursors (sink_id)",
        ])
}
