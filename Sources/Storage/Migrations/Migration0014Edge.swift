// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors

extension Migration {
    /// From where each tenant may be used: addresses, and browsers' pages.
    static let edge = Migration(
        number: 14, name: "edge",
        sql: [
            """
            CREATE TABLE tenant_networks (
                tenant_id TEXT NOT NULL, network TEXT NOT NULL, verdict TEXT NOT NULL CHECK (verdict IN ('allow', 'deny')),
                created_at BIGINT NOT NULL, created_by TEXT NOT NULL,
                PRIMARY KEY (tenant_id, network),
                FOREIGN KEY (tenant_id) REFERENCES tenants (id)
            )
            """,
            """
            CREATE TABLE tenant_origins (
                tenant_id TEXT NOT NULL, origin TEXT NOT NULL, created_at BIGINT NOT NULL, created_by TEXT NOT NULL,
                PRIMARY KEY (tenant_id, origin),
                FOREIGN KEY (tenant_id) REFERENCES tenants (id)
            )
            """,
            // A browser asks first, without saying whose data it is after.
            "CREATE INDEX tenant_origins_by_origin ON tenant_origins (origin)",
        ])
}
