// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors

package import Security

/// The right to do one job for a while, for one host at a time.
///
/// A lease is time, and time can be slept through: whoever holds one may wake up after somebody else has taken it over. So it carries a
/// fence, a number that grows with every holder, and each write of the job checks it in its own transaction (``JobLeases/require(_:)``).
package struct JobLease: Sendable, Hashable {
    /// What is done.
    package let name: String
    /// For whom; nil for what concerns the whole installation.
    package let tenant: TenantID?
    /// Who does it: a run of a host, as it stands in `hosts`.
    package let holder: String
    /// Greater than that of every holder before.
    package let fence: Int64
    /// When others may take it over, by the shared clock.
    package let until: Int64

    package init(name: String, tenant: TenantID?, holder: String, fence: Int64, until: Int64) {
        (self.name, self.tenant, self.holder, self.fence, self.until) = (name, tenant, holder, fence, until)
    }
}

/// The leases of one tenant's jobs, or of the installation's.
///
/// Times are the shared clock's (see ``DatabaseClock``), so that hosts whose own clocks differ agree on when a lease ends.
package struct JobLeases {
    private let connection: any SQLConnection
    private let tenant: TenantID?

    /// The leases of the transaction's tenant.
    package init(_ tx: TenantTransaction) { (connection, tenant) = (tx, tx.scope.tenant) }

    /// The leases of a tenant, or of the installation.
    package init(_ tx: PlatformTransaction, tenant: TenantID? = nil) { (connection, self.tenant) = (tx, tenant) }

    /// Takes a job for `milliseconds`; nil while another holds it.
    ///
    /// Never waits for another host: a row that is locked is being worked with. Whoever holds the job and asks again gets a new fence,
    /// and loses the old one.
    package func acquire(_ name: String, holder: String, milliseconds: Int64, at now: Int64) throws -> JobLease? {
        let until = now + milliseconds
        let taken = try connection.query(
            """
            SELECT fence FROM job_leases WHERE tenant_id = $1 AND name = $2 AND (lease_until <= $3 OR holder = $4)\(connection.dialect.skipLocked)
            """,
            [scope, .text(name), .int(now), .text(holder)])
        if let row = taken.first {
            let fence = try row.int("fence") + 1
            try connection.execute(
                "UPDATE job_leases SET holder = $3, fence = $4, lease_until = $5 WHERE tenant_id = $1 AND name = $2",
                [scope, .text(name), .text(holder), .int(fence), .int(until)])
            return JobLease(name: name, tenant: tenant, holder: holder, fence: fence, until: until)
        }
        let added = try connection.execute(
            """
            INSERT INTO job_leases (tenant_id, name, holder, fence, lease_until) VALUES ($1, $2, $3, 1, $4)
            ON CONFLICT (tenant_id, name) DO NOTHING
            """,
            [scope, .text(name), .text(holder), .int(until)])
        return added == 1 ? JobLease(name: name, tenant: tenant, holder: holder, fence: 1, until: until) : nil
    }

    /// Prolongs a lease, even one that has run out, as long as nobody has taken it over; nil when somebody has.
    package func renew(_ lease: JobLease, milliseconds: Int64, at now: Int64) throws -> JobLease? {
        let until = max(lease.until, now + milliseconds)
        let renewed = try connection.execute(
            "UPDATE job_leases SET lease_until = $5 WHERE tenant_id = $1 AND name = $2 AND holder = $3 AND fence = $4",
            key(lease) + [.int(until)])
        guard renewed == 1 else { return nil }
        return JobLease(name: lease.name, tenant: lease.tenant, holder: lease.holder, fence: lease.fence, until: until)
    }

    /// Lets others have the job at once; nothing happens when it is somebody else's already.
    package func release(_ lease: JobLease) throws {
        try connection.execute(
            "UPDATE job_leases SET lease_until = 0, holder = '' WHERE tenant_id = $1 AND name = $2 AND holder = $3 AND fence = $4",
            key(lease))
    }

    /// Throws `.leaseLost` when somebody else has taken the job over; else nobody can until this transaction has ended.
    ///
    /// Call it in every transaction that writes for the job. A lease that has merely run out still counts: nobody has written since.
    package func require(_ lease: JobLease) throws {
        let held = try connection.query(
            """
            SELECT fence FROM job_leases WHERE tenant_id = $1 AND name = $2 AND holder = $3 AND fence = $4\(connection.dialect.sharing)
            """, key(lease))
        guard !held.isEmpty else { throw StorageError(.leaseLost, "another host has taken over '\(lease.name)': this one stops") }
    }

    /// Whether a lease is still its holder's, at this moment: for a look before work, never in place of ``require(_:)``.
    package func holds(_ lease: JobLease) throws -> Bool {
        try !connection.query(
            "SELECT fence FROM job_leases WHERE tenant_id = $1 AND name = $2 AND holder = $3 AND fence = $4 AND lease_until > 0", key(lease)
        ).isEmpty
    }

    private var scope: SQLValue { .text(tenant?.description ?? "") }

    private func key(_ lease: JobLease) -> [SQLValue] {
        // By the transaction's tenant: another's lease is none here.
        [lease.tenant == tenant ? scope : .null, .text(lease.name), .text(lease.holder), .int(lease.fence)]
    }
}

extension Dialect {
    /// Keeps rows from changing until the transaction ends.
    var sharing: String { self == .postgresql ? " FOR SHARE" : "" }
}
