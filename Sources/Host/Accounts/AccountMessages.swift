// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors

import PluginAPI
package import Security
package import Storage
package import Values

/// Sends messages about accounts to their owners, through a notifier of their tenant.
///
/// Through the one that the tenant has named for it, or else through an enabled one whose channel is e-mail. Never through another by
/// itself: what is for one person does not belong into a chat room.
package struct AccountMessages: Sendable {
    private let database: any Database
    private let directory: PluginDirectory
    private let notifications: NotificationService?
    private let authority: SystemAuthority

    /// - Parameter notifications: nil where nothing runs that could send, as at the command line; then nobody can carry a message.
    package init(
        database: any Database, directory: PluginDirectory, notifications: NotificationService?, authority: SystemAuthority
    ) {
        (self.database, self.directory, self.notifications, self.authority) = (database, directory, notifications, authority)
    }

    /// Which address of a person a message goes to.
    package enum Recipient: Sendable {
        /// The one that they sign in with.
        case own
        /// One that was theirs until now.
        case former(String)
        /// The one that is theirs as soon as they have confirmed it.
        case new
    }

    /// Queues a message; answers false where nobody can carry it, and then nothing is sent.
    ///
    /// - Parameters:
    ///   - recipient: which address of theirs it goes to.
    ///   - key: of two messages with the same key to the same person, one goes out.
    ///   - detail: what the row of the message's token is to say.
    @discardableResult
    package func send(
        _ message: AccountMessage, to user: UserID, in tenant: TenantID, at recipient: Recipient = .own, key: String,
        detail: [String: Value] = [:], origin: CallOrigin
    ) async throws -> Bool {
        guard let notifications else { return false }
        let permit = authority.permit(.invokeNotifier, in: tenant, as: "accounts")
        let (record, policy) = try await database.read(permit.scope) { tx in
            (try UserRepository(tx).find(user), try AccountPolicyRepository(tx).current())
        }
        guard let record, record.status == .active || record.status == .invited, let carrier = try await carrier(policy, permit) else {
            return false
        }
        let address: Value
        switch recipient {
        case .own: address = .string(record.email)
        case .former(let email): address = .string(email)
        // Filled in while it is sent, as the token is: what waits lies sealed.
        case .new: address = "-"
        }
        var request = try SendNotification([
            "plugin": .string(carrier.plugin.description), "label": .string(carrier.label),
            "event_type": .string("account.\(message.name)"),
            "title": .string(message.title), "text": .string(message.text), "severity": "info", "on_unknown": "retry",
            "attributes": .array(message.facts.map { ["label": .string($0.label), "value": .string($0.value)] }),
            "recipient": ["kind": "address", "address": address],
        ])
        request.token = message.token.map { TokenOrder($0, for: user, page: policy.accountURL, detail: detail) }
        do {
            _ = try await notifications.send(permit, request, idempotencyKey: "account:\(message.name):\(user):\(key)", origin: origin)
        } catch let error as HostError where error.code == .idempotencyMismatch {
            // The same message, before the person had another address: one is enough.
        }
        return true
    }

    /// Whether somebody can carry messages to the users of a tenant.
    package func canCarry(in tenant: TenantID) async throws -> Bool {
        let permit = authority.permit(.invokeNotifier, in: tenant, as: "accounts")
        let policy = try await database.read(permit.scope) { try AccountPolicyRepository($0).current() }
        return try await carrier(policy, permit) != nil
    }

    private func carrier(_ policy: AccountPolicy, _ permit: Permit) async throws -> PluginInstance? {
        if let messenger = policy.messenger {
            let label = policy.messengerLabel ?? Storage.PluginInstance.defaultLabel
            return try await usable { try await directory.instance(for: permit, plugin: messenger, label: label) }
        }
        let instances = try await database.read(permit.scope) { try PluginRepository($0).instances() }
        for instance in instances.sorted(by: { ($0.plugin.description, $0.label) < ($1.plugin.description, $1.label) }) {
            let found = try await usable { try await directory.instance(for: permit, id: instance.id) }
            if let found, found.manifest.notifier?.channel == .email { return found }
        }
        return nil
    }

    /// A notifier that can be used now; nil for one that is disabled, stopped or incomplete.
    private func usable(_ find: () async throws -> PluginInstance) async throws -> PluginInstance? {
        do {
            let instance = try await find()
            return instance.manifest.kind == .notifier ? instance : nil
        } catch is HostError {
            return nil
        }
    }
}
