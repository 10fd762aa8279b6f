// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors

extension Migration {
    /// Tenants, who may do what in them, and their keys.
    ///
    /// Bytes are hexadecimal text and lists JSON text: engines differ in their own types for both.
    static let identity = Migration(
        number: 1, name: "identity",
        sql: [
            """
            CREATE TABLE tenants (
                id TEXT NOT NULL PRIMARY KEY, slug TEXT NOT NULL UNIQUE, name TEXT NOT NULL,
                status TEXT NOT NULL CHECK (status IN ('active', 'suspended')), epoch BIGINT NOT NULL, created_at BIGINT NOT NULL
            )
            """,
            """
            CREATE TABLE users (
                tenant_id TEXT NOT NULL, id TEXT NOT NULL, email TEXT NOT NULL, name TEXT NOT NULL, password_hash TEXT NOT NULL,
                status TEXT NOT NULL CHECK (status IN ('active', 'deactivated')), epoch BIGINT NOT NULL,
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
            // Patterns such as plugin.* cover permissions that do not exist yet, so they do not reference them.
            """
            CREATE TABLE role_permissions (
                tenant_id TEXT NOT NULL, role TEXT NOT NULL, pattern TEXT NOT NULL,
                PRIMARY KEY (tenant_id, role, pattern),
                FOREIGN KEY (tenant_id, role) REFERENCES roles (tenant_id, name)
            )
            """,
            """
            CREATE TABLE user_roles (
                tenant_id TEXT NOT NULL, user_id TEXT NOT NULL, role TEXT NOT NULL, granted_at BIGINT NOT NULL,
                PRIMARY KEY (tenant_id, user_id, role),
                FOREIGN KEY (tenant_id, user_id) REFERENCES users (tenant_id, id),
                FOREIGN KEY (tenant_id, role) REFERENCES roles (tenant_id, name)
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
                tenant_id TEXT NOT NULL, id TEXT NOT NULL, user_id TEXT NOT NULL, methods TEXT NOT NULL, address TEXT,
                created_at BIGINT NOT NULL, expires_at BIGINT NOT NULL, revoked_at BIGINT,
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
