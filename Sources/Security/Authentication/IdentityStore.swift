// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors

/// What authentication needs of the database.
///
/// Implemented by the storage.
///
/// Every change takes the audit event that tells of it, and appends it in the same transaction.
package protocol IdentityStore: DeviceStore, FactorStore, ActingStore, MembershipStore {
    /// Finds an account by its tenant's slug and the user's e-mail address, compared without regard to ASCII case.
    func account(_ scope: PlatformScope, slug: TenantSlug, email: String) async throws -> AccountLookup

    /// Claims one attempt to sign in, before the password is looked at, so that parallel guesses count as well.
    ///
    /// In one transaction, in the lane that the origin belongs to: when its `retry_at` is later than `now`, answers false. Otherwise
    /// adds 1 to the failures, sets `retry_at` to `now + delay(failures)` and answers true. Opening a session sets both back.
    func claimSignIn(
        _ scope: TenantScope, user: UserID, from origin: SignInOrigin, now: Int64, delay: @escaping @Sendable (_ failures: Int64) -> Int64
    ) async throws -> Bool

    /// Takes back one claim: its attempt was not judged. The user may try again at once.
    func releaseSignIn(_ scope: TenantScope, user: UserID, from origin: SignInOrigin, now: Int64) async throws

    /// Inserts a session, its refresh token and a device that is new, forgets the failures in the lane that it came by, remembers where
    /// it came from, and stores the rehashed password if there is one. Throws `AuthenticationError.refused` when the user is no longer
    /// active, or of another epoch, or the device was withdrawn.
    ///
    /// Where the user has as many sessions as the rules allow, those that were not used for the longest time are ended, or nothing is done.
    func openSession(
        _ scope: TenantScope, _ session: NewSession, audit: @escaping @Sendable (_ ended: [SessionID]) -> [AuditEvent]
    ) async throws -> SessionOpening

    /// Gives a session that goes on another refresh token beside those that it has; false when it has ended, and then nothing is appended.
    func prolong(_ scope: TenantScope, with token: RefreshRecord, now: Int64, audit: AuditEvent) async throws -> Bool

    /// What the tenant asks of sessions, if anything, and which state of its policy is in force.
    func sessionRules(_ scope: TenantScope) async throws -> (rules: SessionRules?, policy: String)

    /// Stores what the tenant asks of sessions; nil for nothing.
    func setSessionRules(_ scope: TenantScope, _ rules: SessionRules?, audit: AuditEvent) async throws

    /// Notes that a session was used, unless that was noted within the last minute or the session has ended.
    func noteUse(_ scope: TenantScope, of session: SessionID, now: Int64) async throws

    /// Reads a session, and in the same look which state of the tenant's policy is in force.
    func session(_ scope: TenantScope, id: SessionID) async throws -> SessionRecord?

    /// Reads the tenant's whole policy, on one consistent snapshot, with the state that it is.
    func policy(_ scope: TenantScope) async throws -> (policy: Policy, revision: String)

    /// Reads what the tenant says about where requests come from.
    func edge(_ scope: TenantScope) async throws -> TenantEdge

    /// Ends a session and revokes its refresh tokens. Answers false when it had ended before; then nothing is appended.
    func endSession(_ scope: TenantScope, id: SessionID, now: Int64, audit: AuditEvent) async throws -> Bool

    /// A user's sessions that are neither ended nor over, the newest first.
    func openSessions(_ scope: TenantScope, of user: UserID, now: Int64) async throws -> [SessionSummary]

    /// Ends a user's sessions, one of them or all but one, with their refresh tokens; answers which ones were still open.
    ///
    /// The event is appended when there was one.
    func endSessions(
        _ scope: TenantScope, of user: UserID, _ which: SessionChoice, now: Int64, audit: @escaping @Sendable ([SessionID]) -> AuditEvent
    ) async throws -> [SessionID]

    /// Finds a refresh token, whichever tenant it belongs to.
    func refreshToken(_ scope: PlatformScope, hash: [UInt8]) async throws -> RefreshRecord?

    /// Carries out one rotation; see ``RefreshRotation`` for the steps.
    func rotate(_ scope: TenantScope, _ rotation: RefreshRotation) async throws -> RefreshRotation.Outcome

    /// Suspends a user whom nobody was for as long as the tenant says, with the events in the same transaction; false where they are not
    /// dormant, or the last administrator.
    func suspendDormant(_ scope: TenantScope, user: UserID, now: Int64, audit: [AuditEvent]) async throws -> Bool

    /// Finds the account of a user; nil when there is none of this id in the tenant.
    func account(_ scope: TenantScope, user: UserID) async throws -> AccountRecord?

    /// Forgets the failures in the lane of an origin, after a password was shown that was right.
    func resetSignIn(_ scope: TenantScope, user: UserID, from origin: SignInOrigin, now: Int64) async throws

    /// Finds a one-time token as it stands, used or not, whichever tenant it belongs to.
    func oneTimeToken(_ scope: PlatformScope, hash: [UInt8], purpose: OneTimeToken.Purpose) async throws -> OneTimeTokenRecord?

    /// Stores a one-time token, with the event that tells of it if there is one.
    func insertToken(_ scope: TenantScope, _ token: OneTimeTokenRecord, audit: AuditEvent?) async throws

    /// Finds an API key, whichever tenant it belongs to.
    func apiKey(_ scope: PlatformScope, id: APIKeyID) async throws -> APIKeyRecord?

    /// Stores a new API key. Answers false when its issuer is not there any more; then nothing is appended.
    func insertAPIKey(_ scope: TenantScope, _ key: APIKeyRecord, by issuer: APIKeyIssuer, audit: AuditEvent) async throws -> Bool

    /// The tenant's API keys, also those that have ended, the oldest first.
    func apiKeys(_ scope: TenantScope) async throws -> [APIKeyRecord]

    /// Gives an API key another secret while the one before is good for a while.
    ///
    /// Answers false when the key is not as it was read, or not good any more, or its issuer is gone; then nothing is appended.
    func rotateAPIKey(_ scope: TenantScope, _ rotation: APIKeyRotation, audit: AuditEvent) async throws -> Bool

    /// Notes that an API key was used, unless that was noted within the last minute.
    func noteUse(_ scope: TenantScope, of key: APIKeyID, now: Int64) async throws

    /// Withdraws an API key. Answers false when there is none that is still valid; then nothing is appended.
    func revokeAPIKey(_ scope: TenantScope, id: APIKeyID, now: Int64, audit: AuditEvent) async throws -> Bool

    /// Appends an event that goes with no change, e.g. a refused sign-in.
    func record(_ scope: TenantScope, _ event: AuditEvent) async throws
}
