// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors

import Security
import Storage

extension PluginStop {
    /// What a caller is told: what happened, and who can undo it.
    func refusal(of plugin: PluginID, version: String) -> HostError {
        switch kind {
        case .killed:
            HostError(
                .pluginKilled,
                "\(plugin) \(version) was stopped by the operators of this installation (\(reason)); only they can let it run again")
        case .quarantined:
            HostError(
                .pluginQuarantined,
                "\(plugin) \(version) is in quarantine for this tenant (\(reason)); an administrator with \(Action.pluginEnable) can release it"
            )
        case .tenant: Self.tenantClosed
        }
    }

    /// A tenant that is suspended or deleted: nothing of it runs, whatever asks.
    static let tenantClosed = HostError(
        .tenantClosed, "the tenant is not in service; the operators of this installation have suspended or deleted it",
        retryAfterSeconds: 3600)
}
