// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors

package import Security

/// The failed attempts of one user at one factor, or in one lane of it: one counter, whichever path they came by.
package struct LoginCounter {
    /// Milliseconds of quiet after which failures are forgotten.
    private static let memory: Int64 = 86_400_000

    /// The factor of a sign-in by password, and the lane of strangers at it.
    package static let password = "password"

    private let tx: TenantTransaction
    private let key: [SQLValue]

    package init(_ tx: TenantTransaction, user: UserID, factor: String) {
        self.tx = tx
        key = [tx.tenant, .text(user.description), .text(factor)]
    }

    /// Counts one attempt as failed before it is looked at; answers false, and counts nothing, while the user has to wait.
    package func claim(now: Int64, delay: (_ failures: Int64) -> Int64) throws -> Bool {
        // Touching the row takes its lock: parallel guesses are counted one after the other.
        let rows = try tx.query(
            """
            INSERT INTO login_counters (tenant_id, user_id, factor, failures, retry_at) VALUES ($1, $2, $3, 0, 0)
            ON CONFLICT (tenant_id, user_id, factor) DO UPDATE SET failures = login_counters.failures
            RETURNING failures, retry_at
            """, key)
        let retryAt = try rows[0].int("retry_at")
        guard retryAt <= now else { return false }
        let failures = try retryAt < now - Self.memory ? 1 : rows[0].int("failures") + 1
        try tx.execute(
            "UPDATE login_counters SET failures = $4, retry_at = $5 WHERE tenant_id = $1 AND user_id = $2 AND factor = $3",
            key + [.int(failures), .int(now + delay(failures))])
        return true
    }

    /// Takes back one claim that nobody judged.
    ///
    /// The wait that it set goes with it: while there was another one to keep, it was not allowed.
    package func release(now: Int64) throws {
        try tx.execute(
            """
            UPDATE login_counters SET failures = failures - 1, retry_at = $4
            WHERE tenant_id = $1 AND user_id = $2 AND factor = $3 AND failures > 0
            """, key + [.int(now)])
    }

    /// Forgets the failures after a success.
    package func reset() throws {
        try tx.execute("DELETE FROM login_counters WHERE tenant_id = $1 AND user_id = $2 AND factor = $3", key)
    }

    /// How many attempts failed in a row.
    package func failures() throws -> Int64 {
        try tx.query("SELECT failures FROM login_counters WHERE tenant_id = $1 AND user_id = $2 AND factor = $3", key)
            .first?.int("failures") ?? 0
    }
}
