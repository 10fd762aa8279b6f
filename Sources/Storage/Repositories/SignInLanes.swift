// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors

package import Security

/// The counters of one user's password, one for each lane, and the places that have a lane of their own.
package struct SignInLanes {
    private let tx: TenantTransaction
    private let user: UserID

    /// Milliseconds after which a place that nobody signed in from is a stranger's again.
    static let memory: Int64 = 90 * 86_400_000
    /// How many places are remembered, the newest.
    private static let mostPlaces: Int64 = 32

    package init(_ tx: TenantTransaction, user: UserID) { (self.tx, self.user) = (tx, user) }

    /// The counter of the lane that an origin belongs to.
    package func counter(for origin: SignInOrigin, now: Int64) throws -> LoginCounter {
        try LoginCounter(tx, user: user, factor: name(for: origin, now: now))
    }

    private func name(for origin: SignInOrigin, now: Int64) throws -> String {
        let own = try ownName(for: origin, now: now)
        guard own != LoginCounter.password, try AccountPolicyRepository(tx).current().profile.countsKnownTogether else { return own }
        return "\(LoginCounter.password)/known"
    }

    private func ownName(for origin: SignInOrigin, now: Int64) throws -> String {
        if let session = origin.session { return "\(LoginCounter.password)/session/\(session)" }
        if let device = origin.device { return "\(LoginCounter.password)/device/\(device)" }
        for place in origin.places {
            let known = try tx.query(
                "SELECT tag FROM sign_in_places WHERE tenant_id = $1 AND user_id = $2 AND tag = $3 AND last_used_at > $4",
                [tx.tenant, .text(user.description), .text(place), .int(now - Self.memory)])
            if !known.isEmpty { return "\(LoginCounter.password)/place/\(place)" }
        }
        return LoginCounter.password
    }

    /// Gives the place of a sign-in that succeeded a lane of its own from now on.
    package func remember(_ origin: SignInOrigin, now: Int64) throws {
        guard let place = origin.places.first else { return }
        try tx.execute(
            """
            INSERT INTO sign_in_places (tenant_id, user_id, tag, last_used_at) VALUES ($1, $2, $3, $4)
            ON CONFLICT (tenant_id, user_id, tag) DO UPDATE SET last_used_at = excluded.last_used_at
            """, [tx.tenant, .text(user.description), .text(place), .int(now)])
        try tx.execute(
            """
            DELETE FROM sign_in_places WHERE tenant_id = $1 AND user_id = $2 AND tag NOT IN (
                SELECT tag FROM sign_in_places WHERE tenant_id = $1 AND user_id = $2 ORDER BY last_used_at DESC, tag LIMIT $3)
            """, [tx.tenant, .text(user.description), .int(Self.mostPlaces)])
    }

    /// Forgets every failure and every place: the password is another one, or the account is gone.
    package func clear(places: Bool) throws {
        for table in ["login_counters"] + (places ? ["sign_in_places"] : []) {
            try tx.execute("DELETE FROM \(table) WHERE tenant_id = $1 AND user_id = $2", [tx.tenant, .text(user.description)])
        }
    }
}
