// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors

import PluginAPI
package import Security
package import Storage
import Values

/// The second factors of users' own accounts: asked at sign-in, set up and taken away by their owners.
package struct FactorService: FactorJudge {
    /// How long something that was begun may be confirmed, in milliseconds.
    static let pendingLifetime: Int64 = 15 * 60_000
    /// How long ago somebody may have signed in, or shown a factor, to change factors, in seconds.
    static let freshness: Int64 = 600

    let database: any Database
    let encryption: EncryptionService
    let authenticator: Authenticator
    let authority: SystemAuthority
    let clock: HostClock
    let totp: TOTPFactor
    let delivered: DeliveredFactor
    private let twoFactor: TwoFactorService
    /// What administrators do about them.
    package let administration: FactorAdministration
    /// Every kind of factor; the first that is called so answers.
    private let kinds: [any Factor]

    package init(
        database: any Database, encryption: EncryptionService, authenticator: Authenticator, authority: SystemAuthority,
        twoFactor: TwoFactorService, clock: HostClock
    ) {
        (self.database, self.encryption, self.authenticator) = (database, encryption, authenticator)
        (self.authority, self.twoFactor, self.clock) = (authority, twoFactor, clock)
        administration = FactorAdministration(database: database, clock: clock)
        totp = TOTPFactor(database: database, encryption: encryption, authority: authority, clock: clock)
        delivered = DeliveredFactor(service: twoFactor, database: database, authority: authority, clock: clock)
        kinds = [totp, BackupCodeFactor(database: database, authority: authority, clock: clock), delivered]
    }

    package func isRight(_ answer: FactorAnswer) async throws -> Bool {
        guard let factor = kinds.first(where: { $0.isNamed(answer.factor) }) else { return false }
        return try await factor.isRight(answer)
    }

    // MARK: Signing in

    /// Opens the session of a sign-in that waits for one of the user's factors.
    ///
    /// - Parameter remembers: whether the device shall stand in for a factor from now on.
    package func completeSignIn(
        token: String, factor: String, code: Secret, device: DeviceClaim, remembers: Bool, origin: CallOrigin
    ) async throws -> TokenPair {
        try await authenticator.completeSignIn(
            token: token, factor: factor, code: code, judge: self, device: device, remembers: remembers, from: origin.client,
            correlation: origin.correlation)
    }

    /// Sends a code to a factor of whoever waits; nil for factors that need none.
    package func challengeSignIn(
        token: String, factor: String, idempotencyKey: String, locale: String, origin: CallOrigin
    ) async throws -> ChallengeView? {
        try await challenge(
            try await authenticator.pendingSignIn(token: token, factor: factor, from: origin.client), idempotencyKey: idempotencyKey,
            locale: locale, origin)
    }

    // MARK: Step-up

    /// Shows a factor in a session.
    package func stepUp(_ principal: Principal, factor: String, code: Secret, origin: CallOrigin) async throws {
        try await requireHome(try Self.owner(principal).0, principal.tenant)
        try await authenticator.stepUp(
            principal, factor: factor, code: code, judge: self, from: origin.client, correlation: origin.correlation)
    }

    /// Sends a code to a factor of a session's own user.
    package func challengeStepUp(
        _ principal: Principal, factor: String, idempotencyKey: String, locale: String, origin: CallOrigin
    ) async throws -> ChallengeView? {
        let (user, session) = try Self.owner(principal)
        try await requireHome(user, principal.tenant)
        guard let name = FactorName(rawValue: factor) else { throw HostError.noSuchFactor }
        return try await challenge(
            FactorRequest(
                user: user, tenant: principal.tenant, slug: principal.slug, factor: name, purpose: .stepUp,
                binding: Authenticator.binding(session)),
            idempotencyKey: idempotencyKey, locale: locale, origin)
    }

    private func challenge(
        _ request: FactorRequest, idempotencyKey: String, locale: String, _ origin: CallOrigin
    ) async throws -> ChallengeView? {
        try await kinds.first { $0.isNamed(request.factor) }?
            .challenge(request, idempotencyKey: idempotencyKey, locale: locale, origin: origin)
    }

    // MARK: Details

    /// The user and the session behind a principal: API keys have no factors.
    static func owner(_ principal: Principal) throws(HostError) -> (UserID, SessionID) {
        guard case .user(let user) = principal.kind, let session = principal.session else {
            throw HostError(.invalidRequest, "an API key has no second factors: sign in as the user")
        }
        return (user, session)
    }

    func scope(_ tenant: TenantID) -> TenantScope { authority.permit(.factorOwn, in: tenant, as: "factors").scope }

    func revoke(_ enrollment: EnrollmentID, in tenant: TenantID) async throws {
        try await twoFactor.revoke(delivered.permit(tenant), enrollment: enrollment)
    }

    func enroll(
        _ request: EnrollFactor, in tenant: TenantID, idempotencyKey: String, origin: CallOrigin
    ) async throws -> ChallengeView {
        try await twoFactor.enroll(delivered.permit(tenant), request, idempotencyKey: idempotencyKey, origin: origin)
    }
}
