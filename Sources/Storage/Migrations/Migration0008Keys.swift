// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors

extension Migration {
    /// The installation's own keys, destroyed keys, and how far the jobs over keys have come.
    static let keys = Migration(
        number: 8, name: "keys",
        sql: [
            "ALTER TABLE keys ADD COLUMN erased_at BIGINT",
            // What each root key still wraps is asked before it may leave the ring.
            "CREATE INDEX keys_by_root ON keys (wrapped_by) WHERE kind = 'tenant'",
            // The least version of a slot that may still open anything.
            """
            CREATE TABLE key_floors (
                tenant_id TEXT NOT NULL, kind TEXT NOT NULL, plugin TEXT NOT NULL, purpose TEXT NOT NULL,
                min_decrypt_version BIGINT NOT NULL, updated_at BIGINT NOT NULL,
                PRIMARY KEY (tenant_id, kind, plugin, purpose),
                FOREIGN KEY (tenant_id) REFERENCES tenants (id)
            )
            """,
            """
            CREATE TABLE host_keys (
                kind TEXT NOT NULL CHECK (kind IN ('access_token', 'refresh', 'device', 'pepper', 'audit')), version BIGINT NOT NULL,
                id TEXT NOT NULL UNIQUE, form TEXT NOT NULL CHECK (form IN ('symmetric', 'p256', 'ed25519')), wrapped_by TEXT NOT NULL, wrapped TEXT NOT NULL, public_key TEXT,
                not_before BIGINT NOT NULL, retired_at BIGINT, created_at BIGINT NOT NULL,
                PRIMARY KEY (kind, version)
            )
            """,
            // Where a job goes on after its process ended: the last place that it has dealt with.
            """
            CREATE TABLE key_jobs (
                name TEXT NOT NULL PRIMARY KEY, state TEXT NOT NULL CHECK (state IN ('running', 'done')), position TEXT NOT NULL,
                done BIGINT NOT NULL, changed BIGINT NOT NULL, total BIGINT NOT NULL, started_at BIGINT NOT NULL, updated_at BIGINT NOT NULL
            )
            """,
        ])
}
