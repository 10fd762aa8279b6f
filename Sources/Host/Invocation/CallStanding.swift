// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors

import PluginAPI
package import Security
package import Storage
import Values

/// Looks again, at each host call, whether what the call began with still stands: rights are taken away while a plugin runs, too.
package struct CallStanding: Sendable {
    private let database: any Database
    private let authenticator: Authenticator

    package init(database: any Database, authenticator: Authenticator) { (self.database, self.authenticator) = (database, authenticator) }

    /// The permit as its holder's rights are now.
    ///
    /// The end of a session alone changes nothing: whoever signs out behind a payment does not stop it halfway. Nor does another secret for
    /// an API key: the call was begun by the key, which is withdrawn where its calls are to stop.
    package func renew(_ permit: Permit, for invocation: Invocation) async throws -> Permit {
        let (plugin, principal) = (invocation.instance.plugin, permit.principal)
        // Two statements that need not be of the same moment: each is one way there and back.
        try requireStanding(try await database.readOne(permit.scope) { try PluginRepository($0).find(plugin) }, of: invocation)
        // An operator's act ends with all that it is made of, the session included.
        if principal.isActing { return try await authenticator.renewed(act: permit) }
        if case .webhook = principal.kind { return permit }
        if case .system = principal.kind { return permit }
        switch try await database.readOne(permit.scope, { try Self.holder(of: principal, $0) }) {
        case .nobody: throw Denial.missingPermission(permit.action)
        case .session(let session): return try await authenticator.renewed(permit, session)
        case .key(let key): return try authenticator.renewed(permit, key)
        }
    }

    /// Whose rights a call was begun with.
    private enum Holder: Sendable {
        case session(SessionRecord)
        case key(APIKeyRecord)
        /// Whoever it was is not there any more.
        case nobody
    }

    private static func holder(of principal: Principal, _ tx: TenantTransaction) throws -> Holder {
        switch principal.kind {
        case .apiKey(let id): return try APIKeyRepository(tx).find(id).map(Holder.key) ?? .nobody
        case .user, .acting, .webhook, .system:
            return try principal.session.flatMap { try SessionRepository(tx).find($0) }.map(Holder.session) ?? .nobody
        }
    }

    /// A check of a configuration may be made of a plugin that is not switched on.
    private func requireStanding(_ decision: TenantPlugin?, of invocation: Invocation) throws {
        guard let decision, decision.status == .enabled || invocation.isReadOnly,
            (try? Capabilities(validating: decision.approved)) == invocation.instance.approved
        else { throw Denial.capabilityNotApproved("\(invocation.instance.plugin): the approval was changed during this call") }
    }
}
