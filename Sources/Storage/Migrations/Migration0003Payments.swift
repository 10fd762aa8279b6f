// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors

extension Migration {
    /// Payments, what was tried for them, refunds, remembered requests and providers' messages.
    static let payments = Migration(
        number: 3, name: "payments",
        sql: [
            // held_invoice repeats invoice_id while a second charge would be one too many; NULLs are distinct in a unique key.
            """
            CREATE TABLE payments (
                tenant_id TEXT NOT NULL, id TEXT NOT NULL, plugin_id TEXT NOT NULL, instance_id TEXT NOT NULL,
                merchant_reference TEXT NOT NULL, status TEXT NOT NULL,
                amount_minor BIGINT NOT NULL CHECK (amount_minor > 0), currency TEXT NOT NULL, capture TEXT NOT NULL,
                captured_minor BIGINT NOT NULL CHECK (captured_minor BETWEEN 0 AND amount_minor),
                refunded_minor BIGINT NOT NULL CHECK (refunded_minor >= 0),
                requested_capture_minor BIGINT, provider_payment_id TEXT,
                invoice_id TEXT NOT NULL, held_invoice TEXT, customer_ref TEXT NOT NULL,
                request TEXT NOT NULL, detail TEXT NOT NULL, review_reason TEXT,
                expires_at BIGINT, last_event_at BIGINT, reconcile_at BIGINT, reconcile_count BIGINT NOT NULL,
                revision BIGINT NOT NULL, created_by TEXT, created_at BIGINT NOT NULL, updated_at BIGINT NOT NULL,
                PRIMARY KEY (tenant_id, id),
                UNIQUE (tenant_id, instance_id, merchant_reference),
                UNIQUE (tenant_id, instance_id, provider_payment_id),
                UNIQUE (tenant_id, held_invoice),
                FOREIGN KEY (tenant_id) REFERENCES tenants (id)
            )
            """,
            "CREATE INDEX payments_by_invoice ON payments (tenant_id, invoice_id)",
            "CREATE INDEX payments_by_creator ON payments (tenant_id, created_by, id)",
            "CREATE INDEX payments_to_reconcile ON payments (reconcile_at)",
            """
            CREATE TABLE refunds (
                tenant_id TEXT NOT NULL, id TEXT NOT NULL, payment_id TEXT NOT NULL, instance_id TEXT NOT NULL,
                amount_minor BIGINT NOT NULL CHECK (amount_minor > 0), currency TEXT NOT NULL, status TEXT NOT NULL,
                reason TEXT NOT NULL, note TEXT, provider_refund_id TEXT, detail TEXT NOT NULL,
                reconcile_at BIGINT, reconcile_count BIGINT NOT NULL,
                created_at BIGINT NOT NULL, updated_at BIGINT NOT NULL,
                PRIMARY KEY (tenant_id, id),
                UNIQUE (tenant_id, instance_id, provider_refund_id),
                FOREIGN KEY (tenant_id, payment_id) REFERENCES payments (tenant_id, id)
            )
            """,
            "CREATE INDEX refunds_by_payment ON refunds (tenant_id, payment_id)",
            "CREATE INDEX refunds_to_reconcile ON refunds (reconcile_at)",
            // One row per call that may change something at a provider, written before the call leaves.
            """
            CREATE TABLE payment_attempts (
                tenant_id TEXT NOT NULL, id TEXT NOT NULL, payment_id TEXT NOT NULL, refund_id TEXT, operation TEXT NOT NULL,
                provider_key TEXT NOT NULL, attempt_group BIGINT NOT NULL,
                state TEXT NOT NULL CHECK (state IN ('in_flight', 'closed', 'lost')), outcome TEXT,
                locked_payment TEXT, host_run TEXT NOT NULL, lease_until BIGINT NOT NULL,
                started_at BIGINT NOT NULL, closed_at BIGINT,
                PRIMARY KEY (tenant_id, id),
                UNIQUE (tenant_id, locked_payment),
                FOREIGN KEY (tenant_id, payment_id) REFERENCES payments (tenant_id, id),
                FOREIGN KEY (tenant_id, refund_id) REFERENCES refunds (tenant_id, id)
            )
            """,
            "CREATE INDEX payment_attempts_by_payment ON payment_attempts (tenant_id, payment_id)",
            "CREATE INDEX payment_attempts_in_flight ON payment_attempts (state, lease_until)",
            // The key itself is the caller's and may say anything: only its hash is kept.
            """
            CREATE TABLE idempotency_keys (
                tenant_id TEXT NOT NULL, operation TEXT NOT NULL, key_hash TEXT NOT NULL, body_hash TEXT NOT NULL,
                state TEXT NOT NULL CHECK (state IN ('in_progress', 'answered', 'orphaned')), answer TEXT,
                resource_id TEXT NOT NULL, attempt_id TEXT NOT NULL, lease_until BIGINT NOT NULL,
                created_at BIGINT NOT NULL, expires_at BIGINT NOT NULL,
                PRIMARY KEY (tenant_id, operation, key_hash),
                CHECK ((state = 'answered') = (answer IS NOT NULL)),
                FOREIGN KEY (tenant_id) REFERENCES tenants (id)
            )
            """,
            "CREATE INDEX idempotency_keys_by_attempt ON idempotency_keys (tenant_id, attempt_id)",
            "CREATE INDEX idempotency_keys_by_expiry ON idempotency_keys (expires_at)",
            """
            CREATE TABLE webhook_endpoints (
                tenant_id TEXT NOT NULL, id TEXT NOT NULL, instance_id TEXT NOT NULL, token_hash TEXT NOT NULL,
                created_at BIGINT NOT NULL, revoked_at BIGINT,
                PRIMARY KEY (tenant_id, id),
                UNIQUE (token_hash),
                FOREIGN KEY (tenant_id) REFERENCES tenants (id)
            )
            """,
            "CREATE INDEX webhook_endpoints_by_instance ON webhook_endpoints (tenant_id, instance_id)",
            // The message itself is sealed, and is dropped as soon as it has been dealt with.
            """
            CREATE TABLE webhook_events (
                tenant_id TEXT NOT NULL, id TEXT NOT NULL, instance_id TEXT NOT NULL, event_id TEXT NOT NULL,
                state TEXT NOT NULL CHECK (state IN ('verified', 'applied', 'ignored', 'parked', 'failed')), reason TEXT,
                sealed TEXT, key_id TEXT, key_version BIGINT,
                tries BIGINT NOT NULL, due_at BIGINT, claimed_by TEXT, claimed_until BIGINT,
                received_at BIGINT NOT NULL, processed_at BIGINT,
                PRIMARY KEY (tenant_id, id),
                UNIQUE (tenant_id, instance_id, event_id),
                FOREIGN KEY (tenant_id) REFERENCES tenants (id)
            )
            """,
            "CREATE INDEX webhook_events_due ON webhook_events (due_at)",
        ])
}
