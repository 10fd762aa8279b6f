// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors

package import Security

/// What is remembered of one request that carried an Idempotency-Key.
package struct IdempotencyRecord: Sendable, Hashable {
    package let operation: String
    package let keyHash: String
    package let bodyHash: String
    /// in_progress, answered, or orphaned by the host that worked on it.
    package let state: String
    package let answer: String?
    package let resource: String
    package let attempt: String
    package let leaseUntil: Int64
    package let createdAt: Int64
    package let expiresAt: Int64

    package init(
        operation: String, keyHash: String, bodyHash: String, state: String = "in_progress", answer: String? = nil, resource: String,
        attempt: String, leaseUntil: Int64, createdAt: Int64, expiresAt: Int64
    ) {
        self.operation = operation
        self.keyHash = keyHash
        self.bodyHash = bodyHash
        self.state = state
        self.answer = answer
        self.resource = resource
        self.attempt = attempt
        self.leaseUntil = leaseUntil
        self.createdAt = createdAt
        self.expiresAt = expiresAt
    }

    init(_ row: Row) throws {
        self.init(
            operation: try row["operation"], keyHash: try row["key_hash"], bodyHash: try row["body_hash"], state: try row["state"],
            answer: try row["answer"], resource: try row["resource_id"], attempt: try row["attempt_id"],
            leaseUntil: try row["lease_until"], createdAt: try row["created_at"], expiresAt: try row["expires_at"])
    }
}

/// The remembered requests of one tenant; a key is bound to its operation.
package struct PaymentIdempotencyRepository {
    private let tx: TenantTransaction

    package init(_ tx: TenantTransaction) { self.tx = tx }

    /// Remembers a request; false when the key is known already.
    package func insert(_ record: IdempotencyRecord) throws -> Bool {
        try tx.execute(
            """
            INSERT INTO idempotency_keys (tenant_id, operation, key_hash, body_hash, state, resource_id, attempt_id, lease_until, created_at,
                expires_at)
            VALUES ($1, $2, $3, $4, 'in_progress', $5, $6, $7, $8, $9)
            ON CONFLICT DO NOTHING
            """,
            [
                tx.tenant, .text(record.operation), .text(record.keyHash), .text(record.bodyHash), .text(record.resource),
                .text(record.attempt), .int(record.leaseUntil), .int(record.createdAt), .int(record.expiresAt),
            ]) == 1
    }

    /// What is known of a key.
    package func find(operation: String, keyHash: String) throws -> IdempotencyRecord? {
        try tx.query(
            "SELECT * FROM idempotency_keys WHERE tenant_id = $1 AND operation = $2 AND key_hash = $3",
            [tx.tenant, .text(operation), .text(keyHash)]
        ).first.map(IdempotencyRecord.init)
    }

    /// Keeps the answer of the request that ran as `attempt`; false when it is not waiting for one.
    @discardableResult
    package func answer(attempt: CallID, with answer: String) throws -> Bool {
        try tx.execute(
            "UPDATE idempotency_keys SET state = 'answered', answer = $3 WHERE tenant_id = $1 AND attempt_id = $2 AND state = 'in_progress'",
            [tx.tenant, .text(attempt.description), .text(answer)]) == 1
    }

    /// Gives up on an answer: from now on the resource's own state is the answer.
    package func orphan(attempt: CallID) throws {
        try tx.execute(
            "UPDATE idempotency_keys SET state = 'orphaned' WHERE tenant_id = $1 AND attempt_id = $2 AND state = 'in_progress'",
            [tx.tenant, .text(attempt.description)])
    }
}
