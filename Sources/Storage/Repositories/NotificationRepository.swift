// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors

package import Security

/// One message on its way through a notifier.
package struct NotificationRecord: Sendable, Hashable {
    package enum Status: String, Sendable {
        case queued, sending, accepted, delivered, failed, suppressed, unknown
        case deadLetter = "dead_letter"
    }

    package var id: NotificationID
    package var instance: InstanceID
    package var plugin: PluginID
    package var dedupeKey: String
    package var eventType: String
    /// The message as the notifier gets it, as JSON.
    package var message: String
    package var status: Status
    /// What to do when nobody knows whether a send arrived: send again, or rather not at all (codes, legal mail).
    package var dropsUnknown: Bool
    package var attempts: Int
    package var dueAt: Int64?
    package var providerMessageIDs: String
    package var failure: String?
    package var createdAt: Int64
    package var updatedAt: Int64

    package init(
        id: NotificationID, instance: InstanceID, plugin: PluginID, dedupeKey: String, eventType: String, message: String, status: Status,
        dropsUnknown: Bool, attempts: Int, dueAt: Int64?, providerMessageIDs: String = "[]", failure: String? = nil, createdAt: Int64
    ) {
        self.id = id
        self.instance = instance
        self.plugin = plugin
        self.dedupeKey = dedupeKey
        self.eventType = eventType
        self.message = message
        self.status = status
        self.dropsUnknown = dropsUnknown
        self.attempts = attempts
        self.dueAt = dueAt
        self.providerMessageIDs = providerMessageIDs
        self.failure = failure
        self.createdAt = createdAt
        self.updatedAt = createdAt
    }
}

/// Notifications of one tenant.
package struct NotificationRepository {
    private let transaction: TenantTransaction

    package init(_ transaction: TenantTransaction) {
        self.transaction = transaction
    }

    /// Queues a message; false when the same message for the same instance is there already.
    package func insert(_ record: NotificationRecord) throws -> Bool {
        try transaction.execute(
            """
            INSERT INTO notifications
                (tenant_id, id, instance_id, plugin_id, dedupe_key, event_type, message, status, on_unknown, attempts, due_at,
                 provider_message_ids, created_at, updated_at)
            VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14)
            ON CONFLICT (tenant_id, instance_id, dedupe_key) DO NOTHING
            """,
            [
                transaction.tenant, .text(record.id.description), .text(record.instance.description), .text(record.plugin.description),
                .text(record.dedupeKey), .text(record.eventType), .text(record.message), .text(record.status.rawValue),
                .text(record.dropsUnknown ? "drop" : "retry"), .int(Int64(record.attempts)), .int(orNull: record.dueAt),
                .text(record.providerMessageIDs), .int(record.createdAt), .int(record.createdAt),
            ]) == 1
    }

    package func notification(_ id: NotificationID) throws -> NotificationRecord? {
        try transaction.query(
            "SELECT * FROM notifications WHERE tenant_id = $1 AND id = $2", [transaction.tenant, .text(id.description)]
        ).first.map(NotificationRecord.init(row:))
    }

    /// One page of the notifications that may be seen, the newest first.
    package func page(_ permit: ListPermit, behind place: String?, limit: Int) throws -> ListedPage<NotificationRecord> {
        try permit.page(in: transaction, behind: place, limit: limit, isDescending: true) { part, place, count in
            let condition = part.condition(from: 4) { _ in nil }
            return try transaction.query(
                """
                SELECT * FROM notifications WHERE tenant_id = $1 AND ($2 = '' OR id < $2)\(condition.sql) ORDER BY id DESC LIMIT $3
                """, [transaction.tenant, .text(place ?? ""), .int(Int64(count))] + condition.values
            ).map(NotificationRecord.init(row:))
        }
    }

    package func notification(of instance: InstanceID, dedupeKey: String) throws -> NotificationRecord? {
        try transaction.query(
            "SELECT * FROM notifications WHERE tenant_id = $1 AND instance_id = $2 AND dedupe_key = $3",
            [transaction.tenant, .text(instance.description), .text(dedupeKey)]
        ).first.map(NotificationRecord.init(row:))
    }

    /// A host that died while it sent leaves nobody knowing: what must not be sent twice ends here as unknown.
    @discardableResult
    package func giveUpAbandoned(at now: Int64) throws -> Int {
        try transaction.execute(
            """
            UPDATE notifications SET status = 'unknown', due_at = NULL, lease_owner = NULL, lease_until = NULL, updated_at = $2
            WHERE tenant_id = $1 AND status = 'sending' AND on_unknown = 'drop' AND lease_until <= $2
            """,
            [transaction.tenant, .int(now)])
    }

    /// Takes what is due, oldest first: a row belongs to its owner until the lease ends or the row is settled.
    ///
    /// The row's number of attempts is the claim's fence: it grows with every claim. A claimed row is not under way yet: whoever dies before
    /// ``start(_:owner:at:leaseUntil:)`` has certainly sent nothing.
    package func claim(owner: String, at now: Int64, leaseUntil: Int64, limit: Int) throws -> [NotificationRecord] {
        try transaction.query(
            """
            WITH due AS MATERIALIZED (
                SELECT tenant_id, id FROM notifications
                WHERE tenant_id = $1 AND due_at <= $4 AND (lease_until IS NULL OR lease_until <= $4)
                ORDER BY due_at, id LIMIT $5\(transaction.dialect.skipLocked))
            UPDATE notifications SET status = 'queued', attempts = attempts + 1, lease_owner = $2, lease_until = $3, updated_at = $4
            WHERE (tenant_id, id) IN (SELECT tenant_id, id FROM due)
            RETURNING *
            """,
            [transaction.tenant, .text(owner), .int(leaseUntil), .int(now), .int(Int64(limit))]
        ).map(NotificationRecord.init(row:)).sorted { ($0.dueAt ?? 0, $0.id) < ($1.dueAt ?? 0, $1.id) }
    }

    /// A claimed row goes out now; false when the lease has run out meanwhile, so that somebody else may send it.
    package func start(_ record: NotificationRecord, owner: String, at now: Int64, leaseUntil: Int64) throws -> Bool {
        try transaction.execute(
            """
            UPDATE notifications SET status = 'sending', lease_until = $5, updated_at = $4
            WHERE tenant_id = $1 AND id = $2 AND lease_owner = $3 AND lease_until > $4 AND attempts = $6
            """,
            [
                transaction.tenant, .text(record.id.description), .text(owner), .int(now), .int(leaseUntil), .int(Int64(record.attempts)),
            ]) == 1
    }

    /// Writes what became of a claimed row; false when it was claimed again meanwhile.
    package func settle(_ record: NotificationRecord, owner: String, at now: Int64) throws -> Bool {
        try transaction.execute(
            """
            UPDATE notifications SET status = $4, due_at = $5, provider_message_ids = $6, failure = $7, lease_owner = NULL,
                lease_until = NULL, updated_at = $8
            WHERE tenant_id = $1 AND id = $2 AND lease_owner = $3 AND attempts = $9
            """,
            [
                transaction.tenant, .text(record.id.description), .text(owner), .text(record.status.rawValue), .int(orNull: record.dueAt),
                .text(record.providerMessageIDs), .text(orNull: record.failure), .int(now), .int(Int64(record.attempts)),
            ]) == 1
    }
}

/// Which tenants have messages to send: asked by the job that sends them.
package struct DueNotifications {
    private let transaction: PlatformTransaction

    package init(_ transaction: PlatformTransaction) {
        self.transaction = transaction
    }

    /// Tenants with something due, the longest waiting first.
    package func tenants(at now: Int64, limit: Int) throws -> [TenantID] {
        try transaction.query(
            """
            SELECT tenant_id, MIN(due_at) AS first_due FROM notifications
            WHERE due_at <= $1 AND (lease_until IS NULL OR lease_until <= $1)
                AND \(PaymentQueue.isInService("notifications.tenant_id"))
            GROUP BY tenant_id ORDER BY first_due LIMIT $2
            """,
            [.int(now), .int(Int64(limit))]
        ).map { row in
            guard let tenant = TenantID(try row.text("tenant_id")) else {
                throw StorageError(.unexpectedValue, "a tenant id that this program cannot have written")
            }
            return tenant
        }
    }
}

extension NotificationRecord {
    fileprivate init(row: Row) throws {
        guard let id = NotificationID(try row.text("id")), let instance = InstanceID(try row.text("instance_id")),
            let plugin = PluginID(try row.text("plugin_id")), let status = Status(rawValue: try row.text("status"))
        else { throw StorageError(.unexpectedValue, "a notification row that this program cannot have written") }
        self.init(
            id: id, instance: instance, plugin: plugin, dedupeKey: try row.text("dedupe_key"), eventType: try row.text("event_type"),
            message: try row.text("message"), status: status, dropsUnknown: try row.text("on_unknown") == "drop",
            attempts: try row["attempts"], dueAt: try row["due_at"], providerMessageIDs: try row.text("provider_message_ids"),
            failure: try row["failure"], createdAt: try row.int("created_at"))
        updatedAt = try row.int("updated_at")
    }
}
