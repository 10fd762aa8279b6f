// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors

extension Migration {
    /// Tenants, who may do what in them, and their keys.
    ///
    /// Bytes are hexadecimal text and lists JSON text: engines differ in their own types for both.
    static let identity = Migration(
        number: 1, name: "identity",
        sql: [
            // The row of a purged tenant stays, without its name: neither slug nor id is ever given again. operator_role is the role that
            // operators of the installation act with in there, NULL where they may not.
            """
            CREATE TABLE tenants (
                id TEXT NOT NULL PRIMARY KEY, slug TEXT NOT NULL UNIQUE, name TEXT NOT NULL,
                status TEXT NOT NULL CHECK (status IN ('active', 'suspended', 'deleted', 'purged')), epoch BIGINT NOT NULL,
                created_at BIGINT NOT NULL, changed_at BIGINT NOT NULL, purge_after BIGINT, swept_at BIGINT, operator_role TEXT,
                request_budget TEXT,
                CHECK ((status = 'deleted') = (purge_after IS NOT NULL)),
                CHECK (swept_at IS NULL OR status = 'purged')
            )
            """,
            // An invited user has no password yet, and the row of a deleted one stays, without what told of the person: ids never come again.
            """
            CREATE TABLE users (
                tenant_id TEXT NOT NULL, id TEXT NOT NULL, email TEXT NOT NULL, name TEXT NOT NULL, password_hash TEXT NOT NULL,
                password_changed_at BIGINT NOT NULL, password_alone BIGINT NOT NULL DEFAULT 1,
                status TEXT NOT NULL CHECK (status IN ('invited', 'active', 'suspended', 'deleted')), status_reason TEXT,
                epoch BIGINT NOT NULL, active_since BIGINT NOT NULL, last_signed_in_at BIGINT,
                created_at BIGINT NOT NULL, updated_at BIGINT NOT NULL,
                PRIMARY KEY (tenant_id, id),
                UNIQUE (tenant_id, email),
                FOREIGN KEY (tenant_id) REFERENCES tenants (id)
            )
            """,
            """
            CREATE TABLE roles (
                tenant_id TEXT NOT NULL, name TEXT NOT NULL, built_in BIGINT NOT NULL, created_at BIGINT NOT NULL,
                PRIMARY KEY (tenant_id, name),
                FOREIGN KEY (tenant_id) REFERENCES tenants (id)
            )
            """,
            "CREATE TABLE permissions (name TEXT NOT NULL PRIMARY KEY)",
            """
            CREATE TABLE user_roles (
                tenant_id TEXT NOT NULL, user_id TEXT NOT NULL, role TEXT NOT NULL, granted_at BIGINT NOT NULL, granted_by TEXT,
                expires_at BIGINT,
                PRIMARY KEY (tenant_id, user_id, role),
                FOREIGN KEY (tenant_id, user_id) REFERENCES users (tenant_id, id),
                FOREIGN KEY (tenant_id, role) REFERENCES roles (tenant_id, name)
            )
            """,
            // One row per tenant, with another text after every change: whoever changes the policy locks it first, and whoever has
            // compiled the policy compares.
            """
            CREATE TABLE policies (
                tenant_id TEXT NOT NULL PRIMARY KEY, revision TEXT NOT NULL,
                FOREIGN KEY (tenant_id) REFERENCES tenants (id)
            )
            """,
            """
            CREATE TABLE role_parents (
                tenant_id TEXT NOT NULL, role TEXT NOT NULL, parent TEXT NOT NULL,
                PRIMARY KEY (tenant_id, role, parent),
                FOREIGN KEY (tenant_id, role) REFERENCES roles (tenant_id, name),
                FOREIGN KEY (tenant_id, parent) REFERENCES roles (tenant_id, name)
            )
            """,
            // An action is a pattern: it covers permissions that do not exist yet, so it does not reference them.
            """
            CREATE TABLE policy_rules (
                tenant_id TEXT NOT NULL, id TEXT NOT NULL, effect TEXT NOT NULL CHECK (effect IN ('permit', 'deny')),
                role TEXT, user_id TEXT, action TEXT NOT NULL, selector TEXT NOT NULL, expires_at BIGINT,
                created_at BIGINT NOT NULL, created_by TEXT NOT NULL,
                PRIMARY KEY (tenant_id, id),
                CHECK ((role IS NULL) <> (user_id IS NULL)),
                FOREIGN KEY (tenant_id, role) REFERENCES roles (tenant_id, name),
                FOREIGN KEY (tenant_id, user_id) REFERENCES users (tenant_id, id)
            )
            """,
            "CREATE INDEX policy_rules_by_role ON policy_rules (tenant_id, role)",
            """
            CREATE TABLE policy_separations (
                tenant_id TEXT NOT NULL, name TEXT NOT NULL, kind TEXT NOT NULL CHECK (kind IN ('roles', 'permissions')),
                members TEXT NOT NULL, created_at BIGINT NOT NULL, created_by TEXT NOT NULL,
                PRIMARY KEY (tenant_id, name),
                FOREIGN KEY (tenant_id) REFERENCES tenants (id)
            )
            """,
            // One counter per user and factor, whichever path the attempt came by.
            """
            CREATE TABLE login_counters (
                tenant_id TEXT NOT NULL, user_id TEXT NOT NULL, factor TEXT NOT NULL,
                failures BIGINT NOT NULL, retry_at BIGINT NOT NULL,
                PRIMARY KEY (tenant_id, user_id, factor),
                FOREIGN KEY (tenant_id, user_id) REFERENCES users (tenant_id, id)
            )
            """,
            """
            CREATE TABLE sessions (
                tenant_id TEXT NOT NULL, id TEXT NOT NULL, user_id TEXT NOT NULL, methods TEXT NOT NULL,
                created_at BIGINT NOT NULL, last_seen_at BIGINT NOT NULL DEFAULT 0, expires_at BIGINT NOT NULL, revoked_at BIGINT, device_id TEXT,
                factor_at BIGINT,
                PRIMARY KEY (tenant_id, id),
                FOREIGN KEY (tenant_id, user_id) REFERENCES users (tenant_id, id)
            )
            """,
            "CREATE INDEX sessions_by_user ON sessions (tenant_id, user_id)",
            // Found by hash alone, before the tenant is known: the hash is unique in the installation.
            """
            CREATE TABLE refresh_tokens (
                tenant_id TEXT NOT NULL, hash TEXT NOT NULL UNIQUE, session_id TEXT NOT NULL,
                state TEXT NOT NULL CHECK (state IN ('active', 'rotated', 'revoked')), child TEXT,
                rotated_at BIGINT, expires_at BIGINT NOT NULL,
                PRIMARY KEY (tenant_id, hash),
                FOREIGN KEY (tenant_id, session_id) REFERENCES sessions (tenant_id, id)
            )
            """,
            "CREATE INDEX refresh_tokens_by_session ON refresh_tokens (tenant_id, session_id)",
            """
            CREATE TABLE api_keys (
                tenant_id TEXT NOT NULL, id TEXT NOT NULL UNIQUE, name TEXT NOT NULL, hash TEXT NOT NULL, patterns TEXT NOT NULL,
                issued_by TEXT NOT NULL, created_at BIGINT NOT NULL, expires_at BIGINT NOT NULL, revoked_at BIGINT,
                last_used_at BIGINT, previous_hash TEXT, previous_until BIGINT,
                PRIMARY KEY (tenant_id, id),
                FOREIGN KEY (tenant_id) REFERENCES tenants (id)
            )
            """,
            """
            CREATE TABLE keys (
                tenant_id TEXT NOT NULL, id TEXT NOT NULL, kind TEXT NOT NULL, plugin TEXT NOT NULL, purpose TEXT NOT NULL,
                version BIGINT NOT NULL, wrapped_by TEXT NOT NULL, wrapped TEXT NOT NULL, uses BIGINT NOT NULL,
                created_at BIGINT NOT NULL,
                PRIMARY KEY (tenant_id, id),
                UNIQUE (tenant_id, kind, plugin, purpose, version),
                FOREIGN KEY (tenant_id) REFERENCES tenants (id)
            )
            """,
        ])
}
