// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors

/// The roles that share a PostgreSQL database, each with what it must have and nothing else.
package enum DatabaseRole: String, Sendable, CaseIterable {
    /// Owns the schema and migrates it; no host connects as it.
    case owner = "panelhost_owner"
    /// Every host: one tenant's rows at a time.
    case app = "panelhost_app"
    /// What a host becomes for one transaction over all tenants: nobody signs in as it.
    case platform = "panelhost_platform"
    /// Reads the audit trail.
    case auditor = "panelhost_auditor"
    /// Reads everything, for a backup.
    case backup = "panelhost_backup"

    package var name: String { rawValue }

    /// The attributes as `CREATE ROLE` takes them.
    ///
    /// No role inherits: a host has the platform's rights only after it has asked for them.
    var attributes: String {
        let login = self == .platform ? "NOLOGIN" : "LOGIN"
        let bypass = self == .backup ? "BYPASSRLS" : "NOBYPASSRLS"
        return "\(login) NOSUPERUSER NOCREATEDB NOCREATEROLE NOREPLICATION NOINHERIT \(bypass)"
    }

    /// The roles that this one may become by `SET ROLE`.
    var mayBecome: [DatabaseRole] {
        switch self {
        // A development host on the owner's connection lays its rights down for each transaction.
        case .owner: [.app, .platform]
        case .app: [.platform]
        case .platform, .auditor, .backup: []
        }
    }

    /// What holds in each of its sessions in this database.
    var settings: [(name: String, value: String)] {
        let path = (name: "search_path", value: "panelhost, pg_temp")
        return switch self {
        case .owner, .app: [path]
        case .platform: []
        case .auditor, .backup: [path, (name: "default_transaction_read_only", value: "on")]
        }
    }

    /// The schemas whose objects it may name.
    var schemas: [String] {
        switch self {
        case .owner: []
        case .app, .platform: ["app", "panelhost"]
        case .auditor, .backup: ["panelhost"]
        }
    }
}
