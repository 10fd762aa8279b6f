// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors

extension Migration {
    /// Messages that wait to go out, and what became of them.
    static let notifications = Migration(
        number: 5, name: "notifications",
        sql: [
            // The row is message and job in one: a notification cannot be queued without its job, or the other way round.
            """
            CREATE TABLE notifications (
                tenant_id TEXT NOT NULL, id TEXT NOT NULL, instance_id TEXT NOT NULL, plugin_id TEXT NOT NULL,
                dedupe_key TEXT NOT NULL, event_type TEXT NOT NULL, message TEXT NOT NULL,
                status TEXT NOT NULL CHECK (status IN
                    ('queued', 'sending', 'accepted', 'delivered', 'failed', 'suppressed', 'dead_letter', 'unknown')),
                on_unknown TEXT NOT NULL CHECK (on_unknown IN ('retry', 'drop')),
                attempts BIGINT NOT NULL, due_at BIGINT, lease_owner TEXT, lease_until BIGINT,
                provider_message_ids TEXT NOT NULL, failure TEXT, created_at BIGINT NOT NULL, updated_at BIGINT NOT NULL,
                PRIMARY KEY (tenant_id, id),
                UNIQUE (tenant_id, instance_id, dedupe_key),
                FOREIGN KEY (tenant_id, instance_id) REFERENCES plugin_instances (tenant_id, id)
            )
            """,
            "CREATE INDEX notifications_due ON notifications (due_at, tenant_id)",
        ])
}
