// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors

/// What sign-in with second factors needs of the database; implemented by the storage.
package protocol FactorStore: Sendable {
    /// What a user can show now: the factors that were confirmed, and backup codes while some are left.
    func factors(_ scope: TenantScope, of user: UserID) async throws -> [FactorName]

    /// What the tenant wants of second factors now.
    func factorPolicy(_ scope: TenantScope) async throws -> FactorPolicy

    /// Claims one look at an answer, before anything is looked at; false while the user has to wait.
    ///
    /// One counter per user and factor, whichever path the answer comes by; as `IdentityStore.claimSignIn` for passwords.
    func claimFactor(
        _ scope: TenantScope, user: UserID, factor: FactorName, now: Int64, delay: @escaping @Sendable (_ failures: Int64) -> Int64
    ) async throws -> Bool

    /// Forgets the failures after a right answer.
    func resetFactor(_ scope: TenantScope, user: UserID, factor: FactorName) async throws

    /// Counts one answer of a sign-in that waits; false when it has had its `limit`, was used or is over.
    func countAnswer(_ scope: TenantScope, hash: [UInt8], limit: Int64, now: Int64) async throws -> Bool

    /// Uses up a sign-in that waits: true once, in one statement.
    func usePendingSignIn(_ scope: TenantScope, hash: [UInt8], now: Int64) async throws -> Bool

    /// Stores a better hash of a password that was right, unless the account has changed since.
    func storeRehash(_ scope: TenantScope, user: UserID, hash: String, epoch: Int64, now: Int64) async throws

    /// Notes in an open session that a factor was shown; false when it is not open any more, and then nothing is appended.
    func noteFactor(
        _ scope: TenantScope, session: SessionID, user: UserID, methods: [String], now: Int64, audit: AuditEvent
    ) async throws -> Bool
}
