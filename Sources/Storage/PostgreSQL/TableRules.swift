// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors

extension TableRule {
    /// Every table of the schema. A new one gets its line here, or `panelhost doctor db` and the tests name it.
    static let all: [TableRule] =
        identity + audit + plugins + payments + twoFactor + hosts + [
            TableRule(
                "notifications", app: [.select, .insert, .update],
                platform: [.select("tenant_id", "due_at", "lease_until", "lease_owner"), .update("lease_until")]),
            // Read by a program that asks whether it fits.
            TableRule("schema_migrations", app: [.select], platform: [.select]),
        ]

    private static let identity: [TableRule] = [
        TableRule(
            // Which role operators act with is the tenant's own decision.
            "tenants", app: [.select, .update("operator_role")],
            platform: [
                .select, .insert,
                .update("name", "status", "epoch", "changed_at", "purge_after", "swept_at", "operator_role", "request_budget"),
            ]),
        TableRule(
            "users", app: [.select, .insert, .update],
            platform: [
                .select(
                    "tenant_id", "id", "email", "name", "password_hash", "password_changed_at", "password_alone", "status", "epoch",
                    "active_since", "last_signed_in_at", "home_tenant", "home_user")
            ]),
        TableRule("roles", app: [.select, .insert, .delete], platform: [.select, .insert]),
        TableRule("permissions", app: [.select], platform: [.select, .insert]),
        TableRule("role_parents", app: [.select, .insert, .delete]),
        TableRule("policies", app: [.select, .update("revision")], platform: [.select, .insert, .update("revision")]),
        TableRule("policy_rules", app: Right.all, platform: [.select, .insert]),
        TableRule("policy_separations", app: Right.all),
        TableRule("policy_usage", app: Right.all),
        TableRule("user_roles", app: Right.all),
        TableRule("login_counters", app: Right.all),
        TableRule("password_history", app: [.select, .insert, .delete]),
        TableRule("sign_in_places", app: Right.all),
        TableRule(
            "account_policies", app: [.select, .insert, .update, .delete],
            platform: [.select("tenant_id", "password_profile", "dormant_days")]),
        TableRule("access_reviews", app: [.select, .insert, .update]),
        TableRule("access_review_lines", app: [.select, .insert, .update]),
        // The platform asks whether the session of an operator who acts elsewhere still lives.
        TableRule(
            "sessions", app: [.select, .insert, .update], platform: [.select("tenant_id", "id", "expires_at", "revoked_at")]),
        TableRule("acting_sessions", app: [.select], platform: [.select, .insert, .update("ended_at", "ended_by")]),
        TableRule("devices", app: Right.all),
        TableRule("email_changes", app: Right.all),
        TableRule("session_rules", app: Right.all),
        TableRule("refresh_tokens", app: [.select, .insert, .update], platform: [.select]),
        TableRule("one_time_tokens", app: Right.all, platform: [.select]),
        TableRule("api_keys", app: [.select, .insert, .update], platform: [.select]),
        TableRule(
            "keys", app: [.select, .insert, .update],
            // It destroys the keys of a purged tenant, and reads none.
            platform: [
                .select("tenant_id", "id", "kind", "version", "wrapped_by", "uses", "created_at", "erased_at"),
                .update("wrapped", "wrapped_by", "erased_at"),
            ]),
        TableRule("key_floors", app: [.select, .insert, .update]),
        // How far a job is stands in the transaction of the page, which is a tenant's.
        TableRule("key_jobs", app: [.select, .insert, .update], platform: [.select, .insert, .update]),
        TableRule("tenant_networks", app: Right.all),
        TableRule("tenant_origins", app: [.select, .insert, .delete], platform: [.select("tenant_id", "origin")]),
        TableRule("installation_settings", app: [], platform: [.select, .insert, .update]),
        // The installation's own: the host itself reads them, never for a tenant.
        TableRule("host_keys", app: [], platform: [.select, .insert, .update]),
    ]

    /// A tenant adds events; only the sequencer, which is no tenant, gives them places and signs.
    private static let audit: [TableRule] =
        [
            TableRule(
                "audit_events", app: [.select, .insert], platform: [.select, .insert, .delete], isAudit: true, isAppendOnly: true,
                isPrunable: true),
            // Where the trails are shipped to, and how far: the operators' own.
            TableRule("audit_sinks", app: [], platform: Right.all),
            TableRule("audit_sink_cursors", app: [], platform: Right.all),
            TableRule("audit_addresses", app: [.select, .insert, .delete], platform: [.select, .insert, .delete]),
            TableRule("sequencer_queue", app: [.select, .insert], platform: [.select, .insert, .delete], isAudit: true),
        ]
        + [
            "audit_leaves", "audit_nodes", "audit_checkpoints", "audit_prunings", "forest_leaves", "forest_nodes", "forest_checkpoints",
        ].map { TableRule($0, app: [.select], platform: [.select, .insert], isAudit: true, isAppendOnly: true) }

    private static let plugins: [TableRule] = [
        TableRule("plugins", app: [.select], platform: [.select, .insert, .delete]),
        TableRule("plugin_files", app: [.select], platform: [.select, .insert]),
        TableRule("plugin_publishers", app: [], platform: [.select, .insert]),
        TableRule("tenant_plugins", app: [.select, .insert, .update], platform: [.select("tenant_id", "plugin_id", "version", "hash")]),
        TableRule("plugin_instances", app: [.select, .insert]),
        TableRule("plugin_config", app: Right.all),
        TableRule("plugin_storage", app: Right.all),
        TableRule("plugin_storage_usage", app: [.select, .insert, .update]),
        TableRule("plugin_kills", app: [.select], platform: [.select, .insert, .delete]),
        TableRule("plugin_quarantines", app: [.select, .insert, .delete], platform: [.select]),
        TableRule("plugin_stop_revision", app: [.select, .update("revision")], platform: [.select, .update("revision")]),
    ]

    private static let payments: [TableRule] = [
        TableRule("payments", app: [.select, .insert, .update], platform: claims),
        TableRule("refunds", app: [.select, .insert, .update], platform: claims),
        TableRule(
            "payment_attempts", app: [.select, .insert, .update],
            platform: [.select("tenant_id", "id", "state", "host_run", "lease_until", "started_at")]),
        TableRule("idempotency_keys", app: [.select, .insert, .update], platform: [.select("state", "expires_at"), .delete]),
        TableRule(
            "webhook_endpoints", app: [.select, .insert, .update],
            platform: [.select("tenant_id", "instance_id", "token_hash", "revoked_at")]),
        TableRule(
            "webhook_events", app: [.select, .insert, .update],
            platform: [
                .select("tenant_id", "id", "due_at", "received_at", "claimed_by", "claimed_until", "tries"),
                .update("claimed_by", "claimed_until", "tries"),
            ]),
    ]

    /// What is due, and what becomes of a dead host's claims: nothing about money or customers.
    private static let claims: [Right] = [
        .select("tenant_id", "id", "reconcile_at", "claimed_by", "claimed_until", "claim_fence"),
        .update("claimed_by", "claimed_until", "claim_fence"),
    ]

    private static let hosts: [TableRule] = [
        TableRule("hosts", app: [], platform: Right.all),
        TableRule("job_leases", app: [.select, .insert, .update], platform: [.select, .insert, .update]),
    ]

    private static let twoFactor: [TableRule] = [
        TableRule("factor_enrollments", app: [.select, .insert, .update]),
        TableRule("factor_challenges", app: [.select, .insert, .update]),
        TableRule("factor_sends", app: [.select, .insert]),
        TableRule("user_factors", app: Right.all),
        TableRule("backup_codes", app: Right.all),
        TableRule("factor_policies", app: [.select, .insert, .update]),
    ]
}
