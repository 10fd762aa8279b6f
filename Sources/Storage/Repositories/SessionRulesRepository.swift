// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors

package import Security

/// What one tenant asks of sessions.
package struct SessionRulesRepository {
    private let tx: TenantTransaction

    package init(_ tx: TenantTransaction) { self.tx = tx }

    /// The rules, if there are any, and which state of the tenant's policy is in force, in one statement.
    package func find() throws -> (rules: SessionRules?, policy: String) {
        let rows = try tx.query(
            """
            SELECT p.revision, \(Self.columns) FROM policies p LEFT JOIN session_rules r ON r.tenant_id = p.tenant_id
            WHERE p.tenant_id = $1
            """, [tx.tenant])
        guard let row = rows.first else { throw StorageError(.notFound, "there is no such tenant") }
        return (try SessionRules(row: row), try row["revision"])
    }

    /// The same, with what is known of a user's sign-ins so far, seen from where the next one comes from.
    package func standing(of user: UserID, from origin: SignInOrigin, at now: Int64) throws -> SignInStanding {
        let tags = origin.places.isEmpty ? "''" : origin.places.indices.map { "$\($0 + 4)" }.joined(separator: ", ")
        let rows = try tx.query(
            """
            SELECT p.revision, \(Self.columns),
                (SELECT count(*) FROM sign_in_places k WHERE k.tenant_id = p.tenant_id AND k.user_id = $2
                    AND k.last_used_at > $3 AND k.tag IN (\(tags))) AS known,
                (SELECT count(*) FROM sign_in_places x WHERE x.tenant_id = p.tenant_id AND x.user_id = $2) AS places,
                (SELECT count(*) FROM devices d WHERE d.tenant_id = p.tenant_id AND d.user_id = $2) AS devices
            FROM policies p LEFT JOIN session_rules r ON r.tenant_id = p.tenant_id WHERE p.tenant_id = $1
            """,
            [tx.tenant, .text(user.description), .int(now - SignInLanes.memory)] + origin.places.map(SQLValue.text))
        guard let row = rows.first else { throw StorageError(.notFound, "there is no such tenant") }
        return SignInStanding(
            rules: try SessionRules(row: row), policy: try row["revision"],
            isFirst: try row.int("places") == 0 && row.int("devices") == 0,
            knowsPlace: try row.int("known") > 0)
    }

    /// Stores rules; nil takes them away.
    package func set(_ rules: SessionRules?) throws {
        guard let rules else {
            try tx.execute("DELETE FROM session_rules WHERE tenant_id = $1", [tx.tenant])
            return
        }
        try tx.execute(
            """
            INSERT INTO session_rules (tenant_id, idle, lifetime, admin_idle, admin_lifetime, concurrent, when_full, new_devices)
            VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
            ON CONFLICT (tenant_id) DO UPDATE SET idle = $2, lifetime = $3, admin_idle = $4, admin_lifetime = $5, concurrent = $6,
                when_full = $7, new_devices = $8
            """,
            [
                tx.tenant, .int(rules.usual.idle), .int(rules.usual.lifetime), .int(rules.administrators.idle),
                .int(rules.administrators.lifetime), .int(rules.concurrent), .text(rules.whenFull.rawValue),
                .text(rules.newDevices.rawValue),
            ])
    }

    static let columns = "r.idle, r.lifetime, r.admin_idle, r.admin_lifetime, r.concurrent, r.when_full, r.new_devices"
}

extension SessionRules {
    /// From a row of an outer join: nil where the tenant has no rules.
    init?(row: Row) throws {
        let idle: Int64? = try row["idle"]
        guard let idle else { return nil }
        self.init(
            usual: Limits(idle: idle, lifetime: try row["lifetime"]),
            administrators: Limits(idle: try row["admin_idle"], lifetime: try row["admin_lifetime"]), concurrent: try row["concurrent"],
            whenFull: try row.choice("when_full"), newDevices: try row.choice("new_devices"))
    }
}
