// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors

package import Security
package import Storage
import Values

/// A tenant's audit trail: searched with a permit, and written to when somebody was refused.
package struct AuditTrail: Sendable {
    private let database: any Database
    private let authority: SystemAuthority

    /// Reads and writes in this database.
    package init(database: any Database, authority: SystemAuthority) {
        (self.database, self.authority) = (database, authority)
    }

    /// Events of the permit's tenant, newest first.
    package func search(_ query: AuditQuery, _ permit: Permit) async throws -> [AuditRow] {
        try PluginRegistry.require(permit, .auditRead)
        return try await database.read(permit.scope) { tx in try AuditRepository(tx).search(query) }
    }

    /// Records in the principal's own trail that something was not allowed; the other tenant's trail learns nothing of it.
    package func recordDenial(
        _ denial: Denial, of principal: Principal, action: Action, resource: String, _ trace: CallOrigin
    ) async throws {
        let scope = authority.permit(action, in: principal.tenant, as: "denials").scope
        let event = AuditEvent(
            tenant: principal.tenant, actor: principal.actor, action: action.rawValue, resource: resource, outcome: .denied,
            detail: ["reason": .string(denial.code)], correlation: trace.correlation, address: trace.address)
        try await database.transaction(scope) { tx in try tx.append(event) }
    }
}
