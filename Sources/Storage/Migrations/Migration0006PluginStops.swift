// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors

extension Migration {
    /// Programs that may not run: killed for everybody by an operator, or quarantined for one tenant after crashes.
    static let pluginStops = Migration(
        number: 6, name: "plugin stops",
        sql: [
            // Without a reference to plugins: what was killed stays killed when it is removed and installed again. `holder` is the tenant, or
            // empty for a kill, so that one key serves both kinds on every engine.
            """
            CREATE TABLE plugin_stops (
                program TEXT NOT NULL, holder TEXT NOT NULL, tenant_id TEXT,
                kind TEXT NOT NULL CHECK (kind IN ('killed', 'quarantined')),
                reason TEXT NOT NULL, since BIGINT NOT NULL, stopped_by TEXT NOT NULL,
                PRIMARY KEY (program, holder),
                FOREIGN KEY (tenant_id) REFERENCES tenants (id),
                CHECK (holder = COALESCE(tenant_id, '') AND (kind = 'killed') = (tenant_id IS NULL))
            )
            """,
            "CREATE INDEX plugin_stops_by_tenant ON plugin_stops (tenant_id, program)",
            // Goes up with every change, so that each host asks for one row four times a second instead of for all of them.
            "CREATE TABLE plugin_stop_revision (id BIGINT NOT NULL PRIMARY KEY CHECK (id = 1), revision BIGINT NOT NULL)",
            "INSERT INTO plugin_stop_revision (id, revision) VALUES (1, 0)",
        ])
}
