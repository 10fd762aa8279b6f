// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors

package import Security
import Storage
import Values

/// People change the address of their own account: it counts once they have shown that it is theirs.
package struct AddressChanges: Sendable {
    /// How long a new address waits at most, in milliseconds; its token is good for a quarter of an hour from when it was sent.
    private static let lifetime: Int64 = 60 * 60_000
    /// How long ago a second factor may have been shown, in seconds.
    private static let freshness: Int64 = 600

    let database: any Database
    let authenticator: Authenticator
    let authority: SystemAuthority
    let encryption: EncryptionService
    let messages: AccountMessages
    let clock: HostClock

    /// Has a token sent to a new address, for the password and, of whoever has one, a fresh factor.
    ///
    /// The same answer for an address that somebody has: whether it is free is found out while the message is sent, and then none is.
    package func request(_ principal: Principal, email: String, password: Secret, origin: CallOrigin) async throws {
        let email = try AccountService.address(email)
        if let assurance = principal.assurance, assurance.hasFactor, !assurance.hasShownFactor(within: Self.freshness) {
            throw Denial.stepUpRequired(maximumAge: Self.freshness)
        }
        if case .user(let user) = principal.kind,
            try await SQLIdentityStore(database).account(scope(principal.tenant), user: user)?.home != nil
        {
            throw HostError(.conflict, "the address is that of your account in your home tenant: change it there")
        }
        let proof = try await authenticator.confirmPassword(principal, password, from: origin.client, correlation: origin.correlation)
        let (user, now, scope) = (proof.user, clock.nowMilliseconds(), scope(proof.tenant))
        guard try await messages.canCarry(in: proof.tenant) else {
            throw HostError(.conflict, "no notifier carries messages for this tenant: ask an administrator to change the address")
        }
        let id = CallID.make().description
        let sealed: Sealed
        do throws(EncryptionError) {
            sealed = try await encryption.sealPersonal(
                Array(email.utf8), subject: "user:\(user)", at: EmailChange.place(id), scope)
        } catch {
            throw HostError(.unavailable, "the new address cannot be sealed at the moment, or what is known of the person was erased")
        }
        let change = EmailChange(
            id: id, user: user, epoch: proof.epoch, address: sealed, createdAt: now, expiresAt: now + Self.lifetime)
        try await database.transaction(scope) { tx in
            guard let record = try UserRepository(tx).find(user), record.status == .active else { throw AccountService.unknown }
            guard record.email != email else {
                throw HostError(.invalidRequest, "nothing to change", fields: [.init(field: "email", message: "is the account's address")])
            }
            // Each request can send a message to somebody who has not asked for one.
            guard try LoginCounter(tx, user: user, factor: "email_change").claim(now: now, delay: Self.delay) else {
                throw HostError(.rateLimited, "the address was to be changed several times: wait a while before you try again")
            }
            try EmailChangeRepository(tx).begin(change)
            try tx.append(
                AccountService.event(
                    "user.email_change_requested", user, tx.scope.tenant, origin, at: now, personal: ["email": .string(email)]))
        }
        _ = try await messages.send(
            .emailVerification, to: user, in: proof.tenant, at: .new, key: id, detail: ["change": .string(id)], origin: origin)
    }

    /// Puts a new address in place, for the token that was sent to it, in a session of the same person.
    ///
    /// Whoever got the message by mistake has no such session, and with the token alone nothing.
    package func confirm(_ principal: Principal, token text: Secret, origin: CallOrigin) async throws {
        let now = clock.nowMilliseconds()
        guard case .user(let user) = principal.kind, principal.session != nil else {
            throw HostError(.invalidRequest, "only a person who is signed in has an address to confirm")
        }
        let scope = scope(principal.tenant)
        guard let token = text.revealedText().flatMap({ OneTimeToken($0, for: .emailVerification) }),
            let change = try await database.read(scope, { try EmailChangeRepository($0).find(of: user, at: now) })
        else { throw AccountService.invalidToken }
        // What was erased meanwhile is nobody's address any more.
        guard let opened = try? await encryption.openPersonal(change.address, at: EmailChange.place(change.id), scope),
            let email = opened.revealedText()
        else { throw AccountService.invalidToken }
        let later = clock
        let before: String
        do {
            before = try await database.transaction(scope) { tx in
                let now = later.nowMilliseconds()
                let users = UserRepository(tx)
                guard let used = try OneTimeTokenRepository(tx).use(token.hash, .emailVerification, now: now), used.user == user,
                    used.detail["change"] == .string(change.id), try EmailChangeRepository(tx).find(of: user, at: now)?.id == change.id,
                    let record = try users.find(user)
                else { throw AccountService.invalidToken }
                // Voids every other token that is under way, and ends the change.
                try users.update(user, email: email, name: nil, at: now)
                try tx.append(
                    AccountService.event(
                        "user.email_changed", user, tx.scope.tenant, origin, at: now,
                        personal: ["email": .string(email), "email_before": .string(record.email)]))
                return record.email
            }
        } catch let error as StorageError where error.code == .duplicate {
            // Somebody has it by now: who, and that it is so, is nobody's business.
            throw AccountService.invalidToken
        }
        // The address is changed already: a notice that cannot be queued does not undo it.
        _ = try? await messages.send(
            .emailChanged, to: user, in: principal.tenant, at: .former(before), key: origin.correlation, origin: origin)
    }

    /// The authority goes no further than one tenant.
    private func scope(_ tenant: TenantID) -> TenantScope { authority.permit(.userManage, in: tenant, as: "address").scope }

    /// Three are free, then a minute, doubled with each, up to a day.
    private static func delay(_ requests: Int64) -> Int64 {
        requests <= 3 ? 0 : min(60_000 << min(requests - 4, 11), 86_400_000)
    }
}
