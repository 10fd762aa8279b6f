// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors

package import Security

/// What the check of one tenant's trail found.
package struct AuditReport: Sendable, Hashable {
    package var tenant: TenantID
    /// How many events are known to be good, from the first one on.
    package var verified: Int64
    /// Events that wait for the sequencer.
    package var waiting: Int64
    /// How many of the verified events retention has taken out; their hashes are there.
    package var pruned: Int64
    /// The first thing that is wrong; `nil` when the trail is whole.
    package var fault: AuditFault?

    package init(tenant: TenantID, verified: Int64, waiting: Int64 = 0, pruned: Int64 = 0, fault: AuditFault?) {
        (self.tenant, self.verified, self.waiting, self.pruned, self.fault) = (tenant, verified, waiting, pruned, fault)
    }
}

/// What the check of everything found.
package struct InstallationAuditReport: Sendable, Hashable {
    package var trails: [AuditReport] = []
    /// Checkpoints in the tree over all trails.
    package var forestSize: Int64 = 0
    /// What is wrong with that tree; its index counts checkpoints, not events.
    package var forestFault: AuditFault?

    /// Whether nothing is wrong.
    package var isWhole: Bool { forestFault == nil && trails.allSatisfy { $0.fault == nil } }
}

/// Checks trails row by row, in pages: memory does not grow with the trail.
package enum AuditVerification {
    /// Checks the trail of every tenant that has, or ever had, one, and the tree over them.
    ///
    /// - Parameters:
    ///   - tenant: only this trail, and not the forest.
    ///   - held: checkpoints that were kept elsewhere: the trails must continue them.
    package static func verify(
        _ tx: PlatformTransaction, signer: AuditSigner, only tenant: TenantID? = nil, held: [Checkpoint] = []
    ) throws -> InstallationAuditReport {
        var report = InstallationAuditReport()
        for trail in try tenant.map({ [$0] }) ?? trails(on: tx) {
            report.trails.append(try verify(trail, signer: signer, held: held, on: tx))
        }
        if tenant == nil {
            let forest = try TrailVerification(.forest, signer: signer, held: held, on: tx)
            try forest.run()
            report.forestSize = forest.verified
            report.forestFault = forest.fault
        }
        return report
    }

    /// Checks one trail; without keys, everything but the checkpoints' signatures.
    static func verify(_ trail: TenantID, signer: AuditSigner? = nil, held: [Checkpoint] = [], on connection: any SQLConnection) throws
        -> AuditReport
    {
        try TrailVerification(.trail(trail), signer: signer, held: held, on: connection).report(trail)
    }

    private static func trails(on connection: any SQLConnection) throws -> [TenantID] {
        var trails: Set<String> = try Set(connection.query("SELECT id FROM tenants", []).map { try $0.text("id") })
        for table in ["audit_events", "audit_leaves", "audit_checkpoints"] {
            var last = ""
            // One seek for each trail, instead of reading every row to find what differs.
            while let row = try connection.query(
                "SELECT tenant_id FROM \(table) WHERE tenant_id > $1 ORDER BY tenant_id LIMIT 1", [.text(last)]
            ).first {
                last = try row["tenant_id"]
                trails.insert(last)
            }
        }
        return trails.sorted().compactMap { TenantID($0) }
    }
}
