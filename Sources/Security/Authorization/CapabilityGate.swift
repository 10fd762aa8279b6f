// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors

/// Decides what one plugin may do for one tenant: what its manifest asks for, of that what an administrator approved,
/// and of that what no rule denies to whoever it acts for.
public struct CapabilityGate: Sendable {
    private let plugin: PluginID
    private let requested: Set<String>
    private let approved: Set<String>

    /// A gate for one plugin in one tenant, by capability name (`http`, `storage`, `events`).
    public init(plugin: PluginID, requested: Set<String>, approved: Set<String>) {
        self.plugin = plugin
        self.requested = requested
        self.approved = approved
    }

    /// The capabilities that are both asked for and approved.
    public var granted: Set<String> { requested.intersection(approved) }

    /// Decides about one host function; the empty capability is always there.
    public func grant(
        _ hostFunction: String, needing capability: String, under permit: Permit
    ) throws(Denial) -> Grant {
        if !capability.isEmpty {
            guard requested.contains(capability) else { throw .capabilityNotRequested(capability) }
            guard approved.contains(capability) else { throw .capabilityNotApproved(capability) }
        }
        // The caller needs no permission of his own for what the plugin does with its own grant; but where a rule denies him
        // `plugin.<id>.<function>`, the plugin does not do it for him.
        try Self.requireNotDenied(hostFunction, of: plugin, to: permit.principal)
        return Grant(permit: permit, plugin: plugin, hostFunction: hostFunction, capability: capability)
    }

    /// Refuses where a rule denies a caller what a plugin would do for him; for what is done later, in the host's name.
    public static func requireNotDenied(_ hostFunction: String, of plugin: PluginID, to principal: Principal) throws(Denial) {
        let use = Action(rawValue: "plugin.\(plugin).\(hostFunction)")
        guard principal.permissions.decide(use) != .denied else { throw .deniedByRule(use) }
    }
}
