// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors

import Security
import Values

/// All that a backup knows about the audit log.
package enum BackupAudit {
    /// Where each trail stands in this snapshot, and the log over all of them; what waits for its place has no mark.
    static func marks(on connection: any SQLConnection) throws -> [AuditMark] {
        let trails = try connection.query("SELECT id FROM tenants ORDER BY id", []).map { try $0.id("id") as TenantID }
        return try ([AuditTree.Source.forest] + trails.map(AuditTree.Source.trail)).compactMap { source in
            guard let point = try AuditTree(source, on: connection).checkpoint() else { return nil }
            let root = try Checkpoint(parsing: SignedNote(parsing: point.note).text).root
            let tenant = if case .trail(let tenant) = source { tenant.description } else { "" }
            return AuditMark(tenant: tenant, size: point.size, root: root.hex, note: point.note)
        }
    }

    /// Recomputes every log from its events and compares it with where the backup says that it stood; answers what is wrong.
    ///
    /// Signatures are left out: their keys are sealed under root keys, which a restore does not need. `panelhost audit verify` checks them.
    package static func faults(_ marks: [AuditMark], restoredOn connection: any SQLConnection) throws -> [String] {
        var faults: [String] = []
        for mark in marks {
            guard let source = mark.source else {
                faults.append("an audit checkpoint names no tenant")
                continue
            }
            let (verified, fault) = try verify(source, on: connection)
            if let fault {
                faults.append("\(mark.name): \(fault)")
            } else if verified != mark.size {
                faults.append("\(mark.name): \(verified) are there, the checkpoint says \(mark.size)")
            }
        }
        let standing = try self.marks(on: connection)
        if Set(standing) != Set(marks) { faults.append("the audit log does not stand where the checkpoint in the backup says") }
        return faults
    }

    private static func verify(_ source: AuditTree.Source, on connection: any SQLConnection) throws -> (verified: Int64, fault: AuditFault?)
    {
        if case .trail(let tenant) = source {
            let report = try AuditVerification.verify(tenant, on: connection)
            return (report.verified, report.fault)
        }
        let verification = try TrailVerification(source, signer: nil, held: [], on: connection)
        try verification.run()
        return (verification.verified, verification.fault)
    }

    /// Whether the logs of the running installation continue where those of the backup stood; answers what is wrong.
    package static func divergence(_ marks: [AuditMark], from connection: any SQLConnection) throws -> [String] {
        var faults: [String] = []
        for mark in marks where mark.size > 0 {
            let root = try mark.source.map { source in
                let tree = AuditTree(source, on: connection)
                return try tree.size() < mark.size ? nil : tree.root(size: mark.size).hex
            }
            if root != mark.root { faults.append("\(mark.name): the running log does not continue the one in the backup") }
        }
        return faults
    }
}

extension AuditMark {
    /// The tree that it is of; nil when it names none.
    fileprivate var source: AuditTree.Source? {
        tenant.isEmpty ? .forest : TenantID(tenant).map(AuditTree.Source.trail)
    }

    fileprivate var name: String { tenant.isEmpty ? "the audit log of all tenants" : "the audit log of tenant \(tenant)" }
}
