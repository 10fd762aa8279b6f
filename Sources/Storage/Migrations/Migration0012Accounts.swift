// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors

extension Migration {
    /// What the life of an account needs beside its row.
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
            // The last passwords, where the tenant's rules forbid to take one of them again.
            """
            CREATE TABLE password_history (
                tenant_id TEXT NOT NULL, user_id TEXT NOT NULL, changed_at BIGINT NOT NULL, hash TEXT NOT NULL,
                PRIMARY KEY (tenant_id, user_id, changed_at),
                FOREIGN KEY (tenant_id, user_id) REFERENCES users (tenant_id, id)
            )
            """,
            // Where a user has signed in from, under names that only the host's keys lead to: such a place waits apart from strangers.
            """
            CREATE TABLE sign_in_places (
                tenant_id TEXT NOT NULL, user_id TEXT NOT NULL, tag TEXT NOT NULL, last_used_at BIGINT NOT NULL,
                PRIMARY KEY (tenant_id, user_id, tag),
                FOREIGN KEY (tenant_id, user_id) REFERENCES users (tenant_id, id)
            )
            """,
            """
            CREATE TABLE account_policies (
                tenant_id TEXT NOT NULL PRIMARY KEY, password_profile TEXT NOT NULL, dormant_days BIGINT NOT NULL,
                messenger TEXT, messenger_label TEXT, account_url TEXT, updated_at BIGINT NOT NULL, updated_by TEXT NOT NULL,
                FOREIGN KEY (tenant_id) REFERENCES tenants (id)
            )
            """,
            // What the operators decide for every host, such as what a password's hash costs.
            "CREATE TABLE installation_settings (name TEXT NOT NULL PRIMARY KEY, value TEXT NOT NULL, updated_at BIGINT NOT NULL)",
            """
            CREATE TABLE access_reviews (
                tenant_id TEXT NOT NULL, id TEXT NOT NULL, name TEXT NOT NULL, status TEXT NOT NULL CHECK (status IN ('open', 'closed')),
                created_at BIGINT NOT NULL, created_by TEXT NOT NULL, closed_at BIGINT, closed_by TEXT,
                PRIMARY KEY (tenant_id, id),
                FOREIGN KEY (tenant_id) REFERENCES tenants (id)
            )
            """,
            // What was held when the review began: roles, rules of one's own, programs' keys. A line says what was decided about it, and what
            // came of that.
            """
            CREATE TABLE access_review_lines (
                tenant_id TEXT NOT NULL, review_id TEXT NOT NULL, line BIGINT NOT NULL,
                kind TEXT NOT NULL CHECK (kind IN ('role', 'rule', 'api_key')), user_id TEXT, name TEXT NOT NULL,
                api_key TEXT, issued_by TEXT, last_used_at BIGINT, unused BIGINT NOT NULL,
                expires_at BIGINT, permissions TEXT NOT NULL,
                decision TEXT CHECK (decision IN ('keep', 'revoke')), reviewer TEXT, decided_at BIGINT, result TEXT,
                PRIMARY KEY (tenant_id, review_id, line),
                CHECK (CASE kind WHEN 'api_key' THEN api_key IS NOT NULL ELSE user_id IS NOT NULL END),
                FOREIGN KEY (tenant_id, review_id) REFERENCES access_reviews (tenant_id, id),
                FOREIGN KEY (tenant_id, user_id) REFERENCES users (tenant_id, id)
            )
            """,
        ])
}
