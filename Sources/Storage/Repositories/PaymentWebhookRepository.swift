// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors

package import Security

/// One message of a provider that was verified.
package struct WebhookEventRecord: Sendable, Hashable {
    package let id: EventID
    package let instance: String
    /// The provider's own name for the message.
    package let eventID: String
    /// verified, applied, ignored, parked or failed.
    package let state: String
    package let reason: String?
    /// The sealed message; nil once it has been dealt with.
    package let sealed: Sealed?
    package let tries: Int64
    package let dueAt: Int64?
    package let receivedAt: Int64

    package init(
        id: EventID, instance: String, eventID: String, state: String = "verified", reason: String? = nil,
        sealed: Sealed?, tries: Int64 = 0, dueAt: Int64?, receivedAt: Int64
    ) {
        self.id = id
        self.instance = instance
        self.eventID = eventID
        self.state = state
        self.reason = reason
        self.sealed = sealed
        self.tries = tries
        self.dueAt = dueAt
        self.receivedAt = receivedAt
    }

    init(_ row: Row) throws {
        let text: String? = try row["sealed"]
        let keyID: String? = try row["key_id"]
        let keyVersion: Int? = try row["key_version"]
        let sealed: Sealed? =
            if let text, let keyID, let keyVersion { Sealed(text: text, keyID: keyID, keyVersion: keyVersion) } else { nil }
        self.init(
            id: try row.id("id"), instance: try row["instance_id"], eventID: try row["event_id"], state: try row["state"],
            reason: try row["reason"],
            sealed: sealed, tries: try row["tries"], dueAt: try row["due_at"], receivedAt: try row["received_at"])
    }
}

/// Webhook endpoints and messages of one tenant.
package struct PaymentWebhookRepository {
    private let tx: TenantTransaction

    package init(_ tx: TenantTransaction) { self.tx = tx }

    /// Adds an endpoint for an instance and takes the older ones out of service.
    package func replaceEndpoint(id: EventID, instance: String, tokenHash: String, nowMs: Int64) throws {
        try tx.execute(
            "UPDATE webhook_endpoints SET revoked_at = $3 WHERE tenant_id = $1 AND instance_id = $2 AND revoked_at IS NULL",
            [tx.tenant, .text(instance), .int(nowMs)])
        try tx.execute(
            "INSERT INTO webhook_endpoints (tenant_id, id, instance_id, token_hash, created_at) VALUES ($1, $2, $3, $4, $5)",
            [tx.tenant, .text(id.description), .text(instance), .text(tokenHash), .int(nowMs)])
    }

    /// True when the instance has an endpoint in service.
    package func hasEndpoint(instance: String) throws -> Bool {
        !(try tx.query(
            "SELECT id FROM webhook_endpoints WHERE tenant_id = $1 AND instance_id = $2 AND revoked_at IS NULL",
            [tx.tenant, .text(instance)])).isEmpty
    }

    /// Adds a verified message; false when the instance has had one of that name.
    package func insert(_ event: WebhookEventRecord) throws -> Bool {
        try tx.execute(
            """
            INSERT INTO webhook_events (tenant_id, id, instance_id, event_id, state, sealed, key_id, key_version, tries, due_at, received_at)
            VALUES ($1, $2, $3, $4, 'verified', $5, $6, $7, 0, $8, $9)
            ON CONFLICT DO NOTHING
            """,
            [
                tx.tenant, .text(event.id.description), .text(event.instance), .text(event.eventID), .text(orNull: event.sealed?.text),
                .text(orNull: event.sealed?.keyID), .int(orNull: event.sealed.map { Int64($0.keyVersion) }), .int(orNull: event.dueAt),
                .int(event.receivedAt),
            ]) == 1
    }

    /// The message of that name.
    package func find(instance: String, eventID: String) throws -> WebhookEventRecord? {
        try tx.query(
            "SELECT * FROM webhook_events WHERE tenant_id = $1 AND instance_id = $2 AND event_id = $3",
            [tx.tenant, .text(instance), .text(eventID)]
        ).first.map(WebhookEventRecord.init)
    }

    /// The message under our own id.
    package func find(_ id: EventID) throws -> WebhookEventRecord? {
        try tx.query("SELECT * FROM webhook_events WHERE tenant_id = $1 AND id = $2", [tx.tenant, .text(id.description)])
            .first.map(WebhookEventRecord.init)
    }

    /// Takes a due message for one host until `until`; nil when another has it or nothing is to be done.
    package func claim(_ id: EventID, by hostRun: String, nowMs: Int64, until: Int64) throws -> WebhookEventRecord? {
        try tx.query(
            """
            UPDATE webhook_events SET claimed_by = $3, claimed_until = $4, tries = tries + 1
            WHERE tenant_id = $1 AND id = $2 AND state IN ('verified', 'parked', 'failed') AND sealed IS NOT NULL
                AND (claimed_until IS NULL OR claimed_until <= $5)
            RETURNING *
            """,
            [tx.tenant, .text(id.description), .text(hostRun), .int(until), .int(nowMs)]
        ).first.map(WebhookEventRecord.init)
    }

    /// Takes a repeated delivery of a message that was not dealt with; false when it was, or is at work.
    package func revive(_ id: EventID, sealed: Sealed, nowMs: Int64) throws -> Bool {
        try tx.execute(
            """
            UPDATE webhook_events SET due_at = $3, sealed = $4, key_id = $5, key_version = $6, tries = 0
            WHERE tenant_id = $1 AND id = $2 AND state IN ('failed', 'parked') AND (claimed_until IS NULL OR claimed_until <= $3)
            """,
            [
                tx.tenant, .text(id.description), .int(nowMs), .text(sealed.text), .text(sealed.keyID), .int(Int64(sealed.keyVersion)),
            ]) == 1
    }

    /// Writes what became of a claimed message; it is dropped itself unless it will be tried again. False when it was claimed again meanwhile.
    ///
    /// The number of tries is the claim's fence: it grows with every claim.
    package func settle(
        _ event: WebhookEventRecord, by hostRun: String, state: String, reason: String?, dueAt: Int64?, nowMs: Int64
    ) throws -> Bool {
        try tx.execute(
            """
            UPDATE webhook_events SET state = $3, reason = $4, due_at = $5, processed_at = $6, claimed_by = NULL, claimed_until = NULL,
                sealed = CASE WHEN $7 = 1 THEN sealed ELSE NULL END
            WHERE tenant_id = $1 AND id = $2 AND claimed_by = $8 AND tries = $9
            """,
            [
                tx.tenant, .text(event.id.description), .text(state), .text(orNull: reason), .int(orNull: dueAt), .int(nowMs),
                .bool(dueAt != nil), .text(hostRun), .int(event.tries),
            ]) == 1
    }
}

/// Finds where a webhook belongs before its tenant is known.
package struct WebhookEndpointDirectory {
    /// The tenant and instance behind a token.
    package struct Entry: Sendable, Hashable {
        package let tenant: TenantID
        package let instance: String
        package let tokenHash: String
        package let isTenantActive: Bool
    }

    private let tx: PlatformTransaction

    package init(_ tx: PlatformTransaction) { self.tx = tx }

    /// The endpoint in service under that hash.
    package func find(tokenHash: String) throws -> Entry? {
        try tx.query(
            """
            SELECT w.tenant_id, w.instance_id, w.token_hash, t.status FROM webhook_endpoints w JOIN tenants t ON t.id = w.tenant_id
            WHERE w.token_hash = $1 AND w.revoked_at IS NULL AND t.status <> 'purged'
            """, [.text(tokenHash)]
        ).first.map { row in
            Entry(
                tenant: try row.id("tenant_id"), instance: try row["instance_id"], tokenHash: try row["token_hash"],
                isTenantActive: try row.text("status") == "active")
        }
    }
}
