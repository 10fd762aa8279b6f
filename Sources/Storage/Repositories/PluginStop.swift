// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors

package import Security

/// A program that may not run, why, and since when.
package struct PluginStop: Sendable, Hashable {
    /// Whom a stop concerns.
    package enum Kind: String, Sendable, Hashable, CaseIterable {
        /// Every tenant: an operator has stopped the program.
        case killed
        /// One tenant: its cells of the program crashed too often.
        case quarantined
    }

    /// The content's hash, as tenants pin it.
    package var program: String
    /// Who may not run it; nil for a kill, which concerns everybody.
    package var tenant: TenantID?
    /// For people: what the operator wrote, or what the host saw.
    package var reason: String
    package var since: Int64
    /// Who, as the audit trail names it.
    package var by: String

    package var kind: Kind { tenant == nil ? .killed : .quarantined }

    package init(program: String, tenant: TenantID? = nil, reason: String, since: Int64, by: String) {
        self.program = program
        self.tenant = tenant
        self.reason = reason
        self.since = since
        self.by = by
    }
}

extension PluginStop {
    /// Rings on every host when a stop was made or lifted; who misses it finds out at the next look.
    package static let channel = "panelhost_plugin_stops"
    static let killed = "program, CAST(NULL AS TEXT) AS tenant_id, reason, since, stopped_by"
    static let quarantined = "program, tenant_id, reason, since, stopped_by"

    init(row: Row) throws {
        self.init(
            program: try row["program"], tenant: try row.optionalID("tenant_id"), reason: try row["reason"], since: try row["since"],
            by: try row["stopped_by"])
    }
}
