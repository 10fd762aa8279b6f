// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors

import Values

/// The first record of a backup: what the schema was, which tables follow, and where the audit log stood.
package struct BackupContents: Sendable, Hashable {
    /// An applied migration.
    package struct Migration: Sendable, Hashable {
        package var number: Int64
        package var checksum: String
    }

    package var migrations: [Migration]
    /// In the order in which they follow: a table comes after those that it refers to.
    package var tables: [String]
    /// Where each tenant's audit log stood in the same snapshot.
    package var audit: [AuditMark]

    package init(migrations: [Migration], tables: [String], audit: [AuditMark]) {
        self.migrations = migrations
        self.tables = tables
        self.audit = audit
    }

    var value: Value {
        [
            "migrations": .array(migrations.map { ["number": .int($0.number), "checksum": .string($0.checksum)] }),
            "tables": .array(tables.map(Value.string)), "audit": .array(audit.map(\.value)),
        ]
    }

    init?(_ value: Value) {
        guard case .map(let members) = value, members.count == 3, let tables = members["tables"]?.texts,
            case .array(let migrations)? = members["migrations"], case .array(let marks)? = members["audit"]
        else { return nil }
        self.tables = tables
        self.migrations = []
        for migration in migrations {
            guard case .map(let members) = migration, members.count == 2, case .int(let number)? = members["number"],
                let checksum = members["checksum"]?.stringValue
            else { return nil }
            self.migrations.append(Migration(number: number, checksum: checksum))
        }
        audit = []
        for mark in marks {
            guard let mark = AuditMark(mark) else { return nil }
            audit.append(mark)
        }
    }
}

/// Where one audit log stood: how many events, and the hash over them.
package struct AuditMark: Sendable, Hashable {
    /// The tenant's id; empty for the log over all tenants.
    package var tenant: String
    package var size: Int64
    package var root: String
    /// The signed text that says so; empty when there is none.
    package var note: String

    package init(tenant: String, size: Int64, root: String, note: String) {
        self.tenant = tenant
        self.size = size
        self.root = root
        self.note = note
    }

    var value: Value { ["tenant": .string(tenant), "size": .int(size), "root": .string(root), "note": .string(note)] }

    init?(_ value: Value) {
        guard case .map(let members) = value, members.count == 4, let tenant = members["tenant"]?.stringValue,
            case .int(let size)? = members["size"], let root = members["root"]?.stringValue, let note = members["note"]?.stringValue
        else { return nil }
        self.init(tenant: tenant, size: size, root: root, note: note)
    }
}
