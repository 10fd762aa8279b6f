// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors

package import Security
import Storage

/// Codes of an authenticator app.
package struct TOTPFactor: Factor {
    let database: any Database
    let encryption: EncryptionService
    let authority: SystemAuthority
    let clock: HostClock

    package func isNamed(_ name: FactorName) -> Bool { name == .totp }

    package func isRight(_ answer: FactorAnswer) async throws -> Bool {
        let scope = authority.permit(.factorOwn, in: answer.tenant, as: "factors").scope
        let record = try await database.read(scope) { try UserFactorRepository($0).find(.totp, of: answer.user) }
        guard let record, record.status == .active else { return false }
        let now = clock.nowMilliseconds()
        guard let counter = try await counter(of: answer, for: record, at: now) else { return false }
        return try await database.transaction(scope) { try UserFactorRepository($0).use(counter, of: .totp, by: answer.user, at: now) }
    }

    /// The period that an answer belongs to, if it is right.
    func counter(of answer: FactorAnswer, for record: UserFactorRecord, at now: Int64) async throws -> Int64? {
        guard case .secret(let sealed) = record.basis, answer.code.count <= 64,
            let digits = answer.code.revealedText().flatMap(OneTimeCode.normalize), digits.count == TOTP.digitCount
        else { return nil }
        let secret = try await encryption.open(sealed, at: Self.place(answer.tenant, answer.user))
        return TOTP(secret: secret).counter(of: digits, at: now)
    }

    /// Where a user's secret is sealed.
    static func place(_ tenant: TenantID, _ user: UserID) throws(HostError) -> SealedLocation {
        guard let owner = PluginID(UserFactorRecord.owner) else {
            throw HostError(.unavailable, "second factors have no place to be sealed at")
        }
        return SealedLocation(tenant: tenant, plugin: owner, field: "user_factors.secret", record: "\(user)/\(FactorName.totp)")
    }
}

/// What is being set up, judged before it counts for anything else: a right code makes it a factor.
struct PendingFactor: FactorJudge {
    let totp: TOTPFactor
    let delivered: DeliveredFactor
    let record: UserFactorRecord

    func isRight(_ answer: FactorAnswer) async throws -> Bool {
        let scope = totp.authority.permit(.factorOwn, in: answer.tenant, as: "factors").scope
        let now = totp.clock.nowMilliseconds()
        let counter: Int64
        switch record.basis {
        case .secret:
            guard let found = try await totp.counter(of: answer, for: record, at: now) else { return false }
            counter = found
        case .enrollment(let enrollment):
            guard try await delivered.isRight(answer, enrollment: enrollment, purpose: "enroll") else { return false }
            counter = 1
        }
        return try await totp.database.transaction(scope) { try UserFactorRepository($0).activate(record, counter: counter, at: now) }
    }
}
