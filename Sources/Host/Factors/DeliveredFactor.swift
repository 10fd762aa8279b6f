// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors

package import Security
import Storage

/// Codes that a plugin delivers: the plugin carries them, the host makes and judges them.
package struct DeliveredFactor: Factor {
    let service: TwoFactorService
    let database: any Database
    let authority: SystemAuthority
    let clock: HostClock

    package func isNamed(_ name: FactorName) -> Bool { name.plugin != nil }

    package func challenge(
        _ request: FactorRequest, idempotencyKey: String, locale: String, origin: CallOrigin
    ) async throws -> ChallengeView? {
        guard let enrollment = try await enrollment(request.factor, of: request.user, in: request.tenant) else {
            throw HostError.noSuchFactor
        }
        return try await service.begin(
            permit(request.tenant),
            BeginChallenge(
                enrollment: enrollment, purpose: request.purpose.rawValue, locale: locale, sessionNonce: request.binding,
                brand: request.slug.description),
            idempotencyKey: idempotencyKey, origin: origin)
    }

    package func isRight(_ answer: FactorAnswer) async throws -> Bool {
        guard let enrollment = try await enrollment(answer.factor, of: answer.user, in: answer.tenant),
            try await isRight(answer, enrollment: enrollment, purpose: answer.purpose.rawValue)
        else { return false }
        let now = clock.nowMilliseconds()
        // Not one that was taken away while its code was looked at.
        return try await database.transaction(permit(answer.tenant).scope) {
            try UserFactorRepository($0).touch(answer.factor, of: answer.user, at: now)
        }
    }

    func isRight(_ answer: FactorAnswer, enrollment: EnrollmentID, purpose: String) async throws -> Bool {
        guard answer.code.count <= 64, let code = answer.code.revealedText() else { return false }
        return try await service.verify(
            permit(answer.tenant), enrollment: enrollment, purpose: purpose, code: code, nonce: answer.binding,
            origin: CallOrigin(correlation: answer.correlation, address: answer.address))
    }

    private func enrollment(_ factor: FactorName, of user: UserID, in tenant: TenantID) async throws -> EnrollmentID? {
        let record = try await database.read(permit(tenant).scope) { try UserFactorRepository($0).find(factor, of: user) }
        guard let record, record.status == .active, case .enrollment(let id) = record.basis else { return nil }
        return id
    }

    func permit(_ tenant: TenantID) -> Permit { authority.permit(.invokeTwoFactor, in: tenant, as: "factors") }
}
