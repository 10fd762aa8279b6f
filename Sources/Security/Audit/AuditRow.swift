// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors

public import Values

/// One stored row of an audit trail, exactly as its columns read.
///
/// Hashing runs over the stored texts, not over parsed values: a byte that was changed without changing
/// the meaning is found all the same, and a row that no longer parses can still be named.
public struct AuditRow: Sendable, Hashable {
    /// The place in the tenant's tree, from 0; nil until it is sequenced.
    public var index: Int64?
    /// Column `id`.
    public var id: String
    /// Column `occurred_at`, milliseconds.
    public var occurredAt: Int64
    /// Column `tenant_id`.
    public var tenant: String
    /// Column `actor`.
    public var actor: String
    /// Column `action`.
    public var action: String
    /// Column `resource`.
    public var resource: String
    /// Column `outcome`.
    public var outcome: String
    /// Column `detail`: canonical JSON.
    public var detail: String
    /// Column `correlation`.
    public var correlation: String
    /// Column `personal`: what the event tells of persons, sealed under their keys.
    public var personal: String?
    /// Column `salt`: keeps a hash from being guessed from what it may stand for.
    public var salt: String
    /// Column `leaf_hash`, 32 bytes.
    public var leafHash: [UInt8]

    /// A row from its columns.
    public init(
        index: Int64?, id: String, occurredAt: Int64, tenant: String, actor: String, action: String, resource: String,
        outcome: String, detail: String, correlation: String, personal: String?, salt: String, leafHash: [UInt8]
    ) {
        self.index = index
        self.id = id
        self.occurredAt = occurredAt
        self.tenant = tenant
        self.actor = actor
        self.action = action
        self.resource = resource
        self.outcome = outcome
        self.detail = detail
        self.correlation = correlation
        self.personal = personal
        self.salt = salt
        self.leafHash = leafHash
    }

    /// The row that stores an event.
    ///
    /// - Parameter personal: the sealed form of what the event tells of persons, which stands nowhere else.
    public init(_ event: AuditEvent, personal: String? = nil, salt: [UInt8] = SecureRandom.bytes(16)) {
        self.init(
            index: nil, id: event.id.description, occurredAt: event.occurredAt, tenant: event.tenant.description,
            actor: event.actor, action: event.action, resource: event.resource, outcome: event.outcome.rawValue,
            detail: event.detailText, correlation: event.correlation, personal: personal,
            salt: Hex.encode(salt), leafHash: [])
        leafHash = computedLeafHash()
    }

    /// The detail as a value, or null when it no longer parses.
    public var detailValue: Value {
        (try? JSON.parse(Array(detail.utf8))) ?? .null
    }

    /// The bytes that the tree hashes: one JSON object in a fixed order of members.
    ///
    /// The detail stands last and as it is stored. All before it reads in one way only, so no text can be moved over a border.
    public func leafBytes() -> [UInt8] {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(512 + detail.utf8.count)
        func raw(_ text: StaticString) {
            bytes.append(contentsOf: UnsafeBufferPointer(start: text.utf8Start, count: text.utf8CodeUnitCount))
        }
        func member(_ name: StaticString, _ text: String?) {
            raw(name)
            if let text { JSON.append(text, to: &bytes) } else { raw("null") }
        }
        raw("{\"v\":1")
        member(",\"id\":", id)
        member(",\"tenant\":", tenant)
        raw(",\"at\":")
        bytes.append(contentsOf: String(occurredAt).utf8)
        member(",\"actor\":", actor)
        member(",\"action\":", action)
        member(",\"resource\":", resource)
        member(",\"outcome\":", outcome)
        member(",\"correlation\":", correlation)
        member(",\"personal\":", personal)
        member(",\"salt\":", salt)
        raw(",\"detail\":")
        bytes.append(contentsOf: detail.utf8)
        raw("}")
        return bytes
    }

    /// The hash that the row ought to carry.
    public func computedLeafHash() -> [UInt8] {
        MerkleTree.leafHash(leafBytes()).bytes
    }
}
