// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors

package import Security

/// Work that is due over all tenants: claimed here by one host, dealt with tenant by tenant.
///
/// What is claimed is nobody else's until the claim ends, and many hosts that ask at the same time get different rows.
package struct PaymentQueue {
    /// One row to deal with.
    package struct Item: Sendable, Hashable {
        package let tenant: TenantID
        package let id: String
    }

    /// A payment or refund to ask a provider about.
    package struct Claim: Sendable, Hashable {
        package let item: Item
        package let owner: String
        /// Greater than that of every claim of the row before.
        package let fence: Int64
    }

    private let tx: PlatformTransaction

    package init(_ tx: PlatformTransaction) { self.tx = tx }

    /// Takes payments to ask a provider about.
    package func claimPayments(by owner: String, nowMs: Int64, until: Int64, limit: Int) throws -> [Claim] {
        try claim("payments", owner, nowMs, until, limit)
    }

    /// Takes refunds to ask a provider about.
    package func claimRefunds(by owner: String, nowMs: Int64, until: Int64, limit: Int) throws -> [Claim] {
        try claim("refunds", owner, nowMs, until, limit)
    }

    /// What is due of a tenant that is suspended or deleted waits as it is, and no question is counted.
    static func isInService(_ column: String) -> String {
        "EXISTS (SELECT 1 FROM tenants t WHERE t.id = \(column) AND t.status = 'active')"
    }

    /// What a host claims again it has not come to the end of: it asks once at a time.
    private func claim(_ table: String, _ owner: String, _ nowMs: Int64, _ until: Int64, _ limit: Int) throws -> [Claim] {
        try tx.query(
            """
            WITH due AS MATERIALIZED (
                SELECT tenant_id, id FROM \(table) WHERE reconcile_at <= $1 AND (claimed_until IS NULL OR claimed_until <= $1 OR claimed_by = $3)
                    AND \(Self.isInService("\(table).tenant_id"))
                ORDER BY reconcile_at LIMIT $2\(tx.dialect.skipLocked))
            UPDATE \(table) SET claimed_by = $3, claimed_until = $4, claim_fence = claim_fence + 1
            WHERE (tenant_id, id) IN (SELECT tenant_id, id FROM due)
            RETURNING tenant_id, id, claim_fence
            """,
            [.int(nowMs), .int(Int64(limit)), .text(owner), .int(until)]
        ).map { Claim(item: try item($0), owner: owner, fence: try $0["claim_fence"]) }
    }

    /// Takes messages to deal with, the oldest first, so that those of one payment keep their order on one host.
    ///
    /// The fence is the message's number of tries.
    package func claimWebhooks(by owner: String, nowMs: Int64, until: Int64, limit: Int) throws -> [Claim] {
        try tx.query(
            """
            WITH due AS MATERIALIZED (
                SELECT tenant_id, id FROM webhook_events WHERE due_at <= $1 AND (claimed_until IS NULL OR claimed_until <= $1)
                    AND \(Self.isInService("webhook_events.tenant_id"))
                ORDER BY received_at, id LIMIT $2\(tx.dialect.skipLocked))
            UPDATE webhook_events SET claimed_by = $3, claimed_until = $4, tries = tries + 1
            WHERE (tenant_id, id) IN (SELECT tenant_id, id FROM due)
            RETURNING tenant_id, id, received_at, tries
            """,
            [.int(nowMs), .int(Int64(limit)), .text(owner), .int(until)]
        ).map { (try $0.int("received_at"), Claim(item: try item($0), owner: owner, fence: try $0["tries"])) }
            .sorted { ($0.0, $0.1.item.id) < ($1.0, $1.1.item.id) }.map(\.1)
    }

    /// The runs of hosts that are in a call, or were when they died.
    package func runsInFlight() throws -> [String] {
        try tx.query("SELECT DISTINCT host_run FROM payment_attempts WHERE state = 'in_flight'", []).map { try $0.text("host_run") }
    }

    /// Calls whose host has ended, or has not come back within the lease.
    package func lostAttempts(nowMs: Int64) throws -> [Item] {
        try tx.query(
            """
            SELECT a.tenant_id, a.id FROM payment_attempts a LEFT JOIN hosts h ON h.run = a.host_run
            WHERE a.state = 'in_flight' AND (a.lease_until <= $1 OR h.ended_at IS NOT NULL)
                AND NOT EXISTS (SELECT 1 FROM tenants t WHERE t.id = a.tenant_id AND t.status = 'purged')
            ORDER BY a.started_at
            """, [.int(nowMs)]
        ).map(item)
    }

    /// Forgets answers whose time is over.
    @discardableResult
    package func forgetAnswers(nowMs: Int64) throws -> Int {
        try tx.execute("DELETE FROM idempotency_keys WHERE expires_at <= $1 AND state <> 'in_progress'", [.int(nowMs)])
    }

    private func item(_ row: Row) throws -> Item {
        Item(tenant: try row.id("tenant_id"), id: try row["id"])
    }
}

extension PaymentRepository {
    /// Ends the claim on a payment in favour of the question that it was taken for; false when somebody else has taken it over.
    package func redeem(_ claim: PaymentQueue.Claim, of table: ClaimedTable) throws -> Bool {
        try tx.execute(
            """
            UPDATE \(table.rawValue) SET claimed_by = NULL, claimed_until = NULL
            WHERE tenant_id = $1 AND id = $2 AND claimed_by = $3 AND claim_fence = $4
            """,
            [tx.tenant, .text(claim.item.id), .text(claim.owner), .int(claim.fence)]) == 1
    }

    /// Where claims stand.
    package enum ClaimedTable: String, Sendable {
        case payments, refunds
    }
}
