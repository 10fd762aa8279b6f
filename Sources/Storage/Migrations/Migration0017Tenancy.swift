// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors

extension Migration {
    /// People of several tenants, and operators of the installation inside tenants.
    static let tenancy = Migration(
        number: 17, name: "tenancy",
        sql: [
            // A user that is the guest of another account: it has no password, and lives as long as that account does. No foreign key: it
            // would cross the border between two tenants.
            "ALTER TABLE users ADD COLUMN home_tenant TEXT",
            "ALTER TABLE users ADD COLUMN home_user TEXT",
            "CREATE INDEX users_by_home ON users (home_user, home_tenant)",
            // The session at home that a guest's goes on with, and the epoch that the account had then: the end of one, or another
            // epoch, ends it.
            "ALTER TABLE sessions ADD COLUMN home_session TEXT",
            "ALTER TABLE sessions ADD COLUMN home_epoch BIGINT",
            """
            CREATE TABLE acting_sessions (
                tenant_id TEXT NOT NULL, id TEXT NOT NULL, operator_tenant TEXT NOT NULL, operator_id TEXT NOT NULL,
                operator_session TEXT NOT NULL, reason_event TEXT NOT NULL, reason TEXT NOT NULL, created_at BIGINT NOT NULL,
                expires_at BIGINT NOT NULL, ended_at BIGINT, ended_by TEXT,
                PRIMARY KEY (tenant_id, id),
                FOREIGN KEY (tenant_id) REFERENCES tenants (id)
            )
            """,
            "CREATE INDEX acting_sessions_open ON acting_sessions (expires_at) WHERE ended_at IS NULL",
        ])
}
