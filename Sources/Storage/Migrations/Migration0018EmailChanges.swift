// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors

extension Migration {
    /// New addresses that wait until their owner has shown that they are theirs.
    static let emailChanges = Migration(
        number: 18, name: "email_changes",
        sql: [
            // One per user, for an hour at most. The address is sealed under the person's own key, and stands nowhere else until it counts.
            """
            CREATE TABLE email_changes (
                tenant_id TEXT NOT NULL, user_id TEXT NOT NULL, id TEXT NOT NULL, epoch BIGINT NOT NULL,
                address TEXT NOT NULL, key_id TEXT NOT NULL, key_version BIGINT NOT NULL,
                created_at BIGINT NOT NULL, expires_at BIGINT NOT NULL,
                PRIMARY KEY (tenant_id, user_id),
                FOREIGN KEY (tenant_id, user_id) REFERENCES users (tenant_id, id)
            )
            """
        ])
}
