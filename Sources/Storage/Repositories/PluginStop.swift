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
        /// One tenant as a whole, with every program: it is suspended, deleted or purged, as the reason says.
        case tenant
    }

    package var kind: Kind
    /// The content's hash, as tenants pin it; empty where every program is meant.
    package var program: String
    /// Who may not run it; nil for a kill, which concerns everybody.
    package var tenant: TenantID?
    /// For people: what the operator wrote, or what the host saw.
    package var reason: String
    package var since: Int64
    /// Who, as the audit trail names it.
    package var by: String

    package init(_ kind: Kind? = nil, program: String, tenant: TenantID? = nil, reason: String, since: Int64, by: String) {
        self.kind = kind ?? (tenant == nil ? .killed : .quarantined)
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
    static let killed = "'killed' AS kind, program, CAST(NULL AS TEXT) AS tenant_id, reason, since, stopped_by"
    static let quarantined = "'quarantined' AS kind, program, tenant_id, reason, since, stopped_by"
    /// Of the table `tenants`.
    static let closed = "'tenant' AS kind, '' AS program, id AS tenant_id, status AS reason, changed_at AS since, '' AS stopped_by"

    init(row: Row) throws {
        self.init(
            try row.choice("kind"), program: try row["program"], tenant: try row.optionalID("tenant_id"), reason: try row["reason"],
            since: try row["since"],
            by: try row["stopped_by"])
    }
}
