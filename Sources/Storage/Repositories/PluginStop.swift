// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors

package import Security

/// A program that may not run, why, and since when.
package struct PluginStop: Sendable, Hashable {
    /// Whom a stop concerns.
    package enum Kind: String, Sendable, Hashable, CaseIterable {
        /// Every tenant: an operator has stopped the program.
        case killed
        /// One instance of one tenant: its cells crashed too often.
        case quarantined
    }

    /// One instance of one tenant.
    package struct Holder: Sendable, Hashable {
        package var tenant: TenantID
        package var instance: InstanceID

        package init(tenant: TenantID, instance: InstanceID) {
            self.tenant = tenant
            self.instance = instance
        }
    }

    /// The content's hash, as tenants pin it.
    package var program: String
    /// Whose instance is quarantined; nil for a kill, which concerns everybody.
    package var holder: Holder?
    /// For people: what the operator wrote, or what the host saw.
    package var reason: String
    package var since: Int64
    /// Who, as the audit trail names it.
    package var by: String

    package var kind: Kind { holder == nil ? .killed : .quarantined }

    package init(program: String, holder: Holder? = nil, reason: String, since: Int64, by: String) {
        self.program = program
        self.holder = holder
        self.reason = reason
        self.since = since
        self.by = by
    }
}

extension PluginStop {
    static let columns = "program, instance_id, tenant_id, kind, reason, since, stopped_by"

    init(row: Row) throws {
        let kind: Kind = try row.choice("kind")
        var holder: Holder?
        if kind == .quarantined { holder = Holder(tenant: try row.id("tenant_id"), instance: try row.id("instance_id")) }
        self.init(
            program: try row["program"], holder: holder, reason: try row["reason"], since: try row["since"], by: try row["stopped_by"])
    }
}
