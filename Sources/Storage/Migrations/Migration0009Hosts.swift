// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors

extension Migration {
    /// Which hosts share the database, and which of them does what.
    static let hosts = Migration(
        number: 9, name: "hosts",
        sql: [
            // One row per run of a host process. Who does not prolong the lease is taken for dead, and never comes back under that name.
            """
            CREATE TABLE hosts (
                run TEXT NOT NULL PRIMARY KEY, started_at BIGINT NOT NULL, beats BIGINT NOT NULL, lease_until BIGINT NOT NULL,
                ended_at BIGINT
            )
            """,
            "CREATE INDEX hosts_living ON hosts (lease_until) WHERE ended_at IS NULL",
            // Work that one host does at a time; tenant_id is empty for what concerns the whole installation. A row is never removed: its
            // fence must only grow.
            """
            CREATE TABLE job_leases (
                tenant_id TEXT NOT NULL, name TEXT NOT NULL, holder TEXT NOT NULL, fence BIGINT NOT NULL, lease_until BIGINT NOT NULL,
                PRIMARY KEY (tenant_id, name)
            )
            """,
            // Questions to providers that a host has taken upon itself.
            "ALTER TABLE payments ADD COLUMN claimed_by TEXT",
            "ALTER TABLE payments ADD COLUMN claimed_until BIGINT",
            "ALTER TABLE payments ADD COLUMN claim_fence BIGINT NOT NULL DEFAULT 0",
            "ALTER TABLE refunds ADD COLUMN claimed_by TEXT",
            "ALTER TABLE refunds ADD COLUMN claimed_until BIGINT",
            "ALTER TABLE refunds ADD COLUMN claim_fence BIGINT NOT NULL DEFAULT 0",
            // For the estate of a dead host.
            "CREATE INDEX payments_claimed ON payments (claimed_by) WHERE claimed_by IS NOT NULL",
            "CREATE INDEX refunds_claimed ON refunds (claimed_by) WHERE claimed_by IS NOT NULL",
            "CREATE INDEX webhook_events_claimed ON webhook_events (claimed_by) WHERE claimed_by IS NOT NULL",
            "CREATE INDEX notifications_claimed ON notifications (lease_owner) WHERE lease_owner IS NOT NULL",
            "CREATE INDEX job_leases_by_holder ON job_leases (holder)",
        ])
}
