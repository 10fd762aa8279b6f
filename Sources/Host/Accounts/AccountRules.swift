// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors

package import Security
package import Storage
package import Values

/// What a tenant decides about its accounts, for those who may decide it.
package struct AccountRules: Sendable {
    private let database: any Database
    private let clock: HostClock

    package init(database: any Database, clock: HostClock = .system) { (self.database, self.clock) = (database, clock) }

    /// The rules in force, and whether the tenant has said so itself.
    package func show(_ permit: Permit) async throws -> (policy: AccountPolicy, isOwn: Bool) {
        try PluginRegistry.require(permit, .userPolicy)
        return try await database.read(permit.scope) { tx in
            let policies = AccountPolicyRepository(tx)
            return (try policies.current(), try policies.isOwn())
        }
    }

    /// Sets rules, from now on; nil takes them away.
    package func set(_ policy: AccountPolicy?, _ permit: Permit, origin: CallOrigin) async throws {
        try PluginRegistry.require(permit, .userPolicy)
        if let (field, problem) = policy?.problem { throw HostError.invalid(field, problem) }
        let now = clock.nowMilliseconds()
        try await database.transaction(permit.scope) { tx in
            let policies = AccountPolicyRepository(tx)
            try tx.lock("account_policies")
            if let messenger = policy?.messenger,
                try PluginRepository(tx).findInstance(of: messenger, label: policy?.messengerLabel ?? Storage.PluginInstance.defaultLabel)
                    == nil
            {
                throw HostError.invalid("messenger", "names a plugin that is not set up in this tenant: configure and enable it first")
            }
            let before = try policies.current()
            if let policy { try policies.set(policy, by: permit.principal.actor, at: now) } else { try policies.remove() }
            try tx.append(
                AuditEvent(
                    of: permit, resource: "tenant:\(permit.scope.tenant)", outcome: .success,
                    detail: [
                        "change": policy == nil ? "rules_removed" : "rules_set", "before": .string(JSON.text(before.value)),
                        "after": .string(JSON.text((policy ?? AccountPolicy()).value)),
                    ], correlation: origin.correlation, address: origin.address))
        }
    }
}

extension AccountPolicy {
    /// As it is shown, and written by whoever sets it.
    package var value: Value {
        var members: [String: Value] = ["passwords": .string(profile.rawValue), "dormant_days": .int(dormantDays)]
        if let messenger { members["messenger"] = .string(messenger.description) }
        if let messengerLabel { members["messenger_label"] = .string(messengerLabel) }
        if let accountURL { members["account_url"] = .string(accountURL) }
        return .map(members)
    }

    /// Reads what somebody asks for; what is left out is as where a tenant has said nothing.
    package init(_ value: Value) throws(HostError) {
        self.init()
        if let name = value["passwords"]?.stringValue {
            guard let profile = PasswordProfile(rawValue: name) else { throw .invalid("passwords", "is nist or pci") }
            self.profile = profile
        }
        if let days = value["dormant_days"]?.intValue { dormantDays = days }
        if let name = value["messenger"]?.stringValue {
            guard let plugin = PluginID(name) else { throw .invalid("messenger", "is a plugin's name") }
            messenger = plugin
        }
        messengerLabel = value["messenger_label"]?.stringValue
        accountURL = value["account_url"]?.stringValue
    }

    /// What is wrong with rules that somebody asks for, and where; nil when nothing is.
    package var problem: (field: String, message: String)? {
        guard (0...3650).contains(dormantDays) else { return ("dormant_days", "use 1 to 3650, or 0 for never") }
        if messengerLabel != nil, messenger == nil {
            return ("messenger_label", "says which instance of a messenger: name the messenger, too")
        }
        if let accountURL {
            // The token is added to it as the fragment, which no server sees.
            let isPlain = accountURL.utf8.allSatisfy { (0x21...0x7e).contains($0) && $0 != UInt8(ascii: "#") }
            guard accountURL.hasPrefix("https://"), accountURL.utf8.count > 8, accountURL.utf8.count <= 1000, isPlain else {
                return ("account_url", "write an https URL without a fragment")
            }
        }
        return nil
    }
}
