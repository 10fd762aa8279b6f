// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors

package import Security

/// One call to a provider on behalf of a payment, written before anything leaves.
package struct PaymentAttemptRecord: Sendable, Hashable {
    package let id: CallID
    package let payment: PaymentID
    package let refund: RefundID?
    package let operation: String
    /// The idempotency key that the provider sees.
    package let providerKey: String
    /// How many earlier attempts of this operation the provider has answered.
    package let group: Int64
    /// in_flight, closed, or lost with its host.
    package var state: String
    package var outcome: String?
    /// Keeps every other call off the payment while this one is in flight.
    package let isExclusive: Bool
    package let hostRun: String
    package let leaseUntil: Int64
    package let startedAt: Int64

    package init(
        id: CallID, payment: PaymentID, refund: RefundID? = nil, operation: String, providerKey: String, group: Int64,
        state: String = "in_flight", outcome: String? = nil, isExclusive: Bool, hostRun: String, leaseUntil: Int64, startedAt: Int64
    ) {
        self.id = id
        self.payment = payment
        self.refund = refund
        self.operation = operation
        self.providerKey = providerKey
        self.group = group
        self.state = state
        self.outcome = outcome
        self.isExclusive = isExclusive
        self.hostRun = hostRun
        self.leaseUntil = leaseUntil
        self.startedAt = startedAt
    }

    init(_ row: Row) throws {
        let locked: String? = try row["locked_payment"]
        self.init(
            id: try row.id("id"), payment: try row.id("payment_id"), refund: try row.optionalID("refund_id"),
            operation: try row["operation"],
            providerKey: try row["provider_key"], group: try row["attempt_group"], state: try row["state"], outcome: try row["outcome"],
            isExclusive: locked != nil, hostRun: try row["host_run"], leaseUntil: try row["lease_until"], startedAt: try row["started_at"])
    }
}

/// The calls of one tenant's payments.
package struct PaymentAttemptRepository {
    private let tx: TenantTransaction

    package init(_ tx: TenantTransaction) { self.tx = tx }

    /// Opens an attempt; false when another call is on the payment that does not bear this one beside it.
    ///
    /// Call it while the payment is locked. Refunds may run beside each other; everything else runs alone.
    package func open(_ attempt: PaymentAttemptRecord) throws -> Bool {
        let others = try tx.query(
            "SELECT locked_payment FROM payment_attempts WHERE tenant_id = $1 AND payment_id = $2 AND state = 'in_flight'",
            [tx.tenant, .text(attempt.payment.description)])
        if attempt.isExclusive, !others.isEmpty { return false }
        for other in others {
            let locked: String? = try other["locked_payment"]
            if locked != nil { return false }
        }
        return try tx.execute(
            """
            INSERT INTO payment_attempts (tenant_id, id, payment_id, refund_id, operation, provider_key, attempt_group, state, locked_payment,
                host_run, lease_until, started_at)
            VALUES ($1, $2, $3, $4, $5, $6, $7, 'in_flight', $8, $9, $10, $11)
            ON CONFLICT DO NOTHING
            """,
            [
                tx.tenant, .text(attempt.id.description), .text(attempt.payment.description), .text(orNull: attempt.refund?.description),
                .text(attempt.operation), .text(attempt.providerKey), .int(attempt.group),
                .text(orNull: attempt.isExclusive ? attempt.payment.description : nil), .text(attempt.hostRun), .int(attempt.leaseUntil),
                .int(attempt.startedAt),
            ]) == 1
    }

    /// Ends an attempt that is in flight; false when somebody else has ended it.
    package func end(_ id: CallID, state: String, outcome: String, nowMs: Int64) throws -> Bool {
        try tx.execute(
            """
            UPDATE payment_attempts SET state = $3, outcome = $4, closed_at = $5, locked_payment = NULL
            WHERE tenant_id = $1 AND id = $2 AND state = 'in_flight'
            """,
            [tx.tenant, .text(id.description), .text(state), .text(outcome), .int(nowMs)]) == 1
    }

    /// The attempt, or nil.
    package func find(_ id: CallID) throws -> PaymentAttemptRecord? {
        try tx.query("SELECT * FROM payment_attempts WHERE tenant_id = $1 AND id = $2", [tx.tenant, .text(id.description)])
            .first.map(PaymentAttemptRecord.init)
    }

    /// All attempts of a payment, oldest first.
    package func attempts(of payment: PaymentID) throws -> [PaymentAttemptRecord] {
        try tx.query(
            "SELECT * FROM payment_attempts WHERE tenant_id = $1 AND payment_id = $2 ORDER BY started_at, id",
            [tx.tenant, .text(payment.description)]
        ).map(PaymentAttemptRecord.init)
    }

    /// Counts attempts in doubt as answered, since the provider has said where the payment stands.
    package func resolve(_ payment: PaymentID) throws {
        try tx.execute(
            """
            UPDATE payment_attempts SET outcome = 'resolved'
            WHERE tenant_id = $1 AND payment_id = $2 AND outcome = 'unknown' AND refund_id IS NULL
            """,
            [tx.tenant, .text(payment.description)])
    }

    /// How many attempts of the operation the provider has answered: each answered one opens a new group of retries.
    package func answered(_ operation: String, of payment: PaymentID) throws -> Int64 {
        let rows = try tx.query(
            """
            SELECT COUNT(*) AS answered FROM payment_attempts
            WHERE tenant_id = $1 AND payment_id = $2 AND operation = $3 AND state <> 'in_flight'
                AND outcome NOT IN ('not_sent', 'unknown')
            """,
            [tx.tenant, .text(payment.description), .text(operation)])
        return try rows.first?["answered"] ?? 0
    }
}
