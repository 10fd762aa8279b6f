// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors

/// What a key is for.
///
/// Unique together with a tenant and a version.
public struct KeySlot: Hashable, Sendable {
    /// The levels of wrapped keys.
    public enum Kind: String, Hashable, Sendable, CaseIterable {
        /// Wraps the tenant's other keys; itself wrapped under the root.
        case tenant
        /// Encrypts data of one plugin; wrapped under the tenant's key.
        case data
        /// Encrypts what is known about one person; wrapped under the tenant's key. Destroying it is erasing the person.
        case subject
        /// Names things without naming them (HMAC); wrapped under the tenant's key, and never replaced: names must stay.
        case pseudonym
    }

    /// The level.
    public let kind: Kind
    /// The plugin whose data it is, as text; empty except for data.
    public let plugin: String
    /// The purpose, such as `plugin_config`; of a subject its pseudonym; empty for the tenant's key.
    public let purpose: String

    /// A slot from its columns.
    public init(kind: Kind, plugin: String, purpose: String) {
        self.kind = kind
        self.plugin = plugin
        self.purpose = purpose
    }

    /// The slot of the tenant's own key.
    package static let tenant = KeySlot(kind: .tenant, plugin: "", purpose: "")
    static let pseudonym = KeySlot(kind: .pseudonym, plugin: "", purpose: "")
}

/// One version of a key, as it is stored: wrapped, and useless without what it is wrapped under.
public struct WrappedKey: Hashable, Sendable {
    /// Its own identity.
    public let id: KeyID
    /// What it is for.
    public let slot: KeySlot
    /// The version within its slot, from 1.
    public let version: Int
    /// What it is wrapped under: the id of a root key, or of a tenant's key.
    public let wrappedBy: String
    /// The wrapped bytes as `iv:authtag:content`; empty once the key was destroyed.
    public let wrapped: String
    /// When it was made, in milliseconds.
    public let createdAt: Int64
    /// When it was destroyed, in milliseconds.
    public let erasedAt: Int64?
    /// The least version of its slot that may still open anything.
    public let minimumVersion: Int

    /// A key from its columns.
    public init(
        id: KeyID, slot: KeySlot, version: Int, wrappedBy: String, wrapped: String, createdAt: Int64, erasedAt: Int64? = nil,
        minimumVersion: Int = 0
    ) {
        self.id = id
        self.slot = slot
        self.version = version
        self.wrappedBy = wrappedBy
        self.wrapped = wrapped
        self.createdAt = createdAt
        self.erasedAt = erasedAt
        self.minimumVersion = minimumVersion
    }
}

/// Where wrapped keys are kept.
///
/// Implemented by the storage, one tenant at a time.
public protocol KeyStore: Sendable {
    /// The highest version in a slot.
    func newestKey(_ scope: TenantScope, slot: KeySlot) async throws -> WrappedKey?

    /// One key by id.
    func key(_ scope: TenantScope, id: KeyID) async throws -> WrappedKey?

    /// Inserts a key with the uses that its maker has reserved, and appends the event, if any, in the same transaction.
    ///
    /// Answers false, and does neither, when the slot already has this version: another host was first.
    func insertKey(_ scope: TenantScope, _ key: WrappedKey, uses: Int64, audit: AuditEvent?) async throws -> Bool

    /// Adds to the number of times that a key may have encrypted, and answers the number before the addition.
    ///
    /// Callers reserve in blocks, so the number runs ahead of the truth and never behind it.
    func reserveKeyUses(_ scope: TenantScope, id: KeyID, count: Int64) async throws -> Int64

    /// Overwrites every version of a slot, or marks an empty one, so that the slot never has a key again.
    ///
    /// The event is appended in the same transaction. Answers how many versions were destroyed; an empty slot gets a tombstone.
    func eraseKeys(_ scope: TenantScope, slot: KeySlot, tombstone: KeyID, at now: Int64, audit: AuditEvent) async throws -> Int
}
