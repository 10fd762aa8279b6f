// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors

extension Migration {
    /// Plugins of the host, and what each tenant made of them.
    static let plugins = Migration(
        number: 2, name: "plugins",
        sql: [
            // One row per installed version. The platform's own tables have no tenant: they hold nothing of a tenant's.
            """
            CREATE TABLE plugins (
                id TEXT NOT NULL, version TEXT NOT NULL, hash TEXT NOT NULL, kind TEXT NOT NULL, name TEXT NOT NULL,
                manifest TEXT NOT NULL, signed BIGINT NOT NULL, installed_at BIGINT NOT NULL, installed_by TEXT NOT NULL,
                PRIMARY KEY (id, version)
            )
            """,
            """
            CREATE TABLE plugin_files (
                plugin_id TEXT NOT NULL, version TEXT NOT NULL, path TEXT NOT NULL, sha256 TEXT NOT NULL, content_hex TEXT NOT NULL,
                PRIMARY KEY (plugin_id, version, path),
                FOREIGN KEY (plugin_id, version) REFERENCES plugins (id, version) ON DELETE CASCADE
            )
            """,
            // Outlives the plugin: removing it and installing another's under its name must not work.
            """
            CREATE TABLE plugin_publishers (
                plugin_id TEXT NOT NULL PRIMARY KEY, public_key TEXT NOT NULL, pinned_at BIGINT NOT NULL
            )
            """,
            """
            CREATE TABLE tenant_plugins (
                tenant_id TEXT NOT NULL, plugin_id TEXT NOT NULL, version TEXT NOT NULL, hash TEXT NOT NULL,
                status TEXT NOT NULL CHECK (status IN ('enabled', 'disabled', 'quarantined')),
                approved TEXT NOT NULL, revision BIGINT NOT NULL, created_at BIGINT NOT NULL,
                updated_at BIGINT NOT NULL, updated_by TEXT NOT NULL,
                PRIMARY KEY (tenant_id, plugin_id),
                FOREIGN KEY (tenant_id) REFERENCES tenants (id),
                FOREIGN KEY (plugin_id, version) REFERENCES plugins (id, version)
            )
            """,
            "CREATE INDEX tenant_plugins_by_plugin ON tenant_plugins (plugin_id, version)",
            "CREATE INDEX tenant_plugins_by_hash ON tenant_plugins (hash)",
            """
            CREATE TABLE plugin_instances (
                tenant_id TEXT NOT NULL, id TEXT NOT NULL, plugin_id TEXT NOT NULL, label TEXT NOT NULL,
                created_at BIGINT NOT NULL,
                PRIMARY KEY (tenant_id, id),
                UNIQUE (tenant_id, plugin_id, label),
                FOREIGN KEY (tenant_id, plugin_id) REFERENCES tenant_plugins (tenant_id, plugin_id)
            )
            """,
            // A field is either plain JSON or sealed: never both, never neither.
            """
            CREATE TABLE plugin_config (
                tenant_id TEXT NOT NULL, instance_id TEXT NOT NULL, field TEXT NOT NULL,
                plain TEXT, sealed TEXT, key_id TEXT, key_version BIGINT, fingerprint TEXT,
                updated_at BIGINT NOT NULL, updated_by TEXT NOT NULL,
                PRIMARY KEY (tenant_id, instance_id, field),
                FOREIGN KEY (tenant_id, instance_id) REFERENCES plugin_instances (tenant_id, id),
                CHECK ((plain IS NULL) <> (sealed IS NULL)),
                CHECK ((sealed IS NULL) = (key_id IS NULL) AND (sealed IS NULL) = (key_version IS NULL))
            )
            """,
            """
            CREATE TABLE plugin_storage (
                tenant_id TEXT NOT NULL, plugin_id TEXT NOT NULL, name TEXT NOT NULL, value TEXT NOT NULL,
                bytes BIGINT NOT NULL, updated_at BIGINT NOT NULL,
                PRIMARY KEY (tenant_id, plugin_id, name),
                FOREIGN KEY (tenant_id, plugin_id) REFERENCES tenant_plugins (tenant_id, plugin_id)
            )
            """,
            // The sum is kept, so that a quota check costs the same for ten entries and ten thousand.
            """
            CREATE TABLE plugin_storage_usage (
                tenant_id TEXT NOT NULL, plugin_id TEXT NOT NULL, bytes BIGINT NOT NULL CHECK (bytes >= 0),
                PRIMARY KEY (tenant_id, plugin_id),
                FOREIGN KEY (tenant_id, plugin_id) REFERENCES tenant_plugins (tenant_id, plugin_id)
            )
            """,
        ])
}
