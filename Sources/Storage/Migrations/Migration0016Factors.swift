// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors

extension Migration {
    /// Users' own second factors, their codes on paper, and what tenants want of them.
    static let factors = Migration(
        number: 16, name: "factors",
        sql: [
            // `last_counter` is the newest period of TOTP that was used: it only rises. A factor of a plugin points at its enrolment.
            """
            CREATE TABLE user_factors (
                tenant_id TEXT NOT NULL, user_id TEXT NOT NULL, factor TEXT NOT NULL,
                status TEXT NOT NULL CHECK (status IN ('pending', 'active')),
                secret TEXT, key_id TEXT, key_version BIGINT, last_counter BIGINT NOT NULL, enrollment_id TEXT, hint TEXT NOT NULL,
                created_at BIGINT NOT NULL, confirmed_at BIGINT, used_at BIGINT, expires_at BIGINT,
                PRIMARY KEY (tenant_id, user_id, factor),
                CHECK ((secret IS NULL) <> (enrollment_id IS NULL)),
                FOREIGN KEY (tenant_id, user_id) REFERENCES users (tenant_id, id),
                FOREIGN KEY (tenant_id, enrollment_id) REFERENCES factor_enrollments (tenant_id, id)
            )
            """,
            """
            CREATE TABLE backup_codes (
                tenant_id TEXT NOT NULL, user_id TEXT NOT NULL, hash TEXT NOT NULL, created_at BIGINT NOT NULL, used_at BIGINT,
                PRIMARY KEY (tenant_id, user_id, hash),
                FOREIGN KEY (tenant_id, user_id) REFERENCES users (tenant_id, id)
            )
            """,
            """
            CREATE TABLE factor_policies (
                tenant_id TEXT NOT NULL PRIMARY KEY, policy TEXT NOT NULL, updated_at BIGINT NOT NULL, updated_by TEXT NOT NULL,
                FOREIGN KEY (tenant_id) REFERENCES tenants (id)
            )
            """,
        ])
}
