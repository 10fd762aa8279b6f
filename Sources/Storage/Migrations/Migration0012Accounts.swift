// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors

extension Migration {
    /// What the life of an account needs beside its row: tokens that do one thing once.
    static let accounts = Migration(
        number: 12, name: "accounts",
        sql: [
            // Found by hash alone, before the tenant is known: the hash is unique in the installation, and covers the purpose.
            """
            CREATE TABLE one_time_tokens (
                tenant_id TEXT NOT NULL, hash TEXT NOT NULL UNIQUE, purpose TEXT NOT NULL, user_id TEXT, detail TEXT NOT NULL,
                created_at BIGINT NOT NULL, expires_at BIGINT NOT NULL, used_at BIGINT, attempts BIGINT NOT NULL,
                PRIMARY KEY (tenant_id, hash),
                FOREIGN KEY (tenant_id) REFERENCES tenants (id),
                FOREIGN KEY (tenant_id, user_id) REFERENCES users (tenant_id, id)
            )
            """,
            "CREATE INDEX one_time_tokens_by_user ON one_time_tokens (tenant_id, user_id, purpose)",
            "CREATE INDEX one_time_tokens_by_end ON one_time_tokens (tenant_id, expires_at)",
        ])
}
