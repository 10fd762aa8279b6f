// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors

extension Migration {
    /// By what audit events are found again by the address that they hold sealed.
    static let personal = Migration(
        number: 11, name: "personal",
        sql: [
            // Not evidence: rows go when a person is erased. Written beside each event, so without a second index and without the checks
            // of a foreign key, which the event's own row has passed already.
            """
            CREATE TABLE audit_addresses (
                tenant_id TEXT NOT NULL, tag TEXT NOT NULL, event_id TEXT NOT NULL, key_id TEXT NOT NULL,
                PRIMARY KEY (tenant_id, tag, event_id)
            )
            """
        ])
}
