// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors

import Values

/// What the operators have decided for every host of the installation.
package struct InstallationSettings {
    /// One setting.
    package enum Name: String, Sendable {
        /// What the hash of a password costs: `m=…,t=…,p=…`.
        case passwordCost = "password_cost"
    }

    private let tx: PlatformTransaction

    package init(_ tx: PlatformTransaction) { self.tx = tx }

    /// A setting; nil for one that nobody has decided about.
    package func find(_ name: Name) throws -> String? {
        try tx.query("SELECT value FROM installation_settings WHERE name = $1", [.text(name.rawValue)]).first?.text("value")
    }

    /// Decides, in the name of an action that stands in the operators' trail.
    package func set(_ name: Name, _ value: String, action: String, by actor: String, correlation: String, at now: Int64) throws {
        try tx.execute(
            """
            INSERT INTO installation_settings (name, value, updated_at) VALUES ($1, $2, $3)
            ON CONFLICT (name) DO UPDATE SET value = excluded.value, updated_at = excluded.updated_at
            """, [.text(name.rawValue), .text(value), .int(now)])
        try tx.appendForOperators(
            action: action, resource: "setting:\(name.rawValue)", by: actor, correlation: correlation, at: now,
            detail: ["value": .string(value)])
    }
}
