// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors

extension Migration {
    /// Which parts of the policies decisions came by.
    static let policyUsage = Migration(
        number: 15, name: "policy_usage",
        sql: [
            """
            CREATE TABLE policy_usage (
                tenant_id TEXT NOT NULL, kind TEXT NOT NULL CHECK (kind IN ('rule', 'role', 'assignment')), name TEXT NOT NULL,
                day BIGINT NOT NULL, uses BIGINT NOT NULL CHECK (uses > 0),
                PRIMARY KEY (tenant_id, kind, name, day),
                FOREIGN KEY (tenant_id) REFERENCES tenants (id)
            )
            """,
            "CREATE INDEX policy_usage_by_day ON policy_usage (tenant_id, day)",
        ])
}
