// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors

extension Migration {
    /// Programs that may not run: killed for everybody by an operator, or quarantined for one tenant after crashes.
    static let pluginStops = Migration(
        number: 6, name: "plugin stops",
        sql: [
            // Both without a reference to plugins: what was stopped stays so when it is removed and installed again.
            """
            CREATE TABLE plugin_kills (
                program TEXT NOT NULL PRIMARY KEY, reason TEXT NOT NULL, since BIGINT NOT NULL, stopped_by TEXT NOT NULL
            )
            """,
            """
            CREATE TABLE plugin_quarantines (
                tenant_id TEXT NOT NULL, program TEXT NOT NULL, reason TEXT NOT NULL, since BIGINT NOT NULL, stopped_by TEXT NOT NULL,
                PRIMARY KEY (tenant_id, program),
                FOREIGN KEY (tenant_id) REFERENCES tenants (id)
            )
            """,
            // Goes up with every change, so that each host asks for one row four times a second instead of for all of them.
            "CREATE TABLE plugin_stop_revision (id BIGINT NOT NULL PRIMARY KEY CHECK (id = 1), revision BIGINT NOT NULL)",
            "INSERT INTO plugin_stop_revision (id, revision) VALUES (1, 0)",
        ])
}
