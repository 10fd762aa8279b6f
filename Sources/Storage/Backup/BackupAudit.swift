// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors

import Security
import Values

/// All that a backup knows about the audit log.
package enum BackupAudit {
    /// Where each log stands in this snapshot.
    static func marks(on connection: any SQLConnection) throws -> [AuditMark] {
        try connection.query("SELECT id FROM tenants ORDER BY id", []).compactMap { row in
            let tenant: TenantID = try row.id("id")
            guard let point = try AuditTree(.trail(tenant), on: connection).checkpoint() else { return nil }
            let root = try Checkpoint(parsing: SignedNote(parsing: point.note).text).root
            return AuditMark(tenant: tenant.description, size: point.size, root: root.hex, note: point.note)
        }
    }

    /// Recomputes every log from its events and compares it with where the backup says that it stood; answers what is wrong.
    package static func faults(_ marks: [AuditMark], restoredOn connection: any SQLConnection) throws -> [String] {
        var faults: [String] = []
        for mark in marks {
            guard let tenant = TenantID(mark.tenant) else {
                faults.append("an audit checkpoint names no tenant")
                continue
            }
            let report = try AuditVerification.verify(tenant, on: connection)
            if let fault = report.fault {
                faults.append("tenant \(mark.tenant): \(fault)")
            } else if report.verified != mark.size {
                faults.append("tenant \(mark.tenant): \(report.verified) audit events, the checkpoint says \(mark.size)")
            }
        }
        let standing = try self.marks(on: connection)
        if Set(standing) != Set(marks) { faults.append("the audit log does not stand where the checkpoint in the backup says") }
        return faults
    }

    /// Whether the log of the running installation is a continuation of where the backup stood; answers what is wrong.
    package static func divergence(_ marks: [AuditMark], from source: any SQLConnection) throws -> [String] {
        var faults: [String] = []
        for mark in marks where mark.size > 0 {
            let root = try TenantID(mark.tenant).map { tenant in
                let tree = AuditTree(.trail(tenant), on: source)
                return try tree.size() < mark.size ? nil : tree.root(size: mark.size).hex
            }
            if root != mark.root {
                faults.append("tenant \(mark.tenant): the running audit log does not continue the one in the backup")
            }
        }
        return faults
    }
}
