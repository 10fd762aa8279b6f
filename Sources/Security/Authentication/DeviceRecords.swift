// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors

/// What a request says of the device that it comes from, none of it checked.
public struct DeviceClaim: Sendable, Hashable {
    /// Whether the client keeps what it is given, and so can be known again.
    public let keeps: Bool
    /// What a new device is called until its owner names it.
    public let name: String
    let cookie: DeviceCookie?

    /// A claim with what the client has kept; what cannot be read is taken for nothing.
    public init(kept text: String?, name: String = DeviceName.unknown) {
        keeps = true
        cookie = text.flatMap { DeviceCookie($0) }
        self.name = name
    }

    private init() {
        (keeps, name, cookie) = (false, DeviceName.unknown, nil)
    }

    /// A client that keeps nothing: each of its sign-ins is one from an unknown device.
    public static let none = DeviceClaim()
}

/// A device as it is stored.
public struct DeviceRecord: Sendable, Hashable {
    /// The device.
    public var id: DeviceID
    /// Whose it is.
    public var user: UserID
    /// What it is called; its owner may say.
    public var name: String
    /// When its owner first signed in with it, in milliseconds.
    public var createdAt: Int64
    /// When its owner last signed in with it, in milliseconds.
    public var lastSeenAt: Int64
    /// Until when it stands in for a second factor, in milliseconds.
    public var trustedUntil: Int64?
    /// The user's epoch that the trust was given under; another one has ended it.
    public var trustedEpoch: Int64?
    /// When it was withdrawn, if it was.
    public var revokedAt: Int64?

    /// A record from its columns.
    public init(
        id: DeviceID, user: UserID, name: String, createdAt: Int64, lastSeenAt: Int64, trustedUntil: Int64? = nil,
        trustedEpoch: Int64? = nil,
        revokedAt: Int64? = nil
    ) {
        self.id = id
        self.user = user
        self.name = name
        self.createdAt = createdAt
        self.lastSeenAt = lastSeenAt
        self.trustedUntil = trustedUntil
        self.trustedEpoch = trustedEpoch
        self.revokedAt = revokedAt
    }

    /// Whether it may stand in for a second factor of an account of this epoch.
    public func isTrusted(epoch: Int64, at now: Int64) -> Bool {
        guard revokedAt == nil, let trustedUntil, let trustedEpoch else { return false }
        return now < trustedUntil && epoch == trustedEpoch
    }
}

/// The use of a device by one sign-in.
public struct DeviceUse: Sendable, Hashable {
    /// The device.
    public let id: DeviceID
    /// The name that a new one gets; nil for one that is known, whose row must still be there.
    public let newName: String?
    /// Until when it is trusted from now on; nil leaves what was.
    public let trustedUntil: Int64?

    init(id: DeviceID, newName: String?, trustedUntil: Int64?) {
        (self.id, self.newName, self.trustedUntil) = (id, newName, trustedUntil)
    }
}

/// What authentication needs of the table of devices.
///
/// Every change takes the audit event that tells of it, and appends it in the same transaction.
package protocol DeviceStore: Sendable {
    /// A device of the tenant, also a withdrawn one.
    func device(_ scope: TenantScope, id: DeviceID) async throws -> DeviceRecord?

    /// A user's devices that are not withdrawn, the last used first.
    func devices(_ scope: TenantScope, of user: UserID) async throws -> [DeviceRecord]

    /// What is asked of the tenant's sessions, and what is known of a user's sign-ins so far, in one look.
    func standing(
        _ scope: TenantScope, of user: UserID, from origin: SignInOrigin, now: Int64
    ) async throws -> SignInStanding

    /// Stores the token of a sign-in that waits for its device; false, and nothing is stored, where as many wait already as may.
    func insertConfirmation(_ scope: TenantScope, _ token: OneTimeTokenRecord, most: Int, now: Int64, audit: AuditEvent) async throws
        -> Bool

    /// Uses up a sign-in that waits for its device together with the token that was sent for it: true once, and only for both.
    func useConfirmation(_ scope: TenantScope, signIn: [UInt8], token: [UInt8], now: Int64) async throws -> Bool

    /// Names a device of a user. Answers false when there is none; then nothing is appended.
    func renameDevice(_ scope: TenantScope, _ id: DeviceID, of user: UserID, to name: String, audit: AuditEvent) async throws -> Bool

    /// Withdraws a device of a user with its trust and its sessions; answers which were still open, or nil when there is no such device.
    func revokeDevice(
        _ scope: TenantScope, _ id: DeviceID, of user: UserID, now: Int64, audit: @escaping @Sendable ([SessionID]) -> AuditEvent
    ) async throws -> [SessionID]?
}
