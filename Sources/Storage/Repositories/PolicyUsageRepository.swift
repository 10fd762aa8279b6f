// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors

package import Security
package import Values

/// Which parts of a tenant's policy decisions came by, on which days.
package struct PolicyUsageRepository {
    private let tx: TenantTransaction

    package init(_ tx: TenantTransaction) { self.tx = tx }

    /// Days of 24 hours since 1970.
    package static func day(of time: Int64) -> Int64 { time / 86_400_000 }

    /// Adds to the counts of a day. In one order, so that two hosts do not wait for each other.
    package func add(_ uses: [PolicyUse: Int64], on day: Int64) throws {
        for (use, count) in uses.sorted(by: { $0.key < $1.key }) {
            try tx.execute(
                """
                INSERT INTO policy_usage (tenant_id, kind, name, day, uses) VALUES ($1, $2, $3, $4, $5)
                ON CONFLICT (tenant_id, kind, name, day) DO UPDATE SET uses = policy_usage.uses + excluded.uses
                """, [tx.tenant, .text(use.kind.rawValue), .text(use.name), .int(day), .int(count)])
        }
    }

    /// The last day of each part that was ever used.
    package func lastDays() throws -> [PolicyUse: Int64] {
        let rows = try tx.query(
            "SELECT kind, name, MAX(day) AS day FROM policy_usage WHERE tenant_id = $1 GROUP BY kind, name", [tx.tenant])
        return Dictionary(
            try rows.map { (PolicyUse(try $0.choice("kind"), try $0["name"]), try $0.int("day")) }, uniquingKeysWith: { $1 })
    }

    /// The first day that something was counted on.
    package func firstDay() throws -> Int64? {
        try tx.query("SELECT day FROM policy_usage WHERE tenant_id = $1 ORDER BY day LIMIT 1", [tx.tenant]).first?.int("day")
    }

    /// Forgets what is older than a day.
    package func forget(before day: Int64) throws {
        try tx.execute("DELETE FROM policy_usage WHERE tenant_id = $1 AND day < $2", [tx.tenant, .int(day)])
    }

    /// When each part of the policy came to be.
    package func ages() throws -> [PolicyUse: Int64] {
        var ages: [PolicyUse: Int64] = [:]
        for row in try tx.query("SELECT id, created_at FROM policy_rules WHERE tenant_id = $1", [tx.tenant]) {
            ages[PolicyUse(.rule, try row["id"])] = try row.int("created_at")
        }
        for row in try tx.query("SELECT name, created_at FROM roles WHERE tenant_id = $1", [tx.tenant]) {
            ages[PolicyUse(.role, try row["name"])] = try row.int("created_at")
        }
        for row in try tx.query("SELECT user_id, role, granted_at FROM user_roles WHERE tenant_id = $1", [tx.tenant]) {
            ages[.assignment(of: try row["role"], to: try row.id("user_id"))] = try row.int("granted_at")
        }
        return ages
    }

    /// The parts that are older than some days and that no decision came by in that time.
    package func unused(for days: Int64, at now: Int64) throws -> UnusedPolicy {
        let (policy, last, ages) = (try PolicyRepository(tx).load().policy, try lastDays(), try ages())
        let (day, moment) = (Self.day(of: now) - days, now - days * 86_400_000)
        let parts = policy.parts.filter { (ages[$0] ?? .min) < moment && (last[$0] ?? .min) < day }
        return UnusedPolicy(
            parts: parts.map { .init(use: $0, lastDay: last[$0]) }, rules: policy.rules,
            countedSince: try firstDay().map { $0 * 86_400_000 },
            isCountedLongEnough: try firstDay().map { $0 <= day } ?? false)
    }
}

/// What nobody needed of a policy.
package struct UnusedPolicy: Sendable {
    package struct Part: Sendable {
        package var use: PolicyUse
        /// The last day that it was used on, if it ever was.
        package var lastDay: Int64?
    }

    package var parts: [Part]
    package var rules: [Policy.Rule]
    /// Nil when nothing was counted yet.
    package var countedSince: Int64?
    /// Whether it was counted for as long as was asked about.
    package var isCountedLongEnough: Bool

    /// For programs.
    package var value: Value {
        [
            "unused": .array(
                parts.map { part in
                    .compact([
                        "kind": .string(part.use.kind.rawValue), "name": .string(part.use.name),
                        "last_used": part.lastDay.map { .int($0 * 86_400_000) }, "rule": rule(part.use).map { .string($0.text) },
                    ])
                }),
            "counted_since": countedSince.map(Value.int) ?? .null, "counted_long_enough": .bool(isCountedLongEnough),
        ]
    }

    /// The rule that a part is.
    package func rule(_ use: PolicyUse) -> Policy.Rule? { use.kind == .rule ? rules.first { $0.id == use.name } : nil }
}
