// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors

extension Migration {
    /// Second factors that plugins deliver: enrolments, their open questions, and what was sent when.
    static let twoFactor = Migration(
        number: 4, name: "two_factor",
        sql: [
            // Where codes go is personal data: sealed, with a hint such as +49…42 to show.
            """
            CREATE TABLE factor_enrollments (
                tenant_id TEXT NOT NULL, id TEXT NOT NULL, instance_id TEXT NOT NULL, plugin_id TEXT NOT NULL,
                user_ref TEXT NOT NULL, destination TEXT NOT NULL, key_id TEXT NOT NULL, key_version BIGINT NOT NULL,
                hint TEXT NOT NULL, status TEXT NOT NULL CHECK (status IN ('pending', 'active', 'suspended', 'revoked')),
                created_at BIGINT NOT NULL, updated_at BIGINT NOT NULL, expires_at BIGINT,
                PRIMARY KEY (tenant_id, id),
                FOREIGN KEY (tenant_id, instance_id) REFERENCES plugin_instances (tenant_id, id)
            )
            """,
            "CREATE INDEX factor_enrollments_by_user ON factor_enrollments (tenant_id, user_ref, status)",
            // The code is sealed and the session's nonce hashed: a copy of the table answers no question.
            """
            CREATE TABLE factor_challenges (
                tenant_id TEXT NOT NULL, id TEXT NOT NULL, enrollment_id TEXT NOT NULL, purpose TEXT NOT NULL,
                nonce_hash TEXT NOT NULL, code TEXT NOT NULL, key_id TEXT NOT NULL, key_version BIGINT NOT NULL,
                status TEXT NOT NULL CHECK (status IN ('created', 'sent', 'failed', 'accepted', 'expired', 'canceled', 'locked')),
                attempts BIGINT NOT NULL, request_key TEXT NOT NULL, created_at BIGINT NOT NULL, expires_at BIGINT NOT NULL,
                PRIMARY KEY (tenant_id, id),
                UNIQUE (tenant_id, enrollment_id, request_key),
                FOREIGN KEY (tenant_id, enrollment_id) REFERENCES factor_enrollments (tenant_id, id)
            )
            """,
            "CREATE INDEX factor_challenges_by_enrollment ON factor_challenges (tenant_id, enrollment_id, created_at)",
            "CREATE INDEX factor_challenges_by_request ON factor_challenges (tenant_id, request_key)",
            // Counts messages against the limits; the subject is a keyed hash of a user or of a destination.
            """
            CREATE TABLE factor_sends (
                tenant_id TEXT NOT NULL, subject TEXT NOT NULL, id TEXT NOT NULL, sent_at BIGINT NOT NULL,
                PRIMARY KEY (tenant_id, subject, id)
            )
            """,
            "CREATE INDEX factor_sends_by_time ON factor_sends (tenant_id, subject, sent_at)",
        ])
}
