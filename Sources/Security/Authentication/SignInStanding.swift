// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors

/// What is known of an account's sign-ins before the one that is looked at, and what its tenant asks of them.
package struct SignInStanding: Sendable {
    /// The tenant's own rules, if it has any.
    package let rules: SessionRules?
    /// Which state of the tenant's policy is in force.
    package let policy: String
    /// Whether nobody has signed in to it yet: there is no place and no device to compare with.
    package let isFirst: Bool
    /// Whether the account was signed in to from this place within the last 90 days.
    package let knowsPlace: Bool

    package init(rules: SessionRules?, policy: String, isFirst: Bool, knowsPlace: Bool) {
        (self.rules, self.policy, self.isFirst, self.knowsPlace) = (rules, policy, isFirst, knowsPlace)
    }
}

extension SignInDevice {
    /// Whether the owner of an account would expect a sign-in from here.
    ///
    /// A client that keeps what it is given is known by that alone. One that keeps nothing is known by where it is: otherwise a script
    /// that signs in every minute would be new every minute.
    func isFamiliar(_ standing: SignInStanding, to account: AccountRecord) -> Bool {
        known?.user == account.user || standing.isFirst || (!claim.keeps && standing.knowsPlace)
    }
}

extension Authenticator {
    /// What is known of an account's sign-ins, seen from a place.
    func standing(
        of account: AccountRecord, _ device: SignInDevice, from address: ClientAddress
    ) async throws(AuthenticationError) -> SignInStanding {
        let origin = origin(of: account.user, in: account.tenant, address, device: device.known?.id)
        return try await reading {
            try await self.store.standing(TenantScope(account.tenant), of: account.user, from: origin, now: self.clock.now())
        }
    }

    /// The rules in force.
    func rules(_ standing: SignInStanding) -> SessionRules { standing.rules?.within(policy.sessions) ?? policy.sessions }

    /// What the owner of an account is to be told once its session is open, for the id of its device; nil for nothing.
    ///
    /// A guest is a person of another tenant: what they know of their devices, and how they are told, is their home account's.
    func notice(
        of proof: AssuranceProof, _ device: SignInDevice, _ standing: SignInStanding, at now: Int64, address: ClientAddress,
        correlation: String
    ) async throws(AuthenticationError) -> ((DeviceID?) -> NewDeviceSignIn)? {
        if case .confirmed = proof.device { return nil }
        var (person, seen, known) = (proof.account, device, standing)
        if let link = proof.account.home {
            guard device.known == nil,
                let home = try await reading({ try await self.store.account(TenantScope(link.tenant), user: link.user) })
            else { return nil }
            person = home
            seen = try await self.device(device.claim, of: home)
            known = try await self.standing(of: home, seen, from: address)
        }
        guard !seen.isFamiliar(known, to: person) else { return nil }
        let (tenant, user) = (person.tenant, person.user)
        let place = origin(of: user, in: tenant, address).places.first ?? "unknown"
        return { id in
            // Of sign-ins at once from a machine that keeps nothing, each may see that its place is new: they are one message.
            let key = id.map { "device:\($0)" } ?? "place:\(place):\(now / 86_400_000)"
            return NewDeviceSignIn(
                tenant: tenant, user: user, device: device.claim.name, address: address.audited, at: now, key: key,
                correlation: correlation)
        }
    }
}
