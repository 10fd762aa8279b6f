// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors

import PluginAPI
import Security
import Values

/// A sealed field that does not open where it is stored: altered, copied from elsewhere, or its key is gone.
struct UnreadableConfig: Error, Sendable {
    let field: String

    /// What the plugin's caller is told; the plugin never ran.
    var failure: PluginFailure {
        PluginFailure(.configInvalid, "The stored secret “\(field)” cannot be read; set it again.", outcome: .notSent)
    }

    var error: HostError {
        HostError(
            .configUnreadable, "a stored secret of this plugin cannot be read; set it again",
            fields: [.init(field: "config.\(field)", message: "does not decrypt at the place where it is stored")])
    }

    func event(for invocation: Invocation) -> AuditEvent {
        AuditEvent(
            tenant: invocation.permit.scope.tenant, actor: invocation.permit.principal.actor, action: "plugin.config.decrypt_failed",
            resource: "plugin:\(invocation.instance.plugin)", outcome: .failure,
            detail: [
                "field": .string(field), "instance": .string(invocation.instance.id.description), "during": .string(invocation.operation),
            ],
            correlation: invocation.subject.correlation, address: invocation.subject.address)
    }
}
