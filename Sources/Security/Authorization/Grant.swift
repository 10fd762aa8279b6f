// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors

/// Proof that one plugin may use one host function, on behalf of one permitted caller.
///
/// Only ``CapabilityGate`` creates grants: the initializer is internal to `Security`.
public struct Grant: Hashable, Sendable {
    /// On whose behalf the plugin runs.
    public let permit: Permit
    /// The plugin.
    public let plugin: PluginID
    /// The host function, such as `http.request`.
    public let hostFunction: String
    /// The capability that allows it; empty for what every plugin has.
    public let capability: String

    init(permit: Permit, plugin: PluginID, hostFunction: String, capability: String) {
        self.permit = permit
        self.plugin = plugin
        self.hostFunction = hostFunction
        self.capability = capability
    }

    /// The tenant inside which the plugin acts.
    public var scope: TenantScope { permit.scope }
}
