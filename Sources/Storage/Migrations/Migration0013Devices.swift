// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors

extension Migration {
    /// What people sign in with, and how long that lasts.
    static let devices = Migration(
        number: 13, name: "devices",
        sql: [
            // Trust holds for one epoch of its user: a password that changed has ended it, without a look at this table.
            """
            CREATE TABLE devices (
                tenant_id TEXT NOT NULL, id TEXT NOT NULL, user_id TEXT NOT NULL, name TEXT NOT NULL, created_at BIGINT NOT NULL,
                last_seen_at BIGINT NOT NULL, trusted_until BIGINT, trusted_epoch BIGINT, revoked_at BIGINT,
                PRIMARY KEY (tenant_id, id),
                FOREIGN KEY (tenant_id, user_id) REFERENCES users (tenant_id, id)
            )
            """,
            "CREATE INDEX devices_by_user ON devices (tenant_id, user_id)",
            // What a tenant asks of sessions; without a row, what the installation asks.
            """
            CREATE TABLE session_rules (
                tenant_id TEXT NOT NULL PRIMARY KEY, idle BIGINT NOT NULL, lifetime BIGINT NOT NULL, admin_idle BIGINT NOT NULL,
                admin_lifetime BIGINT NOT NULL, concurrent BIGINT NOT NULL,
                when_full TEXT NOT NULL CHECK (when_full IN ('end_oldest', 'refuse')),
                new_devices TEXT NOT NULL DEFAULT 'notify' CHECK (new_devices IN ('notify', 'confirm')),
                FOREIGN KEY (tenant_id) REFERENCES tenants (id)
            )
            """,
        ])
}
