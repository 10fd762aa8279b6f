// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors

import Security
import Values

extension PlatformTransaction {
    /// Records something that concerns the whole installation in the trail of the operators' own tenant.
    ///
    /// Before that tenant exists nobody has done anything yet.
    func appendForOperators(
        action: String, resource: String, by actor: String, correlation: String, at now: Int64, detail: [String: Value]
    ) throws {
        guard let platform = try TenantRegistry(self).find(slug: .platform) else { return }
        try append(
            AuditEvent(
                occurredAt: now, tenant: platform.id, actor: actor, action: action, resource: resource, outcome: .success, detail: detail,
                correlation: correlation))
    }
}
