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
    /// The end of a session alone changes nothing: whoever signs out behind a payment does not stop it halfway.
    package func renew(_ permit: Permit, for invocation: Invocation) async throws -> Permit {
        let (plugin, session) = (invocation.instance.plugin, permit.principal.session)
        let (decision, holder) = try await database.read(permit.scope) { tx in
            (try PluginRepository(tx).find(plugin), try session.flatMap { try SessionRepository(tx).find($0) })
        }
        // A check of a configuration may be made of a plugin that is not switched on.
        guard let decision, decision.status == .enabled || invocation.isReadOnly,
            (try? Capabilities(validating: decision.approved)) == invocation.instance.approved
        else { throw Denial.capabilityNotApproved("\(plugin): the approval was changed during this call") }
        guard session != nil else { return permit }
        guard let holder else { throw Denial.missingPermission(permit.action) }
        return try await authenticator.renewed(permit, holder)
    }
}
